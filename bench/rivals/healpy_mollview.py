"""Times healpy's mollview of a map: `healpy_mollview.py MAP.fits PICTURE.png RUNS`; prints seconds of each run, wall and CPU."""

import json
import sys
import time

import healpy
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

file, picture, runs = sys.argv[1:]
values = healpy.read_map(file, nest=True)
for _ in range(int(runs)):
    wall, cpu = time.perf_counter(), time.process_time()
    # 8.5 inches at 200 dots: the map is 1600 pixels wide in both programs.
    healpy.mollview(values, nest=True, xsize=1600, norm="log", title="mollview")
    healpy.graticule(verbose=False)
    plt.savefig(picture, dpi=200)
    plt.close("all")
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))

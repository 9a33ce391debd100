"""healpy's mollview of a map: one timed run per line of input, answered by a line of JSON.

usage: healpy_mollview.py MAP.fits PICTURE.png
"""
import json
import sys
import time

import healpy
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

file, picture = sys.argv[1:]
values = healpy.read_map(file, nest=True)
seen = int((np.isfinite(values) & (values != healpy.UNSEEN)).sum())
for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    # 8.5 inches at 200 dots: the map is 1600 pixels wide in both programs.
    healpy.mollview(values, nest=True, xsize=1600, norm="log", title="mollview")
    healpy.graticule()
    plt.savefig(picture, dpi=200)
    plt.close("all")
    seconds, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": seen}), flush=True)

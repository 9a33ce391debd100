"""astropy's nearest neighbours over arrays: one timed run per line of input, as kd_tree.py does it.

usage: astropy_arrays.py DIR RADIUS NEIGHBOURS

The one pass of Python over coordinates that it needs is part of the time. One neighbour only.
"""
import json
import sys
import time
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord


def main():
    folder, radius = Path(sys.argv[1]), float(sys.argv[2])
    names = ("left_ra", "left_dec", "right_ra", "right_dec")
    left_ra, left_dec, right_ra, right_dec = (np.fromfile(folder / f"{name}.f64") for name in names)
    for run, _ in enumerate(sys.stdin):
        cpu, start = time.thread_time(), time.perf_counter()
        # The tree is kept with the coordinates: new ones for each run.
        left = SkyCoord(left_ra * u.deg, left_dec * u.deg)
        right = SkyCoord(right_ra * u.deg, right_dec * u.deg)
        found, separation, _ = left.match_to_catalog_sky(right)
        inside = separation.arcsec < radius
        seconds, cpu = time.perf_counter() - start, time.thread_time() - cpu
        if run == 0:
            out = folder / "astropy"
            out.mkdir(exist_ok=True)
            np.nonzero(inside)[0].astype(np.int32).tofile(out / "pairs_left.i32")
            found[inside].astype(np.int32).tofile(out / "pairs_right.i32")
            separation.arcsec[inside].tofile(out / "pairs_arcsec.f64")
        print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": int(inside.sum())}), flush=True)


if __name__ == "__main__":
    main()

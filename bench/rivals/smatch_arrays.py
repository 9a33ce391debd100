"""smatch's own C loops over arrays: one timed run per line of input, as kd_tree.py does it. (Its Matcher is SciPy's tree.)

usage: smatch_arrays.py DIR RADIUS 1
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from smatch import match, sphdist


def main():
    folder, radius = Path(sys.argv[1]), float(sys.argv[2]) / 3600
    names = ("left_ra", "left_dec", "right_ra", "right_dec")
    left_ra, left_dec, right_ra, right_dec = (np.fromfile(folder / f"{name}.f64") for name in names)
    for run, _ in enumerate(sys.stdin):
        cpu, start = time.thread_time(), time.perf_counter()
        found = match(left_ra, left_dec, radius, right_ra, right_dec, maxmatch=1)
        seconds, cpu = time.perf_counter() - start, time.thread_time() - cpu
        left, right = found["i1"], found["i2"]
        if run == 0:
            # It gives cosines, which lose the digits of small angles.
            degrees = sphdist(left_ra[left], left_dec[left], right_ra[right], right_dec[right])
            out = folder / "smatch"
            out.mkdir(exist_ok=True)
            order = np.lexsort((degrees, left))
            left[order].astype(np.int32).tofile(out / "pairs_left.i32")
            right[order].astype(np.int32).tofile(out / "pairs_right.i32")
            (degrees[order] * 3600).tofile(out / "pairs_arcsec.f64")
        print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": len(left)}), flush=True)


if __name__ == "__main__":
    main()

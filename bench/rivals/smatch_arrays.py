"""smatch's Matcher over arrays: one timed run per line of input, as kd_tree.py does it.

usage: smatch_arrays.py DIR RADIUS NEIGHBOURS
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from smatch.matcher import Matcher


def main():
    folder, radius, neighbours = Path(sys.argv[1]), float(sys.argv[2]) / 3600, int(sys.argv[3])
    names = ("left_ra", "left_dec", "right_ra", "right_dec")
    left_ra, left_dec, right_ra, right_dec = (np.fromfile(folder / f"{name}.f64") for name in names)
    for run, _ in enumerate(sys.stdin):
        cpu, start = time.thread_time(), time.perf_counter()
        _, left, right, degrees = Matcher(right_ra, right_dec).query_knn(
            left_ra, left_dec, k=neighbours, distance_upper_bound=radius, return_indices=True
        )
        seconds, cpu = time.perf_counter() - start, time.thread_time() - cpu
        if run == 0:
            out = folder / "smatch"
            out.mkdir(exist_ok=True)
            order = np.lexsort((degrees, left))
            left[order].astype(np.int32).tofile(out / "pairs_left.i32")
            right[order].astype(np.int32).tofile(out / "pairs_right.i32")
            (degrees[order] * 3600).tofile(out / "pairs_arcsec.f64")
        print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": len(left)}), flush=True)


if __name__ == "__main__":
    main()

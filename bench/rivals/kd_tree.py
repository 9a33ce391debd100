"""SciPy's k-d tree over unit vectors, as LSDB matches a partition: one timed run per line of input.

usage: kd_tree.py DIR RADIUS NEIGHBOURS

DIR holds left_ra.f64, left_dec.f64, right_ra.f64, right_dec.f64 (raw doubles, degrees). Every line on stdin
starts a run and is answered by a line of JSON: wall seconds of vectors, tree and query, CPU seconds of all, and
the number of pairs. After the first run DIR/scipy holds the pairs: pairs_left.i32, pairs_right.i32, pairs_arcsec.f64.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.spatial import KDTree


def unit_vectors(ra, dec):
    ra, dec = np.radians(ra), np.radians(dec)
    cos = np.cos(dec)
    return np.column_stack([cos * np.cos(ra), cos * np.sin(ra), np.sin(dec)])


def main():
    folder, radius, neighbours = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    names = ("left_ra", "left_dec", "right_ra", "right_dec")
    left_ra, left_dec, right_ra, right_dec = (np.fromfile(folder / f"{name}.f64") for name in names)
    bound = 2 * np.sin(np.radians(radius / 3600) / 2)
    for run, _ in enumerate(sys.stdin):
        cpu = time.thread_time()
        times = [time.perf_counter()]
        left, right = unit_vectors(left_ra, left_dec), unit_vectors(right_ra, right_dec)
        times.append(time.perf_counter())
        tree = KDTree(right)
        times.append(time.perf_counter())
        chords, found = tree.query(left, k=neighbours, distance_upper_bound=bound)
        times.append(time.perf_counter())
        cpu = time.thread_time() - cpu
        inside = np.isfinite(chords)
        vectors, build, query = np.diff(times)
        seconds = vectors + build + query
        answer = {"seconds": seconds, "cpu": cpu, "pairs": int(inside.sum()), "vectors": vectors, "build": build}
        if run == 0:
            folder = folder / "scipy"
            folder.mkdir(exist_ok=True)
            rows = np.nonzero(inside)[0]
            rows.astype(np.int32).tofile(folder / "pairs_left.i32")
            found[inside].astype(np.int32).tofile(folder / "pairs_right.i32")
            (np.degrees(2 * np.arcsin(chords[inside] / 2)) * 3600).tofile(folder / "pairs_arcsec.f64")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

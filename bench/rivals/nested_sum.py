"""Light curves summed with nested-pandas, one process: the code is called for each row, as ours is.

usage: nested_sum.py CATALOG
"""
import json
import sys
from pathlib import Path

import nested_pandas
import numpy as np


def summed(mag):
    return {"points": len(mag), "total": np.sum(mag, dtype=np.float64)}


def main():
    root = Path(sys.argv[1])
    rows, points, total = 0, 0, 0.0
    for file in sorted(root.glob("**/Norder=*/Dir=*/*.parquet")):
        frame = nested_pandas.read_parquet(file, columns=["lc.mag"], partitioning=None)
        sums = frame.map_rows(summed, columns=["lc.mag"], row_container="args")
        rows += len(sums)
        points += int(sums["points"].sum())
        total += float(sums["total"].sum())
    print(json.dumps({"rows": rows, "points": points, "total": total}))


if __name__ == "__main__":
    main()

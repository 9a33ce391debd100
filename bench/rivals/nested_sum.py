"""Light curves summed with nested-pandas, one process: the code is called for each row, as ours is.

usage: nested_sum.py CATALOG
"""
import json
import sys
from pathlib import Path

import nested_pandas
import numpy as np

LISTS = ["mjd", "mag", "magerr"]
COLUMNS = [f"lc.{name}" for name in LISTS]


def summed(mjd, mag, magerr):
    return {
        "points": len(mag),
        "mjd": np.sum(mjd, dtype=np.float64),
        "mag": np.sum(mag, dtype=np.float64),
        "magerr": np.sum(magerr, dtype=np.float64),
    }


def main():
    root = Path(sys.argv[1])
    rows, points, totals = 0, 0, np.zeros(len(LISTS))
    for file in sorted(root.glob("**/Norder=*/Dir=*/*.parquet")):
        frame = nested_pandas.read_parquet(file, columns=COLUMNS, partitioning=None)
        sums = frame.map_rows(summed, columns=COLUMNS, row_container="args")
        rows += len(sums)
        points += int(sums["points"].sum())
        totals += [float(sums[name].sum()) for name in LISTS]
    print(json.dumps({"rows": rows, "points": points, "totals": list(totals)}))


if __name__ == "__main__":
    main()

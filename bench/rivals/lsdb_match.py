"""LSDB's crossmatch of two HATS catalogs as a whole process: count, map or write.

usage: lsdb_match.py count|map|write LEFT RIGHT RADIUS OUTPUT WORKERS
"""
import sys

import lsdb
import numpy as np
import pandas as pd
from dask.distributed import Client


def histogram(frame, order):
    pixels = (frame.index.to_numpy() >> (2 * (29 - order))).astype(np.int64)
    found, counts = np.unique(pixels, return_counts=True)
    return pd.DataFrame({"pixel": found, "rows": counts.astype(np.int64)})


def main():
    job, left, right, radius, output, workers = sys.argv[1:7]
    narrow = {"columns": ["ra", "dec"]} if job != "write" else {}
    with Client(n_workers=int(workers), threads_per_worker=1, memory_limit=None, dashboard_address=None):
        matched = lsdb.open_catalog(left, **narrow).crossmatch(
            lsdb.open_catalog(right, **narrow),
            radius_arcsec=float(radius),
            n_neighbors=1,
            suffixes=("_left", "_right"),
            suffix_method="all_columns",
            log_changes=False,
        )
        if job == "write":
            matched.write_catalog(output, catalog_name="matched", overwrite=True, progress_bar=False)
            return
        meta = pd.DataFrame({"pixel": pd.Series(dtype="int64"), "rows": pd.Series(dtype="int64")})
        counts = matched.map_partitions(histogram, 8, meta=meta).compute()
        print(int(counts["rows"].sum()), counts.groupby("pixel").ngroups)


if __name__ == "__main__":
    main()

"""LSDB's crossmatch of two HATS catalogs as a whole process.

usage: lsdb_match.py count|all|pairs|write|zstd1|map|region LEFT RIGHT RADIUS OUTPUT WORKERS RA DEC ARCSEC

`all` counts with all columns asked for; `region` counts in a cone. Prints JSON: the rows, and seconds to start the
workers, to open the catalogs, to plan (which compiles code with numba, in every process anew) and to compute.
"""
import json
import sys
import time

import lsdb
import numpy as np
import pandas as pd
from dask.distributed import Client

COLUMNS = {"pairs": (["source_id", "ra", "dec"], ["oid", "ra", "dec"]), "all": None, "write": None, "zstd1": None}
WRITE = {"zstd1": {"write_table_kwargs": {"compression": "zstd", "compression_level": 1}}}


def histogram(frame, order):
    pixels = (frame.index.to_numpy() >> (2 * (29 - order))).astype(np.int64)
    found, counts = np.unique(pixels, return_counts=True)
    return pd.DataFrame({"pixel": found, "rows": counts.astype(np.int64)})


def counted(frame):
    return pd.DataFrame({"rows": [len(frame)]})


def opened(path, columns):
    # Without columns a catalog comes with its default ones.
    return lsdb.open_catalog(path, columns="all" if columns is None else columns)


def main():
    job, left, right, radius, output, workers, *cone = sys.argv[1:]
    columns = COLUMNS.get(job, (["ra", "dec"], ["ra", "dec"])) or (None, None)
    times = [time.perf_counter()]
    with Client(n_workers=int(workers), threads_per_worker=1, memory_limit=None, dashboard_address=None):
        times.append(time.perf_counter())
        sky, other = opened(left, columns[0]), opened(right, columns[1])
        times.append(time.perf_counter())
        if job == "region":
            sky = sky.cone_search(*(float(number) for number in cone))
        matched = sky.crossmatch(
            other,
            radius_arcsec=float(radius),
            n_neighbors=1,
            suffixes=("_left", "_right"),
            suffix_method="all_columns",
            log_changes=False,
        )
        times.append(time.perf_counter())
        rows = None
        if job in ("write", "zstd1", "pairs"):
            more = WRITE.get(job, {})
            matched.write_catalog(output, catalog_name="matched", overwrite=True, progress_bar=False, **more)
        elif job == "map":
            meta = pd.DataFrame({"pixel": pd.Series(dtype="int64"), "rows": pd.Series(dtype="int64")})
            rows = int(matched.map_partitions(histogram, 8, meta=meta).compute()["rows"].sum())
        else:
            meta = pd.DataFrame({"rows": pd.Series(dtype="int64")})
            rows = int(matched.map_partitions(counted, meta=meta).compute()["rows"].sum())
        times.append(time.perf_counter())
    seconds = dict(zip(("cluster", "open", "plan", "compute"), np.diff(times).tolist()))
    print(json.dumps({"rows": rows, **seconds}))


if __name__ == "__main__":
    main()

"""LSDB's crossmatch of two remote HATS catalogs as a whole process.

usage: lsdb_remote.py whole|cone|columns LEFT RIGHT RADIUS WORKERS RA DEC ARCSEC
"""
import sys

import lsdb
from dask.distributed import Client


def main():
    job, left, right, radius, workers, ra, dec, arcsec = sys.argv[1:9]
    columns = {
        "columns": (["source_id", "ra", "dec"], ["oid", "ra", "dec", "medianmag"]),
    }.get(job, (["ra", "dec"], ["ra", "dec"]))
    with Client(n_workers=int(workers), threads_per_worker=1, memory_limit=None, dashboard_address=None):
        sky = lsdb.open_catalog(left, columns=columns[0])
        if job != "whole":
            sky = sky.cone_search(float(ra), float(dec), float(arcsec))
        matched = sky.crossmatch(
            lsdb.open_catalog(right, columns=columns[1]),
            radius_arcsec=float(radius),
            n_neighbors=1,
            suffixes=("_left", "_right"),
            suffix_method="all_columns",
            log_changes=False,
        )
        print(len(matched.compute()))


if __name__ == "__main__":
    main()

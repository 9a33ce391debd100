"""Light curves for matched stars with LSDB, written: what bench/gather-run.ts does.

usage: lsdb_gather.py GAIA ZTF SOURCES OUTPUT WORKERS
"""
import sys

import lsdb
from dask.distributed import Client


def main():
    gaia, ztf, sources, output, workers = sys.argv[1:6]
    with Client(n_workers=int(workers), threads_per_worker=1, memory_limit=None, dashboard_address=None):
        stars = lsdb.open_catalog(gaia, columns=["source_id", "ra", "dec"])
        objects = lsdb.open_catalog(ztf, columns=["oid", "ra", "dec"])
        detections = lsdb.open_catalog(sources, columns=["objectid", "mjd", "mag", "magerr", "ra", "dec"])
        matched = stars.crossmatch(
            objects, radius_arcsec=1, suffixes=("_gaia", "_ztf"), suffix_method="all_columns", log_changes=False
        )
        joined = matched.join_nested(
            detections, left_on="oid_ztf", right_on="objectid", nested_column_name="lc"
        )
        joined.write_catalog(output, catalog_name="light_curves", overwrite=True, progress_bar=False)


if __name__ == "__main__":
    main()

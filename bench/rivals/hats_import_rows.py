"""Imports the rows of a HATS collection anew with hats-import.

usage: hats_import_rows.py COLLECTION OUTPUT MARGIN_ARCSEC
"""
import sys
import tempfile
from pathlib import Path

from dask.distributed import Client
from hats_import import CollectionArguments, pipeline_with_client


def main():
    source, output, margin = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    files = sorted((source / output.name / "dataset").glob("Norder=*/Dir=*/*.parquet"))
    with tempfile.TemporaryDirectory() as scratch:
        arguments = (
            CollectionArguments(
                output_path=output.parent, output_artifact_name=output.name, tmp_dir=scratch, progress_bar=False
            )
            .catalog(
                input_file_list=files, file_reader="parquet", ra_column="ra", dec_column="dec", use_healpix_29=True, add_healpix_29=False,
                catalog_type="object", pixel_threshold=1_000_000,
            )
            .add_margin(margin_threshold=margin, is_default=True)
        )
        with Client(n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=scratch) as client:
            pipeline_with_client(arguments, client)


if __name__ == "__main__":
    main()

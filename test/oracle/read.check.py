"""
Catalogs made by hats-import and by LSDB are read right: partitions, margins, and every column value by value, in
the encodings, row groups and layouts that these programs write.
"""

from datetime import date
from decimal import Decimal

import lsdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from checks import ARCSEC, SCRATCH, arrow_of, check, clumpy_sky, crosshatch, equal, hash29, read_ipc, same_tables
from checks import unit_vectors
from dask.distributed import Client
from hats_import.catalog.arguments import ImportArguments
from hats_import.collection.arguments import CollectionArguments
from hats_import.pipeline import pipeline_with_client
from nested_pandas import NestedDtype

rng = np.random.default_rng(29)
ROWS = 30_000
INDEX = "_healpix_29"


def with_nulls(values, type_, share=0.1):
    """An Arrow array of these values, some of them null."""
    return pa.array(values, type_, mask=rng.random(len(values)) < share)


def every_type(rows):
    """A table with a column of each type that HATS catalogs have, and some that they might."""
    ra, dec = clumpy_sky(rng, rows)
    integers = {
        f"{sign}int{bits}": with_nulls(
            rng.integers(-(1 << bits - 1) if sign == "" else 0, 1 << bits - 1, rows), getattr(pa, f"{sign}int{bits}")()
        )
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    }
    mag = rng.normal(18, 2, rows)
    # NaN is a value of its own, other than null.
    mag[rng.random(rows) < 0.05] = np.nan
    words = rng.choice(["", "gaia", "Aλ Centauri", "a,b;\"c\"\n", "x" * 300], rows)
    days = rng.integers(-10_000, 20_000, rows)
    return pa.table(
        {
            "id": rng.permutation(rows),
            "ra": ra,
            "dec": dec,
            **integers,
            "mag": with_nulls(mag.astype(np.float32), pa.float32()),
            "flux": with_nulls(mag * 1e-300, pa.float64()),
            "one": np.full(rows, 7, np.int64),
            "nothing": pa.nulls(rows, pa.float64()),
            "flag": with_nulls(rng.random(rows) < 0.5, pa.bool_()),
            "word": with_nulls(words, pa.string()),
            "long_word": pa.array([f"object {i}" for i in range(rows)], pa.large_string()),
            "code": pa.array(words).dictionary_encode(),
            "day": with_nulls(days, pa.int32()).cast(pa.date32()),
            "time": with_nulls(days * 86_400_000_000 + 123_456, pa.timestamp("us")),
            "time_utc": with_nulls(days * 86_400_000_000 + 1, pa.timestamp("us", tz="UTC")),
            "raw": with_nulls([b"\x00\xff" * (i % 4) for i in range(rows)], pa.binary()),
            "price": with_nulls([Decimal(int(d)) / 100 for d in days], pa.decimal128(12, 2)),
            "curve": lists_of(mag, rows),
            "a b": rng.random(rows),
        }
    )


def lists_of(values, rows):
    """Lists of 0 to 4 doubles, some null, some with a null in them."""
    lengths = rng.integers(0, 5, rows)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    items = with_nulls(rng.choice(values, offsets[-1]), pa.float64(), 0.05)
    missing = pa.array(rng.random(rows) < 0.1)
    return pa.ListArray.from_arrays(offsets, items, mask=missing)


def light_curves(rows):
    """A nested column: in a row all lists have one length, which may be 0."""
    lengths = rng.integers(0, 6, rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    total = int(lengths.sum())
    fields = {
        "mjd": rng.uniform(58_000, 60_000, total),
        "mag": rng.normal(18, 2, total).astype(np.float32),
        "band": rng.choice(["g", "r"], total),
        "flags": rng.integers(0, 9, total).astype(np.int16),
    }
    lists = [pa.ListArray.from_arrays(offsets, pa.array(values)) for values in fields.values()]
    return pa.StructArray.from_arrays(lists, list(fields), mask=pa.array(rng.random(rows) < 0.05))


# What the programs make


def import_catalogs(table):
    """Two catalogs of hats-import, the first with a margin of 10 arcsec; named as their folders."""
    files = [SCRATCH / f"input-{part}.parquet" for part in range(2)]
    pq.write_table(table.slice(0, ROWS // 3), files[0])
    pq.write_table(table.slice(ROWS // 3), files[1])
    source = {
        "input_file_list": [str(file) for file in files],
        "file_reader": "parquet",
        "highest_healpix_order": 8,
        "pixel_threshold": 2500,
    }
    target = {"output_path": str(SCRATCH), "progress_bar": False, "tmp_dir": str(SCRATCH / "temp")}
    with Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as client:
        collection = CollectionArguments(output_artifact_name="imported", **target)
        collection.catalog(**source, row_group_kwargs={"num_rows": 500})
        collection.add_margin(margin_threshold=10.0, is_default=True)
        pipeline_with_client(collection, client)
        folders = ImportArguments(
            output_artifact_name="imported_as_folders",
            **source,
            **target,
            npix_suffix="/",
            sort_columns="id",
            row_group_kwargs={"subtile_order_delta": 1},
            create_metadata=False,
        )
        pipeline_with_client(folders, client)


def lsdb_catalogs(table):
    """A collection with a nested column and a margin, in three ways of writing it."""
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    curves = light_curves(table.num_rows)
    frame["lc"] = pd.Series(curves, dtype=NestedDtype(curves.type), index=frame.index)
    catalog = lsdb.from_dataframe(frame, catalog_name="written", partition_rows=1500, margin_threshold=10.0)
    write = {"progress_bar": False, "overwrite": True}
    catalog.write_catalog(SCRATCH / "written", **write)
    catalog.write_catalog(
        SCRATCH / "written_subtiles",
        catalog_name="written_subtiles",
        row_group_kwargs={"subtile_order_delta": 2},
        npix_suffix=".parq",
        write_table_kwargs={"compression": "SNAPPY", "data_page_version": "2.0"},
        create_parquet_metadata=False,
        **write,
    )
    catalog.write_catalog(
        SCRATCH / "written_plain",
        catalog_name="written_plain",
        as_collection=False,
        row_group_kwargs={"num_rows": 333},
        default_columns=["id", "mag"],
        write_table_kwargs={
            "compression": "gzip",
            "use_dictionary": False,
            "column_encoding": {"id": "DELTA_BINARY_PACKED", "word": "DELTA_BYTE_ARRAY", "raw": "DELTA_LENGTH_BYTE_ARRAY"},
            "write_page_index": False,
        },
        **write,
    )
    return table.append_column("lc", curves)


full = every_type(ROWS)
# Statistics of LSDB hold no 64-bit number without sign above those with one; their frames no decimals of Arrow's.
small = full.slice(0, ROWS // 3)


@check("catalogs of hats-import are made")
def imported():
    import_catalogs(full)
    return full


@check("catalogs of LSDB are made")
def written():
    return lsdb_catalogs(small)


def leaf_of(folder):
    return pq.ParquetFile(max((SCRATCH / folder / "dataset").rglob("Npix*.par*"), key=lambda file: file.stat().st_size))


@check("they are written as assumed: encodings, row groups, page index")
def _():
    for folder, groups, encodings in (
        ("imported/imported", 2, {"ra": "BYTE_STREAM_SPLIT", INDEX: "DELTA_BINARY_PACKED", "word": "RLE_DICTIONARY"}),
        ("written/written", 1, {"mag": "BYTE_STREAM_SPLIT", INDEX: "DELTA_BINARY_PACKED", "lc.mag.list.element": "BYTE_STREAM_SPLIT"}),
        ("written_subtiles/written_subtiles", 4, {"ra": "BYTE_STREAM_SPLIT"}),
        ("written_plain", 4, {"id": "DELTA_BINARY_PACKED", "word": "DELTA_BYTE_ARRAY", "raw": "DELTA_LENGTH_BYTE_ARRAY"}),
    ):
        metadata = leaf_of(folder).metadata
        assert metadata.num_row_groups >= groups, f"{folder} has {metadata.num_row_groups} row groups"
        columns = [metadata.row_group(0).column(i) for i in range(metadata.num_columns)]
        found = {column.path_in_schema: column.encodings for column in columns}
        for name, encoding in encodings.items():
            assert encoding in found[name], f"{folder}: {name} is in {found[name]}"
        equal(columns[0].has_offset_index, folder != "written_plain", f"page index of {folder}")


# What we read


def with_index(table, last=False):
    index = pa.array(hash29(table["ra"].to_numpy(), table["dec"].to_numpy()))
    return table.append_column(INDEX, index) if last else table.add_column(0, INDEX, index)


def orders_of(folder):
    return pd.read_csv(SCRATCH / folder / "partition_info.csv").Norder.value_counts().sort_index().to_dict()


CATALOGS = {
    "imported": (imported, False, "imported/imported", "imported_10arcs"),
    "imported_as_folders": (imported, False, "imported_as_folders", None),
    "written": (written, True, "written/written", "written_10arcs"),
    "written_subtiles": (written, True, "written_subtiles/written_subtiles", "written_subtiles_10arcs"),
    "written_plain": (written, True, "written_plain", None),
}

for name, (table, last, primary, margin) in CATALOGS.items():
    where = SCRATCH / name

    @check(f"{name}: partitions, columns and margin as declared")
    def _():
        (found,) = crosshatch([["openCatalog", where], ["describe"]])
        equal(found["rows"], table.num_rows, "rows")
        equal({one["order"]: one["partitions"] for one in found["orders"]}, orders_of(primary), "orders")
        equal(found["healpix"], {"name": INDEX, "order": 29}, "index")
        margins = [] if margin is None else [{"name": margin, "thresholdArcsec": 10, "inUse": True}]
        equal(found["margins"], margins, "margins")
        names = [*table.column_names, INDEX] if last else [INDEX, *table.column_names]
        equal([column["name"] for column in found["columns"]], names, "columns")

    @check(f"{name}: every column, value by value, from memory and from files")
    def _():
        opened = ["openCatalog", where, {"columns": "all"}]
        rows, collected, *_ = crosshatch(
            [opened, ["count"]],
            [opened, ["collect"], ["saveIpc", SCRATCH / "all.ipc"]],
            [opened, ["writeParquet", SCRATCH / f"{name}.parquet"]],
            [opened, ["writeArrow", SCRATCH / f"{name}.arrow"]],
        )
        equal((rows, collected), (table.num_rows, table.num_rows), "rows")
        expected = with_index(table, last)
        found = read_ipc(SCRATCH / "all.ipc")
        index = found[INDEX].to_numpy()
        assert np.all(index[1:] >= index[:-1]), "rows are not in spatial order"
        same_tables(found, expected)
        same_tables(pq.read_table(SCRATCH / f"{name}.parquet"), expected)
        same_tables(read_ipc(SCRATCH / f"{name}.arrow"), expected)

    @check(f"{name}: filters and a cone give the rows that Arrow finds")
    def _():
        # NaN and null fail every comparison, in whatever way the catalog is cut.
        expected = {
            "mag > 20": pc.greater(table["mag"], 20),
            "mag <= 16 or int32 > 1000000000": pc.or_kleene(
                pc.less_equal(table["mag"], 16), pc.greater(table["int32"], 1_000_000_000)
            ),
            "word is null": pc.is_null(table["word"]),
            "word = 'Aλ Centauri' and flag": pc.and_kleene(pc.equal(table["word"], "Aλ Centauri"), table["flag"]),
            "uint64 < 4611686018427387904": pc.less(table["uint64"], pa.scalar(1 << 62, pa.uint64())),
            "day < DATE '1980-01-01'": pc.less(table["day"], pa.scalar(date(1980, 1, 1))),
            "`a b` < 0.25": pc.less(table["a b"], 0.25),
        }
        opened = ["openCatalog", where, {"columns": "all"}]
        ra, dec, radius = table["ra"][0].as_py(), table["dec"][0].as_py(), 1234.5
        *counts, cone = crosshatch(
            *[[opened, ["query", text], ["count"]] for text in expected],
            [opened, ["coneSearch", ra, dec, radius], ["count"]],
        )
        equal(dict(zip(expected, counts)), {text: pc.sum(kept).as_py() for text, kept in expected.items()}, "filters")
        points = unit_vectors(table["ra"].to_numpy(), table["dec"].to_numpy())
        away = np.linalg.norm(points - points[0], axis=1)
        inside = int((away <= 2 * np.sin(radius * ARCSEC / 2)).sum())
        assert inside > 100, "the cone is empty"
        equal(cone, inside, "rows in the cone")

    if margin is not None:

        @check(f"{name}: the margin has the rows that LSDB reads from it")
        def _():
            chain = [["openCatalog", where / margin], ["select", ["id", INDEX]], ["collect"]]
            crosshatch([*chain, ["saveIpc", SCRATCH / "margin.ipc"]])
            theirs = lsdb.read_hats(where / margin, columns=["id"]).compute(progress_bar=False)
            found = read_ipc(SCRATCH / "margin.ipc")
            assert len(theirs) > 20, "the margin is empty"
            # Rows are in the margins of several pixels, as often as they are listed.
            equal(sorted(found["id"].to_pylist()), sorted(theirs.id.tolist()), "ids")

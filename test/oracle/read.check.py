"""
Catalogs made by hats-import and by LSDB are read right: partitions, margins, and every column value by value, in
the encodings, row groups and layouts that these programs write.
"""

from datetime import date

import lsdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from checks import ARCSEC, SCRATCH, check, crosshatch, equal, hash29, unit_vectors
from dask.distributed import Client
from hats_import.catalog.arguments import ImportArguments
from hats_import.collection.arguments import CollectionArguments
from hats_import.pipeline import pipeline_with_client
from nested_pandas import NestedDtype
from scipy.spatial import cKDTree
from tables import every_type, light_curves, read_ipc, same_tables

rng = np.random.default_rng(29)
ROWS = 15_000
INDEX = "_healpix_29"
# The defaults of 0.11, and some that a user might ask for.
NEW_ENCODINGS = {"ra": "BYTE_STREAM_SPLIT", "mag": "BYTE_STREAM_SPLIT", INDEX: "DELTA_BINARY_PACKED"}
DELTA_ENCODINGS = {"id": "DELTA_BINARY_PACKED", "word": "DELTA_BYTE_ARRAY", "raw": "DELTA_LENGTH_BYTE_ARRAY"}


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
        "pixel_threshold": 4000,
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
    curves = light_curves(rng, table.num_rows)
    frame["lc"] = pd.Series(curves, dtype=NestedDtype(curves.type), index=frame.index)
    catalog = lsdb.from_dataframe(frame, catalog_name="written", partition_rows=2500, margin_threshold=10.0)
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
            "column_encoding": DELTA_ENCODINGS,
            "write_page_index": False,
        },
        **write,
    )
    return table.append_column("lc", curves)


full = every_type(rng, ROWS)
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
    leaves = (SCRATCH / folder / "dataset").rglob("Npix*.par*")
    return pq.ParquetFile(max(leaves, key=lambda leaf: leaf.stat().st_size))


@check("they are written as assumed: encodings, row groups, page index")
def _():
    for folder, groups, encodings in (
        ("imported/imported", 2, {**NEW_ENCODINGS, "word": "RLE_DICTIONARY"}),
        ("written/written", 1, {**NEW_ENCODINGS, "lc.mag.list.element": "BYTE_STREAM_SPLIT"}),
        ("written_subtiles/written_subtiles", 4, NEW_ENCODINGS),
        ("written_plain", 4, DELTA_ENCODINGS),
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


@check("our margin of a catalog of hats-import is that of hats-import, partition by partition")
def _():
    crosshatch([["writeMarginCatalog", SCRATCH / "imported" / "imported", SCRATCH / "margin", 10]])
    ours, theirs = SCRATCH / "margin", SCRATCH / "imported" / "imported_10arcs"
    files = [sorted(str(file.relative_to(folder)) for file in folder.rglob("Npix*")) for folder in (ours, theirs)]
    equal(files[0], files[1], "files")
    for file in files[0]:
        same_tables(pq.read_table(ours / file), pq.read_table(theirs / file))


@check("a match of their catalogs, by their margins and without, gives the pairs of SciPy")
def _():
    chains = []
    for margin in ("default", "none"):
        right = ["openCatalog", SCRATCH / "written", {} if margin == "default" else {"margin": margin}]
        options = {"radiusArcsec": 10, "neighbors": "all", "suffixes": ["_l", "_r"]}
        match = ["crossmatch", {"chain": [right]}, options]
        pairs = ["select", ["id_l", "id_r"]]
        chains.append(
            [["openCatalog", SCRATCH / "imported"], match, pairs, ["collect"], ["saveIpc", SCRATCH / f"pairs-{margin}"]]
        )
    crosshatch(*chains)
    left, right = (cKDTree(unit_vectors(rows["ra"].to_numpy(), rows["dec"].to_numpy())) for rows in (full, small))
    found = left.sparse_distance_matrix(right, 2 * np.sin(10 * ARCSEC / 2), output_type="coo_matrix")
    expected = set(zip(full["id"].to_numpy()[found.row].tolist(), small["id"].to_numpy()[found.col].tolist()))
    assert len(expected) > 1.05 * small.num_rows, "the case is too easy"
    for margin in ("default", "none"):
        ours = read_ipc(SCRATCH / f"pairs-{margin}")
        pairs = set(zip(ours["id_l"].to_pylist(), ours["id_r"].to_pylist()))
        equal((len(pairs), len(pairs ^ expected)), (ours.num_rows, 0), f"pairs with margin {margin}")

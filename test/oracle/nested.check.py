"""
Joins, nested columns and as-of joins: LSDB and nested-pandas on the samples and on generated catalogs whose
detections crowd at the borders of small partitions; pandas for as-of joins, since LSDB 0.11.1 cannot open a map for its
own, and for aggregates over lists.
"""

import os
from pathlib import Path

import dask
import lsdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from checks import SCRATCH, check, clumpy_sky, crosshatch, equal, hash29, scatter
from tables import arrow_of, difference, read_ipc, same_tables, with_nulls

dask.config.set(scheduler="synchronous")
SAMPLES = Path(os.environ["CROSSHATCH_SHARED"]) / "hats-samples"
INDEX = "_healpix_29"
rng = np.random.default_rng(58)
OBJECTS, PER_OBJECT = 2500, 5
FIRST_ID = 1 << 60


def generated():
    """Objects, and detections some arcseconds around theirs: of a tenth of the objects there are none."""
    ra, dec = clumpy_sky(rng, OBJECTS, sigma_deg=0.2)
    ids = FIRST_ID + rng.permutation(OBJECTS)
    objects = pa.table({"id": ids, "ra": ra, "dec": dec, "t": np.round(rng.uniform(0, 20, OBJECTS))})
    of = np.repeat(np.arange(OBJECTS), np.where(rng.random(OBJECTS) < 0.1, 0, rng.poisson(PER_OBJECT, OBJECTS)))
    of = rng.permutation(of)
    ra2, dec2 = scatter(rng, ra[of], dec[of], 1 / 3600)
    mag = rng.normal(18, 2, len(of)).astype(np.float32)
    mag[rng.random(len(of)) < 0.05] = np.nan
    detections = pa.table(
        {
            "d": np.arange(len(of)),
            "object_id": ids[of],
            "ra": ra2,
            "dec": dec2,
            "t": np.round(rng.uniform(0, 20, len(of)) * 2) / 2,
            "mag": with_nulls(rng, mag, pa.float32()),
            "band": with_nulls(rng, rng.choice(["g", "r"], len(of)), pa.string()),
        }
    )
    return objects, detections


def curves(objects):
    """List columns of one length each: the lists of a row all null, all empty, or neither."""
    lengths = rng.integers(0, 4, OBJECTS)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    total = int(lengths.sum())
    mag = with_nulls(rng, rng.normal(18, 2, total).astype(np.float32), pa.float32())
    lists = {"times": pa.array(rng.uniform(0, 9, total)), "mags": mag}
    table = objects.select(["id", "ra", "dec"])
    for name, values in lists.items():
        table = table.append_column(name, pa.ListArray.from_arrays(offsets, values))
    return table


objects, detections = generated()


def opened(name):
    return ["openCatalog", SCRATCH / name]


def other(name):
    return {"chain": [opened(name)]}


SUFFIXES = {"suffixes": ["_o", "_d"]}
KEYS = {"on": ["id", "object_id"]}
NESTED = [opened("objects"), ["joinNested", other("detections"), {**KEYS, "how": "left", "name": "lc"}]]
MATCHED = {"radiusArcsec": 2, "neighbors": 3, "how": "left", "name": "lc"}
AGGREGATES = {"n": "len(lc)", **{name: f"{name}(lc.mag)" for name in ("count", "mean", "min", "max", "median", "std")}}
SOURCES = SAMPLES / "lsdb/small_sky_order1_source_collection"
SMALL = ["openCatalog", SAMPLES / "lsdb/small_sky_order1_collection"]
# Written as catalogs, and read from there.
WRITTEN = {
    "nested": NESTED,
    "bright": [*NESTED, ["query", "lc.mag < 16"]],
    "lists": [opened("curves"), ["nestLists", "lc", {"times": "times", "mags": "mags"}]],
}
RESULTS = {
    **{name: [opened(f"{name}_hats")] for name in WRITTEN},
    "inner": [opened("objects"), ["join", other("detections"), {**KEYS, **SUFFIXES}]],
    "left": [opened("objects"), ["join", other("detections"), {**KEYS, **SUFFIXES, "how": "left"}]],
    "nested_inner": [opened("objects"), ["joinNested", other("detections"), {**KEYS, "name": "lc"}]],
    "matched": [opened("objects"), ["crossmatchNested", other("detections"), MATCHED]],
    "aggregates": [*NESTED, ["query", "len(lc) > 2"], ["withColumns", AGGREGATES], ["select", ["id", *AGGREGATES]]],
    **{
        f"asof_{direction}": [
            opened("objects"),
            ["mergeAsof", other("detections"), {"on": "t", "by": KEYS["on"], "direction": direction, **terms}],
            ["select", ["id_o", "t_o", "d_d", "t_d"]],
        ]
        for direction, terms in (
            ("backward", SUFFIXES),
            ("forward", {**SUFFIXES, "tolerance": 3}),
            ("nearest", SUFFIXES),
        )
    },
    "map": [
        ["openCatalog", SAMPLES / "lsdb/small_sky"],
        ["mergeAsof", {"chain": [["openCatalog", SAMPLES / "lsdb/square_map"]]}, {"suffixes": ["", "_m"]}],
    ],
    "sample": [
        SMALL,
        ["joinNested", {"chain": [["openCatalog", SOURCES]]}, {**KEYS, "withinArcsec": 3600, "name": "lc"}],
    ],
    "through": [
        ["openCatalog", SAMPLES / "lsdb/small_sky"],
        [
            "join",
            {"chain": [["openCatalog", SOURCES]]},
            {"through": {"chain": [["openCatalog", SAMPLES / "lsdb/small_sky_to_o1source"]]}, "suffixes": ["_o", "_s"]},
        ],
    ],
}


@check("catalogs and results written")
def _():
    sources = {
        "objects": (objects, 700, None),
        "detections": (detections, 4000, 10),
        "curves": (curves(objects), 900, None),
    }
    chains = []
    for name, (table, rows, margin) in sources.items():
        pq.write_table(table, SCRATCH / f"{name}.parquet")
        options = {"rowsPerPartition": rows, **({} if margin is None else {"marginArcsec": margin})}
        source = ["fromTable", SCRATCH / f"{name}.parquet", {"ra": "ra", "dec": "dec", "name": name}]
        chains.append([source, ["writeHats", SCRATCH / name, options]])
    chains += [[*chain, ["writeHats", SCRATCH / f"{name}_hats"]] for name, chain in WRITTEN.items()]
    chains += [[*chain, ["collect"], ["saveIpc", SCRATCH / f"{name}.arrow"]] for name, chain in RESULTS.items()]
    made = crosshatch(*chains)
    assert made[1]["partitions"] >= 6, f"{made[1]['partitions']} partitions are too few"


def ours(name):
    return read_ipc(SCRATCH / f"{name}.arrow")


def theirs(catalog):
    return arrow_of(catalog.compute(progress_bar=False))


left, right = (lsdb.open_catalog(SCRATCH / name) for name in ("objects", "detections"))
both = {"left_on": "id", "right_on": "object_id"}


@check("join: inner and left, every column")
def _():
    for how in ("inner", "left"):
        expected = theirs(left.join(right, **both, suffixes=("_o", "_d"), how=how))
        assert expected.num_rows > 10_000, "the case is too small"
        same_tables(ours(how), expected, [("id_o", "ascending"), ("d_d", "ascending")])


def same_nests(actual, expected, key="id", by="d", missing=None):
    """
    Asserts the same columns, and in each row the same nest: null, empty, or elements with the same values in
    whatever order. `missing`: what LSDB has no own value for counts as that.
    """
    equal(actual.column_names, expected.column_names, "columns")
    actual, expected = actual.sort_by(key), expected.sort_by(key)
    plain = [name for name in expected.column_names if name != "lc"]
    same_tables(actual.select(plain), expected.select(plain), key)
    states = [lengths_of(table["lc"], missing) for table in (actual, expected)]
    wrong = [row for row, (a, b) in enumerate(zip(*states)) if a != b]
    equal(len(wrong), 0, f"rows with other lengths, {[(states[0][row], states[1][row]) for row in wrong[:3]]}")
    flat = [elements_of(table["lc"], by) for table in (actual, expected)]
    equal(flat[0].column_names, flat[1].column_names, "fields")
    for name in flat[0].column_names:
        differing = difference(flat[0][name], flat[1][name])
        assert differing is None, f"field {name}: {differing}"


def structs(column):
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def lengths_of(column, missing):
    """Elements per row, None for a null nest."""
    array = structs(column)
    lengths = array.field(0).value_lengths().to_pylist()
    valid = array.is_valid().to_pylist()
    known = [length if ok else None for length, ok in zip(lengths, valid)]
    return known if missing is None else [missing if length in (0, None) else length for length in known]


def elements_of(column, by):
    """All elements as a table: the row they are of, then their fields."""
    array = structs(column)
    rows = np.repeat(np.arange(len(array)), [length or 0 for length in lengths_of(array, None)])
    fields = {array.type.field(i).name: array.flatten()[i].flatten() for i in range(array.type.num_fields)}
    return pa.table({"row": rows, **fields}).sort_by([("row", "ascending"), (by, "ascending")])


nested = left.join_nested(right, **both, nested_column_name="lc", how="left")


@check("join_nested: left and inner, null where there is no partner")
def _():
    expected = theirs(nested)
    assert expected["lc"].null_count > 100, "the case is too easy"
    same_nests(ours("nested"), expected)
    same_nests(ours("nested_inner"), theirs(left.join_nested(right, **both, nested_column_name="lc")))


def without_distance(table):
    array = structs(table["lc"])
    fields = [field.name for field in array.type if field.name != "_dist_arcsec"]
    lists = [array.field(name) for name in fields]
    kept = pa.StructArray.from_arrays(lists, fields, mask=array.is_null())
    return table.set_column(table.column_names.index("lc"), "lc", kept)


@check("crossmatch_nested: the three nearest, left")
def _():
    matched = left.crossmatch_nested(right, n_neighbors=3, radius_arcsec=2, nested_column_name="lc", how="left")
    expected, found = theirs(matched), ours("matched")
    same_nests(without_distance(found), without_distance(expected))
    flat = [elements_of(table.sort_by("id")["lc"], "d")["_dist_arcsec"].to_numpy() for table in (found, expected)]
    assert np.all(np.abs(flat[0] - flat[1]) < 1e-8), "distances differ"


@check("a condition on elements keeps the elements that nested-pandas keeps")
def _():
    # nested-pandas has one value for no elements, whether there were none before or after.
    same_nests(ours("bright"), theirs(nested.query("lc.mag < 16")), missing=0)


@check("conditions on lengths and aggregates over lists: those of pandas over groups")
def _():
    functions = [name for name in AGGREGATES if name != "n"]
    # In doubles, as ours are.
    grouped = detections.to_pandas().astype({"mag": "float64"}).groupby("object_id").mag
    expected = grouped.agg(["size", *functions]).query("size > 2")
    found = ours("aggregates").to_pandas().set_index("id").sort_index()
    equal(found.index.tolist(), expected.index.tolist(), "objects with more than two detections")
    equal(found.n.tolist(), expected["size"].tolist(), "lengths")
    for name in functions:
        same = np.isclose(found[name], expected[name], rtol=1e-12, atol=1e-12, equal_nan=True)
        assert same.all(), f"{name}: {found[name][~same].head(3)} instead of {expected[name][~same].head(3)}"


@check("nest_lists")
def _():
    catalog = lsdb.open_catalog(SCRATCH / "curves")
    listed = catalog.nest_lists(base_columns=["id", "ra", "dec"], list_columns=["times", "mags"], name="lc")
    same_nests(ours("lists"), theirs(listed), by="times")


@check("LSDB opens our nested catalogs: the same columns, nests and values in their order")
def _():
    for name in ("nested", "bright", "lists"):
        catalog = lsdb.open_catalog(SCRATCH / f"{name}_hats")
        equal(catalog.nested_columns, ["lc"], "nested columns")
        same_tables(theirs(catalog), ours(name))


# pandas


def with_index(table):
    return pd.Series(hash29(table["ra"].to_numpy(), table["dec"].to_numpy()))


@check("mergeAsof with keys: the rows of pandas.merge_asof")
def _():
    lefts = objects.to_pandas()[["id", "t"]].sort_values("t", kind="stable")
    rights = detections.select(["object_id", "d", "t"]).to_pandas().assign(index=with_index(detections))
    # Equal times come in spatial order.
    rights = rights.sort_values(["t", "index"], kind="stable").rename(columns={"t": "t_d"})
    for direction, tolerance in (("backward", None), ("forward", 3), ("nearest", None)):
        terms = {"left_by": "id", "right_by": "object_id", "left_on": "t", "right_on": "t_d"}
        expected = pd.merge_asof(lefts, rights, **terms, direction=direction, tolerance=tolerance)
        found = ours(f"asof_{direction}").to_pandas().sort_values("id_o")
        expected = expected.sort_values("id")
        assert expected.d.notna().sum() > 1000, "the case is too easy"
        equal(found.id_o.tolist(), expected.id.tolist(), "left rows")
        # Of several detections of one time any may be taken where the direction is not that of the order.
        times = found.t_d.to_numpy(), expected.t_d.to_numpy()
        assert np.array_equal(*times, equal_nan=True), f"{direction}: other times"
        differing = (found.d_d.fillna(-1).to_numpy() != expected.d.fillna(-1).to_numpy()).sum()
        equal(differing, 0, f"{direction}: other partners")


@check("mergeAsof with a map: the rows of pandas.merge_asof along the index")
def _():
    leaves = (SAMPLES / "lsdb/square_map").rglob("Npix=*.parquet")
    rights = pa.concat_tables([pq.read_table(leaf) for leaf in leaves]).select([INDEX, "star_count"])
    rights = rights.to_pandas().sort_values(INDEX)
    found = ours("map").to_pandas()
    expected = pd.merge_asof(found[[INDEX, "id"]], rights, on=INDEX)
    equal(found.star_count_m.tolist(), expected.star_count.tolist(), "values")
    equal(len(found), 131, "rows")


# Samples


@check("samples: join_nested of the sources of each object")
def _():
    objects, sources = (lsdb.open_catalog(path) for path in (SMALL[1], SOURCES))
    expected = theirs(objects.join_nested(sources, **both, nested_column_name="lc"))
    equal(expected.num_rows, 131, "rows")
    same_nests(ours("sample"), expected, by="source_id")


@check("samples: join through an association")
def _():
    association = lsdb.read_hats(SAMPLES / "lsdb/small_sky_to_o1source")
    small = lsdb.open_catalog(SAMPLES / "lsdb/small_sky")
    joined = small.join(lsdb.open_catalog(SOURCES), through=association, suffixes=("_o", "_s"))
    expected = theirs(joined)
    equal(expected.num_rows, 131, "rows")
    found = ours("through")
    index = [name for name in found.column_names if name.startswith(INDEX)]
    key = [("id_o", "ascending"), ("source_id_s", "ascending")]
    same_tables(found.drop_columns(index), expected.drop_columns([INDEX]), key)

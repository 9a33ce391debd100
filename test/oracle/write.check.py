"""
What Crosshatch writes is a HATS catalog to others: strict validation and the verification of hats-import pass, LSDB
reads every value, searches it and matches it as we do, and margins hold the rows that they must.
"""

import re

import hats
import lsdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from checks import ARCSEC, SCRATCH, check, crosshatch, equal, hash29, scatter, unit_vectors
from hats.catalog.dataset.collection_properties import CollectionProperties
from hats.catalog.dataset.table_properties import TableProperties
from hats.io.validation import is_valid_catalog
from hats.pixel_math import get_margin
from hats.pixel_math.healpix_shim import margin2order
from hats_import.verification.arguments import VerificationArguments
from hats_import.verification.run_verification import Verifier
from tables import arrow_of, every_type, light_curves, read_ipc, same_tables

rng = np.random.default_rng(5)
ROWS = 20_000
MARGIN = 20.0
INDEX = "_healpix_29"
NOTES = {"ra": {"unit": "deg", "description": "right ascension"}, "mag": {"unit": "mag", "ucd": "phot.mag"}}


def make_table():
    table = every_type(rng, ROWS).append_column("lc", light_curves(rng, ROWS))
    fields = [field.with_metadata(NOTES.get(field.name)) for field in table.schema]
    return table.cast(pa.schema(fields))


def make_other(table):
    """Counterparts of a part of the rows, some with several, some further away than the radius; and others."""
    near = rng.choice(ROWS, ROWS * 3 // 4)
    sigma = rng.choice([0.3, 3.0], len(near)) / 3600
    ra, dec = scatter(rng, table["ra"].to_numpy()[near], table["dec"].to_numpy()[near], sigma)
    flux = pa.array(rng.random(len(near)), mask=rng.random(len(near)) < 0.1)
    names = pa.array([f"r{i}" for i in range(len(near))])
    return pa.table({"id": np.arange(len(near)), "RA": ra, "DEC": dec, "flux": flux, "name": names})


table = make_table()
other = make_other(table)
pq.write_table(table, SCRATCH / "table.parquet")
pq.write_table(other, SCRATCH / "other.parquet")

SKY = ["openCatalog", SCRATCH / "sky"]
SUFFIXES = ["_l", "_r"]
# Options of ours and of LSDB's for the same match.
MATCHES = {
    "nearest": ({"radiusArcsec": 1}, {"radius_arcsec": 1}),
    "three_above": (
        {"radiusArcsec": 10, "neighbors": 3, "minRadiusArcsec": 0.5},
        {"radius_arcsec": 10, "n_neighbors": 3, "min_radius_arcsec": 0.5},
    ),
    "left": ({"radiusArcsec": 2, "neighbors": 2, "how": "left"}, {"radius_arcsec": 2, "n_neighbors": 2, "how": "left"}),
}


def match_chain(options):
    columns = ["id", "ra", "dec", "mag", "word", "int32", INDEX]
    right = {"chain": [["openCatalog", SCRATCH / "other"]]}
    left = ["openCatalog", SCRATCH / "sky", {"columns": columns}]
    return [left, ["crossmatch", right, {**options, "suffixes": SUFFIXES}]]


@check("catalogs, collections, queries and matches written")
def _():
    sky = ["fromTable", SCRATCH / "table.parquet", {"ra": "ra", "dec": "dec", "name": "sky"}]
    others = ["fromTable", SCRATCH / "other.parquet", {"ra": "RA", "dec": "DEC"}]
    options = {"rowsPerPartition": 1500, "marginArcsec": MARGIN}
    picked = ["select", ["mag", "id", "lc", "ra"]]
    crosshatch(
        [sky, ["writeHats", SCRATCH / "sky", options]],
        [others, ["writeHats", SCRATCH / "other", {**options, "rowsPerPartition": 800}]],
        [sky, ["writeHats", SCRATCH / "whole", {"compression": "snappy"}]],
        [SKY, ["query", "mag < 18"], picked, ["writeHats", SCRATCH / "bright", {"rowsPerPartition": 3000}]],
        [SKY, ["query", "id < 0"], ["writeHats", SCRATCH / "nothing", {"marginArcsec": MARGIN}]],
        *[[*match_chain(ours), ["writeHats", SCRATCH / name, options]] for name, (ours, _) in MATCHES.items()],
        *[
            [*match_chain(ours), ["collect"], ["saveIpc", SCRATCH / f"{name}.arrow"]]
            for name, (ours, _) in MATCHES.items()
        ],
    )


COLLECTIONS = {"sky": "sky_20arcs", "other": "other_20arcs", "nothing": "nothing_20arcs"}
COLLECTIONS |= {name: f"{name}_20arcs" for name in MATCHES}
CATALOGS = [f"{name}/{part}" for name, margin in COLLECTIONS.items() for part in (name, margin)] + ["whole", "bright"]

for folder in (*COLLECTIONS, *CATALOGS):

    @check(f"strict validation of {folder}")
    def _():
        assert is_valid_catalog(SCRATCH / folder, strict=True), "it is not valid"


@check("hats-import verifies files, rows and schemas")
def _():
    for folder in (*COLLECTIONS, *CATALOGS):
        # The verification itself cannot open a catalog without files.
        if "nothing" in folder:
            continue
        report = {"output_path": SCRATCH / "reports" / folder, "verbose": False}
        verifier = Verifier.from_args(VerificationArguments(input_catalog_path=SCRATCH / folder, **report))
        verifier.run()
        results = verifier.results_df
        assert results.passed.all(), f"{folder}: {results[~results.passed].to_dict('records')}"


# Files


def leaves(folder):
    """Order, pixel and file of every partition."""
    for file in sorted((SCRATCH / folder / "dataset").rglob("Npix=*")):
        numbers = re.search(r"Norder=(\d+)/Dir=(\d+)/Npix=(\d+)\.parquet$", str(file)).groups()
        order, directory, pixel = map(int, numbers)
        equal(directory, pixel // 10_000 * 10_000, f"folder of {file}")
        yield order, pixel, file


@check("files: index first, sorted and inside the pixel, statistics everywhere, not too many rows")
def _():
    for folder, most in (("sky/sky", 1500), ("bright", 3000), ("left/left", 1500), ("sky/sky_20arcs", None)):
        common = pq.read_schema(SCRATCH / folder / "dataset" / "_common_metadata")
        for order, pixel, file in leaves(folder):
            parquet = pq.ParquetFile(file)
            assert most is None or parquet.metadata.num_rows <= most, f"{parquet.metadata.num_rows} rows in {file}"
            first = parquet.schema.column(0)
            equal((first.name, first.physical_type), (INDEX, "INT64"), "first column")
            equal(parquet.schema_arrow.field(0).type, pa.int64(), "its type")
            equal(parquet.schema_arrow.names, common.names, "columns")
            for group in range(parquet.metadata.num_row_groups):
                row_group = parquet.metadata.row_group(group)
                for column in (row_group.column(i) for i in range(row_group.num_columns)):
                    assert column.is_stats_set, f"{column.path_in_schema} of {file} is without statistics"
            index = pq.read_table(file, columns=[INDEX])[INDEX].to_numpy()
            assert np.all(index[1:] >= index[:-1]), f"{file} is not sorted"
            inside = index >> 2 * (29 - order) == pixel
            assert not inside.any() if most is None else inside.all(), f"rows of {file} are in the wrong pixel"


# Keys that hats before 0.11 knows for a collection; it refuses all others.
COLLECTION_KEYS = """addendum_did bib_reference bib_reference_url creator_did data_ucd hats_builder
    hats_coordinate_epoch hats_copyright hats_creation_date hats_creator hats_estsize hats_progenitor_url
    hats_release_date hats_service_url hats_status hats_version moc_sky_fraction obs_ack obs_copyright
    obs_copyright_url obs_description obs_regime obs_title prov_progenitor publisher_id t_max t_min
    obs_collection hats_primary_table_url all_margins default_margin all_indexes default_index""".split()


@check("properties: what hats wants is there and right, in both files")
def _():
    for folder, kind in (("sky/sky", "object"), ("sky/sky_20arcs", "margin"), ("left/left", "object")):
        files = [(SCRATCH / folder / name).read_text() for name in ("hats.properties", "properties")]
        equal(files[0], files[1], "properties")
        info = TableProperties.read_from_dir(SCRATCH / folder)
        found = list(leaves(folder))
        rows = sum(pq.read_metadata(file).num_rows for *_, file in found)
        known = [info.catalog_type, info.total_rows, info.healpix_column, info.healpix_order, info.npix_suffix]
        equal(known, [kind, rows, INDEX, 29, ".parquet"], f"properties of {folder}")
        extra = info.__pydantic_extra__
        equal(int(extra["hats_order"]), max(order for order, *_ in found), "hats_order")
        equal((extra["hats_version"], extra["hats_release_date"]), ("v1.0", "2025-08-22"), "version")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dUTC", extra["hats_creation_date"]), "creation date"
        area = sum(1 / (12 << 2 * order) for order, *_ in found)
        assert abs(info.moc_sky_fraction / area - 1) < 1e-4, f"sky fraction {info.moc_sky_fraction}, not {area}"
    margin = TableProperties.read_from_dir(SCRATCH / "sky/sky_20arcs")
    equal((margin.margin_threshold, margin.primary_catalog), (MARGIN, "sky"), "margin")
    match = TableProperties.read_from_dir(SCRATCH / "left/left")
    equal((match.ra_column, match.dec_column), ("ra_l", "dec_l"), "position of a match")
    collection = CollectionProperties.read_from_dir(SCRATCH / "sky")
    equal((collection.all_margins, collection.default_margin), (["sky_20arcs"], "sky_20arcs"), "margins")
    lines = (SCRATCH / "sky/collection.properties").read_text().splitlines()
    unknown = [line for line in lines if not line.startswith("#") and line.split("=")[0] not in COLLECTION_KEYS]
    equal(unknown, [], "keys that older readers refuse")


@check("units, descriptions and UCDs are kept through queries and matches")
def _():
    for folder, suffix in (("sky/sky", ""), ("sky/sky_20arcs", ""), ("bright", ""), ("left/left", "_l")):
        schema = pq.read_schema(SCRATCH / folder / "dataset" / "_common_metadata")
        for name, notes in NOTES.items():
            found = {key.decode(): text.decode() for key, text in (schema.field(name + suffix).metadata or {}).items()}
            kept = {key: found.get(key) for key in notes}
            equal(kept, notes, f"notes of {name} in {folder}")
    schema = pq.read_schema(SCRATCH / "left/left/dataset/_common_metadata")
    equal(schema.field("_dist_arcsec").metadata[b"unit"], b"arcsec", "unit of the distance")


# LSDB


def with_index(rows, ra="ra", dec="dec"):
    return rows.add_column(0, INDEX, pa.array(hash29(rows[ra].to_numpy(), rows[dec].to_numpy())))


@check("LSDB reads every column, value by value")
def _():
    for folder in ("sky", "whole"):
        catalog = lsdb.open_catalog(SCRATCH / folder)
        equal(len(catalog), ROWS, "declared rows")
        equal(catalog.nested_columns, ["lc"], "nested columns")
        same_tables(arrow_of(catalog.compute(progress_bar=False)), with_index(table))
    right = lsdb.open_catalog(SCRATCH / "other").compute(progress_bar=False)
    same_tables(arrow_of(right), with_index(other, "RA", "DEC"))
    bright = lsdb.open_catalog(SCRATCH / "bright").compute(progress_bar=False)
    expected = with_index(table).filter(pc.less(table["mag"], 18)).select([INDEX, "dec", "mag", "id", "lc", "ra"])
    same_tables(arrow_of(bright), expected)


@check("LSDB opens a collection without rows")
def _():
    catalog = lsdb.open_catalog(SCRATCH / "nothing")
    equal(len(catalog.compute(progress_bar=False)), 0, "rows")
    equal(set(catalog.columns), {*table.column_names, "lc"}, "columns")


@check("LSDB's cone and filter find the rows that Arrow finds")
def _():
    catalog = lsdb.open_catalog(SCRATCH / "sky", columns=["id", "mag"])
    points = unit_vectors(table["ra"].to_numpy(), table["dec"].to_numpy())
    ids, mag = table["id"].to_numpy(), table["mag"]
    inside = np.linalg.norm(points - points[0], axis=1) <= 2 * np.sin(2000 * ARCSEC / 2)
    cone = catalog.cone_search(table["ra"][0].as_py(), table["dec"][0].as_py(), 2000)
    assert inside.sum() > 50, "the cone is empty"
    equal(sorted(cone.compute(progress_bar=False).id), sorted(ids[inside].tolist()), "rows of the cone")
    bright = lsdb.open_catalog(SCRATCH / "sky", columns=["id"], filters=[("mag", "<", 15)])
    expected = table.filter(pc.less(mag, 15))["id"].to_pylist()
    equal(sorted(bright.compute(progress_bar=False).id), sorted(expected), "rows of the filter")


@check("statistics in the footers give LSDB the least and greatest of every column")
def _():
    found = lsdb.open_catalog(SCRATCH / "sky", columns="all").aggregate_column_statistics(exclude_hats_columns=False)
    # Where there is a NaN, as in mag, DuckDB writes neither, which readers take for unknown.
    for name in ["ra", "a b", "int8", "uint16", "int32", "int64", "uint64", "long_word", "day"]:
        row = found.loc[name]
        extremes = pc.min_max(table[name]).as_py()
        equal((row.min_value, row.max_value), (extremes["min"], extremes["max"]), name)
        equal((row.null_count, row.row_count), (table[name].null_count, ROWS), f"nulls of {name}")


# Margins


@check("margins are those that hats' rule gives, partition by partition")
def _():
    for name, rows, ra, dec in (("sky", table, "ra", "dec"), ("other", other, "RA", "DEC")):
        catalog = hats.read_hats(SCRATCH / name / name)
        order = int(margin2order(MARGIN / 60))
        index = hash29(rows[ra].to_numpy(), rows[dec].to_numpy())
        cells, ids = index >> 2 * (29 - order), rows["id"].to_numpy()
        expected = {}
        for pixel in [*catalog.get_healpix_pixels(), *catalog.generate_negative_tree_pixels()]:
            around = get_margin(pixel.order, pixel.pixel, order - pixel.order)
            found = sorted(ids[np.isin(cells, around)].tolist())
            if found:
                expected[pixel.order, pixel.pixel] = found
        leaf_rows = ((leaf[:2], pq.read_table(leaf[2], columns=["id"])) for leaf in leaves(f"{name}/{name}_20arcs"))
        equal({pixel: sorted(rows["id"].to_pylist()) for pixel, rows in leaf_rows}, expected, f"margin of {name}")


@check("every row that is within the threshold of a partition is in its margin")
def _():
    ra, dec = table["ra"].to_numpy(), table["dec"].to_numpy()
    ids = table["id"].to_numpy()
    pixels = [(order, pixel) for order, pixel, _ in leaves("sky/sky")]
    starts = np.array([pixel << 2 * (29 - order) for order, pixel in pixels])
    ends = np.array([pixel + 1 << 2 * (29 - order) for order, pixel in pixels])
    by = np.argsort(starts)
    held = {
        (order, pixel): set(pq.read_table(file, columns=["id"])["id"].to_pylist())
        for order, pixel, file in leaves("sky/sky_20arcs")
    }
    at = unit_vectors(ra, dec)
    side = np.cross(at, np.where(np.abs(at[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]]))
    side /= np.linalg.norm(side, axis=1)[:, None]
    up = np.cross(at, side)
    near = 0
    for angle in np.radians(np.arange(0, 360, 15)):
        # Where a point at just the threshold lies in a partition, the row is in reach of it.
        point = at + 0.9999 * MARGIN * ARCSEC * (np.cos(angle) * side + np.sin(angle) * up)
        point_ra = np.degrees(np.arctan2(point[:, 1], point[:, 0]))
        point_dec = np.degrees(np.arctan2(point[:, 2], np.hypot(point[:, 0], point[:, 1])))
        index, own = hash29(point_ra, point_dec), hash29(ra, dec)
        slot = by[np.searchsorted(starts[by], index, "right") - 1]
        reached = (index >= starts[slot]) & (index < ends[slot]) & ~((own >= starts[slot]) & (own < ends[slot]))
        for row in np.flatnonzero(reached):
            pixel = pixels[slot[row]]
            assert ids[row] in held.get(pixel, ()), f"row {ids[row]} is missing in the margin of {pixel}"
            near += 1
    assert near > 500, f"only {near} rows are near a border"


# Matches


for name, (_, options) in MATCHES.items():

    @check(f"LSDB matches our catalogs as we do: {name}")
    def _():
        columns = ["id", "ra", "dec", "mag", "word", "int32"]
        left = lsdb.open_catalog(SCRATCH / "sky", columns=columns)
        right = lsdb.open_catalog(SCRATCH / "other")
        matched = left.crossmatch(right, **options, suffixes=tuple(SUFFIXES), suffix_method="all_columns")
        theirs = arrow_of(matched.compute(progress_bar=False))
        # LSDB lets nearer rows through where the right side has fewer rows than it asks its tree for.
        nearest = pc.less(theirs["_dist_arcsec"], options.get("min_radius_arcsec", 0))
        theirs = theirs.filter(pc.invert(pc.fill_null(nearest, False)))
        written = arrow_of(lsdb.open_catalog(SCRATCH / name).compute(progress_bar=False))
        collected = read_ipc(SCRATCH / f"{name}.arrow")
        assert theirs.num_rows > 1000, "the case is too easy"
        for ours in (written, collected):
            by = [("id_l", "ascending"), ("id_r", "ascending")]
            dist = [rows.sort_by(by)["_dist_arcsec"].to_numpy() for rows in (ours, theirs)]
            equal(len(dist[0]), len(dist[1]), "rows")
            # An unmatched row has no distance.
            assert np.array_equal(np.isnan(dist[0]), np.isnan(dist[1])), "unmatched rows differ"
            assert np.nanmax(np.abs(dist[0] - dist[1])) < 1e-9, "distances differ"
            ours, expected = (rows.drop_columns(["_dist_arcsec"]) for rows in (ours, theirs))
            same_tables(ours.select(expected.column_names), expected, by)


@check("LSDB goes on from a match that we wrote")
def _():
    first = lsdb.open_catalog(SCRATCH / "nearest")
    other_again = lsdb.open_catalog(SCRATCH / "other")
    options = {"radius_arcsec": 1, "suffixes": ("_1", "_2")}
    rows = len(first.compute(progress_bar=False))
    equal(len(first.crossmatch(other_again, **options).compute(progress_bar=False)), rows, "rows as the left side")
    back = other_again.crossmatch(first, **options).compute(progress_bar=False)
    pairs = read_ipc(SCRATCH / "nearest.arrow")
    # As the right side, with the margin: every right row that was found finds a left one back.
    equal(set(pairs["id_r"].to_pylist()) - set(back["id_1"]), set(), "rows that are not found from the other side")

"""
What Crosshatch writes is a HATS catalog to others: strict validation and the verification of hats-import pass, LSDB
opens, searches and matches it, margins hold what they must, units are kept, and the maps count the rows.
"""

import warnings

import hats
import lsdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from checks import ARCSEC, SCRATCH, check, clumpy_sky, crosshatch, equal, hash29, read_ipc, scatter, unit_vectors
from hats.io.validation import is_valid_catalog
from scipy.spatial import cKDTree

rng = np.random.default_rng(5)
ROWS = 30_000
MARGIN = 20.0

ra, dec = clumpy_sky(rng, ROWS)
table = pa.table(
    {
        "id": np.arange(ROWS),
        "ra": ra,
        "dec": dec,
        "mag": pa.array(rng.normal(15, 3, ROWS).astype(np.float32), mask=rng.random(ROWS) < 0.1),
        "band": pa.array(rng.choice(["g", "r", "i"], ROWS)),
        "big": np.arange(ROWS, dtype=np.int64) + (1 << 60),
        "lc": pa.array([{"t": [float(i), i + 0.5][: i % 3], "m": [1.0, 2.0][: i % 3]} for i in range(ROWS)]),
    }
)
near = rng.choice(ROWS, ROWS // 2, replace=False)
ra2, dec2 = scatter(rng, ra[near], dec[near], 0.4 / 3600)
other = pa.table({"id": near, "ra": ra2, "dec": dec2, "flux": rng.random(len(near))})
pq.write_table(table, SCRATCH / "table.parquet")
pq.write_table(other, SCRATCH / "other.parquet")


@check("catalogs, collections and a match written")
def _():
    left = ["fromTable", SCRATCH / "table.parquet", {"ra": "ra", "dec": "dec", "name": "sky"}]
    right = ["fromTable", SCRATCH / "other.parquet", {"ra": "ra", "dec": "dec", "name": "other"}]
    with_margin = {"rowsPerPartition": 2000, "marginArcsec": MARGIN}
    generated = {"kind": "gaia", "rows": 20_000, "seed": 7, "rowsPerPartition": 3000}
    generated["cone"] = {"ra": 10, "dec": 40, "radiusArcsec": 7200}
    options = {"radiusArcsec": 1, "suffixes": ["_l", "_r"]}
    match = ["crossmatch", {"chain": [["openCatalog", SCRATCH / "other"]]}, options]
    crosshatch(
        [left, ["writeHats", SCRATCH / "sky", with_margin]],
        [left, ["writeHats", SCRATCH / "plain", {"rowsPerPartition": 5000}]],
        [right, ["writeHats", SCRATCH / "other", {"rowsPerPartition": 1000, "marginArcsec": MARGIN}]],
        [["generateCatalog", SCRATCH / "gaia", generated, {"marginArcsec": 10}]],
    )
    crosshatch(
        [["openCatalog", SCRATCH / "sky"], match, ["writeHats", SCRATCH / "matched", {"rowsPerPartition": 1500}]],
        [["openCatalog", SCRATCH / "sky"], match, ["collect"], ["saveIpc", SCRATCH / "matched.arrow"]],
    )


FOLDERS = (
    "sky", "sky/sky", "sky/sky_20arcs", "plain", "other", "other/other", "other/other_20arcs", "gaia", "matched",
)  # fmt: skip

for folder in FOLDERS:

    @check(f"strict validation: {folder}")
    def _():
        assert is_valid_catalog(SCRATCH / folder, strict=True, fail_fast=True, verbose=False)


@check("hats-import verifies rows, files and schemas")
def _():
    from hats_import.verification.arguments import VerificationArguments
    from hats_import.verification.run_verification import Verifier

    for folder, rows in (("sky/sky", ROWS), ("plain", ROWS), ("gaia/gaia", 20_000)):
        arguments = VerificationArguments(
            input_catalog_path=SCRATCH / folder, output_path=SCRATCH / "reports" / folder, truth_total_rows=rows
        )
        verifier = Verifier.from_args(arguments)
        verifier.run()
        results = verifier.results_df
        assert results["passed"].all(), results[~results["passed"]].to_string()


@check("LSDB opens the collection: rows, types and values")
def _():
    catalog = lsdb.open_catalog(SCRATCH / "sky")
    assert catalog.margin is not None, "it has no margin"
    equal(len(catalog), ROWS, "declared rows")
    frame = catalog.compute(progress_bar=False).sort_values("id")
    equal(len(frame), ROWS, "rows")
    for name in ("ra", "dec", "band", "big"):
        assert (frame[name].to_numpy() == table[name].to_numpy()).all(), f"values of {name} differ"
    equal(int(frame["mag"].isna().sum()), table["mag"].null_count, "nulls of mag")
    equal(str(frame["mag"].dtype), "float[pyarrow]", "type of mag")
    assert "lc" in catalog.nested_columns, "lc is not nested"
    equal(int(frame["lc"].nest.list_lengths.sum() if hasattr(frame["lc"].nest, "list_lengths") else
              sum(len(cell) for cell in frame["lc"] if cell is not None)),
          sum(i % 3 for i in range(ROWS)), "points in lc")  # fmt: skip
    assert (np.sort(frame.index.to_numpy()) == np.sort(hash29(ra, dec))).all(), "the spatial index differs"


@check("margins hold every row within the threshold of a border, and none of their own")
def _():
    for name, (a, d) in (("sky", (ra, dec)), ("other", (ra2, dec2))):
        main = hats.read_hats(SCRATCH / name / name)
        margin_dir = SCRATCH / name / f"{name}_20arcs"
        index = hash29(a, d)
        vectors = unit_vectors(a, d)
        tree = cKDTree(vectors)
        for pixel in main.get_healpix_pixels():
            shift = 2 * (29 - pixel.order)
            inside = (index >> shift) == pixel.pixel
            close = np.zeros(len(a), dtype=bool)
            for found in tree.query_ball_point(vectors[inside], 2 * np.sin(MARGIN * ARCSEC / 2)):
                close[found] = True
            # Rows near a row inside are near the border: a lower bound of what the margin must hold.
            needed = np.flatnonzero(close & ~inside)
            file = margin_dir / "dataset" / f"Norder={pixel.order}/Dir={pixel.pixel // 10000 * 10000}/Npix={pixel.pixel}.parquet"
            held = pq.read_table(file) if file.exists() else None
            ids = set() if held is None else set(held["id"].to_pylist())
            keys = np.arange(len(a)) if name == "sky" else near
            missing = [int(keys[row]) for row in needed if int(keys[row]) not in ids]
            assert not missing, f"{name} {pixel}: rows {missing[:5]} are missing"
            if held is not None:
                assert not ((held["_healpix_29"].to_numpy() >> shift) == pixel.pixel).any(), f"{pixel}: own rows"


@check("LSDB searches and matches what we write, as we do")
def _():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left, right = lsdb.open_catalog(SCRATCH / "sky"), lsdb.open_catalog(SCRATCH / "other")
        matched = left.crossmatch(right, radius_arcsec=1, suffixes=("_l", "_r")).compute(progress_bar=False)
    ours = read_ipc(SCRATCH / "matched.arrow")
    pairs = {(l, r): d for l, r, d in zip(*(ours[c].to_pylist() for c in ("id_l", "id_r", "_dist_arcsec")))}
    equal(len(pairs), len(matched), "pairs")
    for l, r, d in zip(matched["id_l"], matched["id_r"], matched["_dist_arcsec"]):
        assert abs(pairs[l, r] - d) < 1e-9, f"pair {l}, {r}: {pairs[l, r]} and {d}"
    cone = left.cone_search(float(ra[0]), float(dec[0]), 3600).compute(progress_bar=False)
    distance = 2 * np.arcsin(np.linalg.norm(unit_vectors(ra, dec) - unit_vectors(ra[:1], dec[:1]), axis=1) / 2)
    equal(len(cone), int((distance <= 3600 * ARCSEC).sum()), "rows in a cone")


@check("LSDB opens the written match, and matches it again")
def _():
    catalog = lsdb.open_catalog(SCRATCH / "matched")
    ours = read_ipc(SCRATCH / "matched.arrow")
    equal(len(catalog.compute(progress_bar=False)), ours.num_rows, "rows")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = catalog.crossmatch(lsdb.open_catalog(SCRATCH / "other"), radius_arcsec=1, suffixes=("_1", "_2"))
    assert len(again.compute(progress_bar=False)) == ours.num_rows


@check("maps count the rows, and properties say what was done")
def _():
    from hats.io.skymap import read_skymap

    for folder, rows in (("sky/sky", ROWS), ("matched", read_ipc(SCRATCH / "matched.arrow").num_rows)):
        catalog = hats.read_hats(SCRATCH / folder)
        skymap = read_skymap(catalog, None)
        equal(int(skymap.sum()), rows, f"rows in the map of {folder}")
        equal(catalog.catalog_info.total_rows, rows, f"hats_nrows of {folder}")
    text = (SCRATCH / "matched" / "hats.properties").read_text()
    for key in ("crosshatch_radius_arcsec=1", "crosshatch_input_1=", "crosshatch_input_2=", "hats_builder=crosshatch"):
        assert key in text, f"{key} is not among the properties"


@check("units and descriptions of columns are kept")
def _():
    schema = pq.read_schema(SCRATCH / "gaia/gaia/dataset/_common_metadata")
    metadata = schema.field("pmra").metadata
    equal(metadata[b"unit"], b"mas/yr", "unit of pmra")
    assert metadata[b"description"], "pmra has no description"

"""Generated catalogs open in LSDB: rows, partitions, columns, margins, and the counterparts that they are made with."""

import lsdb
import numpy as np
import pyarrow.parquet as pq
from checks import ARCSEC, SCRATCH, check, crosshatch, equal, hash29, unit_vectors
from hats.io.validation import is_valid_catalog

GAIA = {"kind": "gaia", "rows": 60_000, "seed": 11, "rowsPerPartition": 4000}
CONE = {"ra": 280.0, "dec": -10.0, "radiusArcsec": 5400}
IN_CONE = {**GAIA, "rows": 40_000, "seed": 12, "cone": CONE}
ZTF = {"kind": "ztf", "rows": 50_000, "seed": 13, "rowsPerPartition": 3000, "cone": CONE, "counterpartOf": IN_CONE}
CATALOGS = {"sky": (GAIA, None), "stars": (IN_CONE, 10), "ztf": (ZTF, 10)}


def folder(name):
    """The catalog itself, also where it is part of a collection."""
    return SCRATCH / name if CATALOGS[name][1] is None else SCRATCH / name / name


@check("catalogs are generated")
def _():
    crosshatch(
        *[
            [["generateCatalog", SCRATCH / name, spec, {} if margin is None else {"marginArcsec": margin}]]
            for name, (spec, margin) in CATALOGS.items()
        ],
        [["generateCatalog", SCRATCH / "again", GAIA, {"workers": 1}]],
    )


frames = {}

for name, (spec, margin) in CATALOGS.items():

    @check(f"{name}: LSDB finds the rows and columns that were asked for")
    def _():
        assert is_valid_catalog(SCRATCH / name, strict=True), "it is not valid"
        catalog = lsdb.open_catalog(SCRATCH / name)
        equal((len(catalog), catalog.margin is None), (spec["rows"], margin is None), "rows and margin")
        frame = frames[name] = catalog.compute(progress_bar=False)
        equal(len(frame), spec["rows"], "rows")
        index = hash29(frame.ra.to_numpy(), frame.dec.to_numpy())
        assert np.array_equal(index, frame.index.to_numpy()), "index and positions disagree"
        rows = [pq.read_metadata(file).num_rows for file in (folder(name) / "dataset").rglob("Npix*.parquet")]
        assert max(rows) <= spec["rowsPerPartition"], f"{max(rows)} rows in a partition"
        equal((len(rows), sum(rows)), (catalog.npartitions, spec["rows"]), "partitions")
        key = "source_id" if spec["kind"] == "gaia" else "oid"
        equal(frame[key].nunique(), spec["rows"], f"different {key}")
        if "cone" in spec:
            centre = unit_vectors(np.array([CONE["ra"]]), np.array([CONE["dec"]]))
            away = np.linalg.norm(unit_vectors(frame.ra.to_numpy(), frame.dec.to_numpy()) - centre, axis=1)
            # A counterpart may lie outside by its scatter.
            assert away.max() < 2 * np.sin((CONE["radiusArcsec"] + 2) * ARCSEC / 2), "rows outside of the cone"


@check("true_id numbers the stars, and a seed gives the same bytes")
def _():
    for name in ("sky", "stars"):
        equal(sorted(frames[name].true_id), list(range(CATALOGS[name][0]["rows"])), f"true_id of {name}")
    for file in (SCRATCH / "sky" / "dataset").rglob("Npix*.parquet"):
        same = SCRATCH / "again" / file.relative_to(SCRATCH / "sky")
        assert file.read_bytes() == same.read_bytes(), f"{file} is not the same"


@check("LSDB matches the pair: the counterparts are those of true_id")
def _():
    stars = lsdb.open_catalog(SCRATCH / "stars", columns=["true_id"])
    ztf = lsdb.open_catalog(SCRATCH / "ztf", columns=["true_id"])
    options = {"radius_arcsec": 1, "suffixes": ("_ztf", "_star"), "suffix_method": "all_columns"}
    matched = ztf.crossmatch(stars, **options).compute(progress_bar=False)
    options = {"radiusArcsec": 1, "suffixes": ["_ztf", "_star"]}
    match = ["crossmatch", {"chain": [["openCatalog", SCRATCH / "stars"]]}, options]
    (ours,) = crosshatch([["openCatalog", SCRATCH / "ztf"], match, ["count"]])
    equal(ours, len(matched), "pairs")
    real = frames["ztf"].true_id >= 0
    assert 0.5 < real.mean() < 1, f"{real.mean()} of the rows are counterparts"
    found = (matched.true_id_ztf == matched.true_id_star).sum()
    assert found > 0.9 * real.sum(), f"{found} of {real.sum()} counterparts are the nearest within 1 arcsec"

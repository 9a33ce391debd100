"""
Crossmatches of rows that crowd at partition borders: with a wide margin, a narrow one and none, the pairs must be
those of SciPy's KD-tree over the whole arrays, of astropy, and of LSDB with the wide margin.
"""

import healpy
import lsdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy import units as u
from astropy.coordinates import SkyCoord, search_around_sky
from checks import ARCSEC, SCRATCH, check, crosshatch, equal, lon_lat, scatter, unit_vectors
from scipy.spatial import cKDTree
from tables import read_ipc

rng = np.random.default_rng(3)
ROWS = 8_000
RADII = (1, 30, 600)
# (k, smallest distance as a part of the radius)
SETTINGS = ((1, 0), (4, 0.4), ("all", 0))


def border_sky(radius, rows):
    """
    Positions within some radii of the corners and edges of pixels of orders 0 to 4: poles, RA 0, corners
    where only three pixels meet, and inner borders. Half of them crowd round a few corners.
    """
    points = []
    for order in range(5):
        pixels = np.concatenate([np.arange(12) << 2 * order, rng.integers(0, 12 << 2 * order, 8)])
        for pixel in np.unique(pixels):
            corners = healpy.boundaries(1 << order, int(pixel), step=4, nest=True).T
            points.append(corners)
    points = np.concatenate(points)
    crowded = rng.choice(len(points), 10, replace=False)
    chosen = np.where(rng.random(rows) < 0.5, rng.choice(crowded, rows), rng.integers(0, len(points), rows))
    ra, dec = lon_lat(points[chosen])
    return scatter(rng, ra, dec, radius / 3600 * rng.uniform(0.1, 4, rows))


def make_pair(radius):
    ra, dec = border_sky(radius, ROWS)
    near = rng.choice(ROWS, ROWS * 2 // 3)
    ra2, dec2 = scatter(rng, ra[near], dec[near], 0.5 * radius / 3600)
    more = border_sky(radius, ROWS // 3)
    return (ra, dec), (np.append(ra2, more[0]), np.append(dec2, more[1]))


skies = {radius: make_pair(radius) for radius in RADII}


def folder(radius, side, margin=None):
    return SCRATCH / f"{side}-{radius}{'' if margin is None else '-' + margin}"


@check("catalogs at borders written, with margins wide, narrow and none")
def _():
    chains = []
    for radius, sides in skies.items():
        for side, (ra, dec) in zip(("left", "right"), sides):
            file = SCRATCH / f"{side}-{radius}.parquet"
            pq.write_table(pa.table({"id": np.arange(len(ra)), "ra": ra, "dec": dec}), file)
            source = ["fromTable", file, {"ra": "ra", "dec": "dec", "name": side}]
            if side == "left":
                chains.append([source, ["writeHats", folder(radius, side), {"rowsPerPartition": 700}]])
                continue
            # Cut differently from the left one; every margin of its own catalog, so that cuts are the same.
            for margin, arcsec in (("wide", 2 * radius), ("narrow", radius / 5), ("none", None)):
                options = {"rowsPerPartition": 500, **({} if arcsec is None else {"marginArcsec": arcsec})}
                chains.append([source, ["writeHats", folder(radius, side, margin), options]])
    results = crosshatch(*chains)
    assert min(result["partitions"] for result in results) >= 20, "the catalogs are cut too coarsely"


def match_chain(radius, left, right, k, least, out):
    options = {
        "radiusArcsec": radius,
        "neighbors": k,
        "minRadiusArcsec": least * radius,
        "suffixes": ["_l", "_r"],
    }
    other = {"chain": [["openCatalog", right]]}
    columns = ["select", ["id_l", "id_r", "_dist_arcsec"]]
    return [["openCatalog", left], ["crossmatch", other, options], columns, ["collect"], ["saveIpc", out]]


def pairs_of(table):
    return ordered(table["id_l"].to_numpy(), table["id_r"].to_numpy(), table["_dist_arcsec"].to_numpy())


def ordered(left, right, dist):
    left, right = left.astype(np.int64), right.astype(np.int64)
    by = np.lexsort((right, left))
    return left[by], right[by], dist[by]


def brute_pairs(radius, k, least):
    """SciPy's KD-tree over everything, within the same open interval of distances."""
    (ra, dec), (ra2, dec2) = skies[radius]
    left, right = cKDTree(unit_vectors(ra, dec)), cKDTree(unit_vectors(ra2, dec2))
    reach = 2 * np.sin(radius * ARCSEC / 2)
    found = left.sparse_distance_matrix(right, reach * (1 + 1e-9), output_type="coo_matrix")
    dist = 2 * np.arcsin(found.data / 2) / ARCSEC
    kept = (dist < radius) & ((dist > least * radius) if least > 0 else True)
    l, r, dist = found.row[kept], found.col[kept], dist[kept]
    by = np.lexsort((r, dist, l))
    l, r, dist = l[by], r[by], dist[by]
    if k != "all":
        rank = np.arange(len(l)) - np.searchsorted(l, l)
        l, r, dist = l[rank < k], r[rank < k], dist[rank < k]
    return ordered(l, r, dist)


def same_pairs(actual, expected):
    found, wanted = (left * (1 << 32) + right for left, right, _ in (actual, expected))
    for what, pairs in (("missing", np.setdiff1d(wanted, found)), ("too many", np.setdiff1d(found, wanted))):
        listed = [divmod(int(pair), 1 << 32) for pair in pairs[:3]]
        assert len(pairs) == 0, f"{len(pairs)} of {len(wanted)} pairs {what}, such as {listed}"
    equal(len(found), len(wanted), "pairs")
    # Chords of unit vectors in doubles are known to 1e-16 or so: 1e-10 arcsec and less where they are long.
    error = np.abs(actual[2] - expected[2])
    assert np.all(error < 1e-9), f"distances differ by up to {error.max()} arcsec"


MARGINS = ("wide", "narrow", "none")
cases = [(radius, k, least, margin) for radius in RADII for k, least in SETTINGS for margin in MARGINS]


@check("crossmatches at borders run")
def _():
    crosshatch(
        *[
            match_chain(
                radius, folder(radius, "left"), folder(radius, "right", margin), k, least, SCRATCH / f"{i}.arrow"
            )
            for i, (radius, k, least, margin) in enumerate(cases)
        ]
    )


brute = {(radius, k, least): brute_pairs(radius, k, least) for radius in RADII for k, least in SETTINGS}

for i, (radius, k, least, margin) in enumerate(cases):

    @check(f"pairs of SciPy: {radius} arcsec, k {k}, above {least} of it, margin {margin}")
    def _():
        expected = brute[radius, k, least]
        assert len(expected[0]) > ROWS // 10, "the case is too easy"
        same_pairs(pairs_of(read_ipc(SCRATCH / f"{i}.arrow")), expected)


for radius in RADII:

    @check(f"pairs of astropy: {radius} arcsec, all")
    def _():
        left, right = (SkyCoord(*sky, unit="deg") for sky in skies[radius])
        l, r, dist, _ = search_around_sky(left, right, radius * u.arcsec)
        same_pairs(ordered(l, r, dist.arcsec), brute[radius, "all", 0])

    for k, least in ((1, 0), (4, 0.4)):

        @check(f"pairs of LSDB with a wide margin: {radius} arcsec, k {k}, above {least} of it")
        def _():
            left = lsdb.open_catalog(folder(radius, "left"))
            right = lsdb.open_catalog(folder(radius, "right", "wide"))
            options = {"n_neighbors": k, "radius_arcsec": radius, "suffixes": ("_l", "_r")}
            if least > 0:
                options["min_radius_arcsec"] = least * radius
            matched = left.crossmatch(right, **options).compute(progress_bar=False)
            found = (matched[name].to_numpy() for name in ("id_l", "id_r", "_dist_arcsec"))
            same_pairs(ordered(*found), brute[radius, k, least])

    @check(f"the sky is hard: LSDB without a margin loses pairs at {radius} arcsec")
    def _():
        left = lsdb.open_catalog(folder(radius, "left"))
        right = lsdb.open_catalog(folder(radius, "right", "none"))
        found = left.crossmatch(right, n_neighbors=1, radius_arcsec=radius, suffixes=("_l", "_r"))
        rows = len(found.compute(progress_bar=False))
        assert rows < len(brute[radius, 1, 0][0]), f"it finds all {rows}"

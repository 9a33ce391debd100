"""Sky maps: healpy and hats read what we write, and the counts are those of healpy's own pixel numbers."""

import hats
import healpy
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from checks import SCRATCH, check, clumpy_sky, crosshatch, equal, scatter
from hats.io import file_io
from hats.io.skymap import read_skymap

rng = np.random.default_rng(8)
ROWS = 60_000
ORDERS = (0, 3, 8, 11)
ra, dec = clumpy_sky(rng, ROWS)
ra2, dec2 = scatter(rng, ra[::2], dec[::2], 0.5 / 3600)


def number(ra, dec, order):
    return healpy.ang2pix(1 << order, ra, dec, nest=True, lonlat=True)


def save(name, ra, dec):
    pq.write_table(pa.table({"id": np.arange(len(ra)), "ra": ra, "dec": dec}), SCRATCH / f"{name}.parquet")


save("left", ra, dec)
save("right", ra2, dec2)


@check("map catalogs written")
def _():
    table = {"ra": "ra", "dec": "dec"}
    options = {"rowsPerPartition": 4000}
    crosshatch(
        [["fromTable", SCRATCH / "left.parquet", table], ["writeHats", SCRATCH / "left", options]],
        [["fromTable", SCRATCH / "right.parquet", table], ["writeHats", SCRATCH / "right", options]],
    )


OPEN = ["openCatalog", SCRATCH / "left"]
MATCH = ["crossmatch", {"chain": [["openCatalog", SCRATCH / "right"]]}, {"radiusArcsec": 1, "neighbors": "all"}]


@check("sky maps written in both forms")
def _():
    crosshatch(
        *[
            [OPEN, ["skymap", {"order": order}], ["writeFits", SCRATCH / f"{form}-{order}.fits", form]]
            for order in ORDERS
            for form in ("healpix", "hats")
        ],
        [OPEN, MATCH, ["skymap", {"order": 8}], ["writeFits", SCRATCH / "match.fits"]],
        [OPEN, ["query", "id < 0"], ["skymap", {"order": 3}], ["writeFits", SCRATCH / "none.fits"]],
        [OPEN, ["query", "id < 0"], ["skymap", {"order": 11}], ["writeFits", SCRATCH / "none-11.fits"]],
    )


for order in ORDERS:
    expected = np.bincount(number(ra, dec, order), minlength=12 << 2 * order)
    for form in ("healpix", "hats"):

        @check(f"healpy reads a map of order {order} in the form {form}")
        def _():
            file = SCRATCH / f"{form}-{order}.fits"
            found = healpy.read_map(file, nest=True, dtype=None)
            # Pixels that a partial map leaves out are UNSEEN in healpy.
            found = np.where(found == healpy.UNSEEN, 0, found)
            equal(found.shape, expected.shape, "pixels")
            equal(np.flatnonzero(found != expected).tolist()[:5], [], "pixels with another count")
            with fits.open(file) as hdus:
                hdus.verify("exception")
                header = hdus[1].header
                cards = [header[card] for card in ("ORDERING", "NSIDE", "PIXTYPE", "INDXSCHM")]
                scheme = "EXPLICIT" if order > 10 else "IMPLICIT"
                equal(cards, ["NESTED", 1 << order, "HEALPIX", scheme], "cards")

    @check(f"hats reads the count map of order {order}")
    def _():
        found = file_io.read_fits_image(SCRATCH / f"hats-{order}.fits")
        assert np.array_equal(found, expected), "counts differ"


@check("healpy turns our map into RING numbering")
def _():
    found = healpy.read_map(SCRATCH / "healpix-8.fits", nest=False, dtype=None)
    expected = np.bincount(healpy.ang2pix(256, ra, dec, lonlat=True), minlength=12 << 16)
    assert np.array_equal(found, expected), "counts differ"


@check("a map of a match counts its rows at the left positions")
def _():
    from astropy import units as u
    from astropy.coordinates import SkyCoord, search_around_sky

    left, right = SkyCoord(ra, dec, unit="deg"), SkyCoord(ra2, dec2, unit="deg")
    pairs = search_around_sky(left, right, 1 * u.arcsec)[0]
    found = healpy.read_map(SCRATCH / "match.fits", nest=True, dtype=None)
    expected = np.bincount(number(ra, dec, 8)[pairs], minlength=12 << 16)
    assert len(pairs) > ROWS // 4, "the case is too easy"
    assert np.array_equal(found, expected), f"{found.sum()} of {expected.sum()}"


@check("maps without rows")
def _():
    equal(healpy.read_map(SCRATCH / "none.fits", nest=True).tolist(), [0] * 768, "order 3")
    with fits.open(SCRATCH / "none-11.fits") as hdus:
        equal(len(hdus[1].data), 0, "pixels of order 11")


@check("hats reads skymap.fits and point_map.fits of a catalog")
def _():
    catalog = hats.read_hats(SCRATCH / "left")
    order = catalog.catalog_info.skymap_order
    expected = np.bincount(number(ra, dec, order), minlength=12 << 2 * order)
    assert np.array_equal(read_skymap(catalog, None), expected), "skymap.fits"
    for coarser in (0, 2, order - 1):
        sums = expected.reshape(12 << 2 * coarser, -1).sum(axis=1)
        assert np.array_equal(read_skymap(catalog, coarser), sums), f"skymap.fits at order {coarser}"
    older = (SCRATCH / "left" / "point_map.fits").read_bytes()
    assert older == (SCRATCH / "left" / "skymap.fits").read_bytes(), "the two files differ"
    # The only file that hats makes the coverage of a catalog from.
    moc = catalog.moc
    equal(moc.max_order, order, "order of the coverage")
    assert np.array_equal(moc.degrade_to_order(order).flatten(), np.flatnonzero(expected)), "coverage"

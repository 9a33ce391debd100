"""FITS maps in both directions: healpy, astropy and fitsverify take what we write, and we read what healpy writes."""

import itertools
import subprocess

import healpy
import numpy as np
from astropy.io import fits
from checks import NODE, SCRATCH, check, crosshatch, equal, verify_fits

ORDER = 4
NSIDE = 1 << ORDER
CELLS = 12 * NSIDE**2
PIXELS = np.arange(CELLS)
SOME = PIXELS[PIXELS % 5 == 2]

DOUBLES = np.where(PIXELS % 7 == 0, healpy.UNSEEN, np.sqrt(PIXELS) - 20)
COLUMNS = {
    "D": DOUBLES,
    "E": DOUBLES.astype(np.float32),
    "J": (PIXELS - 1000).astype(np.int32),
    "K": (2**60 + PIXELS).astype(np.int64),
}


@check("maps of every type are written")
def _():
    subprocess.run([NODE, "test/oracle/fits-driver.ts", SCRATCH], check=True)


def same_values(found, expected, part, what):
    """Pixels that a partial map leaves out are UNSEEN in healpy, or its nearest integer."""
    listed = PIXELS if part == "whole" else SOME
    equal(found.dtype.newbyteorder("=").kind, expected.dtype.kind, f"{what}: type")
    equal(np.flatnonzero(found[listed] != expected[listed]).tolist()[:5], [], f"{what}: pixels that differ")


for part, name in itertools.product(("whole", "part"), COLUMNS):

    @check(f"healpy reads values of type {name}, {part} of the sky")
    def _():
        file = SCRATCH / f"{part}-{name}.fits"
        verify_fits(file)
        with fits.open(file) as hdus:
            header = hdus[1].header
            equal(header["TFORM1" if part == "whole" else "TFORM2"], name, "form")
            equal("BAD_DATA" in header, name in "DE", "BAD_DATA")
        if part == "part" and name in "JK":
            # healpy has no mark for missing integers and fills a whole map with UNSEEN, which no integer holds.
            with fits.open(file) as hdus:
                data = hdus[1].data
                equal(np.array_equal(data["PIXEL"], SOME), True, "pixels")
                equal(np.array_equal(data[name], COLUMNS[name][SOME]), True, "values")
            return
        same_values(healpy.read_map(file, nest=True, dtype=None), COLUMNS[name], part, name)


for part in ("whole", "part"):

    @check(f"healpy reads several columns, {part} of the sky")
    def _():
        file = SCRATCH / f"{part}-all.fits"
        verify_fits(file)
        maps, header = healpy.read_map(file, field=(0, 1), nest=True, dtype=None, h=True)
        for name, found in zip("DE", maps):
            same_values(np.asarray(found), COLUMNS[name], part, name)
        # healpy gives several columns one type, in which large integers are rounded.
        with fits.open(file) as hdus:
            for name in "JK":
                listed = PIXELS if part == "whole" else SOME
                equal(np.array_equal(hdus[1].data[name], COLUMNS[name][listed]), True, name)
        header = dict(header)
        first = 1 if part == "whole" else 2
        units = [header.get(f"TUNIT{first + i}") for i in range(2)]
        equal(units, ["mag", "deg-2"], "units")
        equal(header["COORDSYS"], "G", "frame")


# What healpy writes

DTYPES = (np.float32, np.float64, np.int32, np.int64)
rng = np.random.default_rng(3)


def read(file, column=None):
    """A map as we read it: a whole one in healpy's own form, by way of a file that we write."""
    out = SCRATCH / "again.fits"
    out.unlink(missing_ok=True)
    options = {} if column is None else {"column": column}
    (frame, _) = crosshatch(
        [["readSkyMap", file, options], ["frame"]], [["readSkyMap", file, options], ["writeFits", out]]
    )
    verify_fits(out)
    return frame, healpy.read_map(out, nest=True, dtype=None)


for dtype, nest, order in itertools.product(DTYPES, (True, False), (0, 4, 6)):

    @check(f"a map of healpy, {dtype.__name__}, {'NESTED' if nest else 'RING'}, order {order}, is read")
    def _():
        cells = 12 << 2 * order
        values = rng.integers(-1000, 1000, cells).astype(dtype)
        if dtype in (np.float32, np.float64):
            values[rng.random(cells) < 0.2] = healpy.UNSEEN
        file = SCRATCH / "theirs.fits.gz"
        healpy.write_map(file, values, nest=nest, dtype=dtype, coord="E", overwrite=True)
        frame, found = read(file)
        equal(frame, "E", "frame")
        expected = (values if nest else healpy.reorder(values, r2n=True)).astype(float)
        # UNSEEN of 32 bits becomes that of 64.
        expected[expected == float(np.float32(healpy.UNSEEN))] = healpy.UNSEEN
        equal(np.flatnonzero(found != expected).tolist()[:5], [], "pixels that differ")


for nest in (True, False):

    @check(f"a partial map of healpy with three columns, {'NESTED' if nest else 'RING'}, is read")
    def _():
        values = rng.normal(0, 1, (3, CELLS))
        values[:, rng.random(CELLS) < 0.7] = healpy.UNSEEN
        file = SCRATCH / "theirs-part.fits"
        names = ["I", "Q", "U"]
        healpy.write_map(
            file, values, nest=nest, partial=True, column_names=names, dtype=np.float64, coord="G", overwrite=True
        )
        for i, name in enumerate(names):
            frame, found = read(file, name)
            equal(frame, "G", "frame")
            expected = values[i] if nest else healpy.reorder(values[i], r2n=True)
            equal(np.flatnonzero(found != expected).tolist()[:5], [], f"{name}: pixels that differ")

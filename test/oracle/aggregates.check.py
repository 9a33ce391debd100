"""Aggregates: math.fsum and fractions to the last bit, pandas to rounding, healpy for the maps in files."""

import math
import statistics
from fractions import Fraction

import healpy
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from checks import SCRATCH, check, clumpy_sky, crosshatch, equal, verify_fits
from tables import read_ipc

rng = np.random.default_rng(21)
ROWS = 40_000
ORDER = 6
ra, dec = clumpy_sky(rng, ROWS)


def numbers():
    """Doubles whose sums lose everything in plain addition: large ones that cancel, small ones, some missing."""
    values = rng.normal(18, 2, ROWS)
    large = rng.random(ROWS) < 0.1
    values[large] = rng.choice([1e17, -1e17, 3e12, -3e12], large.sum())
    values[rng.random(ROWS) < 0.05] = np.nan
    return pa.array(values, mask=rng.random(ROWS) < 0.05)


table = pa.table(
    {
        "id": np.arange(ROWS),
        "ra": ra,
        "dec": dec,
        "value": numbers(),
        "mag": pa.array(rng.normal(18, 2, ROWS).astype(np.float32)),
        "big": pa.array(rng.integers(-(2**62), 2**62, ROWS)),
        "band": pa.array(rng.choice(["g", "r", "i", "é", None], ROWS, p=[0.4, 0.3, 0.2, 0.05, 0.05])),
    }
)
pq.write_table(table, SCRATCH / "rows.parquet")
frame = table.to_pandas()
frame["pixel"] = healpy.ang2pix(1 << ORDER, ra, dec, nest=True, lonlat=True)
present = frame[frame["value"].notna()]
OPEN = ["openCatalog", SCRATCH / "rows"]


@check("catalog written")
def _():
    source = ["fromTable", SCRATCH / "rows.parquet", {"ra": "ra", "dec": "dec"}]
    crosshatch([source, ["writeHats", SCRATCH / "rows", {"rowsPerPartition": 3000}]])


def aggregate(name, specs, options=None):
    crosshatch([OPEN, ["aggregate", specs, options or {}], ["saveIpc", SCRATCH / f"{name}.arrow"]])
    return read_ipc(SCRATCH / f"{name}.arrow")


def bits(found, expected, what):
    equal([x.hex() for x in found], [float(x).hex() for x in expected], what)


@check("sums and means of all rows are those of math.fsum and of fractions, bit by bit")
def _():
    specs = {"sum": "sum(value)", "mean": "mean(value)", "single": "sum(mag)", "big": "mean(big)", "n": "count(value)"}
    found = aggregate("all", specs).to_pylist()[0]
    values = present["value"].tolist()
    assert math.fsum(values) != sum(values), "the case is too easy"
    expected = {
        "sum": math.fsum(values),
        "mean": float(sum(map(Fraction, values)) / len(values)),
        "single": math.fsum(frame["mag"].astype(float)),
        "big": float(Fraction(sum(frame["big"].tolist()), ROWS)),
        "n": len(values),
    }
    equal(found, expected, "aggregates")


@check("variances of groups are those of fractions, bit by bit; texts in the order of their bytes, null last")
def _():
    found = aggregate("bands", {"v": "var(value)", "p": "var_pop(value)", "n": "count(*)"}, {"by": "band"})
    equal(found["band"].to_pylist(), ["g", "i", "r", "é", None], "keys")
    for row in found.to_pylist():
        of = present[present["band"].isna() if row["band"] is None else present["band"] == row["band"]]
        values = list(map(Fraction, of["value"].tolist()))
        bits([row["v"], row["p"]], [statistics.variance(values), statistics.pvariance(values)], row["band"])
    equal(sum(found["n"].to_pylist()), ROWS, "rows")


@check("pandas groups alike")
def _():
    specs = {"n": "count(*)", "m": "mean(mag)", "s": "std(mag)", "lo": "min(big)", "hi": "max(big)"}
    found = aggregate("pandas", specs, {"by": {"bin": "floor(mag)", "band": "band"}}).to_pandas()
    of = frame.assign(bin=np.floor(frame["mag"].astype(float)), mag=frame["mag"].astype(float))
    groups = of.groupby(["bin", "band"], dropna=False)
    expected = groups.agg(n=("id", "size"), m=("mag", "mean"), s=("mag", "std"), lo=("big", "min"), hi=("big", "max"))
    pd.testing.assert_frame_equal(found, expected.reset_index(), check_dtype=False, rtol=1e-12)


@check("histograms are numpy's")
def _():
    crosshatch([OPEN, ["histogram", "mag", {"bins": 37}]])
    for text, options, data in [
        ("mag", {"bins": 37}, frame["mag"].astype(float)),
        ("mag", {"bins": 12, "range": [15, 20]}, frame["mag"].astype(float)),
        ("value", {"edges": [-1e18, 0, 17, 17.5, 1e13]}, present["value"]),
    ]:
        chains = [[OPEN, ["histogram", text, options], [part]] for part in ("counts", "edges", "nans", "nulls")]
        counts, edges, nans, nulls = crosshatch(*chains)
        bins = options.get("edges", options.get("bins"))
        expected, expected_edges = np.histogram(data, bins, options.get("range"))
        equal(list(counts.values()), expected.tolist(), f"counts of {text} {options}")
        assert np.array_equal(list(edges.values()), expected_edges), "edges"
        missing = table["value"].null_count if text == "value" else 0
        equal([nulls, nans], [missing, ROWS - len(data) - missing], "missing")


@check("maps written for healpy")
def _():
    of = lambda value, **more: [OPEN, ["skymap", {"order": ORDER, "value": value, **more}]]
    crosshatch(
        [*of("mean(value)"), ["writeFits", SCRATCH / "mean.fits"]],
        [*of("mean(mag)", order=11), ["writeFits", SCRATCH / "deep.fits"]],
        [*of("max(mag)", by="band"), ["writeFits", SCRATCH / "bands.fits"]],
        [*of("count", by="band", order=11), ["writeFits", SCRATCH / "deep-bands.fits"]],
    )


def in_pixels(values, order=ORDER):
    """A whole map of what is known of some pixels."""
    sky = np.full(12 << 2 * order, healpy.UNSEEN)
    sky[values.index] = values
    return sky


@check("healpy reads a map of means, missing pixels unseen")
def _():
    found = healpy.read_map(SCRATCH / "mean.fits", nest=True, dtype=None)
    expected = present.groupby("pixel")["value"].agg(lambda of: float(sum(map(Fraction, of.tolist())) / len(of)))
    assert len(expected) < len(found), "the case is too easy"
    assert np.array_equal(found, in_pixels(expected)), "means differ"
    verify_fits(SCRATCH / "mean.fits")
    with fits.open(SCRATCH / "mean.fits") as hdus:
        equal([hdus[1].header[card] for card in ("TTYPE1", "TFORM1", "NSIDE")], ["mean_value", "D", 1 << ORDER], "cards")


@check("healpy reads a partial map of means")
def _():
    found = healpy.read_map(SCRATCH / "deep.fits", nest=True, dtype=None, partial=False)
    deep = healpy.ang2pix(1 << 11, ra, dec, nest=True, lonlat=True)
    expected = frame.assign(mag=frame["mag"].astype(float)).groupby(deep)["mag"].mean()
    equal(np.flatnonzero(found != healpy.UNSEEN).tolist(), expected.index.tolist(), "pixels")
    assert np.allclose(found[expected.index], expected, rtol=1e-14), "means differ"


@check("healpy reads the maps of all categories out of one table")
def _():
    found = healpy.read_map(SCRATCH / "bands.fits", nest=True, dtype=None, field=None)
    equal(found.shape, (5, 12 << 2 * ORDER), "maps")
    for i, band in enumerate(["g", "i", "r", "é", None]):
        of = frame[frame["band"].isna() if band is None else frame["band"] == band]
        assert np.array_equal(found[i], in_pixels(of.groupby("pixel")["mag"].max())), f"{band} differs"
    verify_fits(SCRATCH / "bands.fits")
    with fits.open(SCRATCH / "bands.fits") as hdus:
        equal(hdus[1].columns.names, ["band_g", "band_i", "band_r", "band", "band_null"], "columns")


@check("healpy reads partial maps of all categories")
def _():
    deep = healpy.ang2pix(1 << 11, ra, dec, nest=True, lonlat=True)
    verify_fits(SCRATCH / "deep-bands.fits")
    found = healpy.read_map(SCRATCH / "deep-bands.fits", nest=True, dtype=None, field=(0, 2))
    for i, band in enumerate(["g", "r"]):
        counts = np.bincount(deep[(frame["band"] == band).to_numpy()], minlength=12 << 22)
        seen = found[i] != healpy.UNSEEN
        equal(np.flatnonzero(seen).tolist(), np.unique(deep).tolist(), "pixels")
        assert np.array_equal(found[i][seen], counts[seen]), f"{band} differs"

"""What the checks share: running Crosshatch, reporting, generated skies, and comparing tables value by value."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402

SCRATCH = Path(os.environ["CROSSHATCH_SCRATCH"])
NODE = os.environ["CROSSHATCH_NODE"]
ARCSEC = np.pi / 180 / 3600


def check(name):
    """Runs the decorated function at once and prints how it ended; it gives its value, or None where it failed."""

    def run(body):
        with contextlib.redirect_stdout(sys.stderr):
            try:
                value, reason = body(), None
            except Exception as error:
                traceback.print_exc()
                value, reason = None, f"{type(error).__name__}: {error}"
        line = " ".join(reason.split()) if reason is not None else ""
        print(f"ok {name}" if reason is None else f"not ok {name}: {line[:600]}")
        return value

    return run


def crosshatch(*chains):
    """What chains of calls of the public API give (see driver.ts), in their order; the first error is raised."""
    done = subprocess.run(
        [NODE, "test/oracle/driver.ts"],
        input=json.dumps(chains, default=str),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, f"the driver ended with {done.returncode}"
    results = json.loads(done.stdout)
    for chain, result in zip(chains, results):
        assert "error" not in result, f"{json.dumps(chain, default=str)}: {result['error']}"
    return [result["value"] for result in results]


def equal(actual, expected, what):
    assert actual == expected, f"{what}: {actual!r} instead of {expected!r}"


# Skies


def clumpy_sky(rng, rows, clumps=7, sigma_deg=0.7):
    """Positions in clumps of very different density, two of them at a pole and at RA 0, and a thin background."""
    centre_ra = np.append(rng.uniform(0, 360, clumps - 2), [0.0, 123.0])
    centre_dec = np.append(np.degrees(np.arcsin(rng.uniform(-1, 1, clumps - 2))), [3.0, 90.0])
    weights = 3.0 ** -np.arange(clumps)
    clump = rng.choice(clumps, rows, p=weights / weights.sum())
    ra, dec = scatter(rng, centre_ra[clump], centre_dec[clump], sigma_deg * rng.uniform(0.1, 1, rows))
    background = rng.random(rows) < 0.02
    ra = np.where(background, rng.uniform(0, 360, rows), ra)
    dec = np.where(background, np.degrees(np.arcsin(rng.uniform(-1, 1, rows))), dec)
    return ra, dec


def scatter(rng, ra, dec, sigma_deg):
    """Positions moved by normal deviates in both directions on the sky."""
    sigma = np.radians(sigma_deg)
    moved = unit_vectors(ra, dec) + rng.normal(0, 1, (len(ra), 3)) * np.atleast_1d(sigma)[:, None]
    return lon_lat(moved)


def unit_vectors(ra, dec):
    ra, dec = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)


def lon_lat(vectors):
    x, y, z = vectors.T
    ra = np.degrees(np.arctan2(y, x)) % 360
    return np.where(ra < 360, ra, 0.0), np.degrees(np.arctan2(z, np.hypot(x, y)))


def hash29(ra, dec, order=29):
    """HEALPix NESTED numbers by cdshealpix, as signed integers."""
    import astropy.units as u
    from astropy.coordinates import Latitude, Longitude
    from cdshealpix.nested import lonlat_to_healpix

    return lonlat_to_healpix(Longitude(ra, u.deg), Latitude(dec, u.deg), order).astype(np.int64)


# Tables


def read_ipc(path):
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def same_tables(actual, expected, key="id"):
    """Asserts the same columns, types and values, null for null and NaN for NaN, in whatever order of rows."""
    equal(actual.column_names, expected.column_names, "columns")
    equal(actual.num_rows, expected.num_rows, "rows")
    actual, expected = actual.sort_by(key), expected.sort_by(key)
    for name in expected.column_names:
        equal(plain(actual[name].type), plain(expected[name].type), f"type of {name}")
        differing = difference(actual[name], expected[name])
        assert differing is None, f"column {name}: {differing}"


def plain(type_):
    """Arrow has several layouts for one type of value: text and lists by 64-bit offsets, codes into a dictionary."""
    if pa.types.is_dictionary(type_):
        return plain(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_large_binary(type_):
        return pa.binary()
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return pa.list_(plain(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(field.name, plain(field.type)) for field in type_])
    return type_


def difference(actual, expected):
    """None, or what differs first between two columns of one plain type."""
    actual, expected = flat(actual), flat(expected)
    if len(actual) != len(expected):
        return f"{len(actual)} values instead of {len(expected)}"
    missing = actual.is_null().to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(missing != expected.is_null().to_numpy(zero_copy_only=False))
    if len(wrong) > 0:
        return f"{len(wrong)} nulls at the wrong place, the first at {wrong[0]}"
    actual, expected = actual.drop_null(), expected.drop_null()
    if pa.types.is_struct(actual.type):
        parts = zip(actual.flatten(), expected.flatten())
        return next((found for a, b in parts if (found := difference(a, b)) is not None), None)
    if pa.types.is_list(actual.type):
        lengths = actual.value_lengths(), expected.value_lengths()
        return difference(*lengths) or difference(actual.flatten(), expected.flatten())
    if pa.types.is_floating(actual.type):
        equals = np.equal(actual.to_numpy(), expected.to_numpy())
        equals |= np.isnan(actual.to_numpy()) & np.isnan(expected.to_numpy())
    elif actual.equals(expected):
        return None
    else:
        equals = pc.equal(actual, expected).to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(~equals)
    if len(wrong) == 0:
        return None
    first = wrong[0]
    return f"{len(wrong)} values differ, the first {actual[first]} instead of {expected[first]}"


def flat(column):
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(plain(array.type))


def arrow_of(frame, drop=()):
    """An LSDB frame as an Arrow table, its index as an ordinary column in front."""
    frame = frame.reset_index().drop(columns=list(drop))
    return pa.table({name: arrow_column(frame[name]) for name in frame.columns})


def arrow_column(series):
    if hasattr(series.dtype, "pyarrow_dtype") or hasattr(series.array, "__arrow_array__"):
        return pa.array(series)
    return pa.array(series, from_pandas=True)


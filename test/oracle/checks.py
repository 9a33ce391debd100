"""What the checks share: running Crosshatch, reporting how a check ended, and generated skies."""

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import numpy as np  # noqa: E402
from astropy.io import fits  # noqa: E402

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


def verify_fits(file):
    """The standard's own checker where it is installed; astropy's always."""
    with fits.open(file) as hdus:
        hdus.verify("exception")
    program = shutil.which("fitsverify")
    if program is None:
        return
    done = subprocess.run([program, "-q", file], stdout=subprocess.PIPE, text=True)
    assert "verification OK" in done.stdout, done.stdout


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

"""The environment itself: what the other checks compare with is what requirements.txt says."""

from importlib.metadata import version
from pathlib import Path

requirements = Path(__file__).with_name("requirements.txt").read_text().splitlines()
pins = dict(line.split("==") for line in requirements if "==" in line)
wrong = {name: version(name) for name, pin in pins.items() if version(name) != pin}

import healpy, hats, hats_import, lsdb, mocpy, cdshealpix  # noqa: E401, F401

if wrong:
    print(f"not ok environment: {wrong} instead of the versions in requirements.txt")
else:
    print(f"ok environment: {len(pins)} packages as pinned")

"""astropy's nearest neighbour over the positions of two HATS catalogs, counted within a radius.

usage: astropy_match.py LEFT RIGHT RADIUS
"""
import sys
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
from astropy.coordinates import SkyCoord, match_coordinates_sky


def positions(folder):
    catalog = Path(folder)
    files = sorted((catalog / catalog.name / "dataset").glob("Norder=*/Dir=*/*.parquet"))
    tables = [pq.read_table(file, columns=["ra", "dec"], partitioning=None) for file in files]
    ra, dec = (np.concatenate([table[name].to_numpy() for table in tables]) for name in ("ra", "dec"))
    return SkyCoord(ra * u.deg, dec * u.deg)


def main():
    left, right, radius = sys.argv[1:4]
    _, separation, _ = match_coordinates_sky(positions(left), positions(right))
    print(int((separation < float(radius) * u.arcsec).sum()))


if __name__ == "__main__":
    main()

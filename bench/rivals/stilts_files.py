"""FITS files for STILTS out of arrays, and the pairs out of what it wrote.

usage: stilts_files.py write|read DIR
"""
import sys
from pathlib import Path

import numpy as np
from astropy.table import Table


def main():
    job, folder = sys.argv[1], Path(sys.argv[2])
    if job == "write":
        for side in ("left", "right"):
            ra, dec = (np.fromfile(folder / f"{side}_{name}.f64") for name in ("ra", "dec"))
            table = Table({"i": np.arange(len(ra), dtype=np.int32), "ra": ra, "dec": dec})
            table.write(folder / f"{side}.fits", overwrite=True)
        return
    pairs = Table.read(folder / "stilts.fits")
    pairs.sort("i_1")
    out = folder / "stilts"
    out.mkdir(exist_ok=True)
    np.asarray(pairs["i_1"], dtype=np.int32).tofile(out / "pairs_left.i32")
    np.asarray(pairs["i_2"], dtype=np.int32).tofile(out / "pairs_right.i32")
    np.asarray(pairs["Separation"], dtype=np.float64).tofile(out / "pairs_arcsec.f64")


if __name__ == "__main__":
    main()

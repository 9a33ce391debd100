"""ACID's crossmatch of two HATS catalogs as a whole process.

usage: acid_match.py count|all|pairs|write|region LEFT RIGHT RADIUS OUTPUT WORKERS [RA DEC ARCSEC]
"""
import sys
from contextlib import nullcontext

import acid
import astropy.units as u

PAIRS = "l.source_id AS source_id_left, r.oid AS oid_right, d AS _dist_arcsec"


def main():
    job, left, right, radius, output, workers = sys.argv[1:7]
    cone = [float(text) for text in sys.argv[7:10]]
    with acid.Connection({"l": {"path": left}, "r": {"path": right}}, workers=int(workers)) as db:
        joined = f"FROM l JOIN r ON XMATCH(radius_arcsec => {radius}, dist_col => 'd')"
        with db.in_cone((cone[0], cone[1]), radius=cone[2] * u.arcsec) if cone else nullcontext():
            if job == "write":
                db.open("l").crossmatch(db.open("r"), radius=float(radius) * u.arcsec).save(output, name="matched")
            elif job == "pairs":
                db.sql(f"SELECT {PAIRS} {joined}").export(output)
            else:
                print(db.sql(f"SELECT COUNT(*) AS n {joined}").to_pylist()[0]["n"])


if __name__ == "__main__":
    main()

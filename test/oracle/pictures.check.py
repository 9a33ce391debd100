"""Projected grids of all views, frames and flips, pixel by pixel, against those of healpy's projectors."""

import itertools
import json
import subprocess
import sys

import numpy as np
from checks import NODE, SCRATCH, check, equal
from healpy import projector
from healpy.pixelfunc import vec2pix
from healpy.rotator import Rotator

ORDER = 7
NSIDE = 1 << ORDER
CELLS = 12 * NSIDE**2

rng = np.random.default_rng(5)
# Each pixel holds its own number, so that a grid of values is one of pixel numbers; a third of them are missing.
present = np.flatnonzero(rng.random(CELLS) < 2 / 3)
np.asarray(present, float).tofile(SCRATCH / "pixels")
np.asarray(present, float).tofile(SCRATCH / "values")
numbers = np.where(np.isin(np.arange(CELLS), present), np.arange(CELLS, dtype=float), np.nan)

FLIPS = {-1: "astro", 1: "geo"}
CENTRES = [(0, 0), (83.6, -5.4), (266, 90), (180, -37.5)]
WIDTH = 400
VIEWS = {
    "mollweide": lambda **k: projector.MollweideProj(xsize=WIDTH, **k),
    "orthographic": lambda **k: projector.OrthographicProj(xsize=WIDTH, half_sky=False, **k),
    "hemisphere": lambda **k: projector.OrthographicProj(xsize=WIDTH, half_sky=True, **k),
    "gnomonic": lambda **k: projector.GnomonicProj(xsize=WIDTH, ysize=WIDTH, reso=gnomonic_step(12), **k),
    "wide gnomonic": lambda **k: projector.GnomonicProj(xsize=WIDTH, ysize=WIDTH, reso=gnomonic_step(110), **k),
    "cartesian": lambda **k: projector.CartesianProj(xsize=WIDTH, **k),
    "cartesian range": lambda **k: projector.CartesianProj(xsize=WIDTH, lonra=[-20, 50], latra=[-10, 30], **k),
}
SETTINGS = {
    "orthographic": {"halfSky": False},
    "hemisphere": {"kind": "orthographic", "halfSky": True},
    "gnomonic": {"sizeDegrees": 12},
    "wide gnomonic": {"kind": "gnomonic", "sizeDegrees": 110},
    "cartesian range": {"kind": "cartesian", "longitudeRange": [-20, 50], "latitudeRange": [-10, 30]},
}


def gnomonic_step(size_degrees):
    """Arcminutes of the tangent plane per image pixel, for a picture that is so wide on the sky."""
    return np.degrees(2 * np.tan(np.radians(size_degrees) / 2)) / WIDTH * 60


def expected(name, centre, flip, coord):
    """Pixel numbers as healpy finds them, −1 outside of the sky; and those of directions moved a little."""
    projection = VIEWS[name](rot=centre, flipconv=FLIPS[flip], coord=coord)
    x, y = projection.ij2xy()
    inside = ~np.ma.getmaskarray(x)
    vectors = np.array(projection.xy2vec(np.asarray(x[inside]), np.asarray(y[inside])))
    vectors = np.array(Rotator(coord=list(coord)).I(vectors))
    found = []
    for step in nudges():
        grid = np.full(x.shape, -1)
        grid[inside] = vec2pix(NSIDE, *(vectors + 1e-9 * step[:, None]), nest=True)
        found.append(grid[::-1])
    return found[0], np.array(found[1:])


def nudges():
    return np.array([(0, 0, 0), *itertools.product((-1, 1), repeat=3)])


CASES = [
    (name, centre, flip, coord)
    for name in VIEWS
    for centre, flip, coord in itertools.product(CENTRES, FLIPS, [("C", "C"), ("C", "G"), ("C", "E"), ("G", "C")])
]


@check("grids of all views are projected")
def sizes():
    requests = []
    for i, (name, centre, flip, coord) in enumerate(CASES):
        view = {"kind": name, "width": WIDTH, "frame": coord[1], "centre": centre, "east": flip}
        common = {"order": ORDER, "pixels": SCRATCH / "pixels", "values": SCRATCH / "values", "frame": coord[0]}
        requests.append({**common, "view": {**view, **SETTINGS.get(name, {})}, "out": SCRATCH / f"grid-{i}"})
    done = subprocess.run(
        [NODE, "test/oracle/pictures-driver.ts"],
        input=json.dumps(requests, default=str),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def compare(name):
    settled = total = 0
    for i, case in enumerate(CASES):
        if case[0] != name:
            continue
        width, height = sizes[i]
        grid = np.fromfile(SCRATCH / f"grid-{i}").reshape(height, width)
        pixel, near = expected(*case)
        equal(grid.shape, pixel.shape, f"size for {case}")
        wanted = np.where(pixel < 0, -np.inf, numbers[pixel])
        wrong = (grid != wanted) & ~(np.isnan(grid) & np.isnan(wanted))
        # Where an image pixel's centre lies on the edge of a HEALPix pixel, roundings decide.
        others = np.where(near < 0, -np.inf, numbers[near])
        close = ((others == grid) | (np.isnan(others) & np.isnan(grid))).any(axis=0)
        lost = wrong & ~close
        equal([(case, *at) for at in np.argwhere(lost)[:3]], [], "image pixels of our own")
        settled += int(wrong.sum())
        total += int(np.isfinite(wanted).sum())
    assert total > 0, "nothing was compared"
    print(f"{name}: {settled} of {total} decided by roundings", file=sys.stderr)
    assert settled <= total // 1000, f"{settled} of {total} image pixels differ"


for view_name in VIEWS:
    check(f"the grid of the {view_name} view is healpy's")(lambda: compare(view_name))

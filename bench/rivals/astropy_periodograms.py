"""astropy's LombScargle over light curves in files, with its fast method: a run per line of input.

usage: astropy_periodograms.py DIR NAME

Files as bench/periodogram-run.ts has them.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from astropy.timeseries import LombScargle


def main():
    folder, name = Path(sys.argv[1]), sys.argv[2]
    times, mag, error = (np.fromfile(folder / f"{column}.f64") for column in ("time", "mag", "error"))
    offsets = np.fromfile(folder / "offsets.i32", dtype=np.int32)
    first, step, count = np.fromfile(folder / "grid.f64")
    frequency = first + step * np.arange(int(count))
    for _ in sys.stdin:
        cpu, start = time.thread_time(), time.perf_counter()
        best = np.empty(len(offsets) - 1, dtype=np.int32)
        for curve in range(len(best)):
            part = slice(offsets[curve], offsets[curve + 1])
            periodogram = LombScargle(times[part], mag[part], error[part])
            best[curve] = periodogram.power(frequency, assume_regular_frequency=True, method="fast").argmax()
        seconds, cpu = time.perf_counter() - start, time.thread_time() - cpu
        best.tofile(folder / f"{name}.i32")
        print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": len(best)}), flush=True)


if __name__ == "__main__":
    main()

"""Makes sky-density.ts, the coarse star-count table of the catalog generator.

    python make-density.py gaia_dr3_density_hpx8.parquet sky-density.ts

The input lists the Gaia DR3 sources per range of order-8 NESTED pixels (columns hpx8_lo, hpx8_hi inclusive, sources);
it comes from https://github.com/ejtaal/gaia-web, commit 8d96c896, BSD-3-Clause. Sources are spread evenly over
their range and summed to the 12,288 pixels of order 5, in hundreds. Needs pyarrow and numpy; the same input gives the same bytes.
"""

import base64
import hashlib
import sys

import numpy as np
import pyarrow.parquet as pq

INPUT_SHA256 = "dd6cd0a93be7deb3ef99510b557b4683065f20c04e549556fb8313c2e6b40239"

HEADER = """/**
 * Gaia DR3 source counts of the 12,288 HEALPix NESTED pixels of order 5, in hundreds of sources: unsigned
 * 16-bit little-endian integers as base64. Made by make-density.py; do not edit.
 *
 * Derived from the partition list of https://github.com/ejtaal/gaia-web (commit 8d96c896), whose licence follows;
 * the counts are from Gaia DR3, credit ESA/Gaia/DPAC.
 *
 * BSD 3-Clause License. Copyright (c) 2023, Erik Taal
 *
 * Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
 * following conditions are met:
 * 1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
 *    disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
 *    following disclaimer in the documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote
 *    products derived from this software without specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
 * INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
 * SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
 * WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */
"""


def main(source: str, target: str) -> None:
    with open(source, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != INPUT_SHA256:
            sys.exit(f"{source} is not the pinned input")
    table = pq.read_table(source)
    first = table["hpx8_lo"].to_numpy()
    pixels = table["hpx8_hi"].to_numpy() - first + 1
    sources = table["sources"].to_numpy()
    if first[0] != 0 or pixels.sum() != 12 * 4**8 or (first[1:] != first[:-1] + pixels[:-1]).any():
        sys.exit("the ranges do not tile the sky")
    fine = np.repeat(sources / pixels, pixels)
    hundreds = np.rint(fine.reshape(-1, 4**3).sum(axis=1) / 100)
    if hundreds.min() < 1 or hundreds.max() > 65535:
        sys.exit("a count does not fit")
    text = base64.b64encode(hundreds.astype("<u2").tobytes()).decode("ascii")
    with open(target, "w", encoding="ascii", newline="\n") as file:
        file.write(HEADER)
        file.write(f"export const SKY_DENSITY_BASE64 =\n  '{text}';\n")


main(sys.argv[1], sys.argv[2])

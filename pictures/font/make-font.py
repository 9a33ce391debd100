"""Makes dejavu-sans.ttf out of the full font: `python make-font.py DejaVuSans.ttf` (DejaVu 2.37, fonttools 4).

Keeps what titles, units and axes are written in: Latin, Greek, Cyrillic, sub- and superscripts, arrows,
mathematical operators, planets and stars. Hints and layout tables are dropped: outlines are filled at any size.
"""

import subprocess
import sys
from pathlib import Path

KEPT = (
    "U+0020-007E,U+00A0-024F,U+0259,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+0400-045F,U+2000-206F,U+2070-209F,"
    "U+20AC,U+2100-214F,U+2150-218F,U+2190-21FF,U+2200-22FF,U+2295-2299,U+25A0-25FF,U+2600-2653,U+FFFD"
)

subprocess.run(
    [
        *["pyftsubset", sys.argv[1], f"--unicodes={KEPT}", "--layout-features=", "--no-hinting"],
        *["--drop-tables+=GSUB,GPOS,GDEF,FFTM,MATH", "--output-file=" + str(Path(__file__).with_name("dejavu-sans.ttf"))],
    ],
    check=True,
)

"""S3 on moto, a server by others that looks at signatures: test/remote/second-server.test.ts with the moto of this environment."""

import json
import os
import subprocess
import sys

from checks import NODE, SCRATCH

report = SCRATCH / "report.json"
subprocess.run(
    [
        NODE,
        "node_modules/vitest/vitest.mjs",
        "run",
        "test/remote/second-server.test.ts",
        "--reporter=json",
        f"--outputFile={report}",
    ],
    env={**os.environ, "CROSSHATCH_MOTO": sys.executable},
    stdout=sys.stderr,
)
for file in json.loads(report.read_text())["testResults"]:
    if file["status"] == "failed" and not file["assertionResults"]:
        print(f"not ok {file['name']}: {' '.join(file['message'].split())[:600]}")
    for test in file["assertionResults"]:
        if test["status"] == "passed":
            print(f"ok {test['fullName']}")
        else:
            said = " ".join(" ".join(test["failureMessages"]).split())[:600]
            print(f"not ok {test['fullName']}: {test['status']} {said}")

"""The command line as a process of its own."""

import os
import subprocess
import sys

ENVCFG = [sys.executable, "-m", "envcfg.cli.main"]


def envcfg(*arguments, cwd=None, **environment):
    return subprocess.run(
        [*ENVCFG, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", **environment},
        check=False,
    )

"""The command line: as a process of its own, or in this one."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import NamedTuple

from envcfg.cli.main import main

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


class Done(NamedTuple):
    """How a command ended in this process."""

    returncode: int
    stdout: str
    stderr: str


def here(*arguments, cwd) -> Done:
    """The same in this process, as the console script does it; an exception that the script lets pass is raised."""
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as out, io.TextIOWrapper(io.BytesIO(), "utf-8") as err:
        with redirect_stdout(out), redirect_stderr(err), chdir(cwd):
            status = _main([str(argument) for argument in arguments])
        texts = []
        for stream in (out, err):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())
    return Done(status, *texts)


def _main(arguments):
    argv, sys.argv = sys.argv, ["envcfg", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = argv
    return 0

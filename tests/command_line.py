"""The command line: in this process, or as a process of its own."""

import io
import os
import subprocess
import sys
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest import mock

from envcfg.cli.main import main

ENVCFG = [sys.executable, "-m", "envcfg.cli.main"]
WIDTH = {"COLUMNS": "120"}


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def envcfg(*arguments, cwd=".", **environment) -> Done:
    """Run a command in this process, as the console script does; an exception that the script lets pass is raised.

    Its working folder, environment variables, arguments, output streams and warning filters are its own.
    """
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as out, io.TextIOWrapper(io.BytesIO(), "utf-8") as err:
        with (
            mock.patch.dict(os.environ, WIDTH | environment),
            mock.patch.object(sys, "argv", ["envcfg", *map(str, arguments)]),
            warnings.catch_warnings(),
            redirect_stdout(out),
            redirect_stderr(err),
            chdir(cwd),
        ):
            status = _status()
        return Done(status, _text(out), _text(err))


def envcfg_process(*arguments, cwd=None, **environment) -> Done:
    """Run a command as a process: for what a test says of its streams, of its children or of a fresh interpreter."""
    done = subprocess.run(
        [*ENVCFG, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **WIDTH, **environment},
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _status():
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _text(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()

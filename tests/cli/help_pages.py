"""The help page of every command, as a golden file: `python tests/cli/help_pages.py` makes all of them anew."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = (80, 120)
PRINT = """
import json, sys
from typer.testing import CliRunner
from envcfg.cli.main import app
def page(*words):
    return CliRunner().invoke(app, [*words, "--help"], prog_name="envcfg", catch_exceptions=False).output
names = sorted(command.callback.__name__ for command in app.registered_commands)
json.dump({"envcfg": page(), **{name: page(name) for name in names}}, sys.stdout)
"""


def are_pinned(*libraries):
    """Whether the installed libraries have the versions of `constraints.txt`, with which the golden files are made."""
    lines = (Path(__file__).parents[2] / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.partition(";")[0].strip().split("==") for line in lines if "==" in line)
    return all(version(library) == pinned[library] for library in libraries)


def pages(width):
    """Every page by the name of its command, as a terminal with *width* columns shows it, without colours."""
    without = ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TERMINAL_WIDTH", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TYPER_")}
    environment = {key: value for key, value in environment.items() if key not in without}
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**environment, "COLUMNS": str(width), "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    return {name: _tidy(page) for name, page in json.loads(done.stdout).items()}


def golden(name, width):
    return GOLDEN / str(width) / f"{name}.txt"


def _tidy(page):
    """The text without the spaces that fill each line."""
    return "\n".join(line.rstrip() for line in page.strip("\n").splitlines()) + "\n"


def write():
    for width in WIDTHS:
        for stale in (GOLDEN / str(width)).glob("*.txt"):
            stale.unlink()
        for name, page in pages(width).items():
            golden(name, width).parent.mkdir(parents=True, exist_ok=True)
            golden(name, width).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write()

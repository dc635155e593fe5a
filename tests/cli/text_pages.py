"""What commands print about the samples on a terminal: `python tests/cli/text_pages.py` makes the golden files anew."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "text"
WIDTHS = (80, 120)
PAGES = {
    "home": [],
    "ls": ["ls"],
    "answer": ["forage"],
    "answer_last": ["last"],
    "analyze": ["analyze", "forage"],
    "log": ["log", "forage"],
    "blame": ["blame", "forage"],
    "diff": ["diff", "forage", "first", "last"],
    "tasks": ["tasks", "forage"],
    "watch": ["watch", "forage", "--once"],
    "requests": ["requests", "forage"],
    "show": ["show", "forage", "last", "--param", "game.map_builder.*"],
    "doctor": ["doctor", "forage"],
    "effects": ["effects", "forage"],
    "compare": ["compare", "sweep"],
    "calibrate": ["calibrate", "forage"],
    "correlate": ["correlate", "forage"],
}
"""The arguments of each command, in the folder of the samples."""
COMPUTED = {"effects", "compare", "calibrate", "correlate"}
"""The pages with numbers that a library computes: their last digits may differ between machines."""


def pages(width):
    """The text of every page, without colours."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TYPER_", "WANDB_"))}
    environment.pop("TERMINAL_WIDTH", None)
    as_a_terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "TZ": "UTC", "PYTHONUTF8": "1", "COLUMNS": str(width)}
    alone = {"WANDB_MODE": "offline"}  # doctor asks no server
    done = subprocess.run(
        [sys.executable, __file__, str(width)],
        env={**environment, **as_a_terminal, **alone, "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def _print_pages(width):
    from command_line import envcfg

    from envcfg import sample

    found = {}
    for name, arguments in PAGES.items():
        done = envcfg(*arguments, cwd=sample().parent, COLUMNS=width)
        assert done.returncode == 0, done
        found[name] = _tidy(done.stdout)
    json.dump(found, sys.stdout)


def _tidy(text):
    """The text without colours, versions of programs, and the blanks that fill each line."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    text = re.sub(r"\b\d+\.\d+\.\d\S*", "X.Y.Z", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def write():
    for width in WIDTHS:
        folder = GOLDEN / str(width)
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.txt"):
            stale.unlink()
        for name, text in pages(width).items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        _print_pages(sys.argv[1])
    else:
        write()

"""`envcfg` alone: the latest runs below the working folder, and the next commands."""

from typing import Final

from rich.text import Text

from envcfg.analysis.formatting import count_text
from envcfg.cli.commands.answer import TIMELINE, command_lines
from envcfg.cli.commands.ls import print_runs, runs_below
from envcfg.cli.printing import lines
from envcfg.sources.named import LAST

LATEST: Final = 8
"""The most runs that are shown."""


def home() -> None:
    """Print the latest runs here and three commands."""
    found = runs_below(".")
    if not found:
        nothing = "No recorded run was found below the working folder. Start a job with hydra/callbacks=env_config."
        first = {
            "envcfg demo": "train a small agent with a curriculum",
            "envcfg doctor": "check the installation",
            "envcfg --help": "all commands",
        }
        lines([Text(nothing), Text(), *command_lines(first)])
        return
    earlier = len(found) - LATEST
    if earlier > 0:
        lines([Text(f"... {count_text(earlier, 'earlier run')} (envcfg ls)", "dim")])
    print_runs(found[-LATEST:])
    then = {
        f"envcfg {LAST}": "what happened in the last run",
        f"envcfg timeline {LAST} -o timeline.html": TIMELINE,
        "envcfg --help": "all commands",
    }
    lines([Text(), *command_lines(then)])

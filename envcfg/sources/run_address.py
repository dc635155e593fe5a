"""Names one of several runs in a folder: the path of the folder, `#`, and the beginning of the run's id."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.sources.nearby import path_of

SHOWN: Final = 8
"""The characters of an id that are shown. They tell the runs of one folder apart."""
_ID: Final = re.compile(r"[0-9a-f]{4,32}")


class RunAddress(NamedTuple):
    """A folder, and the beginning of the id of one of its runs."""

    folder: Path
    run: str = ""
    """Empty for the last run in the folder."""

    def __str__(self) -> str:
        return f"{self.folder}#{self.run[:SHOWN]}" if self.run else str(self.folder)


def run_address(where: str) -> RunAddress:
    """The address in *where*. A path that exists is one, whatever is in its name."""
    path = path_of(where)
    folder, at, run = where.rpartition("#")
    if at and _ID.fullmatch(run) and not path.exists() and path_of(folder).is_dir():
        return RunAddress(path_of(folder), run)
    return RunAddress(path)

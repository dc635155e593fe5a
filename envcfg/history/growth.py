"""A run that is still being written: whether there is more of it, and that."""

from typing import TypeAlias

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.history.sources import load

Stamp: TypeAlias = tuple[tuple[str, int], ...]
"""The files that a run was read from, and how long they are: with another stamp there is more of it."""


def stamp(history: History) -> Stamp:
    """The stamp of a run's files as they are now; empty for a run that was not read from a journal."""
    if history.folder is None:
        return ()
    files = [*history.folder.iterdir(), *history.logs]
    return tuple(sorted((str(path), path.stat().st_size) for path in files if path.is_file()))


def again(history: History) -> History:
    """The same run, read anew; raises `SourceError` where it cannot be."""
    if history.folder is None:
        raise SourceError(f"run {history.run} was not read from a journal: it cannot be followed")
    return load(history.folder)

"""Follows a run that is still being written, and reads it again when its files grow."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.history import History
from envcfg.sources.load import load
from envcfg.sources.run_address import RunAddress

Stamp: TypeAlias = tuple[tuple[str, int], ...]
"""The files of a run and their sizes in bytes. The stamp differs when the run has new data."""


def stamp(history: History) -> Stamp:
    """Return the current stamp of a run's files. It is empty for a run that was not read from a journal."""
    if history.folder is None:
        return ()
    files = [*history.folder.iterdir(), *history.logs]
    return tuple(sorted((str(path), path.stat().st_size) for path in files if path.is_file()))


def reload(history: History) -> History:
    """Read the same run again. Raises `SourceError` if that is not possible."""
    if history.folder is None:
        raise SourceError(f"run {history.run} cannot be followed: it was not read from a journal")
    where = str(RunAddress(history.folder.absolute(), history.id)) if history.others else history.folder
    return load(where, metrics=history.metrics)


def follow(history: History, pause: Callable[[], object]) -> Iterator[History]:
    """Yield the run, and yield it again whenever its files grow, until its ending is recorded.

    *pause* is called between two readings. A file that is replaced during a reading is read in the next one.
    """
    yield history
    seen: Stamp = ()  # a stamp made now would hide data that was written since *history* was read
    while history.status == "cut off":
        pause()
        try:
            now = stamp(history)
            if now == seen:
                continue
            history, seen = reload(history), now
        except (EnvcfgError, OSError):
            continue
        yield history

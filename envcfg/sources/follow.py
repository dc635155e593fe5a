"""A run that is still being written: whether there is more of it, and that."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.history import History
from envcfg.sources.load import load

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


def follow(history: History, pause: Callable[[], object]) -> Iterator[History]:
    """A run as it is, and as it is read anew whenever there is more of it, until its end is recorded.

    *pause* is called between two looks. A file that is replaced during a look is read at the next one.
    """
    yield history
    seen: Stamp = ()  # what came after it was read and before this look would be overlooked with a stamp of now
    while history.status == "cut off":
        pause()
        try:
            now = stamp(history)
            if now == seen:
                continue
            history, seen = again(history), now
        except (EnvcfgError, OSError):
            continue
        yield history

"""Make the parts of something one by one: if one fails, the others are still made."""

from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple, TypeVar

from envcfg.analysis.formatting import elided, printable
from envcfg.core.errors import EnvcfgError

T = TypeVar("T")


class Broken(NamedTuple):
    """A part that could not be made, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what} could not be made: {self.why}"


def attempt(what: str, make: Callable[[], T]) -> T | Broken:
    """Return what *make* returns, or a `Broken` if it fails by a bug of envcfg. An `EnvcfgError` is raised."""
    try:
        return make()
    except EnvcfgError:
        raise
    except Exception as error:  # noqa: BLE001  # the other parts can still be made
        return Broken(what, _why(error))


def broken_text(broken: Sequence[Broken], *, others: str) -> str:
    """The message about parts that could not be made; *others* says which parts are complete."""
    return f"{'; '.join(map(str, broken))}. {others}. This is a bug of envcfg: please report it with this line"


def _why(error: Exception) -> str:
    """`TypeError: unhashable type: 'list' (effect.py, line 122)`"""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    last = extract_tb(error.__traceback__)[-1]
    return f"{elided(printable(said), 200)} ({Path(last.filename).name}, line {last.lineno})"

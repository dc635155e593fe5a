"""Parts that are made one by one: a part that fails costs that part, and is named."""

from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple, TypeVar

from envcfg.analysis.wording import elided, printable
from envcfg.core.errors import EnvcfgError

T = TypeVar("T")


class Broken(NamedTuple):
    """A part that could not be made, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what} could not be made: {self.why}"


def attempt(what: str, make: Callable[[], T]) -> T | Broken:
    """What *make* gives. Where it fails by a fault of envcfg: which part that was, and why; a refusal passes."""
    try:
        return make()
    except EnvcfgError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever is wrong with this part, the others are not
        return Broken(what, _why(error))


def broken_text(broken: Sequence[Broken], *, others: str) -> str:
    """What to tell of parts that could not be made; *others* says what is whole."""
    return f"{'; '.join(map(str, broken))}. {others}. This is a fault of envcfg: please report it with this line"


def _why(error: Exception) -> str:
    """`TypeError: unhashable type: 'list' (effect.py, line 122)`"""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    last = extract_tb(error.__traceback__)[-1]
    return f"{elided(printable(said), 200)} ({Path(last.filename).name}, line {last.lineno})"

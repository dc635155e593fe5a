"""How groups of runs look: a colour, a symbol and a dash for each."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from envcfg.analysis.groups import OTHERS, Run, groups
from envcfg.figures.style import DASHES, INK, LINES, SYMBOLS


class Look(NamedTuple):
    """What a group looks like."""

    color: str
    symbol: str
    dash: str


def looks(found: Iterable[Run]) -> Mapping[str, Look]:
    """The look of each group, the largest group first; what is no group of its own is grey."""
    own = zip(LINES, SYMBOLS, DASHES, strict=True)
    grey = Look(INK, "circle-open", "dot")
    return {group: grey if group == OTHERS else Look(*next(own)) for group in groups(found)}

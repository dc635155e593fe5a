"""The style of each group of runs: a colour, a symbol and a dash."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from envcfg.analysis.groups import OTHERS, Run, groups
from envcfg.figures.style import DASHES, INK, LINES, SYMBOLS


class GroupStyle(NamedTuple):
    """The style of one group."""

    color: str
    symbol: str
    dash: str


def group_styles(found: Iterable[Run]) -> Mapping[str, GroupStyle]:
    """The style of each group, the largest group first. The group `OTHERS` is grey."""
    own = zip(LINES, SYMBOLS, DASHES, strict=True)
    grey = GroupStyle(INK, "circle-open", "dot")
    return {group: grey if group == OTHERS else GroupStyle(*next(own)) for group in groups(found)}

"""How groups of runs look: a colour, a symbol and a dash for each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from envcfg.analysis.runs import Run
from envcfg.figures.style import DASHES, INK, LINES, SYMBOLS

OTHERS = "other groups"


class Look(NamedTuple):
    """A group and what it looks like."""

    groups: frozenset[str]
    color: str
    symbol: str
    dash: str

    def holds(self, run: Run) -> bool:
        return run.group in self.groups


def groups_of(found: Iterable[Run]) -> Mapping[str, Look]:
    """The groups by size; the smallest of too many share one look."""
    sizes = [group for group, _ in Counter(run.group for run in sorted(found, key=lambda run: run.group)).most_common()]
    own = sizes if len(sizes) <= len(LINES) else sizes[: len(LINES) - 1]
    looks = {
        group: Look(frozenset({group}), color, symbol, dash)
        for group, color, symbol, dash in zip(own, LINES, SYMBOLS, DASHES, strict=False)
    }
    if len(own) < len(sizes):
        looks[OTHERS] = Look(frozenset(sizes[len(own) :]), INK, "circle-open", "dot")
    return looks

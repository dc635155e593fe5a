"""The series of parameters that are drawn anew at each reset: their mean and three quantiles in an epoch."""

from collections.abc import Callable
from typing import Final

from envcfg.core.distribution import Distribution, pooled
from envcfg.core.drawn import Drawn, Draws
from envcfg.core.path import dotted, matches, parse_pointer

QUANTILES: Final = {"p50": 0.5, "p10": 0.1, "p90": 0.9}
"""The most important one first, for the limit of the number of series."""


class DrawSeries:
    """The draws since the last epoch, over all tasks and branches. *globs* match dotted keys; None for all."""

    def __init__(self, globs: tuple[str, ...] | None) -> None:
        self._globs = globs
        self._parts: dict[str, list[Drawn]] = {}
        self._points: dict[str, float] = {}

    def add(self, draws: Draws) -> None:
        """Add the draws of one entry."""
        for pointer, drawn in draws.drawn.items():
            self._parts.setdefault(pointer, []).append(drawn)

    def points(self, admitted: Callable[[str], str | None]) -> dict[str, float]:
        """The latest points of all series that *admitted* names. A parameter without new draws keeps its points."""
        parts, self._parts = self._parts, {}
        found = {name: pooled(parts[pointer]) for pointer in parts if (name := self._selected(pointer)) is not None}
        numbers = {name: distribution for name, distribution in found.items() if distribution.has_numbers}
        for label in (None, *QUANTILES):  # the means of all parameters come first
            for name, distribution in numbers.items():
                key = admitted(f"env/{name}" if label is None else f"env/{name}/{label}")
                value = _value(distribution, label)
                if key is not None and value is not None:
                    self._points[key] = value
        return self._points

    def _selected(self, pointer: str) -> str | None:
        """The dotted key of a parameter; None if it is not charted."""
        path = parse_pointer(pointer)
        is_charted = self._globs is None or any(matches(path, glob) for glob in self._globs)
        return dotted(path) if is_charted else None


def _value(distribution: Distribution, label: str | None) -> float | None:
    return distribution.mean if label is None else distribution.quantile(QUANTILES[label])

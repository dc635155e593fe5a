"""Recognises parameters that are drawn anew at each reset, by their first adoptions."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any, Final

NEW: Final = 256
"""A parameter that had more new values than this is drawn anew at each reset."""
WATCHED: Final = 1_000
"""A parameter with no more new values among its first ones is never taken for a drawn one."""
_TURNS: Final = 3
"""At least one in so many values must turn back. Independent draws do so at two of three; a schedule seldom does."""


class Watch:
    """The first values of one parameter.

    A value is new if its task had other values before, and not this one. So a curriculum with thousands of named tasks,
    each with its own values, draws tasks and not parameters. A parameter that mostly rises, or mostly falls, follows a
    schedule. A value that equals the one before it is not looked at.
    """

    __slots__ = ("_before", "_is_over", "_is_rising", "_new", "_of_task", "_seen", "_turns")

    def __init__(self, *, is_over: bool = False) -> None:
        self._of_task: defaultdict[Hashable, set[Any]] = defaultdict(set)
        self._seen = self._new = self._turns = 0
        self._before: Any = None
        self._is_rising: bool | None = None
        self._is_over = is_over

    def see(self, values: Iterable[Any], tasks: Iterable[Hashable]) -> None:
        """Add values in the order of their adoptions: numbers, or tuples of numbers."""
        for value, task in zip(values, tasks, strict=False):
            if value != self._before and self._seen < WATCHED:
                self._see(value, self._of_task[task])

    @property
    def is_drawn(self) -> bool | None:
        """Whether the parameter is drawn anew at each reset; None if it is not known yet."""
        if self._new > NEW and self._turns * _TURNS >= self._seen:
            return True
        return False if self._is_over or self._seen >= WATCHED else None

    def _see(self, value: Any, known: set[Any]) -> None:
        self._new += bool(known) and value not in known
        known.add(value)
        if self._before is not None:
            is_rising = value > self._before
            self._turns += self._is_rising is not None and is_rising != self._is_rising
            self._is_rising = is_rising
        self._before = value
        self._seen += 1

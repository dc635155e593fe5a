"""The names under which envcfg publishes its series: never a name that the trainer logs itself."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from envcfg.sinks.wandb.metrics import EPOCH, STEP, MetricsRow

PREFIXES: Final = ("env/", "env_config/", "curriculum/")
SUFFIX: Final = "_envcfg"
_AXES: Final = (EPOCH, STEP)


class PublishedNames:
    """The names of the series of one W&B run. Each one is defined in W&B by itself, without a pattern.

    *theirs* are the names that the trainer has logged before.
    """

    def __init__(self, run: Any, theirs: Iterable[str] = ()) -> None:
        self._run = run
        self._theirs = set(theirs)
        self._names: dict[str, str] = {}
        self._has_warned = False

    @property
    def series(self) -> list[str]:
        """All published names, in order."""
        return sorted(self._names.values())

    @property
    def theirs(self) -> list[str]:
        """The names like those of envcfg that the trainer has logged, in order."""
        return sorted(self._theirs)

    @property
    def renamed(self) -> dict[str, str]:
        """Published name -> usual name, where they differ."""
        return {name: usual for usual, name in self._names.items() if name != usual}

    def define_axes(self) -> None:
        for axis in _AXES:
            self._name(axis)

    def merged(self, points: MetricsRow, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the trainer with *points*, whose names differ from those of the trainer."""
        self._see(row)
        return {**self.row(points), **row}

    def row(self, points: MetricsRow) -> dict[str, Any]:
        return {self._name(usual): value for usual, value in points.items()}

    def _see(self, row: Mapping[str, Any]) -> None:
        new = set(_names_in(row)) - self._theirs
        if not new:
            return
        self._theirs |= new
        if new & set(self._names.values()):
            self._names.clear()  # the new axis belongs to every series

    def _name(self, usual: str) -> str:
        """The published name of a series, which is defined at its first use."""
        name = self._names.get(usual)
        if name is None:
            name = usual
            while name in self._theirs:
                name += SUFFIX
            if name != usual:
                self._warn(usual, name)
            options = {"hidden": True} if usual in _AXES else {"step_metric": self._name(EPOCH)}
            self._run.define_metric(name, **options)
            self._names[usual] = name
        return name

    def _warn(self, usual: str, name: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            sys.stderr.write(
                f"envcfg: your program logs {usual} itself, so the series of envcfg is called {name} (shown once)\n"
            )


def names_of_trainer(summary: Iterable[str]) -> set[str]:
    """The names that look like those of envcfg in the *summary* of a run to which envcfg has published nothing."""
    return {name for name in summary if name.startswith(PREFIXES)}


def _names_in(row: Mapping[str, Any]) -> Iterator[str]:
    """The names in a row that look like those of envcfg. W&B joins the keys of nested dicts by dots."""
    for name, value in row.items():
        if name.startswith(PREFIXES):
            yield from (f"{name}.{inner}" for inner in value) if isinstance(value, Mapping) else (name,)

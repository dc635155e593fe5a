"""Sources of installed packages. If a source fails, a warning names it, and the other sources are used."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from envcfg.core.errors import ConfigError
from envcfg.core.plugins import has_methods, plugins
from envcfg.core.selection import warn

RUNS: Final = "envcfg.run_sources"
METRICS: Final = "envcfg.metric_sources"
"""The groups of entry points. Each one is a function that creates a source, called without arguments."""
_METHODS: Final = {RUNS: ("find",), METRICS: ("names", "series")}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class InstalledSource:
    """A source of an installed package, with the name of its entry point."""

    name: str
    source: Any

    def ask(self, question: Callable[[Any], Result], otherwise: Result, *passing: type[Exception]) -> Result:
        """Ask the source a question. If it fails, warn and return *otherwise*; errors in *passing* are raised."""
        try:
            return question(self.source)
        except passing:
            raise
        except Exception as error:  # noqa: BLE001  # somebody else's code
            warn(f"the source {self.name} was left out: {type(error).__name__}: {error}")
            return otherwise


def installed(group: str) -> tuple[InstalledSource, ...]:
    """The sources of *group* in the order of their names. They are created once. One that fails is left out."""
    return _installed(group, tuple(sys.path)) if plugins(group) else ()


@lru_cache(maxsize=8)
def _installed(group: str, _path: tuple[str, ...]) -> tuple[InstalledSource, ...]:
    return tuple(_created(group))


def _created(group: str) -> Iterator[InstalledSource]:
    for name, entry in plugins(group).items():
        try:
            source = _checked(entry.load()(), _METHODS[group])
        except Exception as error:  # noqa: BLE001  # somebody else's code
            warn(f"the source {name} was left out: {type(error).__name__}: {error}")
        else:
            yield InstalledSource(name, source)


def _checked(source: Any, methods: tuple[str, ...]) -> Any:
    if not has_methods(source, methods):
        raise ConfigError(f"{type(source).__name__} is not a source: expected the methods {' and '.join(methods)}")
    return source

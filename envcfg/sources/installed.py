"""Sources of installed packages: one that fails is told, and costs itself alone."""

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
"""Groups of entry points; each names a factory that is called without arguments."""
_METHODS: Final = {RUNS: ("find",), METRICS: ("names", "series")}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class InstalledSource:
    """A source of an installed package, by the name of its entry point."""

    name: str
    source: Any

    def ask(self, question: Callable[[Any], Result], otherwise: Result, *passing: type[Exception]) -> Result:
        """The answer of the source; *otherwise*, with a warning, where it raises anything but *passing*."""
        try:
            return question(self.source)
        except passing:
            raise
        except Exception as error:  # noqa: BLE001  # somebody else's code
            warn(f"the source {self.name} was left out: {type(error).__name__}: {error}")
            return otherwise


def installed(group: str) -> tuple[InstalledSource, ...]:
    """The sources of *group* that could be made, in the order of their names; they are made once."""
    return _installed(group, tuple(sys.path)) if plugins(group) else ()


@lru_cache(maxsize=8)
def _installed(group: str, _path: tuple[str, ...]) -> tuple[InstalledSource, ...]:
    return tuple(_made(group))


def _made(group: str) -> Iterator[InstalledSource]:
    for name, entry in plugins(group).items():
        try:
            source = _checked(entry.load()(), _METHODS[group])
        except Exception as error:  # noqa: BLE001  # somebody else's code
            warn(f"the source {name} was left out: {type(error).__name__}: {error}")
        else:
            yield InstalledSource(name, source)


def _checked(source: Any, methods: tuple[str, ...]) -> Any:
    if not has_methods(source, methods):
        raise ConfigError(f"{type(source).__name__} is no source: it needs the methods {' and '.join(methods)}")
    return source

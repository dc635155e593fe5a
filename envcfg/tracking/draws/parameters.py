"""The drawn parameters of a process: which they are, what is stated about them, and the config that stands for them."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, get_args

from envcfg.core.errors import ConfigError
from envcfg.core.stated import Stated, as_config
from envcfg.core.tree import Config, lookup
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.slot_arrays import with_value

Place: TypeAlias = tuple[str, ...]


_LONG: Final = 123_456_789
"""A number with so many digits may be a secret."""


class DrawnParameters:
    """The parameters that are drawn anew at each reset. Their values are in no config.

    A config has the stated distribution in place of each. So a change of a range is a change like any other.
    """

    def __init__(self, capture: Capture, *, is_silent: bool) -> None:
        self.version = 0
        """Grows whenever the configs become other ones."""
        self.statement: When | None = None
        """When and why the latest distribution was stated."""
        self._capture = capture
        self._is_silent = is_silent
        self._places: dict[str, Place] = {}
        """By dotted name, since the columns of a program may be nested, or have dotted names."""
        self._stated: dict[str, Stated] = {}
        self._secret: set[Place] = set()

    def __bool__(self) -> bool:
        return bool(self._places)

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(self._places.values())

    def has(self, place: Place) -> bool:
        """Whether the parameter at *place* is drawn."""
        name = ".".join(place)
        known = self._places.get(name)
        if known is not None and known != place:
            self._places[name] = place
            self.version += 1
        return known is not None

    def declare(self, places: Iterable[Place], *, is_said: bool = True) -> None:
        """Take these parameters for drawn ones, except those that redaction hides. Say so unless *is_said*."""
        new = [place for place in places if not self.has(place) and not self._is_secret(place)]
        if new:
            self._places |= {".".join(place): place for place in new}
            self.version += 1
            if not (is_said or self._is_silent):
                _say(new)

    def state(self, ranges: Mapping[str, Any], when: When) -> bool:
        """Note what the program draws from now on. Returns whether anything is new."""
        found = dict(_stated(ranges, ()))
        is_new = any(self._stated.get(".".join(place)) != stated for place, stated in found.items())
        if is_new:
            self._stated |= {".".join(place): stated for place, stated in found.items()}
            self.declare(found)
            self.version += 1
            self.statement = when
        return is_new

    def config(self, base: Config) -> Config:
        """*base* with the distribution of each drawn parameter."""
        for name, place in sorted(self._places.items()):
            base = with_value(base, place, as_config(self._stated.get(name)))
        return base

    def _is_secret(self, place: Place) -> bool:
        """Whether redaction hides a number at *place*."""
        if place not in self._secret:
            config = self._capture(with_value({}, place, _LONG)).config.config
            self._secret |= {place} if lookup(config, place) != _LONG else set()
        return place in self._secret


def _stated(ranges: Mapping[str, Any], at: Place) -> Iterator[tuple[Place, Stated]]:
    for name, value in ranges.items():
        place = (*at, str(name))
        if isinstance(value, Mapping):
            yield from _stated(value, place)
        elif isinstance(value, get_args(Stated)):
            yield place, value
        else:
            said = f"state_draws: {'.'.join(place)}={value!r}: expected Uniform(low, high), LogUniform(low, high), "
            raise ConfigError(said + "Normal(mean, sd) or Choice(values)")


def _say(places: Iterable[Place]) -> None:
    names = sorted(".".join(place) for place in places)
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    verb = "is" if len(names) == 1 else "are"
    sys.stderr.write(
        f"envcfg: {listed} {verb} drawn anew at each reset: recorded as a distribution from now on; "
        "with draws=False, each value is recorded (shown once)\n"
    )

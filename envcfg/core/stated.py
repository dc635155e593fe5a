"""The distributions from which a program says that it draws its parameters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from envcfg.core.errors import ConfigError
from envcfg.core.tree import Config, Tree

KEY: Final = "draw"
"""The key of the name of the distribution, in the config of a drawn parameter."""
UNSTATED: Final = "unstated"
"""That name, if the program does not say how it draws the parameter."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Each number from *low* to *high* is equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self.low <= self.high, self)

    def share_up_to(self, value: float) -> float:
        """The probability of a draw that is not above *value*."""
        if value >= self.high:
            return 1.0
        return 0.0 if value <= self.low else (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """The logarithm is uniform from that of *low* to that of *high*."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check(0 < self.low <= self.high, self)

    def share_up_to(self, value: float) -> float:
        """The probability of a draw that is not above *value*."""
        if value >= self.high:
            return 1.0
        return 0.0 if value <= self.low else math.log(value / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal distribution with this mean and standard deviation."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check(self.sd >= 0 and math.isfinite(self.mean), self)

    def share_up_to(self, value: float) -> float:
        """The probability of a draw that is not above *value*."""
        if not self.sd:
            return float(value >= self.mean)
        return 0.5 * math.erfc((self.mean - value) / self.sd / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of *values*. Without *weights*, each is equally likely."""

    values: tuple[bool | int | float | str, ...]
    weights: tuple[float, ...] = field(default=())

    def __init__(self, values: Sequence[bool | float | str], weights: Sequence[float] = ()) -> None:
        object.__setattr__(self, "values", tuple(values))
        object.__setattr__(self, "weights", tuple(map(float, weights)))
        fits = len(self.weights) in (0, len(self.values)) and all(weight >= 0 for weight in self.weights)
        _check(bool(self.values) and fits and (not self.weights or sum(self.weights) > 0), self)

    @property
    def shares(self) -> tuple[float, ...]:
        """The probability of each value."""
        total = sum(self.weights)
        return tuple([weight / total for weight in self.weights]) or (1 / len(self.values),) * len(self.values)


Stated: TypeAlias = Uniform | LogUniform | Normal | Choice

_NAMES: Final[dict[str, type[Stated]]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "normal": Normal,
    "choice": Choice,
}


def as_config(stated: Stated | None) -> Config:
    """The part of a config that stands for a parameter that is drawn as *stated*; None if nothing is stated."""
    match stated:
        case None:
            return {KEY: UNSTATED}
        case Uniform(low, high):
            return {KEY: "uniform", "low": low, "high": high}
        case LogUniform(low, high):
            return {KEY: "log_uniform", "low": low, "high": high}
        case Normal(mean, sd):
            return {KEY: "normal", "mean": mean, "sd": sd}
        case Choice(values, ()):
            return {KEY: "choice", "values": [*values]}
        case Choice(values, weights):
            return {KEY: "choice", "values": [*values], "weights": [*weights]}


def from_config(tree: Tree) -> Stated | None:
    """The distribution that this part of a config states; None if it states none."""
    if not isinstance(tree, dict) or tree.get(KEY) not in _NAMES:
        return None
    try:
        return _NAMES[str(tree[KEY])](**{name: value for name, value in tree.items() if name != KEY})  # type: ignore[arg-type]
    except (ConfigError, TypeError):  # it is the user's own config, which has a key of this name
        return None


def _check(is_valid: bool, stated: object) -> None:  # private
    if not is_valid:
        raise ConfigError(
            f"{stated} is no distribution: expected Uniform(low, high) with low <= high, LogUniform(low, high) with "
            "0 < low <= high, Normal(mean, sd) with sd >= 0, or Choice(values) with at least one value"
        )

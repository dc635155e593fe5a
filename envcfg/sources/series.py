"""One metric of one run, as numbers over environment steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Self

from envcfg.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one run. `Series.of` creates a series from numbers."""

    name: str
    axis: str
    """The name of the column or key that counts the steps."""
    steps: tuple[float, ...]
    """Environment steps, never decreasing."""
    values: tuple[float, ...]
    """The value at each step; all are finite."""
    epochs: tuple[float | None, ...]
    """The epoch at each step; None if it is not known."""
    is_checked: bool = True
    """Whether the recording confirms that the axis counts environment steps."""

    @property
    def doubt(self) -> str | None:
        """Why the steps may be wrong, with what to write in the next training; None if they were checked."""
        if self.is_checked:
            return None
        return (
            f"{self.name} is placed by {self.axis}: nothing in this recording shows that these are environment steps. "
            "In the next training, call tracker.end_epoch(step=...), or set metric_step=KEY to the key that counts them"
        )

    @classmethod
    def of(
        cls,
        name: str,
        steps: Iterable[float],
        values: Iterable[float],
        *,
        epochs: Iterable[float | None] | None = None,
        axis: str = "step",
    ) -> Self:
        """A series from numbers in any order. Values that are not finite are left out.

        *steps* are environment steps over all slots. Raises `ConfigError` if the lengths differ.
        """
        at, values = [float(step) for step in steps], [float(value) for value in values]
        of = [None] * len(at) if epochs is None else list(epochs)
        if not len(at) == len(values) == len(of):
            raise ConfigError(
                f"{name}: {len(at)} steps, {len(values)} values and {len(of)} epochs: expected equal numbers"
            )
        points = [point for point in zip(at, values, of, strict=True) if isfinite(point[0]) and isfinite(point[1])]
        points.sort(key=lambda point: point[0])
        return cls(name, axis, *(tuple(point[index] for point in points) for index in range(3)))  # type: ignore[arg-type]

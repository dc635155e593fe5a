"""Whether a config can ever become another one: of one that cannot, identity says enough."""

import dataclasses
import enum
from typing import Any

_SCALARS = (str, int, float, bool, bytes, type(None))


def is_immutable(config: Any) -> bool:
    """Whether *config* is a frozen dataclass of plain scalars, enums, tuples, frozensets and others like itself.

    A subclass of a plain scalar may hold more than its value and does not count.
    """
    kind = type(config)
    return (
        dataclasses.is_dataclass(kind)
        and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has them
        and all(_is_fixed(getattr(config, field.name)) for field in dataclasses.fields(kind))
    )


def _is_fixed(value: Any) -> bool:
    if type(value) in _SCALARS or isinstance(value, enum.Enum):
        return True
    if type(value) in (tuple, frozenset):
        return all(map(_is_fixed, value))
    return is_immutable(value)

"""Whether a config object can change. An immutable object can be recognised by its identity."""

import dataclasses
import enum
from typing import Any

_SCALARS = (str, int, float, bool, bytes, type(None))


def is_immutable(config: Any) -> bool:
    """Whether *config* is a frozen dataclass with immutable values only.

    Immutable values are plain scalars, enums, tuples, frozensets and other such dataclasses. An instance of a subclass
    of a plain scalar does not count, since it may hold more than its value.
    """
    kind = type(config)
    return (
        dataclasses.is_dataclass(kind)
        and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has them
        and all(_is_fixed(getattr(config, field.name)) for field in dataclasses.fields(kind))
    )


def is_scalar(value: Any) -> bool:
    """Whether *value* is a plain scalar, or a member of an enum."""
    return type(value) in _SCALARS or isinstance(value, enum.Enum)


def _is_fixed(value: Any) -> bool:
    if is_scalar(value):
        return True
    if type(value) in (tuple, frozenset):
        return all(map(_is_fixed, value))
    return is_immutable(value)

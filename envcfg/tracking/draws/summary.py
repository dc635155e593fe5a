"""Summarises the draws of parameters: the count of each value if there are few values, else their quantiles."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from msgspec.structs import replace

from envcfg.core import quantiles
from envcfg.core.drawn import Drawn, Scalar
from envcfg.core.text import writable

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

K = TypeVar("K")

FEW: Final = 32
"""The most values that are counted one by one."""
_ALWAYS_FEW: Final = 8
"""So many values are counted even if each was drawn once."""
_NUMBERS: Final = "biuf"
_EXACT: Final = 22
"""The highest power of ten that a float is equal to."""


def summaries(columns: "Mapping[K, Array]", to_text: Callable[[object], str] = str) -> dict[K, Drawn]:
    """The summary of each of *columns*: arrays of the same length, at least 1. *to_text* removes secrets from texts.

    Columns of one type are computed together, which takes a fraction of the time.
    """
    import numpy as np  # noqa: PLC0415  # only where there are arrays

    types: dict[Any, list[K]] = {}
    for name, column in columns.items():
        types.setdefault(column.dtype, []).append(name)
    found: dict[K, Drawn] = {}
    for dtype, names in types.items():
        if dtype.kind in _NUMBERS:
            table = np.sort(np.stack([columns[name] for name in names]), axis=1)  # NaN comes last
            found |= zip(names, _of_numbers(table, np), strict=True)
        else:
            found |= {name: _of_texts(columns[name], to_text, np) for name in names}
    return {name: found[name] for name in columns}


def scalars(values: "Array", to_text: Callable[[object], str] = str) -> tuple[Scalar, ...]:
    """Plain values. A float with fewer than 64 bits has the fewest digits that give the same float."""
    if values.dtype.kind == "f" and values.dtype.itemsize < 8:
        return tuple(map(float, map(str, values)))
    if values.dtype.kind in _NUMBERS:
        return tuple(values.astype("f8").tolist() if values.dtype.kind == "f" else values.tolist())
    return tuple([writable(to_text(value)) for value in values.tolist()])


def _of_numbers(table: "Array", np: Any) -> list[Drawn]:
    """The summary of each row of sorted numbers."""
    if table.dtype.kind == "f" and not np.isfinite(table[:, [0, -1]]).all():
        return [_of_finite(row, np) for row in table]
    distinct = 1 + np.count_nonzero(table[:, 1:] != table[:, :-1], axis=1)
    are_few = (distinct <= _ALWAYS_FEW) | (distinct <= min(FEW, table.shape[1] // 2))
    many = iter(_of_many(table[~are_few], np) if not are_few.all() else ())
    return [_of_few(row, np) if is_few else next(many) for row, is_few in zip(table, are_few, strict=True)]


def _of_finite(row: "Array", np: Any) -> Drawn:
    """The summary of a row of which some numbers are not finite."""
    finite = row[np.isfinite(row)]
    left_out = len(row) - len(finite)
    if not len(finite):
        return Drawn(len(row), not_finite=left_out)
    (found,) = _of_numbers(finite[None], np)
    return replace(found, count=len(row), not_finite=left_out)


def _of_few(row: "Array", np: Any) -> Drawn:
    starts = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    return Drawn(len(row), scalars(row[starts]), tuple(np.diff(starts, append=len(row)).tolist()))


def _of_many(table: "Array", np: Any) -> list[Drawn]:
    count = table.shape[1]
    wide = table.astype(np.float64)
    scale = np.maximum(abs(wide[:, :1]), abs(wide[:, -1:]))
    unit = wide / scale  # so that no sum of squares exceeds the largest float
    centres = unit.sum(axis=1, keepdims=True) / count
    unit -= centres
    spreads = np.sqrt(np.einsum("ij,ij->i", unit, unit) / count)[:, None]
    means, sds = (centres * scale)[:, 0].tolist(), (spreads * scale)[:, 0].tolist()
    ends = iter(scalars(table[:, [0, -1]].reshape(-1)))
    chosen = _rounded(table[:, _positions(count)], wide, np)
    return [
        Drawn(count, mean=_finite(mean), sd=_finite(sd), low=low, high=high, quantiles=tuple(values))  # type: ignore[arg-type]  # numbers
        for mean, sd, low, high, values in zip(means, sds, ends, ends, chosen, strict=True)
    ]


def _rounded(values: "Array", wide: "Array", np: Any) -> list[list[float]]:
    """Each row of quantiles with the digits that are needed; whole numbers stay as they are."""
    if values.dtype.kind != "f":
        return values.tolist()  # type: ignore[no-any-return]
    exact = values.astype(np.float64)
    size = np.minimum(wide[:, -1:] / 2 - wide[:, :1] / 2, abs(exact))
    decimals = quantiles.DIGITS - np.floor(np.log10(size, where=size > 0, out=np.zeros_like(size)))
    power = 10.0 ** np.clip(decimals, 0, _EXACT)
    with np.errstate(over="ignore"):
        found = np.rint(exact * power) / power
    found = np.where((decimals >= 0) & (decimals <= _EXACT) & np.isfinite(found), found, exact)
    return np.clip(found, wide[:, :1], wide[:, -1:]).tolist()  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _positions(count: int) -> list[int]:
    return [rank - 1 for rank in quantiles.ranks(count)]


def _finite(value: float) -> float | None:
    """*value* with ten digits; None if it is not finite."""
    return float(f"{value:.10g}") if math.isfinite(value) else None


def _of_texts(draws: "Array", to_text: Callable[[object], str], np: Any) -> Drawn:
    values, counts = np.unique(draws, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:FEW]
    listed = tuple(counts[order].tolist())
    return Drawn(len(draws), scalars(values[order], to_text), listed, others=len(draws) - sum(listed))

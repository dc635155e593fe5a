"""Columns for tables: repeated values, numbers, times and the leaves of configs."""

import json
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from envcfg.core import encoding
from envcfg.core.diff import Absent
from envcfg.core.tree import Tree
from envcfg.journal.columns import NONE

_INT64: Final = range(-(2**63), 2**63)
_EXACT: Final = 2**53
"""A float holds every integer up to this one exactly."""


def text(value: str) -> str:
    """*value* with escapes for single surrogates, which Arrow cannot hold."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def repeated(values: Sequence[str | None], index: "array[int] | Any") -> pl.Series:
    """A categorical column with the *values* at the positions in *index*."""
    known = [None if value is None else text(value) for value in values]
    return pl.Series(known, dtype=pl.Categorical).gather(np.asarray(index))


def numbers(column: "array[Any]", dtype: Any = pl.Int64) -> pl.Series:
    """A column of numbers; null where the journal has none."""
    series = pl.Series(np.asarray(column), dtype=dtype)
    return series.set(series == NONE, None)


def instants(column: "array[float]") -> pl.Series:
    """A column of times in UTC, from milliseconds since the Unix epoch."""
    whole = np.round(np.asarray(column)).astype(np.int64)
    return pl.Series(whole).cast(pl.Datetime("ms", "UTC"))


def json_text(value: Tree | Absent) -> str | None:
    """A value of a config as JSON; None if it is absent."""
    if isinstance(value, Absent):
        return None
    return text(json.dumps(encoding.jsonable(value), ensure_ascii=False))


def leaf(values: Iterable[Tree | Absent]) -> pl.Series:
    """One leaf over many configs, as integers, numbers, booleans or text; as JSON if it has several types."""
    known = list(values)
    kinds = {type(value) for value in known if not isinstance(value, Absent) and value is not None}
    there = [None if isinstance(value, Absent) else value for value in known]
    if kinds == {bool}:
        return pl.Series(there, dtype=pl.Boolean)
    whole = [value for value in there if isinstance(value, int)]
    if kinds == {int} and all(value in _INT64 for value in whole):
        return pl.Series(there, dtype=pl.Int64)
    if kinds in ({float}, {int, float}) and all(abs(value) <= _EXACT for value in whole):
        return pl.Series(there, dtype=pl.Float64, strict=False)
    if kinds == {str}:
        return pl.Series([None if value is None else text(value) for value in there], dtype=pl.String)  # type: ignore[arg-type]
    return pl.Series([json_text(value) for value in known], dtype=pl.String)

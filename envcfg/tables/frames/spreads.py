"""The columns of a parameter over slots: its value, or the mean and the quantiles, or the share of each value."""

import json
from collections.abc import Iterator, Sequence

import polars as pl

from envcfg.analysis.formatting import value_texts
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.tree import Tree
from envcfg.history.spread import Spread, is_gap, is_number
from envcfg.tables.frames.columns import leaf, text


def spread_columns(name: str, spreads: Sequence[Spread | None]) -> Iterator[tuple[str, pl.Series]]:
    """The columns of one leaf, each with its name.

    Where slots differ, numbers have their mean and two quantiles. Other values are null there, and their shares are
    JSON.
    """
    known = [spread for spread in spreads if spread is not None]
    if all(spread.is_one for spread in known):
        yield name, leaf([ABSENT if spread is None else spread.value for spread in spreads])
    elif _is_numeric(known):
        yield name, pl.Series([spread and spread.mean for spread in spreads], dtype=pl.Float64)
        for share, suffix in ((0.1, "p10"), (0.9, "p90")):
            quantiles = [None if spread is None else spread.quantile(share) for spread in spreads]
            yield f"{name} ({suffix})", pl.Series(quantiles, dtype=pl.Float64, strict=False)
    else:
        yield name, leaf(map(_common, spreads))
        shares = [None if spread is None else _shares(spread) for spread in spreads]
        yield f"{name} (shares)", pl.Series(shares, dtype=pl.String)


def _is_numeric(spreads: Sequence[Spread]) -> bool:
    """Whether all values are numbers, or no value at all, and there is a number."""
    values = [value for spread in spreads for value in spread.values]
    return any(map(is_number, values)) and all(is_number(value) or is_gap(value) for value in values)


def _common(spread: Spread | None) -> Tree | Absent:
    return spread.value if spread is not None and spread.is_one else ABSENT


def _shares(spread: Spread) -> str:
    texts = value_texts(spread.values)
    shares = {name: round(share, 4) for name, share in zip(texts, spread.shares, strict=True)}
    return text(json.dumps(shares, ensure_ascii=False))

"""The table `in_force`: every parameter over the living slots, from each step on."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import polars as pl

from envcfg.analysis.formatting import value_texts
from envcfg.analysis.run.lanes import Lane, lane, parts
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.path import dotted
from envcfg.core.tree import Tree
from envcfg.history.history import History
from envcfg.history.parameters import Column
from envcfg.history.spread import Spread
from envcfg.tables.frames.columns import leaf, text
from envcfg.tables.frames.parameters import named, paths_of


def in_force(history: History, params: Sequence[str] | None = None) -> pl.DataFrame:
    """Every parameter over the living slots, from each `step` on, with a column for each leaf.

    The columns are `step`, `slots` (how many lived), `config` (the digest, or null if slots ran several configs) and
    the leaves. *params* are dotted keys or globs; by default all leaves that vary. Leaves on which slots differ have
    more columns. Of numbers the column has the mean, and `KEY (p10)` and `KEY (p90)` the quantiles. Of other values it
    is null where slots differ, and `KEY (shares)` has the share of each value as JSON. If slots changed a leaf too
    often, it is summarised over 400 equal ranges of steps. The rows are in order of step, so that they can be joined:
    `metrics(history).sort("step").join_asof(in_force(history), on="step")`.

    >>> from envcfg import load, sample, tables
    >>> tables.in_force(load(sample("forage")), ["game.max_steps"]).select("step", "game.max_steps").rows()[:2]
    [(0, 32.0), (8003, 32.0)]
    """
    ranges = parts(history, 0, history.last_step)
    configs = Lane(("config",), *history.parameters.column_moved(_configs(history), ranges))
    known = [history.configs[digest] for digest in _digests(history) if digest in history.configs]
    lanes = [found for path in paths_of(known, params) if path and (found := lane(history, path, ranges)).steps]
    steps = sorted({int(step) for found in (configs, *lanes) for step in found.steps})
    held = [_at(configs, step) for step in steps]
    digests = [spread.value if spread is not None and spread.is_one else None for spread in held]
    frame = {
        "step": pl.Series(steps, dtype=pl.Int64).set_sorted(),
        "slots": pl.Series([spread.slots if spread else 0 for spread in held], dtype=pl.Int32),
        "config": pl.Series(digests, dtype=pl.String),
    }
    for found in lanes:
        for name, column in _columns(found, steps):
            frame[named(name, frame)] = column
    return pl.DataFrame(frame)


def _digests(history: History) -> list[str]:
    return list(dict.fromkeys(kind.config for kind in history.adoptions.columns.adopted.values))


def _configs(history: History) -> Column:
    """The digest of the config as a parameter."""
    positions = {digest: place for place, digest in enumerate(_digests(history))}
    kinds = history.adoptions.columns.adopted.values
    return Column(tuple(positions), (*(positions[kind.config] for kind in kinds), -1))


def _at(found: Lane, step: int) -> Spread | None:
    place = bisect_right(found.steps, step) - 1
    return None if place < 0 else found.spreads[place]


def _columns(found: Lane, steps: Sequence[int]) -> Iterator[tuple[str, pl.Series]]:
    """The columns of one leaf, each with its name."""
    name, spreads = text(dotted(found.path)), [_at(found, step) for step in steps]
    if found.agrees:
        yield name, leaf([ABSENT if spread is None else spread.value for spread in spreads])
    elif found.is_numeric:
        yield name, pl.Series([spread and spread.mean for spread in spreads], dtype=pl.Float64)
        for share, suffix in ((0.1, "p10"), (0.9, "p90")):
            quantiles = [None if spread is None else spread.quantile(share) for spread in spreads]
            yield f"{name} ({suffix})", pl.Series(quantiles, dtype=pl.Float64, strict=False)
    else:
        yield name, leaf(map(_common, spreads))
        shares = [None if spread is None else _shares(spread) for spread in spreads]
        yield f"{name} (shares)", pl.Series(shares, dtype=pl.String)


def _common(spread: Spread | None) -> Tree | Absent:
    return spread.value if spread is not None and spread.is_one else ABSENT


def _shares(spread: Spread) -> str:
    texts = value_texts(spread.values)
    shares = {name: round(share, 4) for name, share in zip(texts, spread.shares, strict=True)}
    return text(json.dumps(shares, ensure_ascii=False))

"""The table `in_force`: every parameter over the living slots, from each step on."""

from collections.abc import Sequence

import polars as pl

from envcfg.analysis.run.lanes import Lane, lane, parts
from envcfg.core.path import dotted
from envcfg.history.history import History
from envcfg.history.parameters import Column
from envcfg.tables.frames.columns import text
from envcfg.tables.frames.parameters import named, paths_of
from envcfg.tables.frames.spreads import spread_columns


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
    [(0, 24.0), (22589, 24.0)]
    """
    ranges = parts(history, 0, history.last_step)
    configs = Lane(("config",), *history.parameters.column_moved(_configs(history), ranges))
    known = [history.configs[digest] for digest in _digests(history) if digest in history.configs]
    lanes = [found for path in paths_of(known, params) if path and (found := lane(history, path, ranges)).steps]
    steps = sorted({int(step) for found in (configs, *lanes) for step in found.steps})
    held = [configs.spread_at(step) for step in steps]
    digests = [spread.value if spread is not None and spread.is_one else None for spread in held]
    frame = {
        "step": pl.Series(steps, dtype=pl.Int64).set_sorted(),
        "slots": pl.Series([spread.slots if spread else 0 for spread in held], dtype=pl.Int32),
        "config": pl.Series(digests, dtype=pl.String),
    }
    for found in lanes:
        for name, column in spread_columns(text(dotted(found.path)), list(map(found.spread_at, steps))):
            frame[named(name, frame)] = column
    return pl.DataFrame(frame)


def _digests(history: History) -> list[str]:
    return list(dict.fromkeys(kind.config for kind in history.adoptions.columns.adopted.values))


def _configs(history: History) -> Column:
    """The digest of the config as a parameter."""
    positions = {digest: place for place, digest in enumerate(_digests(history))}
    kinds = history.adoptions.columns.adopted.values
    return Column(tuple(positions), (*(positions[kind.config] for kind in kinds), -1))

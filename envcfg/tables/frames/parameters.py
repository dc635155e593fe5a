"""The table `parameters`: the initial configs and the changes, with the values of each leaf after them."""

from collections.abc import Container, Sequence
from typing import Any, Final

import polars as pl

from envcfg.analysis.formatting import cause_text
from envcfg.analysis.run.lanes import every_moment, parts
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted, matches
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.core.tree import Config, Path, leaves
from envcfg.core.variation import variations
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.phases import phase_at, phase_step
from envcfg.tables.frames.columns import text
from envcfg.tables.frames.spreads import spread_columns

MOST_LEAVES: Final = 5_000
"""The most leaves that one may choose for a table: each becomes a column."""


def parameters(history: History, params: Sequence[str] | None = None) -> pl.DataFrame:
    """One row for each initial config and each change, in order, with the leaves that vary in the run.

    The columns are `run`, `change` (its number; 0 for an initial config), `step`, `last_step`, `epoch`, `phase` (its
    number), `phase_step` (the step as the program counted it in its phase), `time` (UTC), `task`, `slots` (how many
    adopted it), `cause`, `config` (the digest of the adopted config; null if slots adopted several at once), and then
    one for each leaf that varies, named by its dotted key. A leaf has its value over all living slots at `last_step`.
    Where slots differ, it has more columns, as in `in_force`. It is null if no slot has it. *params* are dotted keys
    or globs that choose the leaves, also leaves that do not vary.

    >>> from envcfg import load, sample, tables
    >>> tables.parameters(load(sample("forage")), ["game.max_steps"]).select("change", "game.max_steps").rows()
    [(0, 24), (1, 24), (2, 44), (3, 56), (4, 72)]
    """
    when = _change_columns(history)
    adopted = dict.fromkeys(kind.config for kind in history.adoptions.columns.adopted.values)
    known = [history.configs[digest] for digest in adopted if digest in history.configs]
    ranges, steps = parts(history, 0, history.last_step), when["last_step"].to_list()
    columns: dict[str, pl.Series] = {}
    for path in filter(None, paths_of(known, params)):  # an empty config is a leaf without a name
        found = every_moment(history, path, ranges)
        for name, column in spread_columns(text(dotted(path)), list(map(found.spread_at, steps))):
            columns[named(name, when.columns)] = column
    return when.hstack(pl.DataFrame(columns)) if columns else when


def named(name: str, beside: Container[str]) -> str:
    """The name of a leaf's column; quoted if another column has it."""
    return f'["{name}"]' if name in beside else name


def paths_of(configs: Sequence[Config], params: Sequence[str] | None) -> list[Path]:
    if params is None:
        return [variation.path for variation in variations(configs)]
    warn_or_raise(unmatched_keys(params, configs, "no config of the run"), is_anything_left=True)
    order = dict.fromkeys(path for config in configs for path, _ in leaves(config))
    found = [path for path in order if any(matches(path, param) for param in params)]
    if len(found) > MOST_LEAVES:
        said = f"{len(found):,} leaves chosen: expected at most {MOST_LEAVES:,}, since each becomes a column"
        raise SourceError(f"{said}; choose fewer with --param KEY, or leave it out for the leaves that vary")
    return found


def _phase(history: History, when: Change) -> tuple[int, int]:
    phase = phase_at(history.phases, when.step, when.time)
    return phase.number if phase else 0, phase_step(phase, when.step)


def _config(when: Change) -> str | None:
    return when.config if len({config for _, config in when.variants}) == 1 else None


def _change_columns(history: History) -> pl.DataFrame:
    found = history.changes.with_initial
    rows = [
        (
            text(history.run),
            *(when.number, when.step, when.last_step, when.epoch),
            *_phase(history, when),
            round(when.time * 1000),
            *(when.task and text(when.task), len(when.places), text(cause_text(when.cause)) or None, _config(when)),
        )
        for when in found
    ]
    schema: dict[str, Any] = {
        "run": pl.Categorical,
        **dict.fromkeys(["change", "step", "last_step"], pl.Int64),
        "epoch": pl.Int32,
        "phase": pl.Int32,
        "phase_step": pl.Int64,
        "time": pl.Datetime("ms", "UTC"),
        "task": pl.Categorical,
        "slots": pl.Int32,
        "cause": pl.Categorical,
        "config": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")

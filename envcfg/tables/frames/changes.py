"""The table `changes`: every edit in every slot."""

from typing import Any, Final

import numpy as np
import polars as pl

from envcfg.analysis.formatting import cause_text
from envcfg.core.path import dotted
from envcfg.history.adoptions import Adoptions
from envcfg.history.history import History
from envcfg.tables.frames.columns import instants, json_text, numbers, repeated, text
from envcfg.tables.frames.differences import Differences, differences

_COUNTED: Final = 4
"""Counting is faster than sorting up to this ratio of possible pairs of configs to rows."""


def changes(history: History) -> pl.DataFrame:
    """One row for each edit in each slot, in order of adoption. Initial configs are left out.

    The columns are `run`, `step` (environment steps), `epoch`, `phase` (its number), `phase_step` (the step as the
    program counted it in its phase), `time` (UTC), `rank`, `worker`, `slot`, `task`, `path` (dotted key), `before` and
    `after` (JSON; null if the key was or is absent) and `cause`. Edits from or to a config
    that the journal lost are left out.

    >>> from envcfg import load, sample, tables
    >>> tables.changes(load(sample("forage"))).row(0, named=True)["path"]
    'game.map_builder.objects.wall'
    """
    rows, pair, edits = _adopted(history)
    counts = np.bincount(edits.pair, minlength=pair.max(initial=0) + 1).astype(np.uint32)
    starts = np.cumsum(counts, dtype=np.uint32) - counts
    count = counts[pair]
    edit = np.repeat(starts[pair] - (np.cumsum(count, dtype=np.uint32) - count), count)  # wraps around, and back below
    edit += np.arange(len(edit), dtype=np.uint32)
    found = _adoption_columns(history)[np.repeat(rows, count)].hstack(_edit_columns(edits)[edit])
    return found.select(pl.exclude("cause"), "cause")


def _adopted(history: History) -> tuple[Any, Any, Differences]:
    """The rows in which a place adopted another config, the pair of configs of each row, and the edits of each pair."""
    adopted = history.adoptions.columns.adopted
    digests = list(dict.fromkeys(value.config for value in adopted.values))
    position = {digest: index for index, digest in enumerate(digests)}
    config = np.array([position[value.config] for value in adopted.values], np.int64)[np.asarray(adopted.index)]
    held = _config_before(history.adoptions, config)
    is_known = np.array([digest in history.configs for digest in digests], bool)
    rows = np.flatnonzero((held >= 0) & (config != held) & is_known[config] & is_known[held])
    pairs, pair = _distinct(held[rows] * len(digests) + config[rows], len(digests) ** 2)
    configs = [history.configs.get(digest, {}) for digest in digests]
    return rows, pair, differences(configs, *divmod(pairs, len(digests)))


def _distinct(numbers: Any, end: int) -> tuple[Any, Any]:
    """The different *numbers* (all below *end*) in order, and the position of each number among them."""
    if end > _COUNTED * len(numbers):
        return np.unique(numbers, return_inverse=True)
    is_there = np.zeros(end, bool)
    is_there[numbers] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[numbers]


def _config_before(adoptions: Adoptions, config: Any) -> Any:
    """For each row, the config that its place held before; -1 for none."""
    place = np.asarray(adoptions.place)
    order = np.argsort(place.astype(np.uint16) if len(adoptions.places) < 2**16 else place, kind="stable")
    ordered, held = place[order], np.full(len(place), -1)
    held[order[1:]] = np.where(ordered[1:] == ordered[:-1], config[order[:-1]], -1)
    return held


def _adoption_columns(history: History) -> pl.DataFrame:
    """One row for each adoption: its place, time and cause."""
    columns, place = history.adoptions.columns, np.asarray(history.adoptions.place)
    places = pl.DataFrame(
        {name: [getattr(found, name) for found in history.adoptions.places] for name in ("rank", "worker", "slot")},
        schema_overrides=dict.fromkeys(("rank", "worker", "slot"), pl.Int32),
    )
    causes = [text(cause_text(value)) or None for value in columns.cause.values]
    return pl.DataFrame(
        {
            "run": repeated([history.run], np.zeros(len(place), np.uint32)),
            "step": numbers(columns.step),
            "epoch": numbers(columns.epoch, pl.Int32),
            **_phases(history),
            "time": instants(columns.time),
            **places[place].to_dict(),
            "task": repeated([value.task for value in columns.adopted.values], columns.adopted.index),
            "cause": repeated(causes, columns.cause.index),
        }
    )


def _phases(history: History) -> dict[str, pl.Series]:
    """The number of the phase of each adoption, and its step there. Most runs have one phase."""
    steps, times = np.asarray(history.adoptions.columns.step, np.int64), history.adoptions.columns.time
    number, first = np.zeros(len(steps), np.int32), np.zeros(len(steps), np.int64)
    for phase in history.phases:
        inside = steps > phase.step
        ties = np.flatnonzero(steps == phase.step)
        inside[ties] = [times[row] / 1000 >= phase.time or not phase.number for row in ties]
        number[inside], first[inside] = phase.number, phase.step - phase.phase_step
    return {"phase": pl.Series(number, dtype=pl.Int32), "phase_step": pl.Series(steps - first, dtype=pl.Int64)}


def _edit_columns(edits: Differences) -> pl.DataFrame:
    """One row for each edit of each pair of configs. Each path and value is converted to text once."""
    is_used = np.zeros(len(edits.values), bool)
    is_used[edits.before] = is_used[edits.after] = True
    texts = [json_text(value) if is_used[number] else None for number, value in enumerate(edits.values)]
    values = pl.Series(texts, dtype=pl.String)
    return pl.DataFrame(
        {
            "path": repeated(list(map(dotted, edits.paths)), edits.path),
            "before": values.gather(edits.before),
            "after": values.gather(edits.after),
        }
    )

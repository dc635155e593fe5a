"""Every leaf that ever changed in any slot, one row each."""

from typing import Any, Final

import numpy as np
import polars as pl

from envcfg.analysis.wording import cause_text
from envcfg.core.path import dotted
from envcfg.history.adoptions import Adoptions
from envcfg.history.history import History
from envcfg.tables.frames.columns import instants, json_text, numbers, repeated, text
from envcfg.tables.frames.differences import Differences, differences

_COUNTED: Final = 4
"""How many times as many pairs of configs as rows there may be for counting them to be quicker than sorting."""


def changes(history: History) -> pl.DataFrame:
    """One row for each leaf that a slot's adoption changed, in order; what a first config brought is no change.

    `run`, `step`, `epoch`, `time` (UTC), `rank`, `worker`, `slot`, `task`,
    `path` (dotted), `before` and `after` (JSON; null where the place was or is not there), `cause`. What went to or
    came from a config that the journal lost is left out.
    """
    rows, way, ways = _taken(history)
    counts = np.bincount(ways.pair, minlength=way.max(initial=0) + 1).astype(np.uint32)
    starts = np.cumsum(counts, dtype=np.uint32) - counts
    count = counts[way]
    change = np.repeat(starts[way] - (np.cumsum(count, dtype=np.uint32) - count), count)  # wraps around, and back below
    change += np.arange(len(change), dtype=np.uint32)
    found = _who(history)[np.repeat(rows, count)].hstack(_what(ways)[change])
    return found.select(pl.exclude("cause"), "cause")


def _taken(history: History) -> tuple[Any, Any, Differences]:
    """The rows by which a place came to another config, which way each went, and what the ways change."""
    adopted = history.adoptions.columns.adopted
    digests = list(dict.fromkeys(value.config for value in adopted.values))
    position = {digest: index for index, digest in enumerate(digests)}
    config = np.array([position[value.config] for value in adopted.values], np.int64)[np.asarray(adopted.index)]
    held = _held(history.adoptions, config)
    is_known = np.array([digest in history.configs for digest in digests], bool)
    rows = np.flatnonzero((held >= 0) & (config != held) & is_known[config] & is_known[held])
    pairs, way = _distinct(held[rows] * len(digests) + config[rows], len(digests) ** 2)
    return rows, way, differences([history.configs.get(digest, {}) for digest in digests], *divmod(pairs, len(digests)))


def _distinct(numbers: Any, end: int) -> tuple[Any, Any]:
    """The different *numbers* below *end* in order, and for each number its position; without sorting where few are."""
    if end > _COUNTED * len(numbers):
        return np.unique(numbers, return_inverse=True)
    is_there = np.zeros(end, bool)
    is_there[numbers] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[numbers]


def _held(adoptions: Adoptions, config: Any) -> Any:
    """Of each row's *config* the one that its place held until then, -1 for none."""
    place = np.asarray(adoptions.place)
    order = np.argsort(place.astype(np.uint16) if len(adoptions.places) < 2**16 else place, kind="stable")
    ordered, held = place[order], np.full(len(place), -1)
    held[order[1:]] = np.where(ordered[1:] == ordered[:-1], config[order[:-1]], -1)
    return held


def _who(history: History) -> pl.DataFrame:
    """One row for each adoption: who, when and why."""
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
            "time": instants(columns.time),
            **places[place].to_dict(),
            "task": repeated([value.task for value in columns.adopted.values], columns.adopted.index),
            "cause": repeated(causes, columns.cause.index),
        }
    )


def _what(ways: Differences) -> pl.DataFrame:
    """One row for each change of each way; a place and a value are made text once."""
    is_said = np.zeros(len(ways.values), bool)
    is_said[ways.before] = is_said[ways.after] = True
    said = [json_text(value) if is_said[number] else None for number, value in enumerate(ways.values)]
    values = pl.Series(said, dtype=pl.String)
    return pl.DataFrame(
        {
            "path": repeated(list(map(dotted, ways.paths)), ways.path),
            "before": values.gather(ways.before),
            "after": values.gather(ways.after),
        }
    )

"""Every leaf that ever changed in any slot, one row each."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from envcfg.analysis.tables.columns import instants, json_text, numbers, repeated, text
from envcfg.analysis.wording import cause_text
from envcfg.core.diff import Change, diff
from envcfg.core.path import dotted
from envcfg.core.sharing import shared
from envcfg.core.tree import Path
from envcfg.history.adoptions import Adoptions
from envcfg.history.history import History

_COUNTED: Final = 4
"""How many times as many pairs of configs as rows there may be for counting them to be quicker than sorting."""


class _Ways(NamedTuple):
    """The ways from one config to another that were taken, and what each of them changes."""

    leaves: list[Change]
    """All that any of them changes, each once."""
    flat: Any
    """Positions among `leaves`, way after way."""
    starts: Any
    """Where each way begins in `flat`."""
    counts: Any
    """How many leaves each way changes."""


def changes(history: History) -> pl.DataFrame:
    """One row for each leaf that a slot's adoption changed, in order; what a first config brought is no change.

    `run`, `step`, `epoch`, `time` (UTC), `rank`, `worker`, `slot`, `task`,
    `path` (dotted), `before` and `after` (JSON; null where the place was or is not there), `cause`. What went to or
    came from a config that the journal lost is left out.
    """
    rows, way, ways = _taken(history)
    counts = ways.counts[way]
    row = np.repeat(rows, counts)
    first = ways.starts[way] - (np.cumsum(counts) - counts)
    leaf = ways.flat[np.repeat(first, counts) + np.arange(len(row))]
    return pl.DataFrame(_when(history, row) | _what(ways.leaves, leaf) | _why(history, row))


def _taken(history: History) -> tuple[Any, Any, _Ways]:
    """The rows by which a place came to another config, and which way each went."""
    adopted = history.adoptions.columns.adopted
    digests = list(dict.fromkeys(value.config for value in adopted.values))
    position = {digest: index for index, digest in enumerate(digests)}
    config = np.array([position[value.config] for value in adopted.values], np.int64)[np.asarray(adopted.index)]
    previous = before(history.adoptions)
    is_known = np.array([digest in history.configs for digest in digests], bool)
    is_change = (previous >= 0) & (config != config[previous]) & is_known[config] & is_known[config[previous]]
    rows = np.flatnonzero(is_change)
    pairs, way = _distinct(config[previous[rows]] * len(digests) + config[rows], len(digests) ** 2)
    trees = shared(history.configs.get(digest, {}) for digest in digests)
    taken = [divmod(pair, len(digests)) for pair in pairs.tolist()]
    return rows, way, _ways([diff(trees[one], trees[other]) for one, other in taken])


def _distinct(numbers: Any, end: int) -> tuple[Any, Any]:
    """The different *numbers* below *end* in order, and for each number its position; without sorting where few are."""
    if end > _COUNTED * len(numbers):
        return np.unique(numbers, return_inverse=True)
    is_there = np.zeros(end, bool)
    is_there[numbers] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[numbers]


def before(adoptions: Adoptions) -> Any:
    """For each row the one that its place held until then, -1 for none."""
    place = np.asarray(adoptions.place)
    order = np.argsort(place.astype(np.uint16) if len(adoptions.places) < 2**16 else place, kind="stable")
    previous = np.full(len(place), -1)
    is_same = place[order[1:]] == place[order[:-1]]
    previous[order[1:][is_same]] = order[:-1][is_same]
    return previous


def _ways(found: Sequence[tuple[Change, ...]]) -> _Ways:
    known: dict[tuple[Path, int, int], int] = {}
    leaves: list[Change] = []
    flat: list[int] = []
    for way in found:
        for change in way:
            key = change.path, id(change.before), id(change.after)  # of shared trees: the same is one object
            if key not in known:
                known[key] = len(leaves)
                leaves.append(change)
            flat.append(known[key])
    counts = np.array([len(way) for way in found], np.int64)
    return _Ways(leaves, np.array(flat, np.uint32), np.cumsum(counts) - counts, counts)


def _when(history: History, row: Any) -> dict[str, pl.Series]:
    columns, places = history.adoptions.columns, history.adoptions.places
    place = np.asarray(history.adoptions.place)[row]
    return {
        "run": repeated([history.run], np.zeros(len(row), np.uint32)),
        "step": numbers(columns.step, row),
        "epoch": numbers(columns.epoch, row, pl.Int32),
        "time": instants(columns.time, row),
        "rank": numbers([found.rank for found in places], place, pl.Int32),
        "worker": numbers([found.worker for found in places], place, pl.Int32),
        "slot": numbers([found.slot for found in places], place, pl.Int32),
        "task": repeated(
            [value.task for value in columns.adopted.values], np.asarray(columns.adopted.index)[row].astype(np.uint32)
        ),
    }


def _what(leaves: Sequence[Change], leaf: Any) -> dict[str, pl.Series]:
    """Places and values are made text once: of shared trees, the same is one object."""
    paths = {change.path: dotted(change.path) for change in leaves}
    values = {id(value): value for change in leaves for value in (change.before, change.after)}
    said = {key: json_text(value) for key, value in values.items()}
    return {
        "path": repeated([paths[change.path] for change in leaves], leaf),
        "before": pl.Series([said[id(change.before)] for change in leaves], dtype=pl.String).gather(leaf),
        "after": pl.Series([said[id(change.after)] for change in leaves], dtype=pl.String).gather(leaf),
    }


def _why(history: History, row: Any) -> dict[str, pl.Series]:
    cause = history.adoptions.columns.cause
    words = [text(cause_text(value)) or None for value in cause.values]
    return {"cause": repeated(words, np.asarray(cause.index)[row].astype(np.uint32))}

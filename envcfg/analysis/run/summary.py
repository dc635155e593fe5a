"""The data of the report about a run: totals, task frequencies, changes and key parameters."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, overload

from envcfg.analysis.formatting import count_text
from envcfg.core.code import Code, Coded
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.core.params import DEFAULT, Selection, key_parameters
from envcfg.core.selection import warn_or_raise
from envcfg.core.tree import Tree
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.selected import without_keys

WHEN: Final = ("change", "epoch", "step", "last_step", "slots", "task", "cause")
"""The columns of a table of changes beside the key parameters."""
MOST_CELLS: Final = 500_000
"""The most cells of such a table that is written."""


class ChangeRow(NamedTuple):
    """One change of the report, or an initial config, with its edits."""

    change: Change
    edits: tuple[Edit, ...]
    parameters: Mapping[str, Tree]
    """The key parameters after the change; empty if the journal lost the config."""


class Summary(NamedTuple):
    """A run in numbers."""

    run: str
    status: str
    curriculum: str | None
    adoptions: int
    """The adoptions by all slots, also those that changed nothing ("configurations logged")."""
    configs: int
    """The number of different configs."""
    tasks: Mapping[str, int]
    """The adoptions of each task, the most frequent first."""
    changes: int
    """The number of changes. The initial configs are not counted."""
    rows: Sequence[ChangeRow]
    """The initial configs and the changes, in order."""
    last_step: int
    last_epoch: int | None
    samples: Mapping[str, Mapping[str, Tree]]
    """The key parameters of each task at its first change, under `<task>_epoch_<epoch>`."""
    failures: tuple[Coded, ...]
    losses: tuple[Coded, ...]


class ChangeRows(Sequence[ChangeRow]):
    """The initial configs and changes as rows. A row is computed on access: a report shows only the first few."""

    def __init__(self, history: History, parameters: Mapping[str, Mapping[str, Tree]]) -> None:
        self._history = history
        self._entries = history.changes.with_initial
        self._parameters = parameters
        self._edits: dict[tuple[str | None, str], tuple[Edit, ...]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> ChangeRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ChangeRow, ...]: ...
    def __getitem__(self, index: int | slice) -> ChangeRow | tuple[ChangeRow, ...]:
        if isinstance(index, slice):
            return tuple(map(self.__getitem__, range(*index.indices(len(self)))))
        change = self._entries[index]
        configs = change.before, change.config
        if configs not in self._edits:
            self._edits[configs] = self._history.edits(change)
        return ChangeRow(change, self._edits[configs], self._parameters.get(change.config, {}))


def summary(history: History, selection: Selection = DEFAULT, *, most_cells: int | None = None) -> Summary:
    """The summary of a history; *selection* chooses the key parameters.

    Raises `SourceError` if the table of its changes would have more than *most_cells* cells.
    """
    warn_or_raise(without_keys(history, selection.globs or ()), is_anything_left=True)
    configs = {value.config for value in history.adoptions.columns.adopted.values}
    parameters: dict[str, Mapping[str, Tree]] = {}
    columns = set(WHEN)
    for digest in configs & history.configs.keys():
        parameters[digest] = key_parameters(history.configs[digest], selection)
        if most_cells is not None:
            columns |= parameters[digest].keys()
            _check_cells(len(history.changes.with_initial), len(columns), most_cells)
    rows = ChangeRows(history, parameters)
    return Summary(
        run=history.run,
        status=history.status,
        curriculum=history.curriculum,
        adoptions=sum(history.adopted.values()),
        configs=len(configs),
        tasks=history.adopted,
        changes=len(history.changes),
        rows=rows,
        last_step=history.last_step,
        last_epoch=history.last_epoch,
        samples=_samples(
            rows, {value.task for value in history.adoptions.columns.adopted.values if parameters.get(value.config)}
        ),
        failures=failures(history),
        losses=history.losses,
    )


def _check_cells(rows: int, columns: int, most: int) -> None:
    if rows * columns > most:
        raise SourceError(
            f"{rows:,} changes with {columns:,} columns or more: expected at most {most:,} cells in a table; choose "
            "fewer keys with --param KEY, or write all changes with: envcfg export RUN --format csv -o DIR"
        )


def _samples(rows: Sequence[ChangeRow], unseen: set[str | None]) -> Mapping[str, Mapping[str, Tree]]:
    samples: dict[str, Mapping[str, Tree]] = {}
    for row in rows:
        if row.change.task in unseen and row.parameters:
            unseen.remove(row.change.task)
            epoch = "?" if row.change.epoch is None else row.change.epoch
            samples[f"{row.change.task or '(unnamed)'}_epoch_{epoch}"] = row.parameters
        if not unseen:
            break
    return samples


def failures(history: History) -> tuple[Coded, ...]:
    """The count of each kind of failure, over all processes and sessions, as text."""
    counts: dict[tuple[str, str, Code], int] = {}
    for failure in history.failures:
        kind = failure.where, failure.message, failure.code
        counts[kind] = counts.get(kind, 0) + failure.count
    return tuple(
        Coded(f"{where}: {message} ({count_text(count, 'time')})", code)
        for (where, message, code), count in counts.items()
    )

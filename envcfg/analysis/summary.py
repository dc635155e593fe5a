"""What the report says of a run: totals, task frequencies, changes, key parameters."""

from collections.abc import Mapping
from typing import NamedTuple

from envcfg.core.diff import Change
from envcfg.core.params import DEFAULT, Selection, key_parameters
from envcfg.core.tree import Tree
from envcfg.history.history import History
from envcfg.history.transactions import Transaction


class ChangeRow(NamedTuple):
    """One change of the report: a decision, and what it changed leaf by leaf."""

    transaction: Transaction
    changes: tuple[Change, ...]
    parameters: Mapping[str, Tree]
    """The key parameters from then on; empty where the journal lost the config."""


class Summary(NamedTuple):
    """A run in numbers."""

    run: str
    status: str
    curriculum: str | None
    adoptions: int
    """Configurations logged: adoptions by any slot, those that changed nothing included."""
    configs: int
    tasks: Mapping[str, int]
    """Adoptions of each task, most frequent first."""
    initial: int
    """Of the changes, those that gave a slot its first config."""
    rows: tuple[ChangeRow, ...]
    last_step: int
    last_epoch: int | None
    samples: Mapping[str, Mapping[str, Tree]]
    """Key parameters of each task when it first came, under `<task>_epoch_<epoch>`."""
    failures: tuple[str, ...]
    losses: tuple[str, ...]


def summary(history: History, selection: Selection = DEFAULT) -> Summary:
    """The summary of a history; *selection* says which parameters are key."""
    parameters = {
        digest: key_parameters(history.configs[digest], selection)
        for digest in {transaction.config for transaction in history.transactions} & history.configs.keys()
    }
    rows = tuple(
        ChangeRow(transaction, history.changes(transaction), parameters.get(transaction.config, {}))
        for transaction in history.transactions
    )
    return Summary(
        run=history.run,
        status=history.status,
        curriculum=history.curriculum,
        adoptions=sum(history.adopted.values()),
        configs=len({adoption.record.config for adoption in history.adoptions}),
        tasks=history.adopted,
        initial=sum(transaction.is_initial for transaction in history.transactions),
        rows=rows,
        last_step=history.last_step,
        last_epoch=history.last_epoch,
        samples=_samples(rows),
        failures=failures(history),
        losses=history.losses,
    )


def _samples(rows: tuple[ChangeRow, ...]) -> Mapping[str, Mapping[str, Tree]]:
    samples: dict[str, Mapping[str, Tree]] = {}
    seen: set[str | None] = set()
    for row in rows:
        if row.transaction.task not in seen and row.parameters:
            seen.add(row.transaction.task)
            epoch = "?" if row.transaction.epoch is None else row.transaction.epoch
            samples[f"{row.transaction.task or '(unnamed)'}_epoch_{epoch}"] = row.parameters
    return samples


def failures(history: History) -> tuple[str, ...]:
    """The last word on each kind of failure."""
    latest = {(failure.where, failure.message): failure for failure in history.failures}
    return tuple(f"{failure.where}: {failure.message} ({failure.count} times)" for failure in latest.values())

"""The returns of a run as a metric: from the episodes that adapters or the trainer counted, without any logger."""

from collections.abc import Sequence
from typing import Final

from envcfg.core.record import Mix, Returns
from envcfg.core.returns import pooled
from envcfg.history.history import History
from envcfg.sources.series import Series

RETURNS: Final = "returns"
AXIS: Final = "end of epoch"


class ReturnsMetrics:
    """The metric source of recorded returns: the mean return of the episodes that ended in each epoch."""

    def names(self, run: History) -> Sequence[str]:
        return [RETURNS] if has_returns(run) else []

    def series(self, run: History, name: str) -> Series | None:
        found = returns(run) if name == RETURNS else []
        if not found:
            return None
        steps, epochs, parts = zip(*found, strict=True)
        return Series.of(RETURNS, steps, [part.mean for part in parts], epochs=epochs, axis=AXIS)


def has_returns(run: History) -> bool:
    """Whether the run has the returns themselves. Before format version 4, it had at most their means."""
    return any(found.squares is not None for mix in run.mixes for found in (mix.rewards or {}).values())


def returns(run: History, task: str | None = None) -> list[tuple[int, int | None, Returns]]:
    """For each epoch in which an episode ended: its last step, its number, and the returns, of *task* or of all.

    Each count without an epoch has a place of its own.
    """
    ends = {end.epoch: end.step for end in run.epochs}
    epochs: dict[tuple[int | None, int], list[Mix]] = {}
    for number, mix in enumerate(run.mixes):
        epochs.setdefault((mix.epoch, number if mix.epoch is None else -1), []).append(mix)
    found = []
    for (epoch, _), mixes in epochs.items():
        parts = [part for mix in mixes for name, part in (mix.rewards or {}).items() if task in (None, name)]
        whole = pooled(parts)
        if whole is not None:
            last = max(mix.step for mix in mixes)
            found.append((last if epoch is None else ends.get(epoch, last), epoch, whole))
    return sorted(found, key=lambda entry: entry[0])

"""The change of the mean reward, split into task mix and skill: for each epoch, and around a change."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from envcfg.core.record import Mix
from envcfg.core.split import Split, merged, split
from envcfg.history.history import History


class EpochSplit(NamedTuple):
    """The split of one epoch, against the epoch before it in which an episode ended."""

    step: int
    epoch: int | None
    split: Split


def by_epoch(history: History) -> tuple[EpochSplit, ...]:
    """One split for each epoch with rewards, except the first."""
    found = []
    for before, after in pairwise(_rewarded(history)):
        part = split(before.rewards or {}, after.rewards or {})
        if part is not None:
            found.append(EpochSplit(after.step, after.epoch, part))
    return tuple(found)


def around(history: History, *, since: float, change: float, settled: float, until: float) -> Split | None:
    """Compare the epochs that end in (*since*, *change*] with the epochs in [*settled*, *until*].

    None if the trainer passed no rewards to the tracker on one of the sides.
    """
    mixes = _rewarded(history)
    before = [mix.rewards or {} for mix in mixes if since < mix.step <= change]
    after = [
        later.rewards or {} for earlier, later in pairwise(mixes) if earlier.step >= settled and later.step <= until
    ]
    return split(merged(before), merged(after))


def _rewarded(history: History) -> Sequence[Mix]:
    return [mix for mix in history.mixes if mix.rewards]

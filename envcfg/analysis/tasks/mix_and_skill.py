"""The change of the mean reward, split into task mix and skill: for each epoch, and around a change."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from envcfg.core.record import Mix
from envcfg.core.split import Split, SplitSince, split_epochs
from envcfg.history.history import History


class EpochSplit(NamedTuple):
    """The split of the last epochs until this one, against the first epochs of the run."""

    step: int
    epoch: int | None
    split: Split


def by_epoch(history: History) -> tuple[EpochSplit, ...]:
    """One split for each epoch with rewards after the base, see `SplitSince`."""
    since = SplitSince()
    found = [(mix, since.add(mix.rewards or {})) for mix in _rewarded(history)]
    return tuple(EpochSplit(mix.step, mix.epoch, part) for mix, part in found if part is not None)


def around(history: History, *, since: float, change: float, settled: float, until: float) -> Split | None:
    """Compare the epochs that end in (*since*, *change*] with the epochs in [*settled*, *until*].

    None if the trainer passed no rewards to the tracker on one of the sides.
    """
    mixes = _rewarded(history)
    before = [mix.rewards or {} for mix in mixes if since < mix.step <= change]
    after = [
        later.rewards or {} for earlier, later in pairwise(mixes) if earlier.step >= settled and later.step <= until
    ]
    return split_epochs(before, after)


def has_rewards(history: History) -> bool:
    """Whether rewards by task were recorded."""
    return bool(_rewarded(history))


def _rewarded(history: History) -> Sequence[Mix]:
    return [mix for mix in history.mixes if mix.rewards]

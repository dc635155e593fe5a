"""Combines the task probabilities and counts of several ranks. Each rank has its own curriculum and draws its tasks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from envcfg.core.record import Mix, Returns
from envcfg.core.split import merged


def combined_mixes(ranks: Mapping[int, Sequence[Mix]]) -> tuple[Mix, ...]:
    """The mixes of a run in order of step; if several ranks state probabilities, one mix for each epoch.

    The combined probabilities are the mean over ranks, weighted by the adoptions of each rank in the epoch. A rank that
    states nothing in an epoch keeps its latest probabilities. Counts are added.
    """
    every = [mix for mixes in ranks.values() for mix in mixes]
    if sum(any(mix.stated for mix in mixes) for mixes in ranks.values()) < 2:
        return _in_order(every)
    epochs: dict[int, dict[int, list[Mix]]] = {}
    for rank, mixes in ranks.items():
        for mix in mixes:
            if mix.epoch is not None:
                epochs.setdefault(mix.epoch, {}).setdefault(rank, []).append(mix)
    latest: dict[int, Mapping[str, float]] = {}
    merged = [_merged(epoch, epochs[epoch], latest) for epoch in sorted(epochs)]
    return _in_order([*merged, *(mix for mix in every if mix.epoch is None)])


def _in_order(mixes: Iterable[Mix]) -> tuple[Mix, ...]:
    return tuple(sorted(mixes, key=lambda mix: (mix.step, mix.time)))


def _merged(epoch: int, ranks: Mapping[int, Sequence[Mix]], latest: dict[int, Mapping[str, float]]) -> Mix:
    """One mix for an epoch of all ranks. *latest* has the latest probabilities of each rank, and is updated."""
    mixes = [mix for own in ranks.values() for mix in own]
    new = {rank: mix.stated for rank, own in ranks.items() for mix in own if mix.stated}
    latest.update(new)
    adopted = {rank: sum(sum(mix.adopted.values()) for mix in own) for rank, own in ranks.items()}
    return Mix(
        step=max(mix.step for mix in mixes),
        time=max(mix.time for mix in mixes),
        epoch=epoch,
        stated=_weighted(latest, adopted) if new else None,
        adopted=dict(sum((Counter(mix.adopted) for mix in mixes), Counter())),
        rewards=_rewards(mixes),
    )


def _weighted(latest: Mapping[int, Mapping[str, float]], adopted: Mapping[int, int]) -> Mapping[str, float]:
    weights = {rank: adopted.get(rank, 0) for rank in latest}
    whole = sum(weights.values())
    found: dict[str, float] = {}
    for rank, stated in latest.items():
        share = weights[rank] / whole if whole else 1 / len(latest)
        for task, probability in stated.items():
            found[task] = found.get(task, 0.0) + share * probability
    return found


def _rewards(mixes: Sequence[Mix]) -> Mapping[str, Returns] | None:
    return merged(mix.rewards or {} for mix in mixes) or None

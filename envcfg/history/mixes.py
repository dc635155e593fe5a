"""What several ranks stated and adopted, as one curriculum: each of them has its own, and draws its own tasks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from envcfg.core.record import Mix


def together(ranks: Mapping[int, Sequence[Mix]]) -> tuple[Mix, ...]:
    """The mixes of a run in order of step; where several ranks state probabilities, one mix for each epoch.

    Its probabilities are the ranks' own, weighted by how many adoptions each of them had in that epoch; a rank that
    says nothing new still means what it said last. Counts are sums.
    """
    every = [mix for mixes in ranks.values() for mix in mixes]
    if sum(any(mix.stated for mix in mixes) for mixes in ranks.values()) < 2:
        return _in_order(every)
    epochs: dict[int, dict[int, list[Mix]]] = {}
    for rank, mixes in ranks.items():
        for mix in mixes:
            if mix.epoch is not None:
                epochs.setdefault(mix.epoch, {}).setdefault(rank, []).append(mix)
    said: dict[int, Mapping[str, float]] = {}
    merged = [_merged(epoch, epochs[epoch], said) for epoch in sorted(epochs)]
    return _in_order([*merged, *(mix for mix in every if mix.epoch is None)])


def _in_order(mixes: Iterable[Mix]) -> tuple[Mix, ...]:
    return tuple(sorted(mixes, key=lambda mix: (mix.step, mix.time)))


def _merged(epoch: int, ranks: Mapping[int, Sequence[Mix]], said: dict[int, Mapping[str, float]]) -> Mix:
    """One epoch of all ranks; *said* is what each stated last, and is kept up to date."""
    mixes = [mix for own in ranks.values() for mix in own]
    news = {rank: mix.stated for rank, own in ranks.items() for mix in own if mix.stated}
    said.update(news)
    adopted = {rank: sum(sum(mix.adopted.values()) for mix in own) for rank, own in ranks.items()}
    return Mix(
        step=max(mix.step for mix in mixes),
        time=max(mix.time for mix in mixes),
        epoch=epoch,
        stated=_weighted(said, adopted) if news else None,
        adopted=dict(sum((Counter(mix.adopted) for mix in mixes), Counter())),
        rewards=_rewards(mixes),
    )


def _weighted(said: Mapping[int, Mapping[str, float]], adopted: Mapping[int, int]) -> Mapping[str, float]:
    weights = {rank: adopted.get(rank, 0) for rank in said}
    whole = sum(weights.values())
    found: dict[str, float] = {}
    for rank, stated in said.items():
        share = weights[rank] / whole if whole else 1 / len(said)
        for task, probability in stated.items():
            found[task] = found.get(task, 0.0) + share * probability
    return found


def _rewards(mixes: Sequence[Mix]) -> Mapping[str, tuple[int, float]] | None:
    sums: dict[str, tuple[int, float]] = {}
    for mix in mixes:
        for task, (count, mean) in (mix.rewards or {}).items():
            before, total = sums.get(task, (0, 0.0))
            sums[task] = before + count, total + count * mean
    return {task: (count, total / count) for task, (count, total) in sums.items()} or None

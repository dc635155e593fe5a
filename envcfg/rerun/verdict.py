"""Compares a rerun with the recording: its adoptions and its rewards."""

from dataclasses import dataclass
from typing import Final, get_args

from envcfg.core.errors import SourceError
from envcfg.core.path import dotted
from envcfg.core.selection import warn
from envcfg.core.tree import Marker, leaves
from envcfg.history.history import History
from envcfg.rerun.divergence import Divergence, divergences
from envcfg.rerun.replay import Replay, ReplayUnit
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

UNITS: Final[tuple[ReplayUnit, ...]] = get_args(ReplayUnit)


@dataclass(frozen=True, slots=True)
class RewardComparison:
    """A metric of two runs, point by point."""

    metric: str
    points: int
    """The number of points in the recording."""
    same: int
    """The number of first points that are exactly the same in the rerun."""
    step: float | None
    """The step of the first point that differs; None if none does."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The comparison of a recording with its rerun."""

    divergences: tuple[Divergence, ...]
    """The first divergence of each slot."""
    rewards: RewardComparison | None
    unread: str
    """The reason why there are no rewards to compare; empty if there are."""

    @property
    def is_same(self) -> bool:
        return not self.divergences and (self.rewards is None or self.rewards.step is None)


def verdict(recorded: History, again: History, metric: MetricChoice = None) -> Verdict:
    """Compare a run with its rerun. *metric* is by default the run's reward."""
    found = divergences(recorded, again)
    try:
        one = metric_of(recorded, metric)
        return Verdict(found, _rewards(one, metric_of(again, one.name)), "")
    except SourceError as error:
        if metric is not None:
            warn(str(error))
        return Verdict(found, None, str(error))


def units(history: History) -> dict[ReplayUnit, str]:
    """For each unit (step, epoch, episode), the reason why a run cannot be replayed by it; empty if it can."""
    return {by: _why_not(history, by) for by in UNITS}


def left_out(history: History) -> tuple[str, ...]:
    """The keys whose values were not recorded in some config. A replay has to supply them."""
    keys = {
        dotted(path)
        for config in {adopted.config for adopted in history.adoptions.columns.adopted.values}
        for path, value in leaves(history.configs.get(config, {}))
        if isinstance(value, Marker) and value.kind in ("redacted", "unreadable", "unresolved")
    }
    return tuple(sorted(keys))


def _why_not(history: History, by: ReplayUnit) -> str:
    try:
        Replay(history, by=by)
    except SourceError as error:
        return str(error)
    return ""


def _rewards(one: Series, other: Series) -> RewardComparison:
    recorded, found = (tuple(zip(each.steps, each.values, strict=True)) for each in (one, other))
    pairs = zip(recorded, found, strict=False)
    same = next((index for index, (was, now) in enumerate(pairs) if was != now), min(len(recorded), len(found)))
    longest = max(recorded, found, key=len)
    return RewardComparison(one.name, len(recorded), same, None if same == len(longest) else longest[same][0])

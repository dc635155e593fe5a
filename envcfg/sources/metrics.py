"""Reads the metrics that the trainer logged, as series over environment steps."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

from envcfg.core.errors import SourceError
from envcfg.core.selection import near_text
from envcfg.history.history import History
from envcfg.sources.installed import METRICS, installed
from envcfg.sources.logged import LoggedMetrics, rows
from envcfg.sources.ports import MetricSource
from envcfg.sources.series import Series
from envcfg.sources.task_metrics import is_rewarding, of_single_tasks

OUTCOMES: Final = ("reward", "return", "episode_reward", "episodic_return", "rollout/ep_rew_mean", "overview/reward")
OURS: Final[tuple[MetricSource, ...]] = (LoggedMetrics(),)
"""The sources that are asked first, in order."""
_SOME: Final = 12
"""The most names that an error lists."""

MetricChoice: TypeAlias = str | Series | Callable[[History], Series] | None
"""Which metric of a run is meant: its name, its numbers, a function that gives them, or None for the reward."""

Result = TypeVar("Result")


def metric(history: History, name: MetricChoice = None) -> Series:
    """A metric of the run; without a name, the one that looks most like its reward.

    Every metric source is asked in order. A `Series` is given back as it is. Raises `SourceError`
    where none has such a metric.
    """
    if isinstance(name, Series):
        return name
    if callable(name):
        return name(history)
    wanted = name or _reward(history, metric_names(history))
    for found in _answers(lambda source: _checked(source.series(history, wanted)), None):
        if found is not None and found.values:
            return found
    _insist_on_any(history, names := metric_names(history))
    raise SourceError(f"run {history.run} has no metric {wanted}{near_text(wanted, names)}")


def of_each(choice: MetricChoice, runs: int) -> Callable[[History], Series]:
    """What gives the metric of each of several runs; raises `SourceError` for a `Series`, which belongs to one."""
    if isinstance(choice, Series) and runs > 1:
        raise SourceError(
            f"the series {choice.name} belongs to one run, and there are {runs:,}: give a function from a run to its "
            "Series"
        )
    return lambda history: metric(history, choice)


def metric_names(history: History) -> tuple[str, ...]:
    """Every metric of the run that a source has, those that envcfg publishes excluded."""
    none: Sequence[str] = ()
    found = _answers(lambda source: tuple(map(str, source.names(history))), none)
    return tuple(dict.fromkeys(name for names in found for name in names))


def outcome(names: Sequence[str]) -> str | None:
    """The one of *names* that looks most like a reward."""
    for name in OUTCOMES:
        if name in names:
            return name
    return min(filter(is_rewarding, names), key=lambda name: (name.count("/"), len(name)), default=None)


def _answers(question: Callable[[MetricSource], Result], otherwise: Result) -> Iterator[Result]:
    """What each source says, in order; *otherwise* for one of an installed package that fails."""
    yield from map(question, OURS)
    yield from (source.ask(question, otherwise) for source in installed(METRICS))


def _reward(history: History, names: Sequence[str]) -> str:
    """Return the name that looks most like the reward of all tasks together."""
    _insist_on_any(history, names)
    of_a_task = of_single_tasks(names, history.adopted) - set(OUTCOMES)
    found = outcome([name for name in names if name not in of_a_task])
    if found is not None:
        return found
    if of_a_task:
        some = ", ".join(sorted(of_a_task)[:_SOME])
        raise SourceError(f"run {history.run} logged rewards of single tasks only ({some}): name the metric to take")
    known = ", ".join(names[:_SOME]) or "no metric at all"
    raise SourceError(f"run {history.run} logged nothing that looks like a reward; it logged {known}")


def _insist_on_any(history: History, names: Sequence[str]) -> None:
    if not names and not any(True for _ in rows(history)):
        raise SourceError(f"no metrics of run {history.run} were found: no W&B log lies in its folder or beside it")


def _checked(found: Series | None) -> Series | None:
    if found is None or isinstance(found, Series):
        return found
    raise TypeError(f"expected a Series or None, got {type(found).__name__}")  # what others return is not typed

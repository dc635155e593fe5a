"""Reads the metrics that the trainer logged, as series over environment steps."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

from envcfg.core.errors import SourceError
from envcfg.core.selection import near_text
from envcfg.history.history import History
from envcfg.sources.found_metrics import FoundMetrics, NamedPlaces
from envcfg.sources.installed import METRICS, installed
from envcfg.sources.logged import LoggedMetrics, rows
from envcfg.sources.ports import MetricSource
from envcfg.sources.returns import RETURNS, ReturnsMetrics, has_returns
from envcfg.sources.series import Series
from envcfg.sources.task_metrics import names_reward, single_task_names

REWARD_NAMES: Final = (
    "reward",
    "return",
    "episode_reward",
    "episodic_return",
    "rollout/ep_rew_mean",
    "overview/reward",
)
BUILT_IN: Final[tuple[MetricSource, ...]] = (NamedPlaces(), LoggedMetrics(), ReturnsMetrics(), FoundMetrics())
"""The sources that are asked first, in order."""
_SOME: Final = 12
"""The most names that an error lists."""

MetricChoice: TypeAlias = str | Series | Callable[[History], Series] | None
"""A metric of a run: its name, its numbers, a function that returns them, or None for the reward."""

Result = TypeVar("Result")


def metric(history: History, name: MetricChoice = None) -> Series:
    """A metric of the run; without a name, the metric that looks most like its reward.

    The metric sources are asked in order. A `Series` is returned unchanged. Raises `SourceError` if no source has the
    metric.
    """
    if isinstance(name, Series):
        return name
    if callable(name):
        return name(history)
    if name is None and has_returns(history) and not history.metrics:
        return _returns(history)
    wanted = name or _reward(history, metric_names(history))
    for found in _answers(lambda source: _checked(source.series(history, wanted)), None):
        if found is not None and found.values:
            return found
    _require_metrics(history, names := metric_names(history))
    raise SourceError(f"run {history.run} has no metric {wanted}{near_text(wanted, names)}")


def _returns(history: History) -> Series:
    """The recorded returns, also if the trainer logged another metric of that name."""
    found = ReturnsMetrics().series(history, RETURNS)
    if found is None:
        raise SourceError(f"run {history.run} recorded no returns")
    return found


def metric_of_each(choice: MetricChoice, runs: int) -> Callable[[History], Series]:
    """A function that returns the metric of each run. Raises `SourceError` for one `Series` and several runs."""
    if isinstance(choice, Series) and runs > 1:
        raise SourceError(
            f"the series {choice.name} belongs to one run, and there are {runs:,}: give a function that returns the "
            "Series of a run"
        )
    return lambda history: metric(history, choice)


def metric_names(history: History) -> tuple[str, ...]:
    """The names of the run's metrics in all sources, without those of envcfg."""
    none: Sequence[str] = ()
    found = _answers(lambda source: tuple(map(str, source.names(history))), none)
    return tuple(dict.fromkeys(name for names in found for name in names))


def likely_reward(names: Sequence[str]) -> str | None:
    """The name in *names* that looks most like a reward; None if none does."""
    for name in REWARD_NAMES:
        if name in names:
            return name
    return min(filter(names_reward, names), key=lambda name: (name.count("/"), len(name)), default=None)


def reward_of_all_tasks(names: Sequence[str], tasks: Collection[str]) -> str | None:
    """The name that looks most like the reward of all *tasks* together; None if none does."""
    of_a_task = _of_one_task(names, tasks)
    return likely_reward([name for name in names if name not in of_a_task])


def _of_one_task(names: Sequence[str], tasks: Collection[str]) -> set[str]:
    return single_task_names(names, tasks) - set(REWARD_NAMES)


def _answers(question: Callable[[MetricSource], Result], otherwise: Result) -> Iterator[Result]:
    """The answer of each source, in order. A source of an installed package that fails gives *otherwise*."""
    yield from map(question, BUILT_IN)
    yield from (source.ask(question, otherwise) for source in installed(METRICS))


def _reward(history: History, names: Sequence[str]) -> str:
    """Return the name that looks most like the reward of all tasks together."""
    _require_metrics(history, names)
    of_a_task = _of_one_task(names, history.adopted)
    found = likely_reward([name for name in names if name not in of_a_task])
    if found is not None:
        return found
    if of_a_task:
        some = ", ".join(sorted(of_a_task)[:_SOME])
        raise SourceError(f"run {history.run} logged rewards of single tasks only ({some}): name the metric to use")
    known = ", ".join(names[:_SOME]) or "no metrics"
    raise SourceError(f"run {history.run} logged nothing that looks like a reward; it logged {known}")


def _require_metrics(history: History, names: Sequence[str]) -> None:
    if not names and not any(True for _ in rows(history)):
        raise SourceError(
            f"no metrics of run {history.run} were found: no W&B log lies in its folder or beside it, and no file such "
            "as progress.csv, metrics.csv or TensorBoard's. Say where they are: --metrics PLACE, or "
            "envcfg.load(RUN, metrics=PLACE)"
        )


def _checked(found: Series | None) -> Series | None:
    if found is None or isinstance(found, Series):
        return found
    raise TypeError(f"expected a Series or None, got {type(found).__name__}")  # what others return is not typed

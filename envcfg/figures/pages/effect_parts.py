"""The parts of a report about the effects of changes, or the reason why there are none."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from envcfg.analysis.tasks.mix_and_skill import by_epoch, has_rewards
from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.figures.html.document import PagePart, Section
from envcfg.figures.run.mix_and_skill import mix_and_skill
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series
from envcfg.sources.sweep import Sweep

if TYPE_CHECKING:
    from envcfg.analysis.effects.effect import Effect
    from envcfg.figures.changes.cards import Cards

HEADING: Final = "Effects of the changes"
CARDS: Final = "Change by change"
SPLIT: Final = "Task mix and skill"
ABOVE: Final = "Outcomes by group"
AROUND: Final = "Around the changes"
COMMON: Final = "Changes that runs have in common"
NO_SPLIT: Final = (
    "Fewer than two epochs have rewards by task. Pass them at the end of each epoch: "
    "tracker.end_epoch(rewards={task: rewards})."
)


def of_run(history: History, metric_name: MetricChoice) -> Iterator[Section]:
    """The effects as a figure and as cards, and the split into task mix and skill."""
    measured = _RunEffects(history, metric_name)
    yield Section(heading=HEADING, parts=measured.figure)
    yield Section(heading=CARDS, parts=measured.cards)
    yield Section(heading=SPLIT, parts=lambda: _split(history), missing=NO_SPLIT)


def of_sweep(sweep: Sweep, metric_name: MetricChoice) -> Iterator[Section]:
    """The outcomes by group, the metric around all changes, and the changes in common; needs the extra `stats`."""
    yield Section(heading=ABOVE, parts=lambda: _above(sweep, metric_name))
    yield Section(heading=AROUND, parts=lambda: _around(sweep, metric_name))
    yield Section(heading=COMMON, parts=lambda: _common(sweep, metric_name))


def _above(sweep: Sweep, metric_name: MetricChoice) -> Iterator[PagePart]:
    try:
        from envcfg.figures.sweep.profiles import performance_profiles  # noqa: PLC0415  # numpy and scipy, an extra

        said = (
            "The share of the runs of each group that ended above each outcome. Where a line is higher, more runs did."
        )
        yield PagePart(ABOVE, said, performance_profiles(sweep, metric_name=metric_name))
    except (MissingExtraError, SourceError):
        return


def _around(sweep: Sweep, metric_name: MetricChoice) -> Iterator[PagePart]:
    try:
        from envcfg.figures.changes.event_study import event_study  # noqa: PLC0415  # numpy and scipy, an extra

        said = "The metric minus its mean before each change. In grey, the 95 % range at random moments."
        yield PagePart(AROUND, said, event_study(sweep, metric_name=metric_name))
    except (MissingExtraError, SourceError):
        return


def _common(sweep: Sweep, metric_name: MetricChoice) -> Iterator[PagePart]:
    try:
        from envcfg.figures.changes.cards import pooled_cards  # noqa: PLC0415  # numpy and scipy, an extra

        found = pooled_cards(sweep, metric_name)
        if found.cards:
            yield PagePart(COMMON, " ".join(found.summary), found.html)
    except (MissingExtraError, SourceError):
        return


class _RunEffects:
    """The effects of a run, measured once for its figure and its cards."""

    def __init__(self, history: History, metric_name: MetricChoice) -> None:
        self._history, self._metric_name = history, metric_name

    def figure(self) -> Iterator[PagePart]:
        """The figure of the effects; if none was estimated, the cards or the reason."""
        try:
            if not self._has_estimate:
                yield PagePart(HEADING, " ".join(self._cards.summary), self._cards.html if self._effects else "")
                return
        except (MissingExtraError, SourceError) as nothing:
            yield PagePart(HEADING, str(nothing), "")
            return
        from envcfg.figures.changes.effects import draw  # noqa: PLC0415  # numpy and scipy, an extra

        said = "The jump of the metric at each change, with its interval. The cards below add the cautions."
        yield PagePart(HEADING, said, draw(self._history.run, self._effects))

    def cards(self) -> Iterator[PagePart]:
        """The cards; nothing if they already replace the figure."""
        try:
            if self._has_estimate:
                yield PagePart(CARDS, " ".join(self._cards.summary), self._cards.html)
        except (MissingExtraError, SourceError):
            return

    @cached_property
    def _series(self) -> Series:
        return metric_of(self._history, self._metric_name)

    @cached_property
    def _effects(self) -> "tuple[Effect, ...]":
        from envcfg.analysis.effects.effect import effects  # noqa: PLC0415  # numpy and scipy, an extra

        return effects(self._history, self._series)

    @property
    def _has_estimate(self) -> bool:
        return any(effect.estimate for effect in self._effects)

    @cached_property
    def _cards(self) -> "Cards":
        from envcfg.analysis.effects.randomised import randomised  # noqa: PLC0415  # numpy and scipy, an extra
        from envcfg.figures.changes.cards import cards_of  # noqa: PLC0415

        return cards_of(self._effects, randomised(self._history, self._series), has_rewards=has_rewards(self._history))


def _split(history: History) -> Iterator[PagePart]:
    if by_epoch(history):
        said = "The change of the mean reward, split into other tasks (task mix) and better results (skill)."
        yield PagePart(SPLIT, said, mix_and_skill(history))

"""The parts of a report that say what followed changes; where nothing can be said, the sentence why."""

from collections.abc import Iterator

from envcfg.analysis.mix_and_skill import by_epoch
from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.figures.mix_and_skill import mix_and_skill
from envcfg.figures.page import Part
from envcfg.history.history import History
from envcfg.history.metrics import metric as metric_of
from envcfg.history.sweep import Sweep

HEADING = "What followed each change"


def of_run(history: History, metric_name: str | None) -> Iterator[Part]:
    """Effects as a figure and as cards, and where the reward's change came from."""
    try:
        yield from _effects(history, metric_name)
    except (MissingExtraError, SourceError) as nothing:
        yield Part(HEADING, str(nothing), "")
    if by_epoch(history):
        said = "What of the change of the mean reward came of playing other tasks, and what of playing them better."
        yield Part("Task mix and skill", said, mix_and_skill(history))


def of_sweep(sweep: Sweep, metric_name: str | None) -> Iterator[Part]:
    """The metric around all changes, and those that several runs have in common; nothing without the extra `stats`."""
    try:
        from envcfg.figures.cards import pooled_cards  # noqa: PLC0415  # numpy and scipy, an extra
        from envcfg.figures.event_study import event_study  # noqa: PLC0415

        said = "The metric against its mean before each change, and in grey what as many random moments show."
        yield Part("Around the changes", said, event_study(sweep, metric_name=metric_name))
        found = pooled_cards(sweep, metric_name)
        if found.cards:
            yield Part("Changes that runs have in common", " ".join(found.said), found.html)
    except (MissingExtraError, SourceError):
        return


def _effects(history: History, metric_name: str | None) -> Iterator[Part]:
    from envcfg.analysis.effects.effect import effects  # noqa: PLC0415  # numpy and scipy, an extra
    from envcfg.analysis.effects.randomised import randomised  # noqa: PLC0415
    from envcfg.figures.cards import drawn  # noqa: PLC0415
    from envcfg.figures.effects import draw  # noqa: PLC0415

    series = metric_of(history, metric_name)
    found = effects(history, series)
    cards = drawn(found, randomised(history, series))
    if any(effect.estimate for effect in found):
        said = "Each change's step of the metric, with its interval. Below, the same as cards, with what to beware of."
        yield Part(HEADING, said, draw(history.run, found))
        yield Part("Change by change", " ".join(cards.said), cards.html)
    else:
        yield Part(HEADING, " ".join(cards.said), cards.html if found else "")

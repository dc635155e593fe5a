"""The parts of a report that say what followed changes; where nothing can be said, the sentence why."""

from envcfg.analysis.mix_and_skill import by_epoch
from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.figures.mix_and_skill import mix_and_skill
from envcfg.figures.page import Part, table
from envcfg.history.history import History

HEADING = "What followed each change"


def of_run(history: History, metric_name: str | None) -> list[Part]:
    """A table of effects, and where the reward's change came from."""
    parts = [Part(HEADING, *_effects(history, metric_name))]
    if by_epoch(history):
        said = "What of the change of the mean reward came of playing other tasks, and what of playing them better."
        parts.append(Part("Task mix and skill", said, mix_and_skill(history)))
    return parts


def _effects(history: History, metric_name: str | None) -> tuple[str, str]:
    """The text and the table."""
    try:
        from envcfg.analysis.effects.effect import effects  # noqa: PLC0415  # numpy and scipy, an extra
        from envcfg.analysis.effects.words import METHOD, card, summary_text  # noqa: PLC0415

        found = effects(history, metric_name)
    except (MissingExtraError, SourceError) as nothing:
        return str(nothing), ""
    cards = [card(effect) for effect in found]
    rows = [
        (
            " to ".join(map(str, sorted({effect.numbers[0], effect.numbers[-1]}))),
            effect.bundle.step,
            "\n".join([*filter(None, (one.headline, one.detail, one.split)), *(f"! {text}" for text in one.cautions)]),
            effect.q,
        )
        for one, effect in zip(cards, found, strict=True)
    ]
    said = f"{summary_text(found)}. {METHOD}"
    return said, table(("change", "step", "effect", "q"), rows) if rows else ""

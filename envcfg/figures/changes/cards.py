"""Effects as cards for a notebook and for the report: the text of the command line as HTML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from envcfg.analysis.effects.effect import Effect
from envcfg.analysis.effects.effect import effects as measured
from envcfg.analysis.effects.formatting import (
    METHOD,
    POOLING,
    Card,
    card,
    pooled_card,
    randomised_text,
    summary_text,
    unsplit_text,
)
from envcfg.analysis.effects.pooling import PooledEffect, pooled_effects, survivors
from envcfg.analysis.effects.randomised import Randomised, randomised
from envcfg.analysis.formatting import count_text, printable
from envcfg.analysis.tasks.mix_and_skill import has_rewards
from envcfg.core.renamed import Renamed
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.sweep import SweepRun

MOST: Final = 200
"""The most cards that are shown: the first ones."""
_STYLE: Final = """<style>
.envcfg-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26em), 1fr)); gap: 10px; }
.envcfg-cards article { border: 1px solid #7777774d; border-left: 4px solid #777777; border-radius: 4px;
  padding: 6px 12px 8px; break-inside: avoid; overflow-wrap: anywhere; line-height: 1.45; font-size: 13px; }
.envcfg-cards article.found { border-left-color: #1e6d7d; }
.envcfg-cards article.refused { border-left-style: dotted; }
.envcfg-cards div { margin-top: .35em; }
.envcfg-cards .quiet { opacity: .72; }
.envcfg-cards .found .headline { font-weight: 600; }
.envcfg-cards ul { margin: .35em 0 0; padding-left: 1.3em; }
.envcfg-cards ul.cautions { list-style-type: "!  "; }
</style>"""


@dataclass(frozen=True, slots=True)
class Cards(Renamed):
    """Cards of effects. `summary` has sentences about all of them."""

    _called = "cards"

    summary: tuple[str, ...]
    cards: tuple[Card, ...]

    def __str__(self) -> str:
        return "\n\n".join(["\n".join(self.summary), *("\n".join(_lines(each)) for each in self.cards)])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{_text(line)}</p>" for line in self.summary)
        return f"{said}{self.html}"

    @property
    def html(self) -> str:
        """The cards as HTML, without the sentences."""
        shown = "".join(map(_html, self.cards[:MOST]))
        more = len(self.cards) - MOST
        rest = f"<p>… and {count_text(more, 'more card')}</p>" if more > 0 else ""
        return f'{_STYLE}<div class="envcfg-cards">{shown}</div>{rest}'


def effect_cards(history: History, metric_name: MetricChoice = None, *, invariant: bool = False) -> Cards:
    """The effect of each change of a run on a metric, as cards. A notebook shows them as HTML; `str` gives text.

    *metric_name* is by default the run's reward. *invariant* says that the metric keeps its meaning. Raises
    `SourceError` if the run did not log the metric, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import effect_cards
    >>> print(effect_cards(load(sample("forage")), invariant=True).summary[0])
    4 changes: 3 tested, 1 estimated without a test.
    """
    series = metric_of(history, metric_name)
    found = measured(history, series, invariant=invariant)
    switches = randomised(history, series, invariant=invariant)
    return cards_of(found, switches, has_rewards=has_rewards(history))


def cards_of(found: Sequence[Effect], switches: Randomised | None = None, *, has_rewards: bool) -> Cards:
    """The cards of *found*, and the result of the randomisation test if there is one.

    *has_rewards* says whether the run has rewards by task.
    """
    said = [f"{summary_text(found)}.", *([METHOD, unsplit_text(found, has_rewards=has_rewards)] if found else [])]
    if switches is not None:
        said.append(f"{randomised_text(switches)}.")
    return Cards(tuple(filter(None, said)), tuple(map(card, found)))


def pooled_cards(
    runs: Iterable[History | SweepRun], metric_name: MetricChoice = None, *, invariant: bool = False
) -> Cards:
    """The pooled effects of the changes that two or more runs have in common, as cards.

    *metric_name* is by default the reward of each run. *invariant* says that the metric keeps its meaning. Raises
    `SourceError` if no run logged the metric, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import pooled_cards
    >>> len(pooled_cards(load_sweep(sample("sweep")), invariant=True).cards)
    4
    """
    histories = [run if isinstance(run, History) else run.history for run in runs]
    found = pooled_effects(histories, metric_name, invariant=invariant)
    return Cards(tuple(_summary(found, histories)), tuple(map(pooled_card, found)))


def _summary(found: Sequence[PooledEffect], histories: Sequence[History]) -> Iterator[str]:
    yield f"{count_text(len(found), 'change')} that two or more of {len(histories):,} runs have in common. {POOLING}"
    yield from (f"Caution: {caution.text}." for caution in survivors(histories))


def _lines(one: Card) -> Iterator[str]:
    yield one.title
    yield from (f"  {line}" for line in (*one.edits, one.headline, one.detail, one.split) if line)
    yield from (f"  ! {caution}" for caution in one.cautions)


def _html(one: Card) -> str:
    kind = "found" if one.is_found else "open" if one.detail else "refused"
    parts = [
        f"<strong>{_text(one.title)}</strong>",
        _list(one.edits, "quiet"),
        f'<div class="headline">{_text(one.headline)}</div>',
        *(f'<div class="quiet">{_text(line)}</div>' for line in (one.detail,) if line),
        *(f"<div>{_text(line)}</div>" for line in (one.split,) if line),
        _list(one.cautions, "cautions"),
    ]
    numbers = "" if one.numbers is None else ' data-first="{}" data-last="{}"'.format(*one.numbers)
    return f'<article class="{kind}"{numbers}>{"".join(parts)}</article>'


def _list(lines: Sequence[str], kind: str) -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if lines else ""


def _text(text: str) -> str:
    return escape(printable(text))

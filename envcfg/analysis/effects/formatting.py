"""Card: an effect as text. The text says "associated with", never "caused"."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.breaks import Break
from envcfg.analysis.effects.effect import Effect, counts
from envcfg.analysis.effects.estimate import Estimate
from envcfg.analysis.effects.pool import Pooled
from envcfg.analysis.effects.pooling import PooledEffect
from envcfg.analysis.effects.randomised import Randomised
from envcfg.analysis.formatting import cause_text, count_text, edit_text, printable, task_text
from envcfg.core.split import Split

LEAVES: Final = 6
"""The most edits that a card shows."""
METHOD: Final = (
    "Each effect is the jump of the metric after removing its trend (REML, AR(1) noise), with a 95 % interval. "
    "p is calibrated by placebos; q is the false discovery rate over these cards. "
    "An association does not prove a cause."
)
POOLING: Final = (
    "The mean over runs, with 95 % intervals by Student's t over runs. The bend of their common curve is added. "
    "q is the false discovery rate over these cards. An association does not prove a cause."
)


class Card(NamedTuple):
    """One effect, line by line."""

    title: str
    edits: tuple[str, ...]
    headline: str
    detail: str
    split: str
    """The change of the mean reward as task mix and skill; empty if the trainer passed no rewards."""
    cautions: tuple[str, ...]
    is_found: bool
    """Whether q is below 0.05."""
    numbers: tuple[int, int] | None = None
    """The numbers of its first and its last change; None for a pooled effect."""


def card(effect: Effect) -> Card:
    """The card of one effect."""
    edits = [edit_text(edit) for edit in effect.edits[:LEAVES]]
    more = len(effect.edits) - LEAVES
    return Card(
        title=_title(effect),
        edits=(*edits, *([f"… and {more:,} more"] if more > 0 else [])),
        headline=_headline(effect),
        detail="" if effect.estimate is None else _detail(effect.estimate),
        split="" if effect.split is None else split_text(effect.split),
        cautions=tuple(printable(caution.text) for caution in effect.cautions if caution.text != effect.refusal),
        is_found=effect.q is not None and effect.q < 0.05,
        numbers=(effect.numbers[0], effect.numbers[-1]),
    )


def _title(effect: Effect) -> str:
    first, last = effect.group.changes[0], effect.group.changes[-1]
    numbers = f"Change {first.number:,}" if first is last else f"Changes {first.number:,} to {last.number:,}"
    epoch = "" if first.epoch is None else f" · epoch {first.epoch:,}"
    cause = cause_text(first.cause)
    return f"{numbers} · step {first.step:,}{epoch} · to {task_text(last.task)}" + (f" · {cause}" if cause else "")


def _headline(effect: Effect) -> str:
    found, name = effect.estimate, printable(effect.metric)
    if found is None:
        return f"{name}: no effect can be measured: {printable(effect.refusal or '')}"
    percent = "" if found.percent is None else f", {found.percent:+.1f} %"
    parts = f"{name}: associated with {number(found.value)}{_interval(found)} ({found.sd:+.2f} sd{percent})"
    return parts if found.p is None or effect.q is None else f"{parts}, p {p_text(found.p)}, q {p_text(effect.q)}"


def _detail(found: Estimate) -> str:
    before, after = found.points
    correction = f"; the correction for its rule is {number(-found.correction)}" if found.correction else ""
    bend = f"; the curve bends, which adds {found.bend:.2g} to the standard error" if _bends(found) else ""
    seen = f"; it could have seen ±{found.detectable:.3g}" if found.detectable is not None else ""
    placebos = f"; {found.placebos} placebos" if found.placebos else ""
    wider = f" made the interval {found.inflation**0.5:.2f} times as wide" if found.inflation > 1 else ""
    return (
        f"{before} points before (mean {found.means[0]:.4g}), {after} after (mean {found.means[1]:.4g}), "
        f"autocorrelation {found.rho:.2f}{placebos}{wider}{correction}{bend}{seen}"
    )


def _bends(found: Estimate) -> bool:
    """Whether the bend of the curve is a visible part of the standard error."""
    return found.bend > 0.2 * found.se


def randomised_text(found: Randomised) -> str:
    """The result of the randomisation test, as a sentence without its full stop."""
    name, count = printable(found.metric), len(found.switches)
    choices = sorted({switch.choices for switch in found.switches})
    each = f"{choices[0]}" if len(choices) == 1 else f"{choices[0]} to {choices[-1]}"
    left = f" ({found.unused} more cannot be used)" if found.unused else ""
    smallest = f"; with so few moments it cannot be below {p_text(found.least_p)}" if found.least_p > 0.05 else ""
    verdict = "caused by these changes" if found.p < 0.05 else "no more than chance explains"
    jump = f"{name} jumped by {number(found.value)} more than at the other possible times"
    test = f"randomisation test: p {p_text(found.p)}{smallest}"
    times = f"{count_text(count, 'change')} came at random times, each chosen from {each}{left}"
    return f"{times}: {jump}, {verdict} ({test})"


def split_text(found: Split) -> str:
    """`mean reward of all episodes 0.8 → 0.67: task mix -0.1, skill -0.03`"""
    return f"mean reward of all episodes {found.before:.4g} → {found.after:.4g}: {mix_and_skill_text(found)}"


def mix_and_skill_text(found: Split) -> str:
    """`task mix -0.1 ± 0.02, skill -0.03 ± 0.01`, with standard errors"""
    if not found.is_identified:
        return "cannot be split, because no task was played before and after"
    return f"task mix {number(found.mix)}{_error(found.mix_se)}, skill {number(found.skill)}{_error(found.skill_se)}"


def _error(se: float | None) -> str:
    return "" if se is None else f" ± {se:.2g}"


def number(value: float) -> str:
    """*value* with its sign and three digits: `+0.141`, `-249`."""
    return f"{value:+.3g}" if abs(value) < 1e6 else f"{value:+.2e}"


def _interval(found: Estimate) -> str:
    return "" if found.low is None or found.high is None else f" [{number(found.low)}, {number(found.high)}]"


def p_text(value: float) -> str:
    """`0.032`, `0.45`, `< 0.0001`"""
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def pooled_card(found: PooledEffect) -> Card:
    """The card of a change that several runs have in common."""
    runs, pooled, name = len(found.effects), found.pooled, printable(found.metric)
    more = len(found.changed) - LEAVES
    return Card(
        title=f"In {runs} runs · changes {', '.join(str(effect.numbers[0]) for effect in found.effects)}",
        edits=(*found.changed[:LEAVES], *([f"… and {more:,} more"] if more > 0 else [])),
        headline=f"{name}: no test over runs: {printable(found.refusal or '')}"
        if pooled is None or found.q is None
        else _pooled(name, pooled, found.q),
        detail="" if pooled is None else _spread(pooled),
        split=_splits([effect.split for effect in found.effects if effect.split is not None]),
        cautions=tuple(printable(caution.text) for caution in found.cautions),
        is_found=found.q is not None and found.q < 0.05,
    )


def _pooled(name: str, pooled: Pooled, q: float) -> str:
    size = f"{number(pooled.value)} [{number(pooled.low)}, {number(pooled.high)}]"
    return f"{name}: associated with {size} over {pooled.runs} runs, p {p_text(pooled.p)}, q {p_text(q)}"


def _spread(pooled: Pooled) -> str:
    differ = f"{pooled.i_squared:.0f} % of the variation between runs is more than noise (I²)"
    signs = f"the effect is positive in {pooled.positive} of {pooled.runs} runs (sign test: p {p_text(pooled.sign_p)})"
    against = f"; each is compared with {pooled.controls} or more unchanged runs" if pooled.controls else ""
    bend = f"; what all runs share adds {pooled.shared:.2g} to the standard error" if _shares(pooled) else ""
    return f"{differ}; {signs}{against}{bend}; it could have seen ±{pooled.detectable:.3g}"


def _shares(pooled: Pooled) -> bool:
    return pooled.shared > 0.2 * pooled.se


def _splits(found: Sequence[Split]) -> str:
    """The range over runs: `task mix -0.12 to -0.1, skill -0.03 to +0.01, in 4 runs`"""
    found = [split for split in found if split.is_identified]
    if not found:
        return ""
    mix, skill = ([getattr(split, name) for split in found] for name in ("mix", "skill"))
    return f"task mix {_range(mix)}, skill {_range(skill)}, in {count_text(len(found), 'run')}"


def _range(values: Sequence[float]) -> str:
    return " to ".join(dict.fromkeys(map(number, (min(values), max(values)))))


def summary_text(effects: Sequence[Effect]) -> str:
    """`4 changes: 2 tested, 1 estimated without a test, 1 not testable`"""
    said = [f"{count} {kind}" for kind, count in counts(effects).items() if count]
    are_single = all(len(effect.numbers) == 1 for effect in effects)
    grouped = "" if are_single else " or groups of changes"
    return (
        f"{count_text(len(effects), 'change')}{grouped}: {', '.join(said)}"
        if said
        else "nothing changed during this run"
    )


def unsplit_text(effects: Sequence[Effect], *, has_rewards: bool) -> str:
    """How to get a split for changes that cannot be tested; empty if it is not needed, or if there are rewards."""
    if has_rewards or all(effect.estimate for effect in effects):
        return ""
    return (
        "No rewards by task were recorded. Pass them to tracker.end_epoch(..., rewards=): "
        "a change that is not testable is then still split into task mix and skill."
    )


def breaks_text(metric: str, breaks: Sequence[Break]) -> Iterator[str]:
    """A line for each break without a recorded change near it."""
    for one in breaks:
        size = f"{number(one.estimate.value)}{_interval(one.estimate)}"
        where = f"Break · step {one.step:,.0f} · {printable(metric)} {size}"
        yield f"{where}, p {p_text(one.p)}: no change was recorded near it"
    if not breaks:
        yield f"{printable(metric)} has no break without a recorded change near it."

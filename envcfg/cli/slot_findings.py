"""The checks of `envcfg doctor` on slots: which live, which ended and how, and which two workers used at once."""

from collections import Counter
from collections.abc import Iterator

from envcfg.analysis.formatting import count_text
from envcfg.cli.finding import Finding, State
from envcfg.core.code import Code
from envcfg.history.history import History

_KILLED = (
    "their processes stopped and did not say so, as after a kill: they count as living. Look for the reason in the "
    "messages of the training, and for a lack of memory: dmesg | tail"
)


def slots(history: History) -> Iterator[Finding]:
    """Say how many slots lived at the end, and report those whose end or identity is not known."""
    if not len(history.lives):
        return
    living = history.lives.alive(history.last_step, len(history.adoptions))
    reasons = Counter(life.reason for life in history.lives if life.reason and living.get(life.place) != life)
    ended = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    more = f"; {sum(reasons.values()):,} ended before ({ended})" if reasons else ""
    evaluated = history.of_role("eval").adoptions.places
    apart = f"; {count_text(len(evaluated), 'slot')} of the evaluation, kept apart" if evaluated else ""
    yield Finding("Slots", State.GOOD, f"{count_text(len(living), 'slot')} lived at the end{more}{apart}")
    silent = sorted({life.place for life in history.lives if life.is_silent})
    if silent:
        yield Finding("Slots", State.NOTE, f"{', '.join(map(str, silent))}: the end is not known", _KILLED)
    twice = sorted({place.slot for place in history.adoptions.places if place.worker})
    if twice:
        numbers = ", ".join(map(str, twice))
        said = f"several workers used one slot number at the same time: {numbers}. They are told apart by their workers"
        todo = "give each environment its own number, or leave slot= out; for an evaluation, add role='eval'"
        yield Finding("Slots", State.WRONG, said, todo, Code.TWO_ENVIRONMENTS)

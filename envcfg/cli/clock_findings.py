"""The checks of `envcfg doctor` on the run clock, and on where the metrics are placed."""

from collections.abc import Iterator

from envcfg.cli.finding import Finding, State
from envcfg.core.code import Code
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.history.queries.phases import phase_name, unnamed
from envcfg.sources.logged import rows
from envcfg.sources.metrics import metric
from envcfg.sources.placing import disagreements

_MEND = "pass environment steps of all slots to tracker.end_epoch(step=...)"
_MANY = 20
"""With this many episodes of each slot at one step, the step was never set."""


def clock(history: History) -> Iterator[Finding]:
    """Check that the step moves, and that it went back only where a phase was named."""
    episodes, slots = sum(history.adopted.values()), max(1, len(history.adoptions.places))
    steps = history.adoptions.columns.step
    if episodes >= _MANY * slots and steps and steps[0] == history.last_step:
        said = f"{episodes:,} episodes began at step {steps[0]:,}: the step never moved"
        yield Finding("Clock", State.WRONG, said, "call tracker.set_step(step=...) in the training loop")
    for phase in unnamed(history):
        said = (
            f"{phase_name(phase)} begins at step {phase.step:,}: your program went back without a call of begin_phase"
        )
        yield Finding("Clock", State.NOTE, said, 'call tracker.begin_phase("name") where it counts from a lower number')


def axes(history: History) -> Iterator[Finding]:
    """Say where the reward is placed, and which steps of its rows do not agree with the run clock."""
    try:
        logged = list(rows(history))
        found = metric(history)
    except EnvcfgError as error:
        if error.code is Code.MISSING_EXTRA:
            yield Finding("Metrics", State.NOTE, str(error))
        if "cannot be placed" in str(error):
            yield Finding("Metrics", State.WRONG, str(error))
        return
    if found.doubt is None:
        yield Finding("Metrics", State.GOOD, f"{found.name} is placed by {found.axis}")
    else:
        said, _, mend = found.doubt.partition(". ")
        yield Finding("Metrics", State.NOTE, said, mend[0].lower() + mend[1:])
    for sentence in disagreements(history, logged):
        yield Finding(
            "Metrics", State.NOTE, sentence, "pass environment steps of all slots to tracker.end_epoch(step=...)"
        )

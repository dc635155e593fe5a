"""The messages of the clock on standard error."""

from typing import Final

from envcfg.core.code import Code, Coded

WITHOUT_STEP: Final = 50
"""A warning follows after this many adoptions if no step was set or counted."""
NO_STEP: Final = (
    f"{WITHOUT_STEP} episodes began, but the step was never set: all of them are recorded at the same step. Call "
    "tracker.set_step(step=...) in the training loop, or pass step= to record"
)
BACK: Final = (
    "{what} went back from {before:,} to {now:,} without a call of begin_phase. A new phase begins here, and its steps "
    'follow the steps before. If your program counts from a lower number here, call tracker.begin_phase("name") first'
)
LATE: Final = (
    "step {now:,} was recorded after step {before:,}: steps must not go back. It is recorded at step {before:,}"
)
SEVERAL: Final = Coded(
    "two threads set the step of one tracker at the same time, each with a count of its own: the steps of both are "
    "mixed. Give each training its own tracker: Tracker(folder)",
    Code.TWO_CLOCKS,
)

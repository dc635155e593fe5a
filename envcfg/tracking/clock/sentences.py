"""What the clock says on standard error."""

from typing import Final

from envcfg.core.code import Code, Coded

WITHOUT_STEP: Final = 50
"""A warning follows after this many adoptions while nobody has set or counted a step."""
NO_STEP: Final = (
    f"{WITHOUT_STEP} episodes began, and nobody has set the step: all of them are recorded at the same one. Call "
    "tracker.set_step(step=...) in the training loop, or pass step= to record"
)
BACK: Final = (
    "{what} went back from {before:,} to {now:,}, and nobody said why. What follows is laid behind what was recorded "
    'before, in a phase of its own. If your program counts anew there, call tracker.begin_phase("name") before it'
)
LATE: Final = (
    "step {now:,} was recorded after step {before:,}: steps must not go back. It is recorded at step {before:,}"
)
SEVERAL: Final = Coded(
    "two threads set the step of one tracker at the same time, each with a count of its own: the steps of both are "
    "mixed. Give each training its own tracker: Tracker(folder)",
    Code.TWO_CLOCKS,
)

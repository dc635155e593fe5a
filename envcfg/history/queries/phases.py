"""The phase of a moment: a part of the run in which the training program counted its steps from another number."""

from collections.abc import Sequence

from envcfg.core.record import Phase
from envcfg.history.recording import Recording


def phase_at(phases: Sequence[Phase], step: float, time: float | None = None) -> Phase | None:
    """The phase in which *step* lies. At the first step of a phase, *time* decides. None before the first one."""
    found = phases[0] if phases and not phases[0].number else None
    for phase in phases:
        if phase.step < step or (phase.step == step and (time is None or phase.time <= time)):
            found = phase
    return found


def phase_step(phase: Phase | None, step: int) -> int:
    """A step of the run as the training program counted it in *phase*."""
    return step if phase is None else step - phase.step + phase.phase_step


def phase_name(phase: Phase) -> str:
    """`phase 1 "learn"`, or `phase 1`"""
    return f"phase {phase.number}" + ("" if phase.name is None else f' "{phase.name}"')


def unnamed(history: Recording) -> tuple[Phase, ...]:
    """The phases without a name: the steps or the epochs went back without a call that begins a phase."""
    return tuple(phase for phase in history.phases if phase.name is None and phase.number)

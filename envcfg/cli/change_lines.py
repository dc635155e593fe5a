"""Prints a change as lines of text: when it happened, in which slots, why, and its edits."""

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from envcfg.analysis.formatting import cause_text, changes_text, count_text, edit_text, printable, task_text, time_text
from envcfg.core.diff import Edit
from envcfg.core.record import Phase
from envcfg.history.changes import Change
from envcfg.history.queries.phases import phase_at, phase_name, phase_step


def change_lines(change: Change, edits: Iterable[Edit], phases: Sequence[Phase] = ()) -> Iterator[Text]:
    """The lines of a change, or of an initial config."""
    slots = len(change.places)
    epoch = "?" if change.epoch is None else f"{change.epoch:,}"
    last = "" if slots == 1 else f", all by step {change.last_step:,}"
    yield Text.assemble(
        (changes_text([change]), "bold"),
        f"  step {change.step:,}  epoch {epoch}  {time_text(change.time)}  ",
        (task_text(change.task), "bold cyan"),
        (f"  adopted by {count_text(slots, 'slot')}{last}", "dim"),
        (_phase_text(change, phases), "dim"),
    )
    if change.cause is not None:
        yield Text(f"    {cause_text(change.cause)}", "magenta")
    if change.requested_at is not None and change.requested_at != change.step:
        yield Text(f"    requested at step {change.requested_at:,}", "dim")
    yield from (Text(f"    {edit_text(edit)}") for edit in edits)
    if len(change.variants) > 1:
        yield Text(f"    in {change.places[0]}; the other slots were given values of their own", "dim")


def _phase_text(change: Change, phases: Sequence[Phase]) -> str:
    """Where the change lies in its phase; empty if the run has one phase only."""
    if not any(phase.number for phase in phases):
        return ""
    phase = phase_at(phases, change.step, change.time)
    name = "phase 0" if phase is None else printable(phase_name(phase))
    return f"  {name}, step {phase_step(phase, change.step):,} of it"

"""Prints a change as lines of text: when it happened, in which slots, why, and its edits."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from envcfg.analysis.formatting import cause_text, count_text, edit_text, task_text, time_text
from envcfg.core.diff import Edit
from envcfg.history.changes import Change


def change_lines(change: Change, edits: Iterable[Edit]) -> Iterator[Text]:
    slots = len(change.places)
    epoch = "?" if change.epoch is None else f"{change.epoch:,}"
    last = "" if slots == 1 else f", all by step {change.last_step:,}"
    yield Text.assemble(
        (f"change {change.number:,}", "bold"),
        f"  step {change.step:,}  epoch {epoch}  {time_text(change.time)}  ",
        (task_text(change.task), "bold cyan"),
        (f"  {count_text(slots, 'slot')}{last}", "dim"),
    )
    if change.cause is not None:
        yield Text(f"    {cause_text(change.cause)}", "magenta")
    if change.requested_at is not None and change.requested_at != change.step:
        yield Text(f"    requested at step {change.requested_at:,}", "dim")
    yield from (Text(f"    {edit_text(edit)}") for edit in edits)

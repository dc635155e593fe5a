"""A change as lines of text: when it came, to which slots, why, and what it changed."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from envcfg.analysis.formatting import cause_text, edit_text, task_text, time_text
from envcfg.core.diff import Edit
from envcfg.history.changes import Change


def change_lines(transaction: Change, changes: Iterable[Edit]) -> Iterator[Text]:
    slots = len(transaction.places)
    epoch = "?" if transaction.epoch is None else transaction.epoch
    until = "" if slots == 1 else f" until step {transaction.last_step}"
    yield Text.assemble(
        (f"change {transaction.number}", "bold"),
        f"  step {transaction.step}  epoch {epoch}  {time_text(transaction.time)}  ",
        (task_text(transaction.task), "bold cyan"),
        (f"  {slots} slot{'s' if slots > 1 else ''}{until}", "dim"),
    )
    if transaction.cause is not None:
        yield Text(f"    {cause_text(transaction.cause)}", "magenta")
    if transaction.requested_at is not None and transaction.requested_at != transaction.step:
        yield Text(f"    requested at step {transaction.requested_at}", "dim")
    yield from (Text(f"    {edit_text(change)}") for change in changes)

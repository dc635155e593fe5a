"""A change as lines of text: when it came, to which slots, why, and what it changed."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from envcfg.analysis.wording import cause_text, change_text, task_text, time_text
from envcfg.core.diff import Change
from envcfg.history.transactions import Transaction


def change_lines(transaction: Transaction, changes: Iterable[Change]) -> Iterator[Text]:
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
    yield from (Text(f"    {change_text(change)}") for change in changes)

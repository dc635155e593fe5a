"""`envcfg tasks RUN`: print how often and how long each task ran, and compare with the stated probabilities."""

from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents.answers import tasks_json
from envcfg.analysis.formatting import count_text, task_text
from envcfg.analysis.tasks.agreement import agreement_text
from envcfg.analysis.tasks.task_use import TaskUse, TaskUses, task_uses
from envcfg.cli.options import Format, Output, Role, Run, WhichRole, loaded
from envcfg.cli.printing import document, lines, table

FEW = 20


def tasks(
    run: Run,
    *,
    role: Role = WhichRole.TRAIN,
    show_all: Annotated[bool, typer.Option("--all", help="Print every line of every list.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print how often each task was adopted, how long slots kept it, and which task came next.

    If the curriculum stated probabilities, also print whether the adopted tasks agree with them.

    Example: [bold]envcfg tasks RUN[/]
    """
    history = loaded(run, role)
    uses = task_uses(history)
    if output is Format.JSON:
        document(tasks_json(history, uses))
        return
    most = None if show_all else FEW
    _frequencies(uses, most)
    _transitions(uses, most)
    if uses.agreement is not None:
        lines([Text(), Text(agreement_text(uses.agreement))])


def _frequencies(uses: TaskUses, most: int | None) -> None:
    head = ("task", "adoptions", "share", "stated", "configs", "stays", "median stay", "running", "steps")
    table([(name, "left" if name == "task" else "right") for name in head], map(_row, uses.rows[:most]))
    _more(len(uses.rows), most)


def _row(row: TaskUse) -> list[str | Text]:
    return [
        Text(task_text(row.task), "bold"),
        f"{row.adoptions:,}",
        f"{row.share:.1%}",
        "" if row.stated is None else f"{row.stated:.1%}",
        f"{row.configs:,}",
        f"{row.stays:,}",
        "" if row.median_stay is None else f"{row.median_stay:,g} steps",
        count_text(row.running, "slot") if row.running else "",
        "" if row.first_step is None else f"{row.first_step:,} to {row.last_step:,}",
    ]


def _transitions(uses: TaskUses, most: int | None) -> None:
    if not uses.transitions:
        return
    lines([Text(), Text("Transitions", "bold")])
    lines(
        Text(f"  {task_text(before)} → {task_text(after)}: {count_text(count, 'time')}")
        for (before, after), count in list(uses.transitions.items())[:most]
    )
    _more(len(uses.transitions), most)


def _more(count: int, most: int | None) -> None:
    if most is not None and count > most:
        lines([Text(f"  ... and {count - most:,} more (--all)", "dim")])

"""`envcfg diff`: what differs between two moments of a run, or between two runs."""

from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents import diff_json
from envcfg.analysis.wording import printable, task_text, value_text
from envcfg.cli.options import Format, Output, Params, Rank, Slot, Worker, is_moment, place, point
from envcfg.cli.printing import document, lines
from envcfg.core.diff import Change
from envcfg.core.diff import diff as compare
from envcfg.core.errors import EnvcfgError
from envcfg.core.path import dotted, matches
from envcfg.history.history import History
from envcfg.history.in_force import InForce
from envcfg.history.sources import load


def diff(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, or RUN@MOMENT.")],
    points: Annotated[
        list[str],
        typer.Argument(
            metavar="A [B]", help="One or two moments of that run, or another run. B is by default its end."
        ),
    ],
    *,
    param: Params = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="Leave out this dotted key, or the keys that a glob matches. Can be repeated."
        ),
    ] = None,
    slot: Slot = None,
    rank: Rank = 0,
    worker: Worker = 0,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with status 1 if anything differs.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print the differences between two configs: of two moments of a run, or of two runs.

    A moment is a step, first, last, epoch:N, change:N or time:ISO. A run without a moment means its end.

    Examples: [bold]envcfg diff RUN first last[/] · [bold]envcfg diff RUN epoch:10 epoch:40 --slot 3[/] ·
    [bold]envcfg diff RUN OTHER[/] · [bold]envcfg diff RUN@epoch:40 OTHER@epoch:40[/]
    """
    asked = place(slot, rank, worker)
    sides = [(history, history.in_force(moment, asked)) for history, moment in _sides(run, points)]
    (one, before), (other, after) = sides
    changes = [
        change
        for change in compare(one.config(before.config), other.config(after.config))
        if (param is None or any(matches(change.path, glob) for glob in param))
        and not any(matches(change.path, glob) for glob in ignore or ())
    ]
    if output is Format.JSON:
        document(diff_json(sides, changes))
    else:
        lines([_head("---", one, before), _head("+++", other, after), *map(_line, changes)])
    raise typer.Exit(int(exit_code and bool(changes)))


def _sides(run: str, points: list[str]) -> list[tuple[History, str]]:
    moments = [text for text in points if is_moment(text)]
    if len(points) == 1 and not moments:
        return [point(run), point(points[0])]
    if len(points) > 2 or len(moments) < len(points):
        raise EnvcfgError(f"compare RUN A B, RUN A, or RUN OTHER; not {' '.join([run, *points])}")
    history = load(run)
    return [(history, moments[0]), (history, [*moments, "last"][1])]


def _head(sign: str, history: History, held: InForce) -> Text:
    task = task_text(held.since.record.task)
    return Text(f"{sign} {printable(history.run)} at step {held.step}: {task}", "bold")


def _line(change: Change) -> Text:
    return Text.assemble(
        f"  {printable(dotted(change.path))} ",
        (value_text(change.before), "red"),
        " → ",
        (value_text(change.after), "green"),
    )

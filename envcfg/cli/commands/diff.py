"""`envcfg diff`: print the differences between two moments of a run, or between two runs."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents.spreads import diff_json
from envcfg.analysis.formatting import count_text, printable, task_text
from envcfg.analysis.spread_text import shares_text, sides_text
from envcfg.cli.options import (
    Format,
    Output,
    Params,
    Rank,
    Role,
    Slot,
    WhichRole,
    Worker,
    is_moment,
    loaded,
    place,
    point,
)
from envcfg.cli.printing import document, lines
from envcfg.core.diff import Edit
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.path import dotted, matches
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.history.history import History
from envcfg.history.queries.moments import GRAMMAR
from envcfg.history.queries.spreads import SpreadEdit, Spreads, difference
from envcfg.sources.named import named


def diff(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, or RUN@MOMENT.")],
    points: Annotated[
        list[str],
        typer.Argument(
            metavar="A [B]", help="One or two moments of that run, or another run. By default B is the end."
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
    rank: Rank = None,
    worker: Worker = None,
    role: Role = WhichRole.TRAIN,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with status 1 if anything differs.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print the differences between the configs of two moments of a run, or of two runs.

    A moment is a step, first, last, epoch:N, change:N or time:ISO. A run without a moment means its end.

    Examples: [bold]envcfg diff RUN first last[/] · [bold]envcfg diff RUN epoch:10 epoch:40 --slot 3[/] ·
    [bold]envcfg diff RUN OTHER[/] · [bold]envcfg diff RUN@epoch:40 OTHER@epoch:40[/]
    """
    asked = place(slot, rank, worker)
    sides = [(history, history.spreads(moment, asked)) for history, moment in _sides(run, points, role)]
    before, after = (spreads for _, spreads in sides)
    _check([before, after], param or (), ignore or ())
    edits = [
        edit
        for edit in difference(before, after)
        if (param is None or any(matches(edit.path, glob) for glob in param))
        and not any(matches(edit.path, glob) for glob in ignore or ())
    ]
    if output is Format.JSON:
        document(diff_json(sides, edits))
    else:
        lines([*(_head(sign, *side) for sign, side in zip(("---", "+++"), sides, strict=True)), *map(_line, edits)])
    raise typer.Exit(int(exit_code and bool(edits)))


def _check(sides: Sequence[Spreads], params: Sequence[str], ignore: Sequence[str]) -> None:
    """Raise an error if neither config has any of the keys. Warn about each unknown key otherwise."""
    configs = [config for side in sides for config in side.configs]
    unknown = unmatched_keys(params, configs, "neither config")
    warn_or_raise(unknown, is_anything_left=len(unknown) < len(set(params)))
    warn_or_raise(unmatched_keys(ignore, configs, "neither config"), is_anything_left=True)


def _sides(run: str, points: list[str], role: WhichRole) -> list[tuple[History, str]]:
    moments = [text for text in points if is_moment(text)]
    if len(points) == 1 and not moments:
        return [point(run, role), _other(points[0], role)]
    if len(points) > 2 or len(moments) < len(points):
        raise EnvcfgError(f"expected RUN A B, RUN A, or RUN OTHER, got {' '.join([run, *points])}")
    history = loaded(named(run), role)
    return [(history, moments[0]), (history, [*moments, "last"][1])]


def _other(text: str, role: WhichRole) -> tuple[History, str]:
    """Load another run. If one word names no run, the error also lists the moments, since one may have been meant."""
    try:
        return point(text, role)
    except SourceError as error:
        if "/" in text or "@" in text:
            raise
        raise SourceError(f"{error}; {text} is not a moment either: {GRAMMAR}") from error


def _head(sign: str, history: History, held: Spreads) -> Text:
    tasks = task_text(str(held.tasks.value or "")) if held.tasks.is_one else f"tasks {shares_text(held.tasks)}"
    said = f"; {count_text(len(held.differing), 'key')} differ between slots" if held.differing else ""
    return Text(f"{sign} {printable(history.run)} at step {held.step:,}: {tasks}{said}", "bold")


def _line(edit: Edit | SpreadEdit) -> Text:
    before, after = sides_text(edit)
    return Text.assemble(f"  {printable(dotted(edit.path))} ", (before, "red"), " → ", (after, "green"))

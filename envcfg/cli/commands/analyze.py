"""`envcfg analyze RUN`: print a report on a run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from envcfg.analysis.documents.answers import summary_json
from envcfg.analysis.documents.exports import legacy_json, parameters_csv
from envcfg.analysis.formatting import count_text, printable
from envcfg.analysis.run.draw_fit import problems
from envcfg.analysis.run.draw_rows import draws_sentence
from envcfg.analysis.run.requests import request_sentences
from envcfg.analysis.run.sessions import other_sentences, restart_sentences
from envcfg.analysis.run.summary import MOST_CELLS, Summary, summary
from envcfg.cli.files import write, write_each
from envcfg.cli.first_line import first_line
from envcfg.cli.options import Format, Output, Run, left_out
from envcfg.cli.printing import lines
from envcfg.cli.report_plain import plain
from envcfg.cli.report_rich import show
from envcfg.core.errors import MissingExtraError
from envcfg.core.params import Selection
from envcfg.history.history import History
from envcfg.sources.load import load

ENDINGS = {
    "completed": "the run completed",
    "incomplete": "a part of the recording is missing, so this report speaks of the rest only",
    "failed": "the run ended early: it failed with an exception",
    "interrupted": "the run ended early: it was interrupted",
    "cut off": "the run was killed or is still running: no ending was written",
    "not recorded": "its ending was not recorded",
}
COUNTED = "Numbers: this report counts the initial config as Change 1; other commands call it change 0"


def analyze(
    run: Run,
    *,
    output: Output = Format.TEXT,
    show_all: Annotated[bool, typer.Option("--all", help="Print every line of every list.")] = False,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="Print this dotted key, or the keys that a glob matches, instead of the default key parameters.",
        ),
    ] = None,
    export_csv: Annotated[
        Path | None, typer.Option(help="Write the key parameters of each change to this file.", metavar="FILE")
    ] = None,
    output_dir: Annotated[
        Path | None, typer.Option(help="Write the whole analysis into this folder.", metavar="DIR")
    ] = None,
) -> None:
    """Print a report on a run: totals, task frequencies, changes, key parameters.

    Examples: [bold]envcfg analyze outputs/2026-11-23/14-00-00[/] and
    [bold]envcfg analyze RUN --export-csv params.csv[/]
    """
    history = load(run)
    writes_table = export_csv is not None or output_dir is not None
    selection = Selection(None if param is None else tuple(param))
    found = summary(history, selection, most_cells=MOST_CELLS if writes_table else None)
    if output is Format.JSON:
        typer.echo(_json(history, found))
    else:
        print_report(history, found, show_all=show_all)
    if export_csv is not None:
        write(export_csv, parameters_csv(found))
        typer.echo(f"Key parameters: {export_csv}", err=True)
    if output_dir is not None:
        _write_all(output_dir, history, found)


def print_report(history: History, found: Summary, *, show_all: bool = False) -> None:
    """Print the report: with colours on a terminal, and as plain text into a pipe."""
    console = Console(highlight=False)
    if console.is_terminal:
        show(console, found, show_all=show_all)
    else:
        typer.echo(plain(found, show_all=show_all))
    lines(map(Text, _details(history, found)))
    if not console.is_terminal:
        lines([Text(COUNTED)])


def _details(history: History, found: Summary) -> list[str]:
    """Return lines about the ending, the journal, the losses and the failures of the run."""
    said = [f"Run: {printable(found.run)}: {ENDINGS[found.status]}", f"Journal: {printable(str(history.folder))}"]
    if history.abandoned:
        first = history.abandoned[0].record.step
        said.append(
            f"Abandoned: {count_text(len(history.abandoned), 'record')} from step {first:,} on; "
            "a restart began at an earlier step"
        )
    if history.coverage.first_step is None:
        said.append(f"Nothing was recorded. Type this line into the training: {first_line(history)}")
    said += [f"Note: {printable(sentence)}" for sentence in (*restart_sentences(history), *other_sentences(history))]
    said += [f"Note: {printable(note)}" for note in history.notes]
    evaluation = history.of_role("eval")
    said += [f"Evaluation: {left_out(evaluation)}"] if evaluation.adoptions else []
    drawn = draws_sentence(history)
    said += [f"Draws: {drawn}; envcfg draws RUN says more"] if drawn else []
    said += [f"Draws: {problem.name} {problem.text}" for problem in problems(history)]
    said += [f"Requests: {sentence}" for sentence in request_sentences(history)]
    said += [f"Lost: {printable(loss)}" for loss in found.losses]
    return said + [f"Failed: {printable(failure)}" for failure in found.failures]


def _json(history: History, found: Summary) -> str:
    return json.dumps(summary_json(found, journal=str(history.folder)), indent=1, allow_nan=False)


def _write_all(folder: Path, history: History, found: Summary) -> None:
    contents = {
        "report.txt": lambda: plain(found, show_all=True),
        "summary.json": lambda: _json(history, found),
        "params.csv": lambda: parameters_csv(found),
        "env_config_history.json": lambda: legacy_json(history),
        **_pages(history),
    }
    for _ in write_each(folder, contents):
        pass
    typer.echo(f"Analysis: {folder}", err=True)


def _pages(history: History) -> dict[str, Callable[[], str]]:
    try:
        from envcfg.figures.html.page import page  # noqa: PLC0415  # an extra
        from envcfg.figures.run.timeline import timeline  # noqa: PLC0415
    except ImportError:
        typer.echo(f"No timeline.html: {MissingExtraError('a figure', extra='figures')}", err=True)
        return {}
    return {"timeline.html": lambda: page(timeline(history), title=history.run)}

"""`envcfg requests RUN`: print the requests, when each slot adopted them, and the keys that never took effect."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents.requests import requests_json
from envcfg.analysis.formatting import cause_text
from envcfg.analysis.run.requests import (
    RequestRow,
    answer_text,
    answers_of,
    asked_text,
    became_text,
    request_rows,
    request_sentences,
)
from envcfg.cli.options import Format, Output, Run
from envcfg.cli.printing import document, lines
from envcfg.history.answers import Answer
from envcfg.sources.load import load


def requests(
    run: Run,
    *,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", metavar="N", min=1, help="Only the last N requests.")
    ] = None,
    slots: Annotated[
        bool, typer.Option("--slots", help="Print, for each slot, when it was asked and when it adopted the config.")
    ] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print each request, how many steps later the slots adopted it, and the keys that never took effect.

    Examples: [bold]envcfg requests RUN[/] · [bold]envcfg requests RUN --slots[/]
    """
    history = load(run)
    rows = request_rows(history)
    shown = rows[-limit:] if limit else rows
    if output is Format.JSON:
        document(requests_json(history, shown))
        return
    by_slot = answers_of(history) if slots else {}
    lines(line for row in shown for line in _lines(row, by_slot.get(row.number, ())))
    summary = list(request_sentences(history)) or [
        "no requests were recorded: call tracker.request(...), or use an adapter that records them"
    ]
    lines([*([Text()] if rows else []), *map(Text, summary)])


def _lines(row: RequestRow, answers: Iterable[Answer]) -> Iterator[Text]:
    epoch = "?" if row.request.epoch is None else f"{row.request.epoch:,}"
    head = Text.assemble((f"request {row.number:,}", "bold"), f"  step {row.request.step:,}  epoch {epoch}  ")
    yield head + Text(asked_text(row), "bold cyan")
    yield Text(f"    {became_text(row)}", "red" if row.waiting else "")
    if row.request.cause is not None:
        yield Text(f"    {cause_text(row.request.cause)}", "magenta")
    yield from (Text(f"    {answer_text(answer)}", "dim") for answer in answers)

"""`envcfg draws RUN`: print what a randomised environment drew, and compare it with what the program stated."""

from collections.abc import Iterator

from rich.text import Text

from envcfg.analysis.documents.draws import draws_json
from envcfg.analysis.run.draw_fit import problems
from envcfg.analysis.run.draw_rows import DrawRow, draw_rows, verdict
from envcfg.cli.options import Format, Output, Params, Run
from envcfg.cli.printing import document, lines, table
from envcfg.history.history import History
from envcfg.sources.load import load

HEAD = ("parameter", "draws", "mean", "sd", "lowest", "10 %", "median", "90 %", "highest", "stated", "agreement")
TEXTS = ("parameter", "stated", "agreement")
FEW = 4


def draws(run: Run, *, param: Params = None, output: Output = Format.TEXT) -> None:
    """Print the distribution of each parameter that was drawn anew at resets, and what was stated about it.

    Draws of the latest stated distribution are tested: by the test of Kolmogorov and Smirnov, or by chi-squared.

    Examples: [bold]envcfg draws RUN[/] · [bold]envcfg draws RUN --param friction[/]
    """
    history = load(run)
    rows = draw_rows(history, param)
    if output is Format.JSON:
        document(draws_json(history, rows))
        return
    if not rows:
        lines([Text(f"Run {history.run} recorded no draws: no parameter was new at each reset.")])
        return
    table([(name, "left" if name in TEXTS else "right") for name in HEAD], map(_row, rows))
    lines(_problems(history, rows))


def _row(row: DrawRow) -> list[str | Text]:
    found = row.drawn
    numbers = [""] * 7
    if found.has_numbers and found.low is not None and found.high is not None:
        quantiles = map(found.quantile, (0.1, 0.5, 0.9))
        numbers = [_number(value) for value in (found.mean, found.sd, found.low, *quantiles, found.high)]
    return [
        Text(row.parameter.name, "bold"),
        f"{found.count:,}",
        *numbers,
        row.stated,
        verdict(row.fit) if found.has_numbers or not found.values else _counts(row) or verdict(row.fit),
    ]


def _counts(row: DrawRow) -> str:
    pairs = list(zip(row.drawn.values, row.drawn.counts, strict=True))
    shown = [f"{value} {draws / row.drawn.count:.0%}" for value, draws in pairs[:FEW]]
    return ", ".join(shown) + (", ..." if len(pairs) > FEW else "")


def _problems(history: History, rows: list[DrawRow]) -> Iterator[Text]:
    names = {row.parameter.name for row in rows}
    found = [problem for problem in problems(history) if problem.name in names]
    if found:
        yield Text()
    for problem in found:
        yield Text.assemble((problem.name, "bold"), f" {problem.text}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"

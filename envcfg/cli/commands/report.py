"""`envcfg report RUN... -o FILE`: write a report on a run or a sweep as one self-contained HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from envcfg.analysis.attempt import broken_text
from envcfg.analysis.formatting import count_text
from envcfg.cli.files import write
from envcfg.cli.named_runs import named_runs
from envcfg.cli.options import DrawnMetric, MetricPlaces, some_runs
from envcfg.core.errors import EnvcfgError, MissingExtraError


def report(
    runs: Annotated[list[str], some_runs("Runs, or folders of sweeps.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")] = Path(
        "report.html"
    ),
    metric: DrawnMetric = None,
    metrics: MetricPlaces = None,
) -> None:
    """Write a page of figures and tables about one run, or about several runs.

    Examples: [bold]envcfg report outputs/2026-11-23/14-00-00 -o report.html[/] and
    [bold]envcfg report multirun/2026-11-23/14-00-00[/]
    """
    try:
        from envcfg.figures.pages.report import report_document  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        raise MissingExtraError("a figure", extra="figures") from error
    sweep = named_runs(runs, metrics=metrics)
    page = report_document(sweep, metric_name=metric)
    write(output, page.html)
    typer.echo(f"Report: {output} ({count_text(len(sweep), 'run')})")
    if page.broken:
        raise EnvcfgError(broken_text(page.broken, others=f"The other parts of {output} are complete"))

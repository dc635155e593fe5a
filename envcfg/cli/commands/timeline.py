"""`envcfg timeline RUN -o FILE`: write the timeline as one self-contained HTML file, or as a picture."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envcfg.cli.files import write
from envcfg.cli.options import DrawnMetric, MetricPlaces, Role, Run, WhichRole, loaded
from envcfg.core.errors import EnvcfgError, MissingExtraError
from envcfg.history.history import History


class XAxis(StrEnum):
    """The x axis of a timeline. `time` is the wall clock."""

    STEP = "step"
    EPOCH = "epoch"
    TIME = "time"


def timeline(
    run: Run,
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write: a page (.html), or a picture (.png, .svg, .pdf, .webp, .jpg).",
        ),
    ] = Path("timeline.html"),
    metric: DrawnMetric = None,
    metrics: MetricPlaces = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="Draw this dotted key, or the keys that a glob matches. By default all changed keys."
        ),
    ] = None,
    x: Annotated[XAxis, typer.Option(help="The quantity on the x axis.")] = XAxis.STEP,
    role: Role = WhichRole.TRAIN,
) -> None:
    """Draw the reward with a mark at every change, and the changed parameters below it.

    Examples: [bold]envcfg timeline outputs/2026-11-23/14-00-00 -o timeline.html[/] ·
    [bold]envcfg timeline last -o timeline.svg[/]
    """
    write_timeline(loaded(run, role, metrics=metrics), output, metric=metric, params=param, x=x)
    typer.echo(f"Timeline: {output}")


def write_timeline(
    history: History,
    output: Path,
    *,
    metric: str | None = None,
    params: list[str] | None = None,
    x: XAxis = XAxis.STEP,
) -> None:
    """Write the timeline of *history* as a page, or as a picture if the suffix of *output* says so.

    Raises `MissingExtraError` without Plotly, or without the library that draws pictures.
    """
    try:
        from envcfg.figures.html.page import page  # noqa: PLC0415  # heavy, and an extra
        from envcfg.figures.picture import FORMATS, picture  # noqa: PLC0415
        from envcfg.figures.run.timeline import timeline as figure  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a figure", extra="figures") from error
    kind = output.suffix.lower().removeprefix(".")
    if kind not in ("", "html", "htm", *FORMATS):
        expected = ", ".join(f".{known}" for known in FORMATS)
        raise EnvcfgError(f"{output}: expected a file that ends in .html, or for a picture in {expected}")
    drawn = figure(history, metric_name=metric, params=params, x=x)
    write(output, picture(drawn, kind) if kind in FORMATS else page(drawn, title=history.run))

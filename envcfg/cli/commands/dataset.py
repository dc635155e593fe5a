"""`envcfg dataset RUN... -o DIR`: write the runs of a sweep as one Parquet dataset."""

from pathlib import Path
from typing import Annotated

import typer

from envcfg.analysis.formatting import count_text
from envcfg.cli.options import some_runs
from envcfg.cli.progress import counting
from envcfg.core.errors import MissingExtraError


def dataset(
    runs: Annotated[list[str], some_runs("Runs, folders of sweeps, or globs.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")] = Path(
        "dataset"
    ),
    ray: Annotated[bool, typer.Option("--ray", help="Read the runs on a Ray cluster.")] = False,
) -> None:
    """Write the changes and metrics of all runs as one Parquet dataset, partitioned by run.

    Examples: [bold]envcfg dataset multirun/2026-11-23/14-00-00 -o dataset[/] · [bold]envcfg dataset 'runs/*' --ray[/]
    """
    try:
        from envcfg import tables  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        raise MissingExtraError("a table", extra="tables") from error
    with counting("Writing runs") as progress:
        table = tables.write_dataset(runs, output, spread=tables.on_ray if ray else map, progress=progress)
    unread = table["loss"].drop_nulls().to_list()
    typer.echo(f"Dataset: {output} ({count_text(table.height - len(unread), 'run')})")
    for loss in unread:
        typer.echo(f"Not read: {loss}", err=True)

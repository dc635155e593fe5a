"""`envcfg bundle RUN`: make an offline W&B run complete, so that it can be moved and synced elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from envcfg.analysis.formatting import count_text
from envcfg.core.errors import EnvcfgError
from envcfg.sources.wandb.bundle import bundle as complete


def bundle(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Offline W&B run folders, such as wandb/offline-run-*.")
    ],
) -> None:
    """Copy the artifact files of offline W&B runs into the folders of the runs, so that you can move the folders.

    Use it on the machine that made the runs. Use it again on the machine that you moved them to, before
    [bold]wandb sync[/].

    Example: [bold]envcfg bundle wandb/offline-run-*[/]
    """
    lost = 0
    for run in runs:
        made = complete(run)
        lost += len(made.lost)
        typer.echo(f"{run}: {count_text(made.files, 'artifact file')} in its folder")
        for name in made.lost:
            typer.echo(f"{run}: lost: {name!r}", err=True)
    if lost:
        raise EnvcfgError(
            f"{count_text(lost, 'artifact file')} not found; first run envcfg bundle on the machine that made the runs"
        )

"""`envcfg bundle RUN`: an offline W&B run that can be moved and synced elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from envcfg.core.errors import EnvcfgError
from envcfg.sources.wandb.bundle import bundle as make_whole


def bundle(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Offline W&B run folders, such as wandb/offline-run-*.")
    ],
) -> None:
    """Copy the artifacts of offline W&B runs into the folders of the runs, so that these can be moved.

    Use it where the runs were made, and again where they were moved to, before [bold]wandb sync[/].

    Example: [bold]envcfg bundle wandb/offline-run-*[/]
    """
    lost = 0
    for run in runs:
        made = make_whole(run)
        lost += len(made.lost)
        typer.echo(f"{run}: {made.files} artifact files in its folder")
        for name in made.lost:
            typer.echo(f"{run}: lost: {name!r}", err=True)
    if lost:
        raise EnvcfgError(f"{lost} artifact files are where no log leads to; bundle runs where they were made first")

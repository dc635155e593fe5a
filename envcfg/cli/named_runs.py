"""The runs that a command was given, and a line on stderr for each that could not be read."""

from collections.abc import Iterable
from typing import Final

import typer

from envcfg.analysis.formatting import printable
from envcfg.sources.sweep import Sweep, load_sweep
from envcfg.sources.wandb.runs import Progress

_MOST: Final = 20
"""Lines: of a sweep that has just begun, most jobs have recorded nothing yet."""


def named_runs(where: Iterable[str], *, progress: Progress | None = None) -> Sweep:
    """The runs at *where*, as `load_sweep` finds them; what a mistyped name left out does not go unsaid."""
    sweep = load_sweep(list(where), progress=progress)
    for loss in sweep.losses[:_MOST]:
        typer.echo(f"Not read: {printable(loss)}", err=True)
    if len(sweep.losses) > _MOST:
        typer.echo(f"Not read: {len(sweep.losses) - _MOST:,} more", err=True)
    return sweep

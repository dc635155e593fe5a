"""Loads the runs that a command names, and writes a line to stderr for each one that could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import typer

from envcfg.analysis.formatting import printable
from envcfg.cli.progress import counting
from envcfg.core.errors import EnvcfgError
from envcfg.sources.sweep import Sweep, load_sweep

_MOST: Final = 20
"""The most lines to print. In a new sweep, most jobs have recorded nothing yet."""


def named_runs(where: Iterable[str], *, metrics: Sequence[str] | None = None) -> Sweep:
    """Return the runs at *where*, as `load_sweep` finds them, with a progress bar on stderr.

    Each run that was left out is reported there. *metrics* says where the metrics are, of one run only.
    """
    with counting("Reading runs") as progress:
        sweep = load_sweep(list(where), progress=progress)
    print_unread(sweep.losses)
    return _with_metrics(sweep, tuple(metrics)) if metrics else sweep


def _with_metrics(sweep: Sweep, places: tuple[str, ...]) -> Sweep:
    if len(sweep) != 1:
        raise EnvcfgError(f"--metrics belongs to one run, and there are {len(sweep):,}: name one run")
    run = sweep[0]
    return replace(sweep, runs=(replace(run, history=replace(run.history, metrics=places)),))


def print_unread(losses: Sequence[str]) -> None:
    """Print a line to stderr for each run that could not be read."""
    for loss in losses[:_MOST]:
        typer.echo(f"Not read: {printable(loss)}", err=True)
    if len(losses) > _MOST:
        typer.echo(f"Not read: {len(losses) - _MOST:,} more", err=True)

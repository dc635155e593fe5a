"""`envcfg demo`: train a small agent, record the training, and print the report and the paths of all files."""

import importlib.util
import shlex
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envcfg.analysis.run.summary import summary
from envcfg.cli.commands.analyze import print_report
from envcfg.cli.commands.timeline import write_timeline
from envcfg.cli.training import run
from envcfg.core.errors import MissingExtraError
from envcfg.journal.folder import JOURNAL
from envcfg.rerun.command import quoted
from envcfg.sources.load import load


class Preset(StrEnum):
    """How long the demo trains."""

    SHORT = "short"
    FULL = "full"
    DENSE = "dense"
    TINY = "tiny"


def demo(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OVERRIDE]...", help="Hydra overrides, such as seed=1 or curriculum=learning_progress."
        ),
    ] = None,
    *,
    preset: Annotated[
        Preset,
        typer.Option(
            help="short (under a minute), full (minutes; learns well), dense (more points to draw) or tiny (seconds)."
        ),
    ] = Preset.SHORT,
    output_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of the run. By default a new one in outputs/.")
    ] = None,
) -> None:
    """Train a small PPO agent under a curriculum, record the training, and print the report.

    Example: [bold]envcfg demo --preset full seed=1[/]
    """
    for package in ("torch", "gymnasium", "numpy"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError("the demo", extra="demo")
    folder = output_dir or Path("outputs") / time.strftime("%Y-%m-%d") / time.strftime("%H-%M-%S")
    status = _train(folder, preset, overrides or [])
    if status != 0:
        typer.echo(_early_end_text(status, folder), err=True)
        raise typer.Exit(status if status > 0 else 128 - status)
    _print_results(folder)


def _train(folder: Path, preset: Preset, overrides: list[str]) -> int:
    """Start the demo's Hydra app, as users start their own app."""
    settings = [
        "hydra/callbacks=env_config",
        "hydra.callbacks.env_config.artifact_gap=0",
        "hydra.callbacks.env_config.invariant=[returns]",
        "trainer.env_config_save_interval=500",
        f"preset={preset}",
        f"hydra.run.dir={quoted(str(folder))}",
    ]
    command = [sys.executable, "-m", "envcfg.demo.train", *settings, *overrides]
    typer.echo(f"Training ({preset}): python {shlex.join(command[1:])}", err=True)
    return run(command)


def _early_end_text(status: int, folder: Path) -> str:
    ended = f"The training ended with status {status}"
    if not (folder / JOURNAL).is_dir():
        return f"{ended} before anything was recorded"
    return f"{ended}; to see its records: {_analyze(folder)}"


def _analyze(folder: Path) -> str:
    """Return the command to type, with the name of the folder quoted if necessary."""
    return shlex.join(["envcfg", "analyze", str(folder)])


def _print_results(folder: Path) -> None:
    history = load(folder)
    print_report(history, summary(history))
    figure = folder / "timeline.html"
    write_timeline(history, figure)
    runs = sorted(folder.glob("wandb/*run-*"))
    typer.echo(f"W&B run (offline): {runs[-1] if runs else 'none: W&B is disabled or not installed'}")
    typer.echo(f"Figure: {figure}")
    typer.echo(f"Next: open the figure in a browser, or: {_analyze(folder)} --export-csv params.csv")

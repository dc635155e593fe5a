"""Logs the metrics of the demo: one W&B row for each epoch, and a progress bar on a terminal."""

import importlib.util
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from envcfg.demo.slots import Episodes


class Logbook:
    """A W&B run in *folder*, if wandb is installed and enabled, and a progress bar on a terminal."""

    def __init__(self, config: DictConfig, folder: Path) -> None:
        self._run = _wandb_run(config, folder)
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._bar = self._progress.add_task("", total=config.trainer.epochs)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self._run is not None:
            self._run.finish(exit_code=0 if error is None else 1)

    def epoch(self, epoch: int, step: int, episodes: Episodes, losses: dict[str, float]) -> None:
        """Log one row. `reward` and `reward/TASK` are shares of the attainable reward; `return` is in reward units."""
        row: dict[str, float] = {"epoch": epoch, "step": step, **losses}
        if episodes.rewards:
            row["reward"] = sum(episodes.rewards) / len(episodes.rewards)
            row["return"] = sum(episodes.returns) / len(episodes.returns)
        for task, values in episodes.outcomes.items():
            row[f"reward/{task}"] = sum(values) / len(values)
        if self._run is not None:
            self._run.log(row)
        if "reward" in row:  # otherwise no episode ended in this epoch, and the last text stays
            self._progress.update(self._bar, description=f"{', '.join(episodes.outcomes)}  reward {row['reward']:.2f}")
        self._progress.advance(self._bar)

    def summary(self, **values: Any) -> None:
        if self._run is not None:
            self._run.summary.update(values)


def _wandb_run(config: DictConfig, folder: Path) -> Any:
    if config.wandb.mode == "disabled" or not _has_wandb():
        return None
    import wandb  # noqa: PLC0415  # an extra

    return wandb.init(
        mode=config.wandb.mode,
        project=config.wandb.project,
        dir=folder,
        config=OmegaConf.to_container(config, resolve=True),  # type: ignore[arg-type]  # a mapping
        settings=wandb.Settings(console="off", silent=True),
    )


def _has_wandb() -> bool:
    """Whether the library is installed. A folder `wandb` of earlier runs is no library: it has no origin."""
    spec = importlib.util.find_spec("wandb")
    return spec is not None and spec.origin is not None

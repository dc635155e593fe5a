"""Finds the folders of all recorded runs below a folder: output folders of Hydra, W&B's run folders, journals."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from envcfg.journal.folder import JOURNAL, segment_of
from envcfg.sources.wandb.address import WANDB_FOLDER

DEPTH: Final = 8
"""How many levels below the given folder runs are looked for. A job of a multirun lies four levels deep."""
_OTHERS: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
"""Large folders of other programs."""
_FILES: Final = "files"
"""The folder inside a W&B run folder that contains its journal."""


def found_runs(folder: Path, *, depth: int = DEPTH) -> Iterator[Path]:
    """Yield the folder of each run below *folder*. Hidden folders and folders that may not be read are left out.

    A copy of a journal that W&B keeps inside the folder of its run is not another run. The sessions of a resumed W&B
    run are one run, with the folder of the last session.
    """
    sessions: dict[tuple[Path, str], Path] = {}
    for run in _below(folder, depth, set()):
        of_wandb = WANDB_FOLDER.fullmatch(run.name)
        if of_wandb is None:
            yield run
            continue
        known = sessions.setdefault((run.parent, of_wandb["id"]), run)
        if _began(run) > _began(known):
            sessions[run.parent, of_wandb["id"]] = run
    yield from sessions.values()


def _below(folder: Path, depth: int, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """The runs in *folder* and below it. A folder that several links lead to is visited once."""
    try:
        itself = folder.stat()
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name))
    except OSError:
        return
    if (itself.st_dev, itself.st_ino) in seen:
        return
    seen.add((itself.st_dev, itself.st_ino))
    if any(segment_of(entry.name) for entry in inside):
        yield _run_of(folder)
        return
    is_run = any(entry.name == JOURNAL and has_segments(folder / JOURNAL) for entry in inside)
    for entry in inside if depth else ():
        is_left_out = entry.name.startswith(".") or entry.name in _OTHERS or (is_run and entry.name == "wandb")
        if not is_left_out and entry.is_dir():
            yield from _below(folder / entry.name, depth - 1, seen)


def has_segments(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(segment_of(entry.name) for entry in entries)
    except OSError:
        return False


def _run_of(journal: Path) -> Path:
    """The folder that a user knows as the run: that of the job, or of the W&B run."""
    if journal.name != JOURNAL:
        return journal
    run = journal.parent
    return run.parent if run.name == _FILES and WANDB_FOLDER.fullmatch(run.parent.name) else run


def _began(run: Path) -> str:
    return run.name.removeprefix("offline-")

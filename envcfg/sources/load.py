"""Loads a run from a folder or from the W&B server."""

import os
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final

from envcfg.core.code import code_of
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.selection import warn
from envcfg.history.history import History
from envcfg.sources.folders import FolderSource
from envcfg.sources.installed import RUNS, installed
from envcfg.sources.legacy_json import LegacyJsonSource
from envcfg.sources.nearby import no_such_folder, path_of
from envcfg.sources.ports import RunSource
from envcfg.sources.run_address import run_address
from envcfg.sources.wandb.address import PREFIX, is_of_a_disk
from envcfg.sources.wandb.source import WandbSource

BUILT_IN: Final[tuple[RunSource, ...]] = (WandbSource(), LegacyJsonSource(), FolderSource())
"""Our sources, which are asked first, in this order."""
SOME: Final = 4
"""The most other runs in a folder that a warning names."""


def load(where: str | PathLike[str], *, metrics: str | PathLike[str] | Sequence[str | PathLike[str]] = ()) -> History:
    """Load the recorded run at *where*, and return its history.

    `wandb:entity/project/run_id` always means the server. A path that begins with `/`, `./`, `../` or `~` always means
    a folder, and so does a path with a date or a time, such as Hydra's. If none of our sources finds the run, the run
    sources of installed packages are asked.

    *metrics* says where the trainer logged its metrics, if not in W&B and not in the folder of the run: one place or
    several. A place is a file (CSV, JSON lines, Parquet, TensorBoard's), a folder with such files, or a run of a
    tracking service, such as `mlflow:RUN_ID`, the address of its page, or `trackio:PROJECT/RUN`.

    Jobs that share a folder are several runs. The last one is loaded, with a `SelectionWarning` that names the others:
    `FOLDER#ID` is one of them. Raises `SourceError` if there is no run, or if several folders have one. The message
    says where it looked.

    Example: `history = load("outputs/2026-11-23/14-00-00")`
    """
    found = _found(where if isinstance(where, str) else _always_a_path(where))
    places = (metrics,) if isinstance(metrics, str | PathLike) else metrics
    return replace(found, metrics=tuple(map(str, places))) if places else found


def _found(text: str) -> History:
    refusals: list[EnvcfgError] = []
    for find in (_of_ours, _of_others):
        try:
            found = find(text)
        except EnvcfgError as error:
            refusals.append(error)
        else:
            if found is not None:
                _tell_of_others(found, text)
                return found
    if refusals:
        raise refusals[0]
    raise SourceError(f"{no_such_folder(path_of(text))}{_on_the_server(path_of(text))}")


def _tell_of_others(found: History, text: str) -> None:
    """Warn that the last of several runs in a folder was taken, unless *text* names one of them."""
    if not found.others or run_address(text).run:
        return
    named = [other.where for other in found.others]
    more = f" and {len(named) - SOME:,} more" if len(named) > SOME else ""
    warn(
        f"{text} contains {len(named) + 1:,} runs, and this is the last one; to read another one, type "
        f"{' or '.join(named[-SOME:])}{more}"
    )


def _of_ours(where: str) -> History | None:
    try:
        return next((found for source in BUILT_IN if (found := source.find(where)) is not None), None)
    except OSError as error:
        raise SourceError(f"{where[:200]} cannot be read: {error.strerror or error}", code=code_of(error)) from error


def _of_others(where: str) -> History | None:
    """The run that a source of an installed package finds. A source that fails is left out."""
    refusals: list[EnvcfgError] = []
    for source in installed(RUNS):
        try:
            found = source.ask(lambda asked: _checked(asked.find(where)), None, EnvcfgError)
        except EnvcfgError as error:
            refusals.append(error)
            continue
        if found is not None:
            return found
    if refusals:
        raise refusals[0]
    return None


def _checked(found: object) -> History | None:
    if found is None or isinstance(found, History):
        return found
    raise TypeError(f"expected a History or None, got {type(found).__name__}")


def _always_a_path(where: PathLike[str]) -> str:
    """The text of a path object, which is never an address. A relative path gets a dot at its beginning."""
    path = path_of(where)
    return str(path) if path.is_absolute() else os.path.join(os.curdir, path)  # noqa: PTH118  # a Path drops the dot


def _on_the_server(path: Path) -> str:
    may_be = len(path.parts) == 3 and not path.is_absolute() and not is_of_a_disk(path.as_posix())
    return f"; a run on W&B is {PREFIX}{path}" if may_be else ""

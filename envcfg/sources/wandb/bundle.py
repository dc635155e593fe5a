"""Copies the artifact files of an offline W&B run into its folder, so that it can be moved and synced elsewhere.

W&B stages artifact files outside the run. The run's log names them by absolute path. If you move only the run's folder
and sync it, its artifacts are lost without a message.
"""

import base64
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from envcfg.core.code import Code, Coded
from envcfg.core.errors import SourceError
from envcfg.core.whole_file import replace_file
from envcfg.sources.wandb.client import record_type
from envcfg.sources.wandb.log import opened, packed, payloads

FOLDER: Final = "artifact-files"
"""The folder of the artifact files, in the run's folder."""


class Bundle(NamedTuple):
    """The number of artifact files that are in the run's folder, and the names of those that were not found."""

    files: int
    lost: tuple[str, ...]


def bundle(run: Path) -> Bundle:
    """Copy all artifact files into *run* and correct the paths in its log. Repeat it after *run* was moved.

    Only files whose MD5 matches the log are copied. Raises `SourceError` if *run* is not an offline run.
    """
    logs = sorted(run.glob("run-*.wandb")) if run.is_dir() else []
    if len(logs) != 1:
        raise SourceError(f"{run} is not an offline W&B run: expected one file run-<id>.wandb, found {len(logs)}")
    losses: list[Coded] = []
    with opened(logs[0]) as file:
        records = list(_parsed(payloads(file, logs[0], losses), logs[0], losses))
    entries = [entry for record in records for entry in _entries(record)]
    lost = [entry.path for entry in entries if not _keep(entry, run)]
    replace_file(logs[0], packed([record.SerializeToString() for record in records]))
    return Bundle(len(entries) - len(lost), (*losses, *lost))


def _parsed(found: Iterable[bytes], log: Path, losses: list[Coded]) -> Iterator[Any]:
    new_record = record_type()
    for payload in found:
        record = new_record()
        try:
            record.ParseFromString(payload)
        except Exception as error:  # noqa: BLE001  # protobuf has errors of its own
            losses.append(Coded(f"{log.name}: a record was left out: {error}", Code.DAMAGED))
        else:
            yield record


def _entries(record: Any) -> list[Any]:
    """Return the manifest entries of an artifact that are local files."""
    if record.WhichOneof("record_type") != "artifact":
        return []
    return [entry for entry in record.artifact.manifest.contents if entry.local_path]


def _keep(entry: Any, run: Path) -> bool:
    """Copy the entry's file into the run's folder and correct the entry's path. Return False if the file is lost."""
    try:
        kept = run.absolute() / FOLDER / base64.b64decode(entry.digest).hex()
    except ValueError:  # no digest
        return False
    for source in (kept, Path(entry.local_path), _moved(entry.local_path, run)):
        if source is not None and _has_digest(source, entry.digest):
            if source != kept:
                kept.parent.mkdir(exist_ok=True)
                shutil.copyfile(source, kept)
            entry.local_path = str(kept)
            return True
    return False


def _moved(path: str, run: Path) -> Path | None:
    """Return the present path of a file of the run's folder, in case the folder was moved."""
    _, inside, rest = path.partition(f"/{run.absolute().name}/")
    return run / rest if inside and ".." not in Path(rest).parts else None


def _has_digest(path: Path, digest: str) -> bool:
    if not path.is_file():  # a log may name an endless device
        return False
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).digest()
    except OSError:
        return False
    return base64.b64encode(found).decode() == digest

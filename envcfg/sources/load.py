"""Loads a run from a folder or from the W&B server."""

import re
from os import PathLike
from pathlib import Path

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.history import History
from envcfg.journal.folder import JOURNAL
from envcfg.journal.reading import is_journal, read_journal
from envcfg.sources.join import join
from envcfg.sources.journal import from_journal
from envcfg.sources.legacy_json import FILE as ORIGIN
from envcfg.sources.legacy_json import from_origin
from envcfg.sources.nearby import no_such_folder
from envcfg.sources.wandb.address import PREFIX, WANDB_FOLDER, Address, address, is_of_a_disk
from envcfg.sources.wandb.metric_rows import FILE as METRICS
from envcfg.sources.wandb.source import from_wandb, on_server

_SUGGESTED = 8


def load(where: str | PathLike[str]) -> History:
    """Load the recorded run at *where*, and return its history.

    *where* is a journal folder, a Hydra output folder, an offline W&B run folder, a downloaded artifact, or a legacy
    JSON file. On the W&B server it is `entity/project/run_id`, or the address of the run's page.

    `wandb:entity/project/run_id` always means the server. A path that begins with `/`, `./`, `../` or `~` always means
    a folder, and so does a path with a date or a time, such as Hydra's.

    Raises `SourceError` if there is no run, or more than one. The message says where it looked.

    Example: `history = load("outputs/2026-11-23/14-00-00")`
    """
    found = address(where) if isinstance(where, str) else None
    if found is not None:
        return _of_bare_path(str(where), found) if found.is_bare else from_wandb(found)
    try:
        return _on_disk(path_of(where))
    except OSError as error:
        raise SourceError(f"{str(where)[:200]} cannot be read: {error.strerror or error}") from error


def path_of(where: str | PathLike[str]) -> Path:
    """Return *where* as a path. `~` is the home folder, even if no shell has expanded it."""
    try:
        return Path(where).expanduser()
    except RuntimeError:  # there is no such user
        return Path(where)


def _of_bare_path(text: str, found: Address) -> History:
    """Load a run from the server. If it fails, the error says that no such folder exists, and what the server said."""
    try:
        read = on_server(found)
    except EnvcfgError as error:
        raise SourceError(f"{no_such_folder(Path(text))}; as a run on W&B: {error}") from error
    return read()


def _on_disk(path: Path) -> History:
    if not path.exists():
        raise SourceError(f"{no_such_folder(path)}{_on_the_server(path)}")
    if path.is_file() and path.suffix == ".json":
        return from_origin(path)
    if not path.is_dir():
        raise SourceError(f"{path} is a file: name the folder of a run, of its journal, or of its offline W&B run")
    if (path / ORIGIN).is_file() and not is_journal(path):
        return from_origin(path / ORIGIN)
    return join([_of_folder(place) for place in _places_of_run(path)])


def _of_folder(path: Path) -> History:
    journal = find_journal(path)
    return from_journal(journal, logs=find_logs(path, journal))


def _places_of_run(path: Path) -> list[Path]:
    """Return the folder, or for a resumed W&B run one folder for each journal that the run wrote."""
    of_wandb = WANDB_FOLDER.fullmatch(path.name)
    if of_wandb is None:
        return [path]
    journals: dict[str, Path] = {}
    for folder in sorted(path.parent.iterdir(), key=lambda folder: folder.name.removeprefix("offline-")):
        known = WANDB_FOLDER.fullmatch(folder.name)
        if known and known["id"] == of_wandb["id"] and is_journal(folder / "files" / JOURNAL):
            journals[read_journal(folder / "files" / JOURNAL)[0][-1].writer.run] = folder
    return list(journals.values()) or [path]


def run_folders(path: Path) -> list[Path]:
    """Return the folders of a sweep's jobs below *path*, in natural order. A run has none.

    A job that recorded nothing is included, because Hydra makes the folder before the job begins.
    """
    if not path.is_dir() or any(map(is_journal, _places(path))):
        return []
    found = [folder if folder.name != JOURNAL else folder.parent for folder in _journals_below(path)]
    found += [hydra.parent for pattern in ("*/.hydra", "*/*/.hydra") for hydra in path.glob(pattern)]
    return sorted(set(found), key=_natural)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Return a sort key that puts job 2 before job 10."""
    parts = re.split(r"(\d+)", str(path))
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def find_journal(path: Path) -> Path:
    """Return the only journal in *path*, which may be the journal itself. Raises `SourceError` otherwise."""
    for candidate in _places(path):
        if is_journal(candidate):
            return candidate
    found = _journals_below(path)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(journal.parent) for journal in found[:_SUGGESTED])
        more = "" if len(found) <= _SUGGESTED else f" and {len(found) - _SUGGESTED} more"
        raise SourceError(f"{path} holds {len(found)} runs: name one of {names}{more}")
    raise SourceError(
        f"{path} holds no run that envcfg recorded: looked for a journal (r0-w0-000001.jsonl or .json.gz) in it, in "
        f"{JOURNAL}/, in files/{JOURNAL}/ and two levels below. Was the job started with hydra/callbacks=env_config?"
    )


def find_logs(path: Path, journal: Path) -> tuple[Path, ...]:
    """Return the W&B logs of the run, from its own folder or from a `wandb` folder next to its journal."""
    for folder in (path, journal.parent, journal.parent.parent):
        logs = sorted(folder.glob("run-*.wandb")) or sorted(folder.glob("wandb/*run-*/run-*.wandb"))
        logs = logs or sorted(folder.glob(METRICS))
        if logs:
            return tuple(logs)
    return ()


def _places(path: Path) -> tuple[Path, ...]:
    return path, path / JOURNAL, path / "files" / JOURNAL


def _journals_below(path: Path) -> list[Path]:
    """Return the journals up to three levels below *path*, without the copies in W&B's folders."""
    found: list[Path] = []
    for pattern in (f"*/{JOURNAL}", f"*/*/{JOURNAL}", "*"):
        found += [
            folder for folder in sorted(path.glob(pattern)) if is_journal(folder) and folder.parent.name != "files"
        ]
    return list(dict.fromkeys(found))


def _on_the_server(path: Path) -> str:
    may_be = len(path.parts) == 3 and not path.is_absolute() and not is_of_a_disk(path.as_posix())
    return f"; a run on W&B is {PREFIX}{path}" if may_be else ""

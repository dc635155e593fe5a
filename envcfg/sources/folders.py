"""Finds runs in folders on this disk: their journals, and the logs that belong to them."""

import re
from pathlib import Path

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.journal.folder import JOURNAL
from envcfg.journal.reading import is_journal, read_journal
from envcfg.sources.join import join, resumed
from envcfg.sources.journal import from_journal
from envcfg.sources.run_address import run_address
from envcfg.sources.wandb.address import WANDB_FOLDER
from envcfg.sources.wandb.metric_rows import FILE as METRICS

_SUGGESTED = 8


class FolderSource:
    """Reads journals, Hydra output folders, offline W&B runs, and downloaded artifacts."""

    def find(self, where: str) -> History | None:
        path, run = run_address(where)
        if not path.exists():
            return None
        if not path.is_dir():
            raise SourceError(f"{path} is a file: name the folder of a run, of its journal, or of its offline W&B run")
        return of_folder(path, run) if run else _resumed(path)


def _resumed(path: Path) -> History:
    """The run in a folder, with what it resumed from or was resumed by if it is one of a W&B run."""
    places = _places_of_run(path)
    if not places:
        return of_folder(path)
    parts = {journal: of_folder(place) for journal, place in places.items()}
    own = parts[_journal_in(path)] if _journal_in(path) in parts else next(iter(parts.values()))
    return join(next(group for group in resumed(list(parts.values())) if any(part is own for part in group)))


def of_folder(path: Path, run: str = "") -> History:
    """The run in the folder *path* whose id begins with *run*, or else the last one."""
    journal = find_journal(path)
    return from_journal(journal, logs=find_logs(path, journal), run=run)


def _places_of_run(path: Path) -> dict[str, Path]:
    """The last folder of each journal of a W&B run, if *path* is a folder of one; else empty."""
    of_wandb = WANDB_FOLDER.fullmatch(path.name)
    places: dict[str, Path] = {}
    beside = sorted(path.parent.iterdir(), key=lambda one: one.name.removeprefix("offline-")) if of_wandb else ()
    for folder in beside:
        known = WANDB_FOLDER.fullmatch(folder.name)
        if known and of_wandb and known["id"] == of_wandb["id"] and is_journal(folder / "files" / JOURNAL):
            places[_journal_in(folder)] = folder
    return places


def _journal_in(folder: Path) -> str:
    """The id of the journal in a folder of W&B; its name if an earlier version wrote it, and nothing without one."""
    journal = folder / "files" / JOURNAL
    if not is_journal(journal):
        return ""
    last = read_journal(journal)[0][-1].writer
    return last.id or last.run


def run_folders(path: Path) -> list[Path]:
    """The folders of a sweep's jobs below *path*, in natural order; empty if *path* is a run itself.

    The folder of a job that recorded nothing is included, since Hydra creates it before the job begins.
    """
    if not path.is_dir() or any(map(is_journal, _places(path))):
        return []
    found = [folder if folder.name != JOURNAL else folder.parent for folder in _journals_below(path)]
    found += [hydra.parent for pattern in ("*/.hydra", "*/*/.hydra") for hydra in path.glob(pattern)]
    return sorted(set(found), key=_natural)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """A sort key: job 2 comes before job 10."""
    parts = re.split(r"(\d+)", str(path))
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def find_journal(path: Path) -> Path:
    """The only journal in *path*; raises `SourceError` if there is none or more than one."""
    for candidate in _places(path):
        if is_journal(candidate):
            return candidate
    found = _journals_below(path)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(journal.parent) for journal in found[:_SUGGESTED])
        more = "" if len(found) <= _SUGGESTED else f" and {len(found) - _SUGGESTED} more"
        raise SourceError(f"{path} contains {len(found)} runs: name one of {names}{more}")
    raise SourceError(
        f"{path} contains no run that envcfg recorded: looked for a journal (r0-w0-000001.jsonl or .json.gz) in it, in "
        f"{JOURNAL}/, in files/{JOURNAL}/ and two levels below. Was the job started with hydra/callbacks=env_config?"
    )


def find_logs(path: Path, journal: Path) -> tuple[Path, ...]:
    """The W&B transaction logs of the run, in its own folder or in a `wandb` folder beside its journal."""
    for folder in (path, journal.parent, journal.parent.parent):
        logs = sorted(folder.glob("run-*.wandb")) or sorted(folder.glob("wandb/*run-*/run-*.wandb"))
        logs = logs or sorted(folder.glob(METRICS))
        if logs:
            return tuple(logs)
    return ()


def _places(path: Path) -> tuple[Path, ...]:
    return path, path / JOURNAL, path / "files" / JOURNAL


def _journals_below(path: Path) -> list[Path]:
    """The journals one to three levels below *path*, without the copies in W&B's `files` folders."""
    found: list[Path] = []
    for pattern in (f"*/{JOURNAL}", f"*/*/{JOURNAL}", "*"):
        found += [
            folder for folder in sorted(path.glob(pattern)) if is_journal(folder) and folder.parent.name != "files"
        ]
    return list(dict.fromkeys(found))

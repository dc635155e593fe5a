"""The journals of one run on the W&B server, each in a folder of its own in the cache."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from envcfg.core.code import Code, Coded
from envcfg.history.history import History
from envcfg.journal.reading import is_journal
from envcfg.sources.journal import from_journal
from envcfg.sources.legacy_json import from_legacy_json
from envcfg.sources.wandb.client import ServerRun, WandbClient
from envcfg.sources.wandb.mirror import Mirror
from envcfg.sources.wandb.version import Version

FOLDER: Final = "journals"


def journals(run: ServerRun, mirror: Mirror, asked: WandbClient) -> Iterator[History]:
    """Yield the history of each journal of *run*, in the order in which they began.

    A journal that the server has no longer is read from the cache.
    """
    versions = asked.latest_versions(run)
    of: dict[str, list[Version]] = {}
    for version in versions:
        of.setdefault(_key(version.journal), []).append(version)
    last = _key(max(versions, key=lambda one: one.number).journal) if versions else _key("")
    kept = sorted(folder.name for folder in (mirror.folder / FOLDER).glob("*"))
    kept = sorted(folder.name for folder in (mirror.folder / FOLDER).glob("*"))
    gone: dict[str, list[Version]] = {name: [] for name in kept if name not in of}
    for key, own in {**gone, **of, **({} if versions or gone else {last: []})}.items():
        history = _history(run, Mirror(mirror.folder / FOLDER / key), own, asked, is_last=key == last)
        if history is not None:
            yield history


def read(mirror: Mirror, name: str) -> History | None:
    """The history in a folder of the cache; None if there is none."""
    if is_journal(mirror.journal):
        return from_journal(mirror.journal)
    return replace(from_legacy_json(mirror.legacy_json), run=name) if mirror.legacy_json.is_file() else None


def _history(
    run: ServerRun, mirror: Mirror, versions: Sequence[Version], asked: WandbClient, *, is_last: bool
) -> History | None:
    mirror.update_files(versions, asked)
    history = read(mirror, str(run))
    if is_last and (history is None or history.ending is None) and mirror.add_newer_files(run, asked):
        history = read(mirror, str(run))
    if history is None:
        return None
    note, loss = mirror.note(versions), _loss(history, run, versions)
    return replace(
        history,
        notes=(*history.notes, *([note] if note else ())),
        losses=(*([loss] if loss else ()), *history.losses),
    )


def _loss(history: History, run: ServerRun, versions: Sequence[Version]) -> Coded | None:
    """What to say if the summary of an ended run counts more records than could be read."""
    known = run.records
    expected = max((known.get(version.journal, 0) for version in versions), default=max(known.values(), default=0))
    found = len(history.adoptions) + len(history.abandoned)
    found += len(history.evaluation.adoptions) if history.evaluation else 0
    if run.state == "running" or found >= expected:
        return None
    said = f"{found:,} of {expected:,} records could be read: the last version of the artifact is missing"
    return Coded(said, Code.MISSING_SEGMENT)


def _key(journal: str) -> str:
    """The name of a journal's folder."""
    return blake2b(journal.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()

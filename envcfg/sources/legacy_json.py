"""Reads `env_config_history.json`, the legacy JSON, as a history."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from envcfg.core import encoding
from envcfg.core.code import Code, code_of
from envcfg.core.errors import EncodingError, SourceError
from envcfg.core.normal import normal
from envcfg.core.record import Mix, Record
from envcfg.core.tree import Config
from envcfg.core.whole_file import read_file
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.history import History
from envcfg.journal.reading import is_journal
from envcfg.sources.nearby import path_of

FILE: Final = "env_config_history.json"
MOST_BYTES: Final = 1 << 26
_PLACE: Final = Place(0, 0, 0)


class _LegacyEntry(Struct, frozen=True):
    config: dict[str, Any]
    epoch: int | None = None
    agent_step: int | None = None
    timestamp: float | None = None
    task_name: str | None = None


class _LegacyFile(Struct, frozen=True):
    history: tuple[_LegacyEntry, ...]
    task_counts: Mapping[str, int] = field(default_factory=dict)


class LegacyJsonSource:
    """Reads a legacy JSON file, or a folder that contains one and no journal."""

    def find(self, where: str) -> History | None:
        path = path_of(where)
        if path.is_file() and path.suffix == ".json":
            return from_legacy_json(path)
        return from_legacy_json(path / FILE) if (path / FILE).is_file() and not is_journal(path) else None


def from_legacy_json(path: Path) -> History:
    """Return the history in a legacy JSON file: one slot, and a record for each entry.

    Raises `SourceError` for any other file.
    """
    try:
        document = msgspec.json.decode(read_file(path, MOST_BYTES), type=_LegacyFile)
        found = [(_config(entry.config), entry) for entry in document.history]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, EncodingError, RecursionError) as error:
        code = code_of(error) if isinstance(error, OSError) else Code.DAMAGED
        raise SourceError(f"{path} is not a readable {FILE}: {error}", code=code) from error
    configs = {encoding.digest(config): config for config, _ in found}
    adoptions = [Adoption(_PLACE, _record(encoding.digest(config), entry)) for config, entry in found]
    last = max((adoption.record.step for adoption in adoptions), default=0)
    return History(
        run=path.parent.name or path.stem,
        adoptions=Adoptions.of(sorted(adoptions, key=lambda adoption: (adoption.record.step, adoption.record.time))),
        configs=MappingProxyType(configs),
        mixes=(Mix(last, 0.0, adopted=document.task_counts),) if document.task_counts else (),
        sessions=0,
        folder=path.parent,
    )


def _config(value: dict[str, Any]) -> Config:
    """Return the config. The export of envcfg writes type tags; files of other programs are plain JSON."""
    try:
        return encoding.as_config(value)
    except EncodingError:
        return normal(value)


def _record(digest: str, entry: _LegacyEntry) -> Record:
    return Record(entry.agent_step or 0, 0, digest, entry.timestamp or 0.0, entry.epoch, task=entry.task_name)

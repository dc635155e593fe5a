"""Reads and writes W&B's offline transaction log, `run-<id>.wandb`.

The file is a LevelDB log of protocol buffers: blocks of 32 KiB, records split over blocks, and a CRC-32 of type and
data. W&B removed its own reader in version 0.30. This one reads the logs of every version since 0.13.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from envcfg.core.code import Code, Coded
from envcfg.core.errors import EncodingError, SourceError
from envcfg.core.whole_file import MAX_BYTES, open_file
from envcfg.sources.wandb.client import record_type

_BLOCK: Final = 32 * 1024
_TAIL: Final = 4
"""The last blocks of a log in which the latest metrics are found."""
_HEADER: Final = struct.Struct("<IHB")
_FILE_HEADER: Final = struct.Struct("<4sHB")
_DAMAGED, _FULL, _FIRST, _MIDDLE, _LAST = range(5)

_MOST_LOSSES: Final = 1_000
"""After so many damaged parts, the rest of a log is not read."""
_SHOWN: Final = 200
"""The most characters of an error that are shown."""
_ZEROS: Final = bytes(_BLOCK)
_MOST_ZEROS: Final = 1 << 10
"""After so many blocks of zeros, the rest of a log is not read: 32 MiB that nobody wrote."""
MAX_LOG: Final = 1 << 32
"""The most bytes of a log that is read: some weeks of logging."""


@dataclass(frozen=True, slots=True)
class LoggedArtifact:
    """An artifact version that the run logged. Its files are elsewhere."""

    name: str
    type: str
    aliases: tuple[str, ...]
    metadata: Mapping[str, Any]
    files: tuple[str, ...]


@dataclass(slots=True)
class RunLog:
    """The contents of a transaction log."""

    id: str = ""
    project: str = ""
    entity: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """The history rows in order, each with its `_step`."""
    summary: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    artifacts: list[LoggedArtifact] = field(default_factory=list)
    exit_code: int | None = None
    """None while the run is running, or if it was killed."""
    losses: list[Coded] = field(default_factory=list)


def read_log(path: Path) -> RunLog:
    """Read a transaction log, which may be cut off or still growing. Raises `SourceError` for any other file."""
    new_record = record_type()
    log = RunLog()
    with opened(path) as file:
        for payload in payloads(file, path, log.losses):
            record = new_record()
            try:
                record.ParseFromString(payload)
                _take(record, log)
            except Exception as error:  # noqa: BLE001  # protobuf's and json's errors have no common class
                log.losses.append(Coded(f"{path.name}: a record was left out: {str(error)[:_SHOWN]}", Code.DAMAGED))
            if len(log.losses) >= _MOST_LOSSES:
                log.losses.append(Coded(f"{path.name}: the rest was not read", Code.DAMAGED))
                break
    return log


def last_values(path: Path) -> dict[str, Any]:
    """The latest value of each metric in the last blocks of a log. A long log is not read as a whole."""
    new_record = record_type()
    log = RunLog()
    for payload in payloads(BytesIO(_ending(path)), path, log.losses):
        record = new_record()
        with suppress(Exception):  # protobuf's and json's errors have no common class
            record.ParseFromString(payload)
            _take(record, log)
    return {key: value for row in log.rows for key, value in row.items()}


def _ending(path: Path) -> bytes:
    """A short log with the last blocks of the file; the whole file if it has no more."""
    with opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        start = size - size % _BLOCK - _TAIL * _BLOCK
        file.seek(0)
        if start <= 0:
            return file.read()
        head = file.read(_FILE_HEADER.size)
        file.seek(start)
        return head.ljust(_BLOCK, b"\0") + file.read()


def opened(path: Path) -> IO[bytes]:
    """Open a transaction log. Raises `SourceError` if it is too large to be read, or no regular file."""
    try:
        return open_file(path, MAX_LOG)
    except EncodingError as error:
        raise SourceError(str(error), code=error.code) from error


def payloads(file: IO[bytes], path: Path, losses: list[Coded]) -> Iterator[bytes]:
    """Yield the bytes of each record. Damage loses the rest of its block; an incomplete last record is left out."""
    parts: list[bytes] = []  # of a record whose first part was read
    size = 0
    zeros = 0  # blocks of zeros in a row
    for start, block in _blocks(file):
        zeros = zeros + 1 if block == _ZEROS else 0
        if zeros > _MOST_ZEROS:
            losses.append(Coded(f"{path.name}: the rest was not read, after {zeros * _BLOCK:,} zeros", Code.DAMAGED))
            return
        if start == 0:
            if len(block) < _FILE_HEADER.size:
                return  # nothing was flushed yet
            if _FILE_HEADER.unpack_from(block) != (b":W&B", 0xBEE1, 0):
                said = f"{path} is not a W&B transaction log that this version can read"
                raise SourceError(said, code=Code.FOREIGN)
        for kind, data in _parts(block, start, path, losses):
            if kind in (_FULL, _FIRST):
                parts, size = [data], len(data)
            elif parts:
                parts.append(data)
                size += len(data)
            if size > MAX_BYTES:
                losses.append(Coded(f"{path.name}: left out a record of more than {MAX_BYTES:,} bytes", Code.DAMAGED))
                parts, size = [], 0
            if kind in (_FULL, _LAST) and parts:
                yield b"".join(parts)
                parts = []
            elif kind == _DAMAGED:
                parts = []


def _blocks(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the position of each block and its bytes. The last block may be incomplete."""
    start, block = 0, file.read(_BLOCK)
    while len(block) == _BLOCK:
        yield start, block
        start, block = start + _BLOCK, file.read(_BLOCK)
    yield start, block


def _parts(block: bytes, start: int, path: Path, losses: list[Coded]) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the bytes of each part of a record in the block at *start*; `_DAMAGED` for what is damaged."""
    place = 0 if start else _FILE_HEADER.size
    while len(block) - place >= _HEADER.size:
        crc, length, kind = _HEADER.unpack_from(block, place)
        if (kind, length) == (0, 0):
            return
        left, data = _BLOCK - place, block[place + _HEADER.size : place + _HEADER.size + length]
        if length > left - _HEADER.size or (len(data) == length and zlib.crc32(data, zlib.crc32(bytes([kind]))) != crc):
            said = f"{path.name}: left out {left:,} damaged bytes from byte {start + place:,} on"
            losses.append(Coded(said, Code.DAMAGED))
            yield _DAMAGED, b""
            return
        if len(data) < length:
            return
        yield kind, data
        place += _HEADER.size + length


def packed(records: Iterable[bytes]) -> bytes:
    """Return a transaction log of *records*. `payloads` gives the same records back."""
    log = bytearray(_FILE_HEADER.pack(b":W&B", 0xBEE1, 0))
    for record in records:
        rest, is_first = record, True
        while is_first or rest:
            left = _BLOCK - len(log) % _BLOCK
            if left < _HEADER.size:
                log += b"\0" * left
                left = _BLOCK
            part, rest = rest[: left - _HEADER.size], rest[left - _HEADER.size :]
            kind = (_FIRST if rest else _FULL) if is_first else (_MIDDLE if rest else _LAST)
            log += _HEADER.pack(zlib.crc32(part, zlib.crc32(bytes([kind]))), len(part), kind) + part
            is_first = False
    return bytes(log)


def _take(record: Any, log: RunLog) -> None:
    match record.WhichOneof("record_type"):
        case "history":
            row = _values(record.history.item)
            row.setdefault("_step", record.history.step.num)
            log.rows.append(row)
        case "summary":
            log.summary.update(_values(record.summary.update))
        case "config":
            log.config.update(_values(record.config.update))
        case "run":
            log.id, log.project, log.entity = record.run.run_id, record.run.project, record.run.entity
            log.config.update(_values(record.run.config.update))
        case "artifact":
            log.artifacts.append(_artifact(record.artifact))
        case "request" if record.request.WhichOneof("request_type") == "log_artifact":
            log.artifacts.append(_artifact(record.request.log_artifact.artifact))
        case "exit":
            log.exit_code = record.exit.exit_code


def _values(items: Any) -> dict[str, Any]:
    return {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}


def _artifact(artifact: Any) -> LoggedArtifact:
    return LoggedArtifact(
        name=artifact.name,
        type=artifact.type,
        aliases=tuple(artifact.aliases),
        metadata=json.loads(artifact.metadata) if artifact.metadata else {},
        files=tuple(entry.path for entry in artifact.manifest.contents),
    )

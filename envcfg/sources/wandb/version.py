"""One version of an artifact on the W&B server, and the checksums of its files."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Version:
    """An artifact version; what is in it is asked for when it is wanted."""

    name: str
    digest: str
    _artifact: Any = field(repr=False, compare=False)

    @classmethod
    def of(cls, artifact: Any) -> "Version":
        return cls(artifact.qualified_name, artifact.digest, artifact)

    @property
    def number(self) -> int:
        return int(self._artifact.version[1:])

    @property
    def recorded_as(self) -> str:
        """What the journal in it calls its run; a job that resumes in another folder has another name."""
        return str(self._artifact.metadata.get("recorded_as", ""))

    @property
    def is_from_the_start(self) -> bool:
        """Whether its journal begins with the run, so that there is no earlier one."""
        return bool(self._artifact.metadata.get("first_step") == 0)

    def has(self, name: str, content: bytes) -> bool:
        """Whether *content* is what the manifest's checksum of *name* says."""
        entry = self._artifact.get_entry(name)
        return bool(_checksum(entry, content) == entry.digest)


def _checksum(entry: Any, content: bytes) -> str:
    """MD5, or XXH128 where a newer client says so; the package for that comes with it."""
    if entry.extra.get("alg") == "XXH128":
        import xxhash  # noqa: PLC0415  # only there

        return _encoded(xxhash.xxh128(content).digest())
    return _encoded(hashlib.md5(content, usedforsecurity=False).digest())


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()

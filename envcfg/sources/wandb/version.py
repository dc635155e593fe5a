"""A version of an artifact on the W&B server, and the checksums of its files."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Version:
    """An artifact version. Its contents are fetched when they are needed."""

    name: str
    digest: str
    _artifact: Any = field(repr=False, compare=False)

    @classmethod
    def of(cls, artifact: Any) -> "Version":
        return cls(artifact.qualified_name, artifact.digest, artifact)

    @property
    def collection(self) -> str:
        """The name of the artifact, without its version."""
        return self.name.rpartition("/")[2].partition(":")[0]

    @property
    def number(self) -> int:
        return int(self._artifact.version[1:])

    @property
    def recorded_as(self) -> str:
        """The run's name in the journal of this version. A job that resumes in another folder has another name."""
        return str(self._artifact.metadata.get("recorded_as", ""))

    @property
    def journal(self) -> str:
        """The id of the journal; its name if an earlier version of envcfg wrote it."""
        return str(self._artifact.metadata.get("journal") or self.recorded_as)

    @property
    def is_shared(self) -> bool:
        """Whether several processes may have written to the run, each its own journal."""
        return bool(self._artifact.metadata.get("shared"))

    @property
    def is_from_the_start(self) -> bool:
        """Whether the journal begins at step 0, so that no earlier journal exists."""
        return bool(self._artifact.metadata.get("first_step") == 0)

    def has(self, name: str, content: bytes) -> bool:
        """Whether *content* matches the manifest's checksum of *name*."""
        entry = self._artifact.get_entry(name)
        return bool(_checksum(entry, content) == entry.digest)


def _checksum(entry: Any, content: bytes) -> str:
    """Return the MD5, or the XXH128 if the entry names it. Clients that use XXH128 install its package."""
    if entry.extra.get("alg") == "XXH128":
        import xxhash  # noqa: PLC0415  # only if it is needed

        return _encoded(xxhash.xxh128(content).digest())
    return _encoded(hashlib.md5(content, usedforsecurity=False).digest())


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()

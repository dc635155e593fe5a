"""The configs of a journal by digest: decoded, and checked against their digests, when somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from envcfg.core.errors import EncodingError
from envcfg.core.tree import Config
from envcfg.journal import format as written_form
from envcfg.journal.format import ConfigLine

ConfigLines: TypeAlias = Mapping[str, ConfigLine]
"""The config lines of one segment, by digest, in the order in which they were written."""


class Configs(Mapping[str, Config]):
    """The configs of several segments; `KeyError` for one that no segment holds whole.

    What a config differs from may stand in any of them: it is the same wherever its digest is.
    """

    def __init__(self, segments: Sequence[ConfigLines]) -> None:
        self._segments: dict[str, list[ConfigLines]] = {}
        self._decoded: dict[str, Config | None] = {}
        for lines in segments:
            for digest in lines:
                self._segments.setdefault(digest, []).append(lines)

    def __getitem__(self, digest: str) -> Config:
        config = self._whole(digest)
        if config is None:
            raise KeyError(digest)
        return config

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, str) and self._whole(digest) is not None

    def __iter__(self) -> Iterator[str]:
        return (digest for digest in self._segments if digest in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _whole(self, digest: str) -> Config | None:
        """None where no segment holds it whole; that is found out once, for what it differs from first."""
        pending = {} if digest in self._decoded else {digest: None}
        while pending:
            wanted = next(reversed(pending))
            base = next((base for base in self._bases(wanted) if base not in pending), None)
            if base is None:
                del pending[wanted]
                self._decoded[wanted] = self._decode(wanted)
            else:
                pending[base] = None
        return self._decoded[digest]

    def _lines(self, digest: str) -> Iterator[ConfigLine]:
        for lines in self._segments.get(digest, ()):
            with suppress(EncodingError):
                yield lines[digest]

    def _bases(self, digest: str) -> Iterator[str]:
        """What its lines differ from and nobody has decoded yet."""
        bases = (line.base for line in self._lines(digest))
        return (base for base in bases if isinstance(base, str) and base not in self._decoded)

    def _decode(self, digest: str) -> Config | None:
        for line in self._lines(digest):
            base = self._decoded.get(line.base) if isinstance(line.base, str) else None
            with suppress(EncodingError):  # another segment may hold it whole
                return written_form.config(line, base)
        return None

"""The configs of a journal by digest: decoded, and checked against their digests, when somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from envcfg.core.errors import EncodingError
from envcfg.core.tree import Config
from envcfg.journal import format as written_form
from envcfg.journal.format import ConfigLine

ConfigLines: TypeAlias = Mapping[str, ConfigLine]
"""The config lines of one segment, by digest, in the order in which they were written."""


class Configs(Mapping[str, Config]):
    """The configs of several segments; `KeyError` for one that no segment holds whole."""

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
        """None where no segment holds it whole; that is found out once."""
        if digest not in self._decoded:
            self._decoded[digest] = self._decode(digest)
        return self._decoded[digest]

    def _decode(self, digest: str) -> Config | None:
        for lines in self._segments.get(digest, ()):
            try:
                return decoded(digest, lines)
            except EncodingError:
                continue  # another segment may hold it whole
        return None


def decoded(digest: str, lines: ConfigLines) -> Config:
    """A config of one segment; raises `EncodingError` where its line, or one that it differs from, is not whole."""
    chain: list[ConfigLine] = []
    wanted = digest
    while wanted not in {line.digest for line in chain}:
        line = lines.get(wanted)
        if line is None:
            raise EncodingError(f"config {digest}: the config it differs from is not in its segment")
        chain.append(line)
        if not isinstance(line.base, str):
            break
        wanted = line.base
    known: dict[str, Config] = {}
    for line in reversed(chain):
        known[line.digest] = written_form.config(line, known)
    return known[digest]

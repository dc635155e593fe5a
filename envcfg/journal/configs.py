"""The configs of a journal by digest. Each config is decoded at its first use, and checked against its digest."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from envcfg.core.errors import EncodingError
from envcfg.core.tree import Config
from envcfg.journal import format as written_form
from envcfg.journal.format import ConfigLine

ConfigLines: TypeAlias = Mapping[str, ConfigLine]
"""The config lines of one segment, by digest, in the order in which they were written."""


class Configs(Mapping[str, Config]):
    """The configs of several segments; `KeyError` for a config that cannot be restored from them.

    The base of a config may be in any of the segments: equal digests mean equal configs.
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
        """The config, or None if it cannot be restored; the result is kept, also for the bases that it needs."""
        if digest not in self._decoded:
            asked, path = {digest}, [digest]
            while path:
                found = self._decode(path[-1], asked)
                if isinstance(found, str):
                    asked.add(found)
                    path.append(found)
                elif found is None:
                    path.pop()
                else:
                    self._decoded[path.pop()] = found
            if digest not in self._decoded:
                self._decoded |= dict.fromkeys(asked - self._decoded.keys())
        return self._decoded[digest]

    def _lines(self, digest: str) -> Iterator[ConfigLine]:
        for lines in self._segments.get(digest, ()):
            with suppress(EncodingError):
                yield lines[digest]

    def _decode(self, digest: str, asked: Container[str]) -> Config | str | None:
        """The config, or the digest of a base to decode first that is not in *asked*; None if there is neither."""
        for line in self._lines(digest):
            base = line.base if isinstance(line.base, str) else None
            if base is None or base in self._decoded:
                with suppress(EncodingError):  # another segment may have a good copy
                    return written_form.config(line, None if base is None else self._decoded[base])
            elif base not in asked:
                return base
        return None

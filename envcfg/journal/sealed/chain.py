"""What segments that follow each other state once for all of them: configs, and kinds of adoptions, by number.

To state it again in every segment would be most of a journal whose configs are many. So a segment goes on where the
one before it ended, until what had to be stated is little beside what was recorded: then a new chain begins, with a
segment that can be read alone. Where little has to be stated, each segment can.
"""

from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET

from envcfg.core.record import Stored
from envcfg.journal.columns import Adopted
from envcfg.journal.format import ConfigLine
from envcfg.journal.sealed.document import Before

STATED_AGAIN: Final = 20
"""Bytes recorded for each byte that a new chain states again."""
MOST: Final = 1 << 15
"""Configs, or kinds of adoptions, after which a chain ends whatever it costs: their numbers are held in memory."""
BASES: Final = 3
"""Kinds of configs that may take turns, and are still written as differences."""


@dataclass(slots=True)
class Chain:
    """What a writer has stated, in the segments of the chain that it has sealed and in the open one."""

    since: int = 0
    """The number of the segment that it began with; 0 before there is one."""
    configs: dict[str, int] = field(default_factory=dict)
    """The number of each config by its digest."""
    sealed: int = 0
    """How many of the configs are in sealed segments."""
    kinds: dict[Adopted, int] = field(default_factory=dict)
    """The number of each kind of adoption that is in sealed segments."""
    stated: int = 0
    """Bytes that the open segments took to state configs, and what slots ran."""
    written: int = 0
    """Bytes of the open segments."""
    bases: list[Stored] = field(default_factory=list)
    """The last configs that were written whole, for others to differ from: first the one that was used last."""

    def state(self, stored: Stored, line: ConfigLine, size: int) -> None:
        """A config stands in the chain from now on, as *line* of *size* bytes."""
        self.configs[stored.digest] = len(self.configs)
        self.stated += size
        if line.base is UNSET:
            self.bases = [stored, *self.bases[: BASES - 1]]
        elif line.base != self.bases[0].digest:
            self.bases.sort(key=lambda base: base.digest != line.base)

    def after(self, size: int) -> "Chain":
        """The chain of the next segment, now that the open one, of *size* bytes, is sealed.

        It is another one where it costs little to state again what it needs, and where this one holds too much.
        """
        self.sealed, self.written = len(self.configs), self.written + size
        is_cheap = self.written >= STATED_AGAIN * self.stated
        return Chain() if is_cheap or max(len(self.configs), len(self.kinds)) > MOST else self


@dataclass(slots=True)
class Known:
    """What a reader has found in the segments of a chain, which it reads in their order; some may be missing."""

    name: str
    """Of the chain."""
    configs: dict[int, str] = field(default_factory=dict)
    """The digest of each config by its number."""
    kinds: dict[int, Adopted] = field(default_factory=dict)
    """Each kind of adoption by its number."""

    def has(self, before: Before) -> bool:
        """Whether what stands *before* a segment has been found."""
        return len(self.configs) >= before.configs and len(self.kinds) >= before.kinds

    def config(self, said: int | str) -> str:
        """The digest of a config that is told by its number, or by its digest."""
        return said if isinstance(said, str) else self.configs.get(said, f"{self.name}#{said}")

    def kind(self, number: int) -> Adopted:
        return self.kinds.get(number) or Adopted(f"{self.name}#kind-{number}", None, None)

"""A chain: consecutive segments in which each config and each kind of adoption is written once, then numbered.

If a run has many configs, repeating them in every segment would take most of the journal. So a segment continues the
chain of the previous one. A new chain begins when repeating costs little compared with the recorded data. The first
segment of a chain can be read alone. If there is little to repeat, every segment begins a new chain.
"""

from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET

from envcfg.core.record import Stored
from envcfg.journal.columns import AdoptionKind
from envcfg.journal.format import ConfigLine
from envcfg.journal.sealed.document import EarlierCounts

STATED_AGAIN: Final = 20
"""A new chain begins when the recorded bytes are at least this many times the bytes to repeat."""
MOST: Final = 1 << 15
"""A chain always ends after this many configs or kinds of adoptions, since their numbers are kept in memory."""
BASES: Final = 3
"""The number of base configs to keep, so that alternating kinds of configs are still written as differences."""


@dataclass(slots=True)
class Chain:
    """The configs and kinds of adoptions in the current chain of a writer, the open segment included."""

    since: int = 0
    """The number of the first segment of the chain; 0 before there is one."""
    configs: dict[str, int] = field(default_factory=dict)
    """The number of each config by its digest."""
    sealed: int = 0
    """The number of configs in sealed segments."""
    kinds: dict[AdoptionKind, int] = field(default_factory=dict)
    """The number of each kind of adoption in sealed segments."""
    stated: int = 0
    """The bytes for configs and for the state of slots, counted before sealing."""
    written: int = 0
    """The bytes of the sealed segments, counted before sealing."""
    bases: list[Stored] = field(default_factory=list)
    """The latest configs that were written whole, as bases for others; most recently used first."""

    def state(self, stored: Stored, line: ConfigLine, size: int) -> None:
        """Add a config that was written as *line* of *size* bytes."""
        self.configs[stored.digest] = len(self.configs)
        self.stated += size
        if line.base is UNSET:
            self.bases = [stored, *self.bases[: BASES - 1]]
        elif line.base != self.bases[0].digest:
            self.bases.sort(key=lambda base: base.digest != line.base)

    def after(self, size: int) -> "Chain":
        """The chain for the next segment, after the open segment of *size* bytes was sealed.

        It is a new chain if repeating everything costs little, or if this chain contains too much.
        """
        self.sealed, self.written = len(self.configs), self.written + size
        is_cheap = self.written >= STATED_AGAIN * self.stated
        return Chain() if is_cheap or max(len(self.configs), len(self.kinds)) > MOST else self


@dataclass(slots=True)
class ChainContents:
    """The configs and kinds of adoptions that a reader found in a chain so far.

    Segments are read in order; some may be missing.
    """

    name: str
    """The name of the chain."""
    configs: dict[int, str] = field(default_factory=dict)
    """The digest of each config by its number."""
    kinds: dict[int, AdoptionKind] = field(default_factory=dict)
    """Each kind of adoption by its number."""

    def has(self, before: EarlierCounts) -> bool:
        """Whether the reader found everything that the earlier segments of the chain contain."""
        return len(self.configs) >= before.configs and len(self.kinds) >= before.kinds

    def config(self, reference: int | str) -> str:
        """The digest of a config, given its number or its digest."""
        return reference if isinstance(reference, str) else self.configs.get(reference, f"{self.name}#{reference}")

    def kind(self, number: int) -> AdoptionKind:
        return self.kinds.get(number) or AdoptionKind(f"{self.name}#kind-{number}", None, None)

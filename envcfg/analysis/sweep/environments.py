"""The parameters that differ between runs at a moment, each summarised over the living slots of its run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from envcfg.analysis.groups import Run
from envcfg.core.diff import ABSENT
from envcfg.core.errors import SourceError
from envcfg.core.selection import warn_or_raise
from envcfg.core.tree import Config, Path
from envcfg.core.variation import variations
from envcfg.history.queries.moments import moment as moment_of
from envcfg.history.queries.spreads import Spreads, spreads
from envcfg.history.spread import Spread, of_one


@dataclass(frozen=True, slots=True)
class EnvVariation:
    """A leaf that is not the same in all runs."""

    path: Path
    values: tuple[Spread, ...]
    """The distinct spreads over the slots of a run, in order of first appearance."""
    index: tuple[int, ...]
    """For each run, the position of its spread in *values*."""


class Environments(NamedTuple):
    """The configs of the living slots of each run at a moment; None for a run without a record by then."""

    found: tuple[Spreads | None, ...]

    @property
    def configs(self) -> Sequence[Config]:
        return [config for held in self.found if held is not None for config in held.configs]

    def variations(self, ignore: Iterable[str]) -> Iterator[EnvVariation]:
        """The leaves that differ between runs. The number of slots is no difference.

        Leaves that match a key or glob in *ignore* are left out.
        """
        firsts = [held.configs[0] if held is not None else {} for held in self.found]
        for leaf in variations([*firsts, *self.configs], ignore=ignore):
            own = [leaf.values[position] for position in leaf.index[: len(firsts)]]
            each = [
                of_one(ABSENT, 1) if held is None else held.differing.get(leaf.path) or of_one(value, held.slots)
                for held, value in zip(self.found, own, strict=True)
            ]
            positions: dict[object, int] = {}
            index = tuple([positions.setdefault(spread.content, len(positions)) for spread in each])
            if len(positions) > 1:
                yield EnvVariation(leaf.path, tuple(each[index.index(place)] for place in positions.values()), index)


def environments(found: Sequence[Run], moment: str) -> Environments:
    """The configs of each run at *moment*. Raises `SourceError` if no run has a record by then."""
    held: list[Spreads | None] = []
    missing: list[str] = []
    beyond: list[str] = []
    for run in found:
        try:
            when = moment_of(run.history, moment)
            held.append(spreads(run.history, when))
            beyond += [when.beyond] if when.beyond else []
        except SourceError as error:
            held.append(None)
            missing.append(str(error))
    if moment not in ("first", "last"):  # every run with a record has these
        if len(missing) == len(found):
            raise SourceError(missing[0])
        warn_or_raise(_of_some(missing, "its config is compared as empty"), is_anything_left=True)
    warn_or_raise(_of_some(beyond, "its config at the last record is compared"), is_anything_left=True)
    return Environments(tuple(held))


def _of_some(sentences: Sequence[str], instead: str) -> list[str]:
    """One sentence for all runs: that of the first, with the number of the other runs."""
    more = f", and the same for {len(sentences) - 1:,} more runs" if len(sentences) > 1 else ""
    return [f"{sentences[0]}{more}: {instead}"] if sentences else []

"""What a randomised environment drew for a parameter, and what the program stated about it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import NamedTuple

from envcfg.core.distribution import Distribution, pooled
from envcfg.core.drawn import Drawn, Draws, Scalar
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted, matches, parse_pointer
from envcfg.core.selection import nearest
from envcfg.core.stated import Stated, from_config
from envcfg.core.tree import Path, Tree, leaves, lookup
from envcfg.history.recording import Recording


class Part(NamedTuple):
    """The draws of one parameter in one entry of the journal."""

    entry: Draws
    drawn: Drawn


class Statement(NamedTuple):
    """From *step* on, the program stated this distribution; None if it no longer states one."""

    step: int
    stated: Stated | None


class SampledDraw(NamedTuple):
    """One value of the random sample."""

    step: int
    value: Scalar


@dataclass(frozen=True)
class DrawnParameter:
    """The draws of one parameter, in order of step; empty if it was stated and never drawn."""

    path: Path
    parts: tuple[Part, ...]
    statements: tuple[Statement, ...]
    """What the program stated, in order of step."""

    @property
    def name(self) -> str:
        """The dotted key of the parameter."""
        return dotted(self.path)

    @cached_property
    def pooled(self) -> Distribution:
        """The distribution of all draws."""
        return self.between()

    def between(self, first: float = 0, last: float = inf) -> Distribution:
        """The distribution of the entries whose draws are all from step *first* to step *last*."""
        return pooled(part.drawn for part in self.parts_between(first, last))

    def parts_between(self, first: float, last: float) -> list[Part]:
        """The entries whose draws are all from step *first* to step *last*."""
        return [part for part in self.parts if first <= part.entry.since and part.entry.step <= last]

    def at(self, step: int) -> Distribution:
        """The distribution of the draws of the epoch that contains *step*, or of the last one before it."""
        row = max(0, bisect_right([part.entry.since for part in self.parts], step) - 1)
        of = self.parts[row].entry.epoch if self.parts else None
        same = self.parts[row : row + 1] if of is None else [part for part in self.parts if part.entry.epoch == of]
        return pooled(part.drawn for part in same)

    def stated_at(self, step: float) -> Stated | None:
        """What the program stated at *step*."""
        row = bisect_right([statement.step for statement in self.statements], step)
        return self.statements[row - 1].stated if row else None

    def periods(self) -> Iterator[tuple[Stated, float, float]]:
        """Each stated distribution, with the first and the last step at which it held."""
        ends = [*(statement.step - 1 for statement in self.statements[1:]), inf]
        for (step, stated), end in zip(self.statements, ends, strict=False):
            if stated is not None:
                yield stated, step, end

    def sample(self, first: float = 0, last: float = inf) -> list[SampledDraw]:
        """A uniform random sample of the draws from step *first* to step *last*."""
        kept = [part for part in self.parts if part.entry.sample is not None]
        level = max((part.entry.sample.level for part in kept if part.entry.sample), default=0)
        return [
            draw
            for part in kept
            for at, draw in _sampled(part, self.path)
            if at >= level and first <= draw.step <= last
        ]


def drawn_parameters(history: Recording) -> Mapping[str, DrawnParameter]:
    """The parameters that were drawn or stated, by dotted key. Every part of an array is one."""
    parts: dict[Path, list[Part]] = {}
    for entry in history.drawn:
        for pointer, drawn in entry.drawn.items():
            parts.setdefault(_path(pointer), []).append(Part(entry, drawn))
    if not parts and not any(_has_statement(config) for config in _configs(history)):
        return {}
    stated = _statements(history, {*parts})
    return {
        dotted(path): DrawnParameter(path, tuple(parts.get(path, ())), stated.get(path, ()))
        for path in [*parts, *(path for path in stated if path not in parts)]
    }


def one_of(found: Mapping[str, DrawnParameter], name: str, run: str) -> DrawnParameter:
    """The parameter with this dotted key or glob; raises `SourceError` if there is none, or if several match."""
    if name in found:
        return found[name]
    matching = [parameter for parameter in found.values() if matches(parameter.path, name)]
    if len(matching) == 1:
        return matching[0]
    close = [parameter.name for parameter in matching] or nearest(name, found) or [*found][:6]
    hint = f"; there is {', '.join(close)}" if close else "; it recorded no draws"
    raise SourceError(f"run {run} drew no single parameter {name}{hint}")


def _sampled(part: Part, path: Path) -> Iterator[tuple[int, SampledDraw]]:
    found = part.entry.sample
    if found is not None:
        values = next((values for pointer, values in found.values.items() if _path(pointer) == path), ())
        for level, step, value in zip(found.levels, found.steps, values, strict=False):
            if value is not None:
                yield level, SampledDraw(step, value)


def _path(pointer: str) -> Path:
    return tuple([int(part) if part.isdecimal() else part for part in parse_pointer(pointer)])


def _configs(history: Recording) -> Iterator[Tree]:
    for kind in history.adoptions.columns.adopted.values:
        if kind.config in history.configs:
            yield history.configs[kind.config]


def _has_statement(config: Tree) -> bool:
    return any(path[-1:] == ("draw",) and from_config(lookup(config, path[:-1])) for path, _ in leaves(config))


def _statements(history: Recording, drawn: set[Path]) -> dict[Path, tuple[Statement, ...]]:
    """What was stated for each parameter. A part of an array has the statement of the array."""
    found: dict[Path, list[Statement]] = {}
    for change in history.changes.with_initial:
        config = history.configs.get(change.config, {})
        places = {path[:-1] for path, _ in leaves(config) if path[-1:] == ("draw",)}
        for path in {*drawn, *(place for place in places if not any(part[: len(place)] == place for part in drawn))}:
            at = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in places), path)
            stated = from_config(lookup(config, at))
            said = found.setdefault(path, [])
            if (said[-1].stated if said else None) != stated:
                said.append(Statement(change.step, stated))
    return {path: tuple(said) for path, said in found.items() if said or path in drawn}

"""Changes a recording for a counterfactual replay: drops, reverts, shifts or sets one change."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final, Literal

import msgspec
import yaml

from envcfg.analysis.formatting import elided
from envcfg.core import diff
from envcfg.core.diff import ABSENT, Absent, Edit
from envcfg.core.encoding import decode, digest, encode
from envcfg.core.errors import ConfigError, EncodingError, SourceError
from envcfg.core.normal import normal
from envcfg.core.path import dotted, matches
from envcfg.core.selection import nearest
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.changes import Change
from envcfg.history.history import History

GRAMMAR: Final = (
    "write drop:N (slots keep their config until their next change), revert:N or revert:N:KEY (the keys that change N "
    "set keep their old values), shift:N:STEPS (such as shift:7:+2000), or set:N:KEY=VALUE"
)
_INTERVENTION: Final = re.compile(
    r"(?P<kind>drop|revert|shift|set):(?P<number>\d+)(?::(?P<steps>[+-]?\d+)$|:(?P<key>[^=]+)(?:=(?P<value>.*))?$|$)",
    re.DOTALL,
)

_SHOWN: Final = 200
"""The most characters of a value, or of the reason why it is invalid, that an error shows."""
_NAMED: Final = 12
"""The most keys that an error lists."""

InterventionKind = Literal["drop", "revert", "shift", "set"]


@dataclass(frozen=True, slots=True)
class Intervention:
    """What a replay does differently at one change of a run; `number` is that of the change."""

    kind: InterventionKind
    number: int
    steps: int = 0
    """For a shift: the number of environment steps; negative is earlier."""
    key: str | None = None
    """For a set or a revert: the key, as a dotted key, a glob, or its last part."""
    value: Tree = None

    @classmethod
    def parse(cls, text: str) -> "Intervention":
        """Parse an intervention such as `drop:7` or `set:7:game.max_steps=900`. Raises `SourceError` for other text.

        A value is YAML, or JSON with the tags of the journal, such as `{"$range": [0, 9, 1]}`, as `show` prints it.
        """
        found = _INTERVENTION.fullmatch(text.strip())
        if found is None or not _is_whole(found):
            raise SourceError(f"invalid intervention {text!r}: {GRAMMAR}")
        return cls(
            kind=found["kind"],  # type: ignore[arg-type]  # the pattern has no other
            number=int(found["number"]),
            steps=int(found["steps"] or 0),
            key=found["key"],
            value=None if found["value"] is None else _value(found["value"]),
        )

    def __str__(self) -> str:
        match self.kind:
            case "shift":
                return f"shift:{self.number}:{self.steps:+d}"
            case "set":
                return f"set:{self.number}:{self.key}={encode(self.value).decode()}"
        return f"{self.kind}:{self.number}" + (f":{self.key}" if self.key else "")


def intervened(history: History, intervention: Intervention | str) -> History:
    """*history* with the intervention applied. Task probabilities and requests are left out.

    Raises `SourceError` if the run has no such change, or if the intervention is not possible.
    """
    intervention = Intervention.parse(intervention) if isinstance(intervention, str) else intervention
    change = _change(history, intervention)
    configs = history.configs
    adoptions: Iterable[Adoption]
    match intervention.kind:
        case "drop":
            adoptions = _dropped(history, change)
        case "shift":
            adoptions = _shifted(history, change, intervention.steps)
        case "revert" | "set":
            adoptions, configs = _substituted(history, change, _wanted(history, change, intervention))
    return replace(history, adoptions=Adoptions.of(adoptions), configs=configs, requests=(), mixes=())


def _change(history: History, intervention: Intervention) -> Change:
    changes = history.changes
    if not 1 <= intervention.number <= len(changes):
        raise SourceError(f"run {history.run} has {len(changes)} changes: there is no change {intervention.number}")
    change = changes[intervention.number - 1]
    if change.is_initial and intervention.kind in ("drop", "revert", "shift"):
        raise SourceError(
            f"change {intervention.number} is the initial config of run {history.run}: there is no config before it"
        )
    return change


def _dropped(history: History, change: Change) -> Iterator[Adoption]:
    """The adoptions without those of the change, and without those of a new session that began with its config."""
    without = set[Place]()
    for row, adoption in enumerate(history.adoptions):
        number = history.changes.numbers[row]
        if number == change.number:
            without.add(adoption.place)
        elif number:
            without.discard(adoption.place)
        if adoption.place not in without:
            yield adoption


def _shifted(history: History, change: Change, steps: int) -> Sequence[Adoption]:
    """The adoptions with those of the change at other steps, in order of step.

    Raises `SourceError` if an adoption would pass another one of its slot.
    """
    moved = list(history.adoptions)
    last: dict[Place, int] = {}
    for row, (adoption, number) in enumerate(zip(history.adoptions, history.changes.numbers, strict=True)):
        place, record = adoption.place, adoption.record
        earlier, last[place] = last.get(place), row
        if number == change.number:
            if earlier is not None:
                _check_order(history, edited_step=record.step + steps, row=earlier, steps=steps, is_later=False)
            asked = None if record.requested_at is None else max(0, record.requested_at + steps)
            record = msgspec.structs.replace(record, step=record.step + steps, requested_at=asked)
            moved[row] = Adoption(place, record)
        elif earlier is not None and history.changes.numbers[earlier] == change.number:
            _check_order(history, edited_step=moved[earlier].record.step, row=row, steps=steps, is_later=True)
    return sorted(moved, key=attrgetter("record.step"))


def _check_order(history: History, *, edited_step: int, row: int, steps: int, is_later: bool) -> None:
    other = history.adoptions[row]
    if (edited_step >= other.record.step) if is_later else (edited_step <= other.record.step):
        side = "after" if is_later else "before"
        raise SourceError(
            f"a shift by {steps:+,} steps is too far: {other.place} adopted another config {side} the change, at step "
            f"{other.record.step:,} of run {history.run}"
        )


def _wanted(history: History, change: Change, intervention: Intervention) -> tuple[Edit, ...]:
    """The edits that the intervention makes in the config of the change."""
    if intervention.kind == "revert":
        changed = [leaf.inverse for leaf in history.edits(change)]
        found = [leaf for leaf in changed if intervention.key is None or matches(leaf.path, intervention.key)]
        named = [dotted(leaf.path) for leaf in changed]
    else:
        config = history.config(change.config)
        found = [Edit(at, old, intervention.value) for at, old in leaves(config) if matches(at, intervention.key or "")]
        named = [dotted(at) for at, _ in leaves(config)]
    if not found:
        verb = "set" if intervention.kind == "revert" else "has"
        known = f"{verb} {', '.join(named[:_NAMED])}" if named else "changed the name of the task only"
        key = f"key {intervention.key}" if intervention.key else "key"
        close = nearest(intervention.key or "", named)
        near = f"; did you mean {', '.join(close)}?" if close else ""
        raise SourceError(f"change {intervention.number} of run {history.run} {verb} no {key}; it {known}{near}")
    return tuple(found)


def _substituted(
    history: History, change: Change, wanted: tuple[Edit, ...]
) -> tuple[list[Adoption], dict[str, Config]]:
    """The adoptions and configs with the *wanted* leaves from the change on, until a later change sets them."""
    configs = dict(history.configs)
    made: dict[tuple[str, tuple[Path, ...]], str] = {}
    active: dict[Place, tuple[Edit, ...]] = {}
    found: list[Adoption] = []
    for row, adoption in enumerate(history.adoptions):
        if history.changes.numbers[row] == change.number:
            active[adoption.place] = wanted
        here = active.get(adoption.place, ())
        if here:
            old = adoption.record.config
            config = history.config(old)
            here = tuple(leaf for leaf in here if _holds(config, leaf))
            active[adoption.place] = here
            known = old, tuple(leaf.path for leaf in here)
            if known not in made:
                instead = diff.apply(here, config)
                made[known] = digest(instead)
                configs.setdefault(made[known], instead)
            record = msgspec.structs.replace(adoption.record, config=made[known], template=None)
            adoption = Adoption(adoption.place, record)  # noqa: PLW2901  # the same adoption with another config
        found.append(adoption)
    return found, configs


def _holds(config: Config, leaf: Edit) -> bool:
    value = lookup(config, leaf.path, ABSENT)
    if isinstance(value, Absent) or isinstance(leaf.before, Absent):
        return value is leaf.before and isinstance(lookup(config, leaf.path[:-1]), dict)
    return diff.same(value, leaf.before)


def _is_whole(found: "re.Match[str]") -> bool:
    """Whether an intervention has exactly the parts that its kind needs."""
    match found["kind"]:
        case "drop":
            return found["steps"] is None and found["key"] is None
        case "shift":
            return found["steps"] is not None
        case "revert":
            return found["steps"] is None and found["value"] is None
        case _:
            return found["value"] is not None


def _value(text: str) -> Tree:
    """Parse a value: JSON as an intervention prints it, or else YAML."""
    try:
        return normal({"": decode(text)})[""]
    except (ConfigError, EncodingError):
        pass  # not JSON, or too deep: YAML says why
    try:
        return normal({"": yaml.safe_load(text)})[""]
    except (ConfigError, RecursionError, ValueError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise SourceError(f"{elided(repr(text), _SHOWN)} is not a value in YAML: {elided(said, _SHOWN)}") from None

"""Changes a recording for a counterfactual replay: drops, reverts, shifts or sets one change."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final, Literal

import msgspec
import yaml

from envcfg.analysis.formatting import changes_text, elided
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
from envcfg.journal.columns import NONE

GRAMMAR: Final = (
    "write drop:N (slots keep their config until their next change), revert:N or revert:N:KEY (the keys that change N "
    "set keep their old values), shift:N:STEPS (such as shift:7:+2000), or set:N:KEY=VALUE; "
    "N is the number of a change, and 0 is the initial config, which can only be set"
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
    """What a replay does differently at one change of a run; `number` is that of the change.

    Only a set can have the number 0, which means the initial configs.
    """

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
    changes = _changes(history, intervention)
    configs = history.configs
    adoptions: Iterable[Adoption]
    match intervention.kind:
        case "drop":
            adoptions = _dropped(history, changes[0])
        case "shift":
            adoptions = _shifted(history, changes[0], intervention.steps)
        case "revert" | "set":
            adoptions, configs = _substituted(history, changes, _wanted(history, changes, intervention))
    return replace(history, adoptions=Adoptions.of(adoptions), configs=configs, requests=(), mixes=())


def _changes(history: History, intervention: Intervention) -> Sequence[Change]:
    """The change of the intervention, or the initial configs."""
    if intervention.number == 0 and intervention.kind != "set":
        raise SourceError(
            f"{intervention}: number 0 is the initial config of run {history.run}, and there is no config before it; "
            "only set:0:KEY=VALUE is possible"
        )
    return history.numbered(intervention.number)


def _dropped(history: History, change: Change) -> Iterator[Adoption]:
    """The adoptions without those of the change, and without those of a new session that began with its config."""
    without = set[Place]()
    for row, adoption in enumerate(history.adoptions):
        number = history.changes.numbers[row]
        if number == change.number:
            without.add(adoption.place)
        elif number != NONE:
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


def _wanted(history: History, changes: Sequence[Change], intervention: Intervention) -> Mapping[str, tuple[Edit, ...]]:
    """The edits that the intervention makes, by the digest of the config of each of the changes.

    Raises `SourceError` if it makes none.
    """
    possible = {
        config: _possible(history, before, config, intervention)
        for change in changes
        for before, config in change.variants
    }
    key = intervention.key
    wanted = {
        digest: tuple(edit for edit in edits if key is None or matches(edit.path, key))
        for digest, edits in possible.items()
    }
    if not any(wanted.values()):
        named = list(dict.fromkeys(dotted(edit.path) for edits in possible.values() for edit in edits))
        raise SourceError(f"{changes_text(changes)} of run {history.run} {_without(intervention, named)}")
    return wanted


def _possible(history: History, before: str | None, config: str, intervention: Intervention) -> tuple[Edit, ...]:
    """The edits that the intervention could make in a config that a change brought."""
    if intervention.kind != "revert":
        return tuple(Edit(at, old, intervention.value) for at, old in leaves(history.config(config)))
    if before is None or {before, config} - history.configs.keys():
        return ()
    return tuple(leaf.inverse for leaf in diff.diff(history.config(before), history.config(config)))


def _without(intervention: Intervention, named: Sequence[str]) -> str:
    """`has no key game.max_step; it has game.max_steps; did you mean game.max_steps?`"""
    verb = "set" if intervention.kind == "revert" else "has"
    known = f"{verb} {', '.join(named[:_NAMED])}" if named else "changed the name of the task only"
    key = f"key {intervention.key}" if intervention.key else "key"
    close = nearest(intervention.key or "", named)
    near = f"; did you mean {', '.join(close)}?" if close else ""
    return f"{verb} no {key}; it {known}{near}"


def _substituted(
    history: History, changes: Sequence[Change], wanted: Mapping[str, tuple[Edit, ...]]
) -> tuple[list[Adoption], dict[str, Config]]:
    """The adoptions and configs with the *wanted* leaves from the changes on, until a later change sets them.

    All *changes* have one number. There are several only for initial configs.
    """
    configs = dict(history.configs)
    made: dict[tuple[str, tuple[Path, ...]], str] = {}
    active: dict[Place, tuple[Edit, ...]] = {}
    found: list[Adoption] = []
    for row, adoption in enumerate(history.adoptions):
        if history.changes.numbers[row] == changes[0].number:
            active[adoption.place] = wanted[adoption.record.config]
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

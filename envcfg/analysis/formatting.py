"""Values, causes and names as text for people: short, and always safe to print."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

from envcfg.core import encoding
from envcfg.core.diff import Absent, Edit, identity
from envcfg.core.path import dotted
from envcfg.core.record import Cause, Job
from envcfg.core.tree import Marker, Tree
from envcfg.history.changes import Change, Entries

_WITHHELD: Final = ("redacted", "unreadable")
"""The kinds of markers that hold no value; their content is never shown."""
_UNITS: Final = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
"""The units of a duration, in seconds."""
_CONTEXT: Final = 4
"""Characters before the first difference."""


def printable(text: str) -> str:
    """*text* with an escape for every character that controls a terminal or cannot be shown."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def elided(text: str, length: int) -> str:
    """*text* in at most *length* characters; if it is longer, its middle is left out."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 5
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def value_text(value: Tree | Absent, length: int = 60) -> str:
    """A value of a config: `0.5`, `true`, `dense`, `[1, 2]`, `???`, `(absent)`."""
    match value:
        case Absent():
            text = "(absent)"
        case Marker(kind="missing"):
            text = "???"
        case Marker(kind=kind) if kind in _WITHHELD:
            text = f"({kind})"
        case Marker(kind="unresolved"):
            text = f"{value.value} (not resolved)"
        case Marker(value=str(inner)) | str(inner):
            text = inner
        case float():
            text = _float_text(value)
        case _:
            text = json.dumps(encoding.jsonable(value), ensure_ascii=False)
    return elided(printable(text), length)


def value_texts(values: Sequence[Tree | Absent], length: int = 60) -> list[str]:
    """The texts of values that are shown side by side: different values always have different texts.

    For example `"1"` beside 1. Long values are shown from their first difference on.
    """
    texts = [value_text(value, length) for value in values]
    alike: dict[str, list[int]] = {}
    for place, (text, value) in enumerate(zip(texts, values, strict=True)):
        if not (isinstance(value, Marker) and value.kind in _WITHHELD):
            alike.setdefault(text, []).append(place)
    for places in alike.values():
        if len({identity(values[place]) for place in places}) > 1:
            for place, text in zip(places, _exact([values[place] for place in places], length), strict=True):
                texts[place] = text
    return texts


def edit_text(edit: Edit) -> str:
    """`game.max_steps 32 → 48`"""
    before, after = value_texts([edit.before, edit.after])
    return f"{printable(dotted(edit.path))} {before} → {after}"


def cause_text(cause: Cause | None) -> str:
    """`curriculum: mean_outcome 0.812 (threshold 0.8)`; empty if no cause was recorded."""
    if cause is None:
        return ""
    said = [part for part in (_trigger(cause), cause.note, _delay(cause)) if part]
    return printable(f"{cause.kind}: {'; '.join(said)}" if said else cause.kind)


def commit_text(job: Job) -> str:
    """`3f2a1c9d04` or `3f2a1c9d04, with modified files`; `unknown` if no commit was found."""
    if job.commit is None:
        return "unknown"
    states = {None: ", unknown whether files were modified", True: ", with modified files", False: ""}
    return f"{printable(job.commit[:10])}{states[job.modified]}"


def task_text(task: str | None) -> str:
    """The name of a task; `(unnamed)` for a task without a name."""
    return printable(task) if task else "(unnamed)"


def count_text(count: int, noun: str) -> str:
    """`1 slot`, `1,024 slots`"""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def changes_text(changes: Sequence[Change]) -> str:
    """`change 3`, `changes 3 to 7`, `initial config (number 0)`, `2 initial configs and changes 1 to 4`"""
    numbers_of = changes.each_number if isinstance(changes, Entries) else [change.number for change in changes]
    counted = list(filter(None, numbers_of))
    initial = len(changes) - len(counted)
    if not counted:
        return "initial config (number 0)" if initial == 1 else f"{count_text(initial, 'initial config')} (number 0)"
    first, last = counted[0], counted[-1]
    numbers = f"change {first:,}" if first == last else f"changes {first:,} to {last:,}"
    began = "initial config" if initial == 1 else count_text(initial, "initial config")
    return f"{began} and {numbers}" if initial else numbers


def time_text(seconds: float) -> str:
    """`2026-11-23 14:05:10`, in the time zone of this machine."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration_text(seconds: float) -> str:
    """`12 s`, `3 min 5 s`, `2 h`, `3 d 4 h`: two neighbouring units at most."""
    left, counts = max(0, round(seconds)), []
    for length in _UNITS.values():
        count, left = divmod(left, length)
        counts.append(count)
    first = next((place for place, count in enumerate(counts) if count), len(counts) - 1)
    shown = list(zip(counts, _UNITS, strict=True))[first : first + 2]
    return " ".join(f"{count:,} {unit}" for count, unit in shown if count) or "0 s"


def _trigger(cause: Cause) -> str:
    if cause.metric is None:
        return ""
    value = "" if cause.value is None else f" {cause.value:.4g}"
    return f"{cause.metric}{value}" + ("" if cause.threshold is None else f" (threshold {cause.threshold:.4g})")


def _delay(cause: Cause) -> str:
    if cause.delay is None:
        return ""
    chance = "" if cause.propensity is None else f" with probability {cause.propensity:.3g}"
    return f"after {count_text(cause.delay, 'epoch')} drawn{chance}"


def _exact(values: Sequence[Tree | Absent], length: int) -> list[str]:
    """The values as the journal writes them; long ones from shortly before their first difference on."""
    texts = ["(absent)" if isinstance(value, Absent) else encoding.encode(value).decode() for value in values]
    start = next(place for place, chars in enumerate(zip_longest(*texts)) if len(set(chars)) > 1) - _CONTEXT
    is_long = start > 0 and max(map(len, texts)) > length
    return [elided(f"…{text[start:]}" if is_long else text, length) for text in texts]


def _float_text(value: float) -> str:
    """At most six digits, and always with a decimal point or an exponent: 1.0 is not 1."""
    text = f"{value:.6g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

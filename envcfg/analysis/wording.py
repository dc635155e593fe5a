"""Values, causes and names as text for people: short, and safe to print whatever they hold."""

import json
from datetime import datetime
from typing import Final

from envcfg.analysis.agreement import Agreement
from envcfg.core import encoding
from envcfg.core.diff import Absent, Change
from envcfg.core.path import dotted
from envcfg.core.record import Cause
from envcfg.core.tree import Marker, Tree

DOUBTFUL: Final = 0.01
"""A p below which draws are called doubtful; a run has one such test."""


def printable(text: str) -> str:
    """*text* with every character that a terminal would act on, or could not show, written as an escape."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def elided(text: str, length: int) -> str:
    """*text* in at most *length* characters, what is too much taken out of its middle."""
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
        case Marker(kind=("redacted" | "unreadable") as kind):
            text = f"({kind})"
        case Marker(value=str(inner)) | str(inner):
            text = inner
        case float():
            text = _float_text(value)
        case _:
            text = json.dumps(encoding.jsonable(value), ensure_ascii=False)
    return elided(printable(text), length)


def change_text(change: Change) -> str:
    """`game.max_steps 32 → 48`"""
    return f"{printable(dotted(change.path))} {value_text(change.before)} → {value_text(change.after)}"


def cause_text(cause: Cause | None) -> str:
    """`curriculum: mean_outcome 0.812 (threshold 0.8)`; empty where none was recorded."""
    if cause is None:
        return ""
    said = [part for part in (_trigger(cause), cause.note, _delay(cause)) if part]
    return printable(f"{cause.kind}: {'; '.join(said)}" if said else cause.kind)


def task_text(task: str | None) -> str:
    """The name of a task; one without a name is `(unnamed)`."""
    return printable(task) if task else "(unnamed)"


def count_text(count: int, noun: str) -> str:
    """`1 slot`, `1,024 slots`"""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def time_text(seconds: float) -> str:
    """`2026-11-23 14:05:10`, in this machine's time zone."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def agreement_text(agreed: Agreement) -> str:
    """Whether what was adopted agrees with what was stated, in a sentence."""
    said = (
        f"What was adopted differs from what the curriculum stated by {agreed.distance:.1%} "
        f"of {agreed.adoptions:,} adoptions"
    )
    if agreed.p is None:
        return f"{said}."
    verdict = "as draws do" if agreed.p >= DOUBTFUL else "which draws would hardly do"
    law = f"chi-squared {agreed.chi2:.4g} on {agreed.freedom} degrees of freedom, p = {agreed.p:.2g}"
    return f"{said}, {verdict} ({law})."


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


def _float_text(value: float) -> str:
    """At most six digits, and always recognisable as a float: 1.0 is not 1."""
    text = f"{value:.6g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

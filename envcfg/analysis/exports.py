"""A history as files for other tools: CSV that no spreadsheet runs, JSON in the origin's shape."""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from envcfg.analysis.summary import Summary
from envcfg.analysis.wording import cause_text, change_text, value_text
from envcfg.core import encoding
from envcfg.core.diff import Absent, Change
from envcfg.core.path import pointer
from envcfg.core.record import Cause
from envcfg.core.tree import Tree
from envcfg.history.history import History

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parameters_csv(summary: Summary) -> str:
    """One row for each change: when, which task, why, and every key parameter from then on."""
    names = list(dict.fromkeys(name for row in summary.rows for name in row.parameters))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["change", "epoch", "step", "last_step", "slots", "task", "cause", *map(cell, names)])
    for row in summary.rows:
        when = row.transaction
        table.writerow(
            [
                *(when.number, when.epoch, when.step, when.last_step, len(when.places)),
                *(cell(when.task or ""), cell(cause_text(when.cause))),
                *(_value(row.parameters.get(name)) for name in names),
            ]
        )
    return out.getvalue()


def cell(text: str) -> str:
    """Text that a spreadsheet takes as text: what looks like a formula gets an apostrophe in front."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def origin_json(history: History) -> str:
    """`env_config_history.json` as the origin wrote it: every record with its whole config, and the task counts."""
    document = {
        "history": [_origin_entry(history, adoption.record) for adoption in history.adoptions],
        "task_counts": dict(history.adopted),
        "curriculum_stats": {
            "curriculum": history.curriculum,
            "mixes": [_mix(mix) for mix in history.mixes if mix.stated],
        },
    }
    return json.dumps(document, indent=1)


def summary_json(summary: Summary, *, journal: str | None = None) -> dict[str, Any]:
    """The report for machines; `docs/report.md` describes it. *journal* is where it was read from."""
    return {
        "format": "envcfg-summary",
        "version": 1,
        "run": summary.run,
        "journal": journal,
        "status": summary.status,
        "curriculum": summary.curriculum,
        "configurations_logged": summary.adoptions,
        "unique_configurations": summary.configs,
        "unique_tasks": len(summary.tasks),
        "task_frequencies": dict(summary.tasks),
        "total_changes": len(summary.rows),
        "initial_changes": summary.initial,
        "changes": [_row(row) for row in summary.rows],
        "last_step": summary.last_step,
        "last_epoch": summary.last_epoch,
        "sample_key_parameters": {name: _plain(values.items()) for name, values in summary.samples.items()},
        "failures": list(summary.failures),
        "losses": list(summary.losses),
    }


def _row(row: Any) -> dict[str, Any]:
    when = row.transaction
    return {
        "number": when.number,
        "epoch": when.epoch,
        "step": when.step,
        "last_step": when.last_step,
        "requested_at": when.requested_at,
        "task": when.task,
        "slots": len(when.places),
        "cause": None if when.cause is None else {**_cause(when.cause), "text": cause_text(when.cause)},
        "config": when.config,
        "before": when.before,
        "changes": [_change(change) for change in row.changes],
        "parameters": _plain(row.parameters.items()),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {name: encoding.jsonable(getattr(cause, name)) for name in cause.__struct_fields__}


def _change(change: Change) -> dict[str, Any]:
    """One leaf; a side that was not there has no key, which null could not say."""
    sides = {"before": change.before, "after": change.after}
    there = {side: encoding.jsonable(value) for side, value in sides.items() if not isinstance(value, Absent)}
    return {"path": pointer(change.path), "text": change_text(change), **there}


def _origin_entry(history: History, record: Any) -> dict[str, Any]:
    config = history.configs.get(record.config)
    return {
        "epoch": record.epoch,
        "agent_step": record.step,
        "timestamp": record.time,
        "task_id": record.config,
        "task_name": record.task,
        "config": None if config is None else encoding.jsonable(config),
    }


def _mix(mix: Any) -> dict[str, Any]:
    return {"epoch": mix.epoch, "agent_step": mix.step, "task_probabilities": dict(_plain(mix.stated.items()))}


def _plain(items: Iterable[tuple[str, Tree]]) -> dict[str, Any]:
    return {name: encoding.jsonable(value) for name, value in items}


def _value(value: Tree) -> object:
    """Numbers as numbers, nothing as an empty cell, anything else as safe text."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return cell(value_text(value))

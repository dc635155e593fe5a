"""A history as files for other tools: CSV without formulas, and the legacy JSON."""

import csv
import io
import json
import re
from typing import Any, Final

from envcfg.analysis.formatting import cause_text, printable, value_text
from envcfg.analysis.run.summary import WHEN, Summary
from envcfg.core import encoding
from envcfg.core.record import Mix, Record
from envcfg.core.tree import Tree
from envcfg.history.history import History

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parameters_csv(summary: Summary) -> str:
    """One row for each change and initial config (number 0): its time, task, cause, and all key parameters after it."""
    names = list(dict.fromkeys(name for row in summary.rows for name in row.parameters))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*WHEN, *map(cell, names)])
    for row in summary.rows:
        when = row.change
        table.writerow(
            [
                *(when.number, when.epoch, when.step, when.last_step, len(when.places)),
                *(cell(when.task or ""), cell(cause_text(when.cause))),
                *(_value(row.parameters.get(name)) for name in names),
            ]
        )
    return out.getvalue()


def cell(text: str) -> str:
    """*text* on one line, with an apostrophe in front if a spreadsheet would run it as a formula."""
    shown = printable(text)
    return f"'{shown}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else shown


def legacy_json(history: History) -> str:
    """The legacy JSON, `env_config_history.json`: every record with its whole config, and the task counts."""
    document = {
        "history": [_legacy_entry(history, adoption.record) for adoption in history.adoptions],
        "task_counts": dict(history.adopted),
        "curriculum_stats": {
            "curriculum": history.curriculum,
            "mixes": [_mix(mix) for mix in history.mixes if mix.stated],
        },
    }
    return json.dumps(document, indent=1)


def _legacy_entry(history: History, record: Record) -> dict[str, Any]:
    config = history.configs.get(record.config)
    return {
        "epoch": record.epoch,
        "agent_step": record.step,
        "timestamp": record.time,
        "task_id": record.config,
        "task_name": record.task,
        "config": None if config is None else encoding.jsonable(config),
    }


def _mix(mix: Mix) -> dict[str, Any]:
    stated = {task: encoding.jsonable(probability) for task, probability in (mix.stated or {}).items()}
    return {"epoch": mix.epoch, "agent_step": mix.step, "task_probabilities": stated}


def _value(value: Tree) -> object:
    """A number as a number, None as an empty cell, anything else as safe text."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return cell(value_text(value))

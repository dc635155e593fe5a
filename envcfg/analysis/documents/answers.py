"""The answers of the commands as strict JSON, with a format and a version. `docs/questions.md` describes them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from msgspec import to_builtins

from envcfg.analysis.answer.paragraph import Answer
from envcfg.analysis.formatting import cause_text, edit_text
from envcfg.analysis.run.summary import ChangeRow, Summary
from envcfg.analysis.tasks.agreement import Agreement
from envcfg.analysis.tasks.task_use import TaskUses
from envcfg.core import encoding
from envcfg.core.code import Coded
from envcfg.core.diff import Absent, Edit
from envcfg.core.path import pointer
from envcfg.core.record import EVALUATION, Cause
from envcfg.core.tree import Tree
from envcfg.history.adoptions import Adoption, Place
from envcfg.history.answers import Requested
from envcfg.history.changes import Change
from envcfg.history.history import History


def summary_json(summary: Summary, *, journal: str | None = None) -> dict[str, Any]:
    """The report of `envcfg analyze`; *journal* is the path that was read."""
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
        "total_changes": summary.changes,
        "initial_configs": len(summary.rows) - summary.changes,
        "changes": [_row(row) for row in summary.rows],
        "last_step": summary.last_step,
        "last_epoch": summary.last_epoch,
        "sample_key_parameters": {name: _plain(values) for name, values in summary.samples.items()},
        "failures": coded_json(summary.failures),
        "losses": coded_json(summary.losses),
    }


def answer_json(run: str, found: Answer) -> dict[str, Any]:
    """The answer about a run: the paragraph, and its parts."""
    return {"format": "envcfg-answer", "version": 1, "run": run, "text": found.text, **found._asdict()}


def history_json(history: History) -> dict[str, Any]:
    """Everything that was recorded."""
    asked = {"requests": [_requested(request) for request in history.requests]} if history.requests else {}
    return {
        "format": "envcfg-history",
        "version": 1,
        "run": history.run,
        "status": history.status,
        "sessions": history.sessions,
        "coverage": asdict(history.coverage),
        "jobs": [to_builtins(job) for job in history.jobs],
        "links": [to_builtins(link) for link in history.links],
        "adoptions": [_adopted(adoption) for adoption in history.adoptions],
        "abandoned": [_adopted(adoption) for adoption in history.abandoned],
        **asked,
        **({"draws": [to_builtins(entry) for entry in history.drawn]} if history.drawn else {}),
        "phases": [to_builtins(phase) for phase in history.phases],
        "epochs": [to_builtins(end) for end in history.epochs],
        "mixes": [encoding.jsonable(to_builtins(mix)) for mix in history.mixes],
        "configs": {digest: encoding.jsonable(config) for digest, config in history.configs.items()},
        "ending": to_builtins(history.ending),
        "failures": [to_builtins(failure) for failure in history.failures],
        "losses": coded_json(history.losses),
    }


def log_json(history: History, rows: Iterable[tuple[Change, tuple[Edit, ...]]]) -> dict[str, Any]:
    """The changes with their edits."""
    return {
        "format": "envcfg-log",
        "version": 1,
        "run": history.run,
        "changes": [change_json(change, edits) for change, edits in rows],
    }


def tasks_json(history: History, uses: TaskUses) -> dict[str, Any]:
    """How a run used its tasks."""
    return {
        "format": "envcfg-tasks",
        "version": 1,
        "run": history.run,
        "tasks": [{name: getattr(row, name) for name in row.__slots__} for row in uses.rows],
        "transitions": [
            {"before": before, "after": after, "count": count} for (before, after), count in uses.transitions.items()
        ],
        "agreement": None if uses.agreement is None else _agreement(uses.agreement),
    }


def change_json(change: Change, edits: Iterable[Edit]) -> dict[str, Any]:
    """One change with its edits. An initial config has number 0, and null as `before`."""
    return {
        "number": change.number,
        "epoch": change.epoch,
        "step": change.step,
        "last_step": change.last_step,
        "requested_at": change.requested_at,
        "task": change.task,
        "slots": len(change.places),
        "cause": cause_json(change.cause),
        "config": change.config,
        "before": change.before,
        "edits": [edit_json(edit) for edit in edits],
    }


def edit_json(edit: Edit) -> dict[str, Any]:
    """One edit. A side without a value has no key, because null can be a value."""
    sides = {"before": edit.before, "after": edit.after}
    there = {side: encoding.jsonable(value) for side, value in sides.items() if not isinstance(value, Absent)}
    return {"path": pointer(edit.path), "text": edit_text(edit), **there}


def _requested(asked: Requested) -> dict[str, Any]:
    return {"rank": asked.rank, **to_builtins(asked.request), "cause": cause_json(asked.request.cause)}


def _row(row: ChangeRow) -> dict[str, Any]:
    return {**change_json(row.change, row.edits), "parameters": _plain(row.parameters)}


def cause_json(cause: Cause | None) -> dict[str, Any] | None:
    """A cause, with its text for people."""
    if cause is None:
        return None
    return {name: encoding.jsonable(getattr(cause, name)) for name in cause.__struct_fields__} | {
        "text": cause_text(cause)
    }


def adoption_json(adoption: Adoption) -> dict[str, Any]:
    record = adoption.record
    return {
        "step": record.step,
        "epoch": record.epoch,
        "episode": record.episode,
        "time": record.time,
        "task": record.task,
        "requested_at": record.requested_at,
        "cause": cause_json(record.cause),
        "slot": place_json(adoption.place),
    }


def _adopted(adoption: Adoption) -> dict[str, Any]:
    record = adoption.record
    return {**adoption_json(adoption), "config": record.config, "template": record.template}


def place_json(place: Place) -> dict[str, Any]:
    """A place: rank, worker and slot. A slot that evaluates, beside slots that train, also has its role."""
    role = {"role": "eval"} if place.slot >= EVALUATION else {}
    return {"rank": place.rank, "worker": place.worker, "slot": place.slot % EVALUATION, **role}


def _agreement(agreed: Agreement) -> dict[str, Any]:
    return {
        "adoptions": agreed.adoptions,
        "stated": dict(agreed.stated),
        "realised": dict(agreed.realised),
        "distance": agreed.distance,
        "chi2": encoding.jsonable(agreed.chi2),
        "freedom": agreed.freedom,
        "p": agreed.p,
    }


def coded_json(sentences: Iterable[Coded]) -> list[dict[str, str]]:
    return [{"code": sentence.code.value, "text": sentence} for sentence in sentences]


def _plain(values: Mapping[str, Tree]) -> dict[str, Any]:
    return {name: encoding.jsonable(value) for name, value in values.items()}

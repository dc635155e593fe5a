"""Requested and effective, as strict JSON. `docs/questions.md` describes it."""

from collections.abc import Iterable
from typing import Any

from envcfg.analysis.documents.answers import cause_json, place_json
from envcfg.analysis.run.requests import RequestRow, asked_text, never_effective_text
from envcfg.core import encoding
from envcfg.core.path import dotted, pointer
from envcfg.history.answers import Answer
from envcfg.history.history import History
from envcfg.history.queries.requests import NeverEffective


def requests_json(history: History, rows: Iterable[RequestRow]) -> dict[str, Any]:
    """The requests, when they were effective in each slot, and the keys that never were."""
    shown = list(rows)
    numbers = {row.number for row in shown}
    return {
        "format": "envcfg-requests",
        "version": 1,
        "run": history.run,
        "requests": [_request(row) for row in shown],
        "answers": [_answer(answer) for answer in history.answers if answer.number in numbers],
        "never_effective": [_ineffective_key(ineffective) for ineffective in history.never_effective()],
        "unrequested": [
            {"path": pointer(path), "text": dotted(path), "count": count}
            for path, count in history.unrequested().items()
        ],
    }


def _request(row: RequestRow) -> dict[str, Any]:
    request = row.request
    return {
        "number": row.number,
        "step": request.step,
        "epoch": request.epoch,
        "time": request.time,
        "task": request.task,
        "cause": cause_json(request.cause),
        "asked": [{"path": pointer(path), "value": encoding.jsonable(value)} for path, value in row.asked],
        "text": asked_text(row),
        "slots": row.slots,
        "effective": row.effective,
        "superseded": row.superseded,
        "waiting": row.waiting,
        "median_lag": row.median_lag,
        "longest_lag": row.longest_lag,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "request": answer.number,
        "slot": place_json(answer.place),
        "state": answer.state,
        "requested_at": answer.requested_at,
        "effective_at": answer.effective_at,
        "lag": answer.lag,
    }


def _ineffective_key(ineffective: NeverEffective) -> dict[str, Any]:
    return {
        "path": pointer(ineffective.path),
        "text": never_effective_text(ineffective),
        "values": [encoding.jsonable(value) for value in ineffective.values],
        "requests": list(ineffective.requests),
        "first_step": ineffective.first_step,
        "slots": ineffective.slots,
        "is_unknown": ineffective.is_unknown,
        "meant": None if ineffective.meant is None else pointer(ineffective.meant),
    }

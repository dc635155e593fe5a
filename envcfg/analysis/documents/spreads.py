"""The answers about the config in force as strict JSON: the values in common, and the spread of the others."""

from collections.abc import Iterable
from typing import Any

from envcfg.analysis.documents.answers import adoption_json, edit_json, place_json
from envcfg.analysis.formatting import printable
from envcfg.analysis.spread_text import spread_text
from envcfg.core import encoding
from envcfg.core.diff import Absent, Edit
from envcfg.core.path import dotted, pointer
from envcfg.history.history import History
from envcfg.history.queries.blame import Blame
from envcfg.history.queries.in_force import InForce
from envcfg.history.queries.spreads import SpreadEdit, Spreads
from envcfg.history.spread import Spread


def show_json(history: History, held: InForce, found: Spreads) -> dict[str, Any]:
    """The config in force: since when, why, and in which slots.

    If slots differ, `config` has the values in common and `differing` the others. `digest` and `since` are null then.
    """
    is_one = found.digest is not None
    return {
        "format": "envcfg-config",
        "version": 1,
        "run": history.run,
        "step": found.step,
        "digest": found.digest,
        "since": adoption_json(held.since) if is_one else None,
        "slots": [place_json(place) for place in held.places] if is_one else None,
        "slots_in_all": held.of,
        "config": encoding.jsonable(found.common),
        "differing": [
            {"path": pointer(path), "text": dotted(path), **spread_json(spread)}
            for path, spread in found.differing.items()
        ],
    }


def diff_json(sides: Iterable[tuple[History, Spreads]], edits: Iterable[Edit | SpreadEdit]) -> dict[str, Any]:
    """The parameters that differ between two sides; with both spreads if slots of a side differ."""
    before, after = (_side(history, held) for history, held in sides)
    found = [edit_json(edit) if isinstance(edit, Edit) else _spread_edit(edit) for edit in edits]
    return {"format": "envcfg-diff", "version": 1, "before": before, "after": after, "edits": found}


def blame_json(history: History, found: Spreads, blames: Iterable[Blame]) -> dict[str, Any]:
    """For each key, the change that last set it. `spread` has its values if slots differ."""
    return {
        "format": "envcfg-blame",
        "version": 1,
        "run": history.run,
        "step": found.step,
        "digest": found.digest,
        "slots": found.slots,
        "leaves": list(map(_blamed, blames)),
    }


def _blamed(blame: Blame) -> dict[str, Any]:
    edit = edit_json(Edit(blame.path, blame.before, blame.value))
    differs = {} if blame.spread.is_one else {"spread": spread_json(blame.spread)}
    return {**edit, **differs, "change": blame.change, **adoption_json(blame.adoption)}


def spread_json(spread: Spread) -> dict[str, Any]:
    """The values with the number of slots that have each; a slot without the key counts as `absent`."""
    pairs = list(zip(spread.values, spread.weights, strict=True))
    return {
        "slots": spread.slots,
        "values": [
            {"value": encoding.jsonable(value), "slots": weight}
            for value, weight in pairs
            if not isinstance(value, Absent)
        ],
        "absent": sum(weight for value, weight in pairs if isinstance(value, Absent)),
    }


def _side(history: History, held: Spreads) -> dict[str, Any]:
    task = held.tasks.value if held.tasks.is_one else None
    return {"run": history.run, "step": held.step, "digest": held.digest, "task": task, "slots": held.slots}


def _spread_edit(edit: SpreadEdit) -> dict[str, Any]:
    text = f"{printable(dotted(edit.path))} {spread_text(edit.before)} → {spread_text(edit.after)}"
    sides = {"before_spread": spread_json(edit.before), "after_spread": spread_json(edit.after)}
    return {"path": pointer(edit.path), "text": text, **sides}

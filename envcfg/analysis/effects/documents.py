"""Card, for programs: effects as JSON. `docs/effects.md` describes the documents."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from envcfg.analysis.effects.breaks import Break
from envcfg.analysis.effects.effect import Effect
from envcfg.analysis.effects.pooling import PooledEffect
from envcfg.analysis.effects.randomised import Randomised
from envcfg.analysis.formatting import edit_text

_PARTS: Final = ("mix", "skill", "mix_se", "skill_se")


def effects_json(
    run: str, effects: Sequence[Effect], breaks: Sequence[Break] = (), drawn: Randomised | None = None
) -> dict[str, Any]:
    """The effects of a run."""
    return {
        "format": "envcfg-effects",
        "version": 1,
        "run": run,
        "metric": effects[0].metric if effects else None,
        "effects": [dict(_document(effect)) for effect in effects],
        "breaks": [{"step": one.step, "value": one.estimate.value, "p": one.p} for one in breaks],
        "randomised": None
        if drawn is None
        else {**drawn._asdict(), "switches": [switch._asdict() for switch in drawn.switches]},
    }


def _document(effect: Effect) -> Iterator[tuple[str, Any]]:
    yield "changes", list(effect.numbers)
    yield "step", effect.group.step
    yield "last_step", effect.group.last_step
    yield "task", effect.group.changes[-1].task
    yield "changed", [edit_text(edit) for edit in effect.edits]
    yield "refusal", effect.refusal
    found = effect.estimate
    names = ("value", "se", "low", "high", "sd", "percent", "p", "points", "means", "rho", "effective", "placebos")
    yield (
        "effect",
        None
        if found is None
        else {
            **{name: getattr(found, name) for name in names},
            "inflation": found.inflation,
            "df": found.df,
            "detectable": found.detectable,
            "bend": found.bend,
            "rule": found.rule,
            "correction": found.correction,
            "q": effect.q,
        },
    )
    yield (
        "split",
        None
        if effect.split is None
        else {
            **{name: getattr(effect.split, name) for name in ("before", "after", "is_identified")},
            **{name: getattr(effect.split, name) if effect.split.is_identified else None for name in _PARTS},
            "tasks": {task: part._asdict() for task, part in effect.split.tasks.items()},
        },
    )
    yield "cautions", [caution._asdict() for caution in effect.cautions]


def pooled_json(found: Sequence[PooledEffect]) -> dict[str, Any]:
    """The pooled effects of several runs."""
    rows = [
        {
            "changed": list(effect.changed),
            "metric": effect.metric,
            "runs": len(effect.effects),
            "refusal": effect.refusal,
            "pooled": None
            if effect.pooled is None
            else {**effect.pooled._asdict(), "detectable": effect.pooled.detectable, "q": effect.q},
            "cautions": [caution._asdict() for caution in effect.cautions],
        }
        for effect in found
    ]
    return {"format": "envcfg-pooled-effects", "version": 1, "effects": rows}

"""The answer: what happened in a run, as one paragraph that is made from its record."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from envcfg.analysis.answer.measurements import Measurements
from envcfg.analysis.answer.movement import LEAST, REACH, Movement, movements
from envcfg.analysis.formatting import cause_text, changes_text, count_text, printable, task_text, value_texts
from envcfg.analysis.groups import last_points, outcome
from envcfg.analysis.run.new_keys import new_key_text
from envcfg.analysis.run.requests import never_effective_text
from envcfg.analysis.run.sessions import other_sentences, restart_sentences
from envcfg.analysis.run.stages import stages
from envcfg.analysis.run.summary import failures
from envcfg.core.diff import Edit
from envcfg.core.path import dotted
from envcfg.core.tree import Path, leaves
from envcfg.history.history import History
from envcfg.history.spread import is_number

STAGES: Final = 6
"""The most stages that are named one by one."""
EDITS: Final = 4
"""The most edits of a change that are named."""
PROBLEMS: Final = 3
"""The most problems of one kind that are named."""
_ENDINGS: Final = {
    "completed": "The run completed",
    "failed": "The run failed with an exception",
    "interrupted": "The run was interrupted",
    "incomplete": "The run ended, but a part of its recording is missing; its last record is",
    "cut off": "The run was killed or is still running; its last record is",
    "not recorded": "The ending of the run was not recorded; its last record is",
}


class Answer(NamedTuple):
    """What happened in a run. Each part consists of whole sentences, or is empty."""

    outcome: str
    stages: str
    reward: str
    movement: str
    problems: str

    @property
    def text(self) -> str:
        """All parts as one paragraph."""
        return " ".join(filter(None, self))

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p style="max-width:48em">{escape(self.text)}</p>'


def paragraph(history: History, measured: Measurements) -> Answer:
    """The answer about a run, from its record and its measurements only."""
    return Answer(
        outcome=_outcome(history),
        stages=_stages(history),
        reward=_reward(measured),
        movement=_movement(history, measured),
        problems=" ".join(_problems(history)),
    )


def _outcome(history: History) -> str:
    epoch = "" if history.last_epoch is None else f" (epoch {history.last_epoch:,})"
    curriculum = f", under the curriculum {printable(history.curriculum)}" if history.curriculum else ""
    said = [f"{_ENDINGS[history.status]} at step {history.last_step:,}{epoch}{curriculum}."]
    if history.losses:
        said.append(
            f"{count_text(len(history.losses), 'part')} of its recording could not be read, so this answer speaks of "
            "the rest only."
        )
    if history.sessions > 1:
        said.append(f"It was started {count_text(history.sessions, 'time')}.")
    said += [*restart_sentences(history), *other_sentences(history), *map(_sentence, history.notes)]
    if history.abandoned:
        said.append(
            f"{count_text(len(history.abandoned), 'record')} after a restart from an earlier step "
            f"{'is' if len(history.abandoned) == 1 else 'are'} not counted."
        )
    return " ".join(said)


def _stages(history: History) -> str:
    """The stages of the run: what more than half of the slots ran. If no config had so many, it says so."""
    held, mixed = stages(history)
    if not history.adoptions:
        return "No config was recorded."
    if 2 * mixed > 1:
        configs = len({kind.config for kind in history.adoptions.columns.adopted.values})
        return f"Slots ran different configs at the same time, {configs:,} in all; {_most_frequent(history)}."
    if len(held) == 1:
        return f"Most slots ran {task_text(held[0][1].task)} with one config from step {held[0][0]:,} on."
    if len(held) <= STAGES:
        named = ", ".join(f"{task_text(stage.task)} from step {step:,}" for step, stage in held)
        return f"Most slots went through {len(held)} stages: {named}."
    tasks = count_text(len(history.adopted), "task")
    return f"Most slots went through {len(held):,} stages of {tasks}; {_most_frequent(history)}."


def _most_frequent(history: History) -> str:
    task, count = next(iter(history.adopted.items()))
    total = sum(history.adopted.values())
    return f"the most frequent task is {task_text(task)}, with {count:,} of {count_text(total, 'adoption')}"


def _reward(measured: Measurements) -> str:
    series = measured.series
    if series is None:
        return _sentence(f"The reward is not known: {measured.missing}")
    last, points = len(last_points(series)), count_text(len(series.values), "point")
    return (
        f"The metric {printable(series.name)} ended at {outcome(series):.3g} (mean of the last {last:,} of {points})."
    )


def _movement(history: History, measured: Measurements) -> str:
    found = movements(history, measured)
    if not found.changes:
        return "No config changed after the initial config."
    counted = f"{count_text(found.changes, 'change')} followed the initial config"
    if measured.series is None:
        return f"{counted}."
    name, largest = printable(measured.series.name), found.largest
    if largest is None:
        verdict = measured.verdicts.get(1)
        why = f" {_sentence(verdict.text)}" if verdict is not None and found.groups == 1 else ""
        return f"{counted}. None of them has at least {LEAST} points of {name} on both sides, so none is compared.{why}"
    groups = f"{len(found.found):,} of {found.groups:,} {'changes' if found.changes == found.groups else 'groups'}"
    compared = "" if len(found.found) == found.groups == found.changes else f"; {groups} can be compared"
    return f"{counted}{compared}. {_largest(history, measured, largest, name)}"


def _largest(history: History, measured: Measurements, largest: Movement, name: str) -> str:
    """The movement, what changed there, and whether it was tested."""
    first = largest.changes[0]
    cause = f", {cause_text(first.cause)}" if first.cause is not None else ""
    verdict = measured.verdicts.get(first.number)
    said = f"This was not tested: {measured.missing}" if verdict is None else verdict.text
    place = f"{changes_text(largest.changes)} (step {first.step:,}{cause})"
    return f"The largest movement is at {place}: {_edits(history, largest)}; {name} {_size(largest)}. {_sentence(said)}"


def _size(movement: Movement) -> str:
    """`fell by 0.15, from 0.827 to 0.683 (means of 10 points on each side)`"""
    before, after = movement.points
    points = f"{before} points on each side" if before == after else f"{before} points before and {after} after"
    verb = "fell" if movement.size < 0 else "rose"
    ends = f"from {movement.before:.3g} to {movement.after:.3g}"
    return f"{verb} by {abs(movement.size):.2g}, {ends} (means of {points})"


def _edits(history: History, movement: Movement) -> str:
    """`wall 30 → 40, berry 8 → 6, and 4 more keys`"""
    edits = tuple(dict.fromkeys(edit for change in movement.changes[:REACH] for edit in history.edits(change)))
    if not edits:
        return f"to the task {task_text(movement.changes[-1].task)}"
    paths = [path for path, _ in leaves(history.configs[movement.changes[0].config])]
    shown = sorted(edits, key=_relative_size, reverse=True)[:EDITS]
    more = len(edits) - len(shown)
    rest = [f"and {count_text(more, 'more key')}"] if more else []
    return ", ".join([*(_edit(edit, paths) for edit in shown), *rest])


def _relative_size(edit: Edit) -> float:
    """From 0 to 2 for numbers; -1 for any other edit."""
    match edit.before, edit.after:
        case (int() | float() as before, int() | float() as after) if is_number(before) and is_number(after):
            return abs(after - before) / (max(abs(after), abs(before)) or 1)
        case _:
            return -1.0


def _edit(edit: Edit, paths: Sequence[Path]) -> str:
    before, after = value_texts([edit.before, edit.after], 24)
    return f"{printable(dotted(_short(edit.path, paths)))} {before} → {after}"


def _short(path: Path, paths: Sequence[Path]) -> Path:
    """The shortest end of *path* that begins with a name and is the end of no other path.

    A position in a list is shown with two names, because `weights[0]` alone says little.
    """
    ends = (path[-length:] for length in range(1, len(path)) if isinstance(path[-length], str))
    return next(
        (
            end
            for end in ends
            if sum(other[-len(end) :] == end for other in paths) <= 1
            and (len(end) == 1 or isinstance(end[1], str) or end == path)
        ),
        path,
    )


def _problems(history: History) -> Iterator[str]:
    kinds: Sequence[tuple[str, Sequence[str]]] = (
        ("not read", history.losses),
        ("failed while recording", failures(history)),
        ("ineffective", [never_effective_text(key) for key in history.never_effective()]),
        ("possibly misspelt", [new_key_text(key) for key in history.new_keys() if key.meant is not None]),
    )
    wrong = [(name, texts) for name, texts in kinds if texts]
    for name, texts in wrong:
        more = f"; and {len(texts) - PROBLEMS:,} more" if len(texts) > PROBLEMS else ""
        yield _sentence(f"{name.capitalize()}: {'; '.join(map(printable, texts[:PROBLEMS]))}{more}")
    if not wrong:
        yield "No loss and no failure was recorded."
    if not history.requests:
        yield "No request was recorded, so ineffective keys are not known."


def _sentence(text: str) -> str:
    return f"{printable(text).rstrip('.')}."

"""The list of the changes of a run beside its timeline, and the panel of the selected change.

Names that many changes have in common are stored once: a page holds thousands of changes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from envcfg.analysis.formatting import cause_text, printable, task_text, value_texts
from envcfg.analysis.run.new_keys import new_key_note_of
from envcfg.core.diff import Edit
from envcfg.core.path import dotted
from envcfg.figures.html.page import embedded, text_html
from envcfg.figures.run.change import unedited_text
from envcfg.history.changes import Change
from envcfg.history.history import History

SCRIPT: Final = "changes.js"
LISTED: Final = 10_000
"""The most changes in the list. All initial configs are in it too."""
EDITS: Final = 40_000
"""About the most edits in the list, all changes together."""
LEAST: Final = 4
MOST: Final = 40
"""The least and the most edits of one change that are shown if it has more."""
VALUE: Final = 40
"""The most characters of a value."""
_HTML: Final = """<div class="changes" id="change-picker" hidden>
<label for="change-list">Changes</label>
<select id="change-list" aria-controls="change-panel" aria-describedby="change-note"></select>
<p class="note" id="change-note">{note}</p>
<div class="panel" id="change-panel" role="region" aria-labelledby="change-title" tabindex="0">
<header><h3 id="change-title" aria-live="polite"></h3>
<button type="button" aria-label="Previous change">&lsaquo;</button>
<button type="button" aria-label="Next change">&rsaquo;</button>
<button type="button" aria-label="Close the panel" class="close">&times;</button></header>
<div class="told"></div>
</div>
<script type="application/json" id="changes">{data}</script>
</div>"""


class _Names:
    """Things by position, each of them once."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}

    def place(self, thing: Any) -> int:
        return self._places.setdefault(thing, len(self._places))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._places)


class _Edits(NamedTuple):
    """The edits of a change that are shown: path, before, after, and a note if there is one. *more* are left out."""

    shown: tuple[tuple[int | str, ...], ...]
    more: int


def change_list(history: History) -> str:
    """The list and the panel as HTML, with their data; empty if nothing was recorded."""
    entries, most = history.changes.with_initial, LISTED + len(history.changes.initial)
    if not entries:
        return ""
    said = "Click a mark in the timeline, or choose a change here with the arrow keys."
    if len(entries) > most:
        said += (
            f" The list has the first {LISTED:,} of {len(history.changes):,} changes; envcfg log prints all of them."
        )
    return _HTML.format(note=text_html(said), data=embedded(listed(history, entries[:most])))


def is_listed(history: History, number: int) -> bool:
    """Whether the list has the change with this number."""
    return number <= min(len(history.changes), LISTED)


def listed(history: History, changes: Sequence[Change]) -> Mapping[str, Any]:
    """The data of *changes*: a row for each one, and the names that the rows refer to by position."""
    paths, tasks, causes, notes, edits = _Names(), _Names(), _Names(), _Names(), _Names()
    edits_of = _edits_of(history, paths, most=max(LEAST, min(MOST, EDITS // len(changes))))
    rows = []
    for change in changes:
        found = edits_of(change)
        note = "" if found.shown else unedited_text(history, change)
        numbers = change.number, change.step, change.last_step, change.epoch, len(change.places), change.requested_at
        names = tasks.place(task_text(change.task)), causes.place(cause_text(change.cause))
        rows.append([*numbers, *names, edits.place(found), notes.place(note)])
    told = {"paths": list(paths), "tasks": list(tasks), "causes": list(causes), "notes": list(notes)}
    return {**told, "edits": [found._asdict() for found in edits], "rows": rows}


def _edits_of(history: History, paths: _Names, *, most: int) -> Callable[[Change], _Edits]:
    note_of = new_key_note_of(history)

    def edits_of(change: Change) -> _Edits:
        edits = history.edits(change)
        return _Edits(tuple(shown(change, edit) for edit in edits[:most]), max(0, len(edits) - most))

    def shown(change: Change, edit: Edit) -> tuple[int | str, ...]:
        note = note_of(change, edit)
        sides = value_texts([edit.before, edit.after], VALUE)
        return paths.place(printable(dotted(edit.path))), *sides, *([note] if note else [])

    return edits_of

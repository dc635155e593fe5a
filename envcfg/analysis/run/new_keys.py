"""Keys that no config had before, as text, and the changes that added them."""

from collections.abc import Callable, Mapping
from functools import cache

from envcfg.analysis.formatting import edit_text, printable
from envcfg.core.diff import Absent, Edit
from envcfg.core.path import dotted
from envcfg.core.tree import Path
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.new_keys import NewKey


def new_key_text(new: NewKey) -> str:
    """`max_stepz is new to every config at step 900 (change 7); did you mean max_steps?`"""
    return (
        f"{printable(dotted(new.path))} is new to every config at step {new.step:,} (change {new.number}){_hint(new)}"
    )


def edit_text_of(history: History) -> Callable[[Change, Edit], str]:
    """A function like `edit_text` for the edits of a change. It also says whether a key is new."""
    note_of = new_key_note_of(history)

    def text(change: Change, edit: Edit) -> str:
        note = note_of(change, edit)
        return f"{edit_text(edit)} ({note})" if note else edit_text(edit)

    return text


def new_key_note_of(history: History) -> Callable[[Change, Edit], str]:
    """A function that says whether an edit of a change adds a new key: `new to every config`; empty if not."""

    @cache
    def found() -> Mapping[tuple[int, Path], NewKey]:  # slow: it reads every config, so it runs only if a key was added
        return {(new.number, new.path): new for new in history.new_keys()}

    def note(change: Change, edit: Edit) -> str:
        if not isinstance(edit.before, Absent):
            return ""
        new = found().get((change.number, tuple(part for part in edit.path if isinstance(part, str))))
        return "" if new is None else f"new to every config{_hint(new)}"

    return note


def _hint(new: NewKey) -> str:
    return "" if new.meant is None else f"; did you mean {printable(dotted(new.meant))}?"

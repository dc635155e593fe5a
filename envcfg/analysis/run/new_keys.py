"""Keys that are new to every config, in words, and the changes that brought them in."""

from collections.abc import Callable, Mapping
from functools import cache

from envcfg.analysis.wording import edit_text, printable
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


def remarking(history: History) -> Callable[[Change, Edit], str]:
    """What says a leaf of a change of *history* as `edit_text` does, and whether no config before had its key."""

    @cache
    def found() -> Mapping[tuple[int, Path], NewKey]:  # every config is looked through for it, if any key came at all
        return {(new.number, new.path): new for new in history.new_keys()}

    def text(transaction: Change, change: Edit) -> str:
        said = edit_text(change)
        if isinstance(change.before, Absent):
            new = found().get((transaction.number, tuple(part for part in change.path if isinstance(part, str))))
            said += "" if new is None else f" (new to every config{_hint(new)})"
        return said

    return text


def _hint(new: NewKey) -> str:
    return "" if new.meant is None else f"; did you mean {printable(dotted(new.meant))}?"

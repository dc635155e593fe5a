"""A mark of the timeline as text and a table: the edits of one change, or of several changes together."""

from html import escape

from envcfg.analysis.formatting import cause_text, changes_text, printable, task_text
from envcfg.analysis.run.diff_table import DiffTable, diff_table
from envcfg.analysis.run.timeline import Mark
from envcfg.figures.html.table import table
from envcfg.history.changes import Change
from envcfg.history.history import History


def change_html(history: History, mark: Mark) -> str:
    """A mark as HTML; all names are escaped."""
    first, last = mark.changes[0], mark.changes[-1]
    said = [changes_text(mark.changes), f"step {first.step:,}", task_text(last.task), cause_text(last.cause)]
    before, after = history.configs.get(first.before or ""), history.configs.get(last.config)
    head = f"<b>{escape(printable(' · '.join(filter(None, said))))}</b>"
    found = None if before is None or after is None else diff_table(before, after)
    if found is None or not found.rows:
        return head + message_html(unedited_text(history, first))
    return head + diff_html(found)


def diff_html(data: DiffTable) -> str:
    """A difference of two configs as an HTML table."""
    rows = [(row.sign, "· " * row.depth + row.name, row.before, row.after, row.delta) for row in data.rows]
    return table(("", "parameter", data.before, data.after, "Δ"), rows)


def unedited_text(history: History, change: Change) -> str:
    """Why a change has no edits."""
    if change.is_initial:
        return "The initial config."
    if {change.before, change.config} - history.configs.keys():
        return "Its configs could not be read."
    return "The config is the same: only the name of the task changed."


def message_html(text: str) -> str:
    return f"<p>{escape(printable(text))}</p>"

"""A mark of the timeline as text and a table: the edits of one change, or of several changes together."""

from html import escape

from envcfg.analysis.formatting import cause_text, changes_text, printable, task_text
from envcfg.analysis.run.diff_table import diff_table
from envcfg.analysis.run.timeline import Mark
from envcfg.figures.html.page import table
from envcfg.history.history import History


def change_html(history: History, mark: Mark) -> str:
    """A mark as HTML; all names are escaped."""
    first, last = mark.changes[0], mark.changes[-1]
    said = [changes_text(mark.changes), f"step {first.step:,}", task_text(last.task), cause_text(last.cause)]
    before, after = history.configs.get(first.before or ""), history.configs.get(last.config)
    head = f"<b>{escape(printable(' · '.join(filter(None, said))))}</b>"
    if before is None or after is None:
        return head + message_html("The initial config." if first.is_initial else "Its configs could not be read.")
    found = diff_table(before, after)
    if not found.rows:
        return head + message_html("The config is the same: only the name of the task changed.")
    rows = [(row.sign, "· " * row.depth + row.name, row.before, row.after, row.delta) for row in found.rows]
    return head + table(("", "parameter", "before", "after", "Δ"), rows)


def message_html(text: str) -> str:
    return f"<p>{escape(printable(text))}</p>"

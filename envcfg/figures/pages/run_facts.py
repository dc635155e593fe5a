"""The facts about a run as HTML: how it ended, its seed, its overrides, and what was recorded."""

from typing import Final

from envcfg.analysis.formatting import commit_text, printable
from envcfg.figures.html.page import text_html
from envcfg.history.history import History
from envcfg.history.queries import display
from envcfg.history.queries.coverage import coverage
from envcfg.sources.sweep import SweepRun

NOT_RECORDED: Final = "not recorded"


def run_facts(history: History) -> str:
    """A list of names and values."""
    told = [*_job(history), *display.rows(history, coverage(history))]
    lines = (f"<dt>{text_html(name)}</dt><dd>{text_html(text)}</dd>" for name, text in told)
    return f'<dl class="facts">{"".join(lines)}</dl>'


def _job(history: History) -> list[tuple[str, str]]:
    run = SweepRun(history.run, history)
    overrides = printable(" ".join(run.overrides)) or ("none" if history.jobs else NOT_RECORDED)
    commit = commit_text(history.jobs[-1]) if history.jobs else NOT_RECORDED
    return [
        ("Seed", NOT_RECORDED if run.seed is None else str(run.seed)),
        ("Overrides", overrides),
        ("Commit", commit),
    ]

"""The pages that are served: the list of runs, a run that may still grow, a diff, and the reports."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

from envcfg.analysis.formatting import count_text, duration_text, printable, time_text
from envcfg.analysis.spread_text import sides_text
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted
from envcfg.figures.html.document import PagePart, Section, document
from envcfg.figures.html.page import page_html, text_html
from envcfg.figures.html.table import table
from envcfg.figures.pages.change_list import SCRIPT
from envcfg.figures.pages.report import first_sections, report_document
from envcfg.history.history import History
from envcfg.history.queries.moments import GRAMMAR
from envcfg.history.queries.spreads import SpreadEdit
from envcfg.serving.runs import ServedRun, ServedRuns
from envcfg.sources.follow import stamp
from envcfg.sources.sweep import load_sweep

ASSETS: Final = "/assets/"
LIVE: Final = "live.js"
RUNNING: Final = "cut off"
"""The status of a run whose end is not recorded: it is running, or was killed."""
NO_RUN: Final = "No recorded run was found below this folder. Start a job, then load this page again."
_BACK: Final = '<a href="/">All runs</a>'
_HEADS: Final = ("", "run", "began", "status", "curriculum", "changes", "last reward", "duration")


def home(runs: ServedRuns) -> str:
    """The list of all runs, the newest first. Those that are chosen can be compared."""
    found = runs.listed()
    title = f"Runs below {printable(runs.folder.resolve().name)}"
    heads = "".join(f'<th scope="col">{name}</th>' for name in _HEADS)
    rows = "".join(_row(runs, run, is_alone=len(found) == 1) for run in found)
    listing = f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    compare = '<p><button type="submit">Compare the chosen runs</button></p>' if len(found) > 1 else ""
    form = f'<form action="/compare" method="get">{compare}{listing}</form>' if found else f"<p>{NO_RUN}</p>"
    said = f"<p>{count_text(len(found), 'run')} below {text_html(str(runs.folder.resolve()))}</p>" if found else ""
    return page_html(title, f"<h1>{text_html(title)}</h1>{said}{form}", [], assets=ASSETS)


def _row(runs: ServedRuns, run: ServedRun, *, is_alone: bool) -> str:
    found, name = run.listed, text_html(runs.name(str(run.listed.place)))
    box = f'<input type="checkbox" name="run" value="{run.key}" aria-label="Compare {name}">'
    choose = "" if found.problem or is_alone else box
    link = f'<a href="/runs/{run.key}/">{name}</a>'
    status = "running or killed" if found.status == RUNNING else found.status
    cells = [
        "" if found.began is None else time_text(found.began)[:-3],
        str(found.problem) if found.problem else status,
        found.curriculum or "",
        "" if found.changes is None else f"{found.changes:,}",
        "" if found.reward is None else f"{found.reward.value:.4g}",
        "" if found.duration is None else duration_text(found.duration),
    ]
    numbers = {3, 4}
    told = (
        f'<td class="number">{text}</td>' if place in numbers else f"<td>{text_html(text)}</td>"
        for place, text in enumerate(cells)
    )
    return f'<tr><td class="choice">{choose}</td><td>{link}</td>{"".join(told)}</tr>'


def run_page(runs: ServedRuns, key: str, metric: str | None) -> str:
    """The answer, the timeline and the list of changes of a run. The page grows with the run."""
    history = runs.history(key)
    links = f'{_BACK} · <a href="report">Report of all parts</a> · <a href="diff">Diff of two moments</a>'
    head = f"<p>{links}</p>{_live(history)}"
    found = document(history.run, first_sections(history, metric), scripts=[SCRIPT, LIVE], head=head, assets=ASSETS)
    return found.html


def _live(history: History) -> str:
    """Where the script finds whether the run may grow, and what the page shows of it."""
    is_open = history.status == RUNNING
    said = (
        "The end of this run is not recorded: it is running, or it was killed. This page grows with the run."
        if is_open
        else ""
    )
    return f'<p id="live" role="status" data-stamp="{stamp_text(history)}" data-open="{int(is_open)}">{said}</p>'


def stamp_text(history: History) -> str:
    """A text that differs when the run has new data."""
    return blake2b(repr(stamp(history)).encode(), digest_size=8).hexdigest()


def report_page(runs: ServedRuns, key: str, metric: str | None) -> str:
    """The report of one run."""
    sweep = load_sweep(runs.where(key))
    return report_document(
        sweep, metric_name=metric, head='<p><a href="/">All runs</a> · <a href="./">This run</a></p>', assets=ASSETS
    ).html


def compare_page(runs: ServedRuns, keys: Sequence[str], metric: str | None) -> str:
    """The report of several runs."""
    if len(keys) < 2:
        raise SourceError("choose two or more runs in the list, to compare them")
    sweep = load_sweep([runs.where(key) for key in keys])
    return report_document(sweep, metric_name=metric, head=f"<p>{_BACK}</p>", assets=ASSETS).html


def diff_page(runs: ServedRuns, key: str, before: str, after: str) -> str:
    """The parameters that differ between two moments of a run."""
    history = runs.history(key)
    section = Section(heading=f"From {before} to {after}", parts=lambda: _differences(history, before, after))
    head = f'<p>{_BACK} · <a href="./">This run</a></p>{_moments(before, after)}'
    return document(history.run, [section], head=head, assets=ASSETS).html


def _moments(before: str, after: str) -> str:
    fields = "".join(
        f'<label>{name} <input name="{name}" value="{text_html(value)}" size="14"></label> '
        for name, value in (("before", before), ("after", after))
    )
    said = text_html(f"{GRAMMAR[:1].upper()}{GRAMMAR[1:]}.")
    return f'<form method="get">{fields}<button type="submit">Show the diff</button><p class="note">{said}</p></form>'


def _differences(history: History, before: str, after: str) -> Iterator[PagePart]:
    edits = history.diff(before, after)
    said = f"{count_text(len(edits), 'parameter')} differ{'s' * (len(edits) == 1)}."
    shown = table(("parameter", "before", "after"), map(_edit, edits)) if edits else ""
    yield PagePart(f"From {before} to {after}", said, shown)


def _edit(edit: Edit | SpreadEdit) -> Sequence[str]:
    return printable(dotted(edit.path)), *sides_text(edit)


def error_page(title: str, sentence: str) -> str:
    """A page that says why there is no page."""
    return page_html(title, f"<h1>{text_html(title)}</h1><p>{text_html(sentence)}</p><p>{_BACK}</p>", [], assets=ASSETS)

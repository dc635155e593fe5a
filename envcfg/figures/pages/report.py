"""The report as a page: figures, tables and text about the training of a run or of a sweep."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.answer.answer import answer
from envcfg.analysis.formatting import cause_text, count_text, task_text
from envcfg.analysis.groups import Run, metric_of, runs
from envcfg.analysis.run.diff_table import diff_table
from envcfg.analysis.run.draw_fit import problems
from envcfg.analysis.run.draw_rows import DrawRow, draw_rows, verdict
from envcfg.analysis.run.new_keys import edit_text_of
from envcfg.analysis.run.requests import RequestRow, asked_text, request_rows, request_sentences
from envcfg.analysis.run.summary import failures
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.figures.html.document import Aside, Document, PagePart, Section, document
from envcfg.figures.html.page import text_html
from envcfg.figures.html.table import Cell, Link, table
from envcfg.figures.pages import effect_parts
from envcfg.figures.pages.change_list import SCRIPT, change_list, is_listed
from envcfg.figures.pages.run_facts import run_facts
from envcfg.figures.run.change import diff_html
from envcfg.figures.run.task_mix import task_mix
from envcfg.figures.run.timeline import timeline
from envcfg.figures.sweep.multiples import multiples
from envcfg.figures.sweep.parameter import parameter
from envcfg.figures.sweep.trajectories import trajectories
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.spreads import difference
from envcfg.sources.metrics import MetricChoice, metric
from envcfg.sources.sweep import Sweep

RUN: Final = "The run"
PROBLEMS: Final = "What went wrong"
TIMELINE: Final = "Timeline"
TASKS: Final = "Tasks"
DRAWN: Final = "What was drawn"
REQUESTED: Final = "Requested and effective"
FIRST_TO_LAST: Final = "From the first config to the last"
CHANGED: Final = "Changes"
ALL_RUNS: Final = "All runs"
PARAMETERS: Final = "Parameters"
BY_RUN: Final = "Run by run"
NOT_READ: Final = "Not read"
OUTCOMES: Final = "Outcomes"

ONE_TASK: Final = (
    "The run has one task only. Name the task at each record: tracker.record(config, step=step, task=task)."
)
NO_REQUEST: Final = (
    "No request was recorded. Call tracker.request({key: value}, step=step) where the trainer asks for a value."
)
SAME: Final = "The first and the last config are the same."
NO_CHANGE: Final = "No config was recorded."
_CHANGE: Final = re.compile(r"\bchanges? ([\d,]*\d)(?: to [\d,]*\d)?")

CHANGES: Final = 200
LEAVES: Final = 6
RUNS: Final = 1_000
"""The most rows of a table (`CHANGES`, `RUNS`), and the most edits in one row (`LEAVES`)."""


def report(sweep: Sweep, *, metric_name: MetricChoice = None) -> str:
    """The HTML text of the report of a sweep, or of one run: a page that needs no network.

    *metric_name* is by default the reward. Raises `SourceError` if there is no run, or if none has the metric.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import report
    >>> report(load_sweep(sample("forage"))).startswith("<!doctype html>")
    True
    """
    return report_document(sweep, metric_name=metric_name).html


def report_document(
    sweep: Sweep, *, metric_name: MetricChoice = None, head: str = "", assets: str | None = None
) -> Document:
    """The report and the list of its sections that could not be made. The page also names them.

    *head* is HTML below the title. With *assets*, the page loads its scripts from below that address.
    """
    if len(sweep) == 1:
        history = sweep[0].history
        return document(history.run, _of_run(history, metric_name), scripts=[SCRIPT], head=head, assets=assets)
    found = runs(sweep, metric_name)
    title = f"{len(found):,} runs by {metric_of(found)}"
    return document(title, _of_sweep(sweep, found, metric_name), head=head, assets=assets)


def _of_run(history: History, metric_name: MetricChoice) -> Iterable[Section]:
    yield from first_sections(history, metric_name)
    yield Section(heading=PROBLEMS, parts=lambda: _problems(history))
    yield Section(heading=TASKS, parts=lambda: _tasks(history), missing=ONE_TASK)
    yield Section(heading=DRAWN, parts=lambda: _drawn(history))
    yield from effect_parts.of_run(history, metric_name)
    yield Section(heading=REQUESTED, parts=lambda: _requested(history), missing=NO_REQUEST)
    yield Section(heading=FIRST_TO_LAST, parts=lambda: _first_and_last(history), missing=SAME)
    yield Section(heading=CHANGED, parts=lambda: _changes(history), missing=NO_CHANGE)


def first_sections(history: History, metric_name: MetricChoice) -> Iterable[Section]:
    """The first screen: the answer, the facts, the timeline and the list of changes."""
    if metric_name is not None:
        metric(history, metric_name)  # a metric that the run does not have is refused, not left out
    facts = Aside("The facts about the run", lambda: run_facts(history))
    yield Section(heading=RUN, parts=lambda: [PagePart(RUN, "", _answer(history, metric_name))], aside=facts)
    listed = Aside("The list of changes", lambda: change_list(history))
    yield Section(heading=TIMELINE, parts=lambda: _timeline(history, metric_name), aside=listed)


def _answer(history: History, metric_name: MetricChoice) -> str:
    """The answer as HTML. Where it names a change, it leads to that change in the list."""

    def linked(found: re.Match[str]) -> str:
        number = int(found[1].replace(",", ""))
        return f'<a href="#change-{number}">{found[0]}</a>' if is_listed(history, number) else found[0]

    return f"<p>{_CHANGE.sub(linked, text_html(answer(history, metric_name).text))}</p>"


def _problems(history: History) -> Iterable[PagePart]:
    problems = [*history.losses, *failures(history)]
    if problems:
        said = "The losses and failures of the recording."
        yield PagePart(PROBLEMS, said, table([], ((line,) for line in problems)))


def _timeline(history: History, metric_name: MetricChoice) -> Iterable[PagePart]:
    said = "At the top, the metric and every change by its cause. Below, each parameter that changed. "
    said += "Point at a step to see the values in force. Click a mark to see what it changed."
    yield PagePart(TIMELINE, said, _with_short_marks(timeline(history, metric_name=metric_name)))


def _with_short_marks(figure: go.Figure) -> go.Figure:
    """*figure* with two lines in the hover of each mark. The panel beside it shows the rest, and hides no data."""
    for trace in figure.data:
        if trace.yaxis == "y" and trace.type == "scatter" and trace.mode == "markers":  # "y" is the row of the marks
            trace.customdata = ["<br>".join(text.split("<br>")[:2]) for text in trace.customdata or ()]
    return figure


def _tasks(history: History) -> Iterable[PagePart]:
    if len(history.adopted) > 1:
        said = "The stated task probabilities, the adopted shares of the tasks, and the task of each slot."
        yield PagePart(TASKS, said, task_mix(history))


def _drawn(history: History) -> Iterable[PagePart]:
    rows = draw_rows(history)
    if not rows:
        return
    found = [f"{problem.name} {problem.text}." for problem in problems(history)]
    said = "The parameters that were drawn anew at each reset. The timeline shows their bands over steps."
    heads = ("parameter", "draws", "mean", "sd", "lowest", "median", "highest", "stated", "agreement")
    shown = table(heads, map(_drawn_row, rows))
    yield PagePart(DRAWN, " ".join([said, *found]), shown)


def _drawn_row(row: DrawRow) -> tuple[str | int | float | None, ...]:
    found = row.drawn
    median = found.quantile(0.5) if found.has_numbers else None
    numbers = [
        None if value is None else f"{value:.5g}" for value in (found.mean, found.sd, found.low, median, found.high)
    ]
    return row.parameter.name, found.count, *numbers, row.stated, verdict(row.fit)


def _requested(history: History) -> Iterable[PagePart]:
    if history.requests:
        yield PagePart(REQUESTED, "; ".join(request_sentences(history)) + ".", _requests(history))


def _requests(history: History) -> str:
    heads = ("request", "step", "epoch", "requested", "slots", "effective", "never", "lag", "longest lag", "cause")
    return table(heads, (_request(row) for row in request_rows(history)[:CHANGES]))


def _request(row: RequestRow) -> tuple[str | int | None, ...]:
    lag = None if row.median_lag is None else f"{row.median_lag:,.0f}"
    when, why = row.request, cause_text(row.request.cause)
    counts = row.slots, row.effective, row.waiting
    return row.number, when.step, when.epoch, asked_text(row), *counts, lag, row.longest_lag, why


def _first_and_last(history: History) -> Iterable[PagePart]:
    first, last = history.spreads("first"), history.spreads("last")
    if difference(first, last):
        data = diff_table(first, last, labels=("first step", "last step"))
        counts = "{:,} changed, {:,} added, {:,} removed".format(*data.counts)
        said = f"The parameters that differ, over all slots that lived: {counts}."
        yield PagePart(FIRST_TO_LAST, said, diff_html(data))


def _changes(history: History) -> Iterable[PagePart]:
    if history.changes.with_initial:
        yield PagePart(CHANGED, _changes_sentence(history), _change_table(history))


def _change_table(history: History) -> str:
    heads = ("change", "step", "epoch", "adopted by", "task", "cause", "edits")
    shown = history.changes.with_initial[:CHANGES]
    text = edit_text_of(history)
    return table(heads, (_change(history, change, text) for change in shown))


def _change(history: History, change: Change, text: Callable[[Change, Edit], str]) -> tuple[Cell, ...]:
    leaves = [text(change, leaf) for leaf in history.edits(change)]
    more = [f"… and {len(leaves) - LEAVES:,} more"] if len(leaves) > LEAVES else []
    what = "\n".join([*leaves[:LEAVES], *more]) or ("initial config" if change.is_initial else "")
    task = task_text(change.task)
    number = Link(change.number, f"change-{change.number}")
    slots = count_text(len(change.places), "slot")
    return number, change.step, change.epoch, slots, task, cause_text(change.cause), what


def _of_sweep(sweep: Sweep, found: Sequence[Run], metric_name: MetricChoice) -> Iterable[Section]:
    yield Section(heading=ALL_RUNS, parts=lambda: _trajectories(sweep, metric_name))
    yield Section(heading=PARAMETERS, parts=lambda: _parameter(sweep, metric_name))
    each = "One panel for each run, with a mark for each change."
    yield Section(heading=BY_RUN, parts=lambda: [PagePart(BY_RUN, each, multiples(sweep, metric_name=metric_name))])
    yield from effect_parts.of_sweep(sweep, metric_name)
    yield Section(heading=NOT_READ, parts=lambda: _losses(sweep))
    yield Section(
        heading=OUTCOMES,
        parts=lambda: [PagePart(OUTCOMES, _count_sentence("runs", len(found), RUNS), _outcomes(found))],
    )


def _trajectories(sweep: Sweep, metric_name: MetricChoice) -> Iterable[PagePart]:
    said = "The metric of each run, by curriculum. On the right, its outcome: the mean of the last tenth of the metric."
    yield PagePart(ALL_RUNS, said, trajectories(sweep, metric_name=metric_name))


def _parameter(sweep: Sweep, metric_name: MetricChoice) -> Iterable[PagePart]:
    try:
        figure = parameter(sweep, metric_name=metric_name)
        yield PagePart("The parameter that changed in most runs", "The runs that ended best are on top.", figure)
    except SourceError as nothing:
        yield PagePart(PARAMETERS, str(nothing), "")


def _losses(sweep: Sweep) -> Iterable[PagePart]:
    if sweep.losses:
        said = "These runs could not be read and are in no figure."
        yield PagePart(NOT_READ, said, table([], ((loss,) for loss in sweep.losses)))


def _outcomes(found: Sequence[Run]) -> str:
    heads = ("run", "curriculum", metric_of(found), "changes", "steps", "status")
    rows = (
        (run.name, run.group, run.outcome, len(run.history.changes), run.history.last_step, run.history.status)
        for run in found[:RUNS]
    )
    return table(heads, rows)


def _changes_sentence(history: History) -> str:
    """The number of changes. The initial configs are rows of the table, but they are not counted."""
    count, listed = len(history.changes), len(history.changes.with_initial)
    first = (
        f" The table has the first {CHANGES:,} of {listed:,} rows; the list beside the timeline has more."
        if listed > CHANGES
        else ""
    )
    return f"{count_text(count, 'change')} after the initial config, which has number 0.{first}"


def _count_sentence(what: str, count: int, most: int) -> str:
    return f"The first {most:,} of {count:,} {what}." if count > most else f"{count:,} {what}."

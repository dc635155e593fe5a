"""`envcfg compare RUN...`: compare the runs of a sweep."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from envcfg.analysis.documents.comparisons import comparison_json
from envcfg.analysis.formatting import count_text, elided, printable, task_text, value_texts
from envcfg.analysis.spread_text import spread_text
from envcfg.analysis.sweep.comparison import By, Compared, Comparison, comparison, differing_overrides
from envcfg.analysis.sweep.schedules import Schedule
from envcfg.cli.named_runs import named_runs
from envcfg.cli.options import Format, Invariant, Output, some_runs
from envcfg.cli.printing import document, lines, table
from envcfg.core.errors import EnvcfgError
from envcfg.core.path import dotted
from envcfg.core.tree import Path
from envcfg.history.queries.moments import MOMENTS
from envcfg.history.spread import Spread

if TYPE_CHECKING:
    from envcfg.analysis.sweep.outcomes import Outcome
    from envcfg.analysis.sweep.task_outcomes import TaskOutcomes

FEW: Final = 20


def compare(
    runs: Annotated[list[str] | None, some_runs("Runs, folders of sweeps, or globs.", metavar="[RUN]...")] = None,
    *,
    sweep: Annotated[
        list[str] | None, typer.Option(help="The folder of a multirun. Can be repeated.", metavar="DIR")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The metric to compare. By default the reward, of an evaluation if all runs logged one.",
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            metavar="MOMENT",
            help=f"Compare outcomes and configs then: {MOMENTS}. By default the last step that all runs reached.",
        ),
    ] = "last",
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="Leave out this dotted key, or the keys that a glob matches. Can be repeated."
        ),
    ] = None,
    by: Annotated[
        By, typer.Option(help="Group runs that are equal in this. Seeds never separate groups.")
    ] = By.OVERRIDES,
    invariant: Invariant = False,
    show_all: Annotated[bool, typer.Option("--all", help="Print every line of every list.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Compare runs: their outcomes, the keys that differ, and where their schedules diverged.

    Examples: [bold]envcfg compare multirun/2026-11-23/14-00-00[/] · [bold]envcfg compare RUN OTHER --ignore seed[/] ·
    [bold]envcfg compare --sweep DIR --metric success --by schedule[/]
    """
    where = [*(runs or ()), *(sweep or ())]
    if not where:
        raise EnvcfgError("name the runs to compare, or the folder of a sweep")
    loaded = named_runs(where)
    found = comparison(loaded, metric=metric, moment=at, ignore=ignore or (), by=by, invariant=invariant)
    if output is Format.JSON:
        document(comparison_json(found))
        return
    most = None if show_all else FEW
    _runs(found, most)
    _outcomes(found, by, most)
    _tasks(found, by, most)
    env = [_variation(each.path, each.index, _spread_texts(each.values)) for each in found.env[:most]]
    _variations(f"Environment at {at}", env, found.env, len(found.runs))
    job = [_variation(each.path, each.index, value_texts(each.values, 24)) for each in found.job[:most]]
    _variations("Job", job, found.job, len(found.runs))
    _schedules(found.schedules, most)


def _runs(found: Comparison, most: int | None) -> None:
    head = ("run", "status", "seed", "changes", "last step", found.metric, "overrides")
    left = {"run", "status", "overrides"}
    different = differing_overrides([compared.run for compared in found.runs])
    rows = [[*_run(compared), printable(" ".join(different[compared.run.name]))] for compared in found.runs[:most]]
    table([(name, "left" if name in left else "right") for name in head], rows)
    _more(len(found.runs), most)


def _run(compared: Compared) -> list[str | Text]:
    run = compared.run
    return [
        Text(printable(run.name), "bold"),
        run.history.status,
        "" if run.seed is None else str(run.seed),
        f"{len(run.history.changes):,}",
        f"{run.history.last_step:,}",
        "" if compared.outcome is None else f"{compared.outcome:.4g}",
    ]


def _outcomes(found: Comparison, by: By, most: int | None) -> None:
    if not found.outcomes:
        return
    _heading(f"Outcome by {by}{_at(found)}: interquartile mean over runs, and its 95 % interval")
    head = ("group", "runs", "outcome", "95 %", "behind the first", "95 % of all", "P(first is better)")
    table([(name, "left" if name == "group" else "right") for name in head], map(_outcome, found.outcomes[:most]))
    _more(len(found.outcomes), most)
    lines(Text(f"  ! {printable(caution.text)}", "yellow") for caution in found.cautions)


def _at(found: Comparison) -> str:
    return "" if found.step is None else f" at step {found.step:,.0f}"


def _tasks(found: Comparison, by: By, most: int | None) -> None:
    if not found.tasks:
        return
    _heading(f"Mean return by task and {by}{_at(found)}, in tasks that all runs played; each task by itself")
    head = ("task", "group", "runs", "return", "95 %", "behind the first", "95 % of all", "P(first is better)")
    rows = [[task, *_outcome(row)] for each in found.tasks for task, row in _named(each)]
    table([(name, "left" if name in {"task", "group"} else "right") for name in head], rows[:most])
    _more(len(rows), most)
    lines(
        Text(
            f"  ! {task_text(each.task)}: {', '.join(each.differing)} differ, so returns have different meanings",
            "yellow",
        )
        for each in found.tasks
        if each.differing
    )


def _named(found: "TaskOutcomes") -> Iterator[tuple[str, "Outcome"]]:
    """The outcomes of a task, with its name beside the first one."""
    names = chain([printable(task_text(found.task))], repeat(""))
    return zip(names, found.outcomes, strict=False)


def _outcome(row: "Outcome") -> list[str | Text]:
    return [
        Text(printable(row.name), "bold"),
        f"{len(row.values):,}",
        f"{row.iqm:.4g}",
        _interval(row.interval),
        f"{row.behind:.4g}" if row.behind else "",
        _interval(row.behind_interval),
        "" if row.improvement is None else f"{row.improvement:.2f}",
    ]


def _interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.4g} to {interval[1]:.4g}"


def _variations(heading: str, rows: Sequence[tuple[str, str]], found: Sequence[object], runs: int) -> None:
    """Print a table with some of the leaves that were *found* to differ between *runs*."""
    if not found:
        return
    differ = "differs" if len(found) == 1 else "differ"
    _heading(f"{heading}: {count_text(len(found), 'key')} {differ} between {count_text(runs, 'run')} (runs per value)")
    table([("key", "left"), ("values", "left")], rows)
    _more(len(found), len(rows))


def _spread_texts(spreads: Sequence[Spread]) -> list[str]:
    """Texts of the values that all slots of a run have, or of how they differ."""
    if all(spread.is_one for spread in spreads):
        return value_texts([spread.value for spread in spreads], 24)
    return [spread_text(spread, 24) if spread.is_one else f"[{spread_text(spread, 24)}]" for spread in spreads]


def _variation(path: Path, index: Sequence[int], texts: Sequence[str]) -> tuple[str, str]:
    counts = Counter(index).most_common()
    shown = [f"{texts[place]} ({count:,})" for place, count in counts[:_VALUES]]
    more = [f"and {count_text(len(counts) - _VALUES, 'other value')}"] if len(counts) > _VALUES else []
    return printable(dotted(path)), ", ".join([*shown, *more])


_VALUES: Final = 6
_STAGES: Final = 8


def _schedules(found: Sequence[Schedule], most: int | None) -> None:
    _heading(f"Schedules: {count_text(len(found), 'sequence')} of configs that more than half of the slots ran")
    lines(chain.from_iterable(_schedule(number, schedule) for number, schedule in enumerate(found[:most], start=1)))
    _more(len(found), most)


def _schedule(number: int, schedule: Schedule) -> Iterator[Text]:
    runs, stages = count_text(len(schedule.runs), "run"), count_text(len(schedule.stages), "stage")
    yield Text.assemble(
        (f"schedule {number}", "bold"),
        f"  {runs}, {stages}: ",
        (elided(", ".join(schedule.runs), 80), "dim"),
    )
    if not schedule.stages:
        yield Text("    most of the time, no config ran in more than half of the slots", "magenta")
        return
    first = schedule.shared if number > 1 else 0
    if number > 1:
        onward = "then" if len(schedule.stages) > first else "then it ends"
        yield Text(f"    same as schedule 1 for {count_text(first, 'stage')}, {onward}", "magenta")
    shown = schedule.stages[first : first + _STAGES]
    for stage, (start, end) in zip(shown, schedule.steps[first:], strict=False):
        steps = f"step {start:,}" if start == end else f"steps {start:,} to {end:,}"
        yield Text(f"    {task_text(stage.task)}  {steps}  {stage.config[:8]}")
    hidden = len(schedule.stages) - first - _STAGES
    if hidden > 0:
        yield Text(f"    ... and {count_text(hidden, 'more stage')}", "dim")


def _heading(text: str) -> None:
    lines([Text(), Text(text, "bold")])


def _more(count: int, most: int | None) -> None:
    if most is not None and count > most:
        lines([Text(f"  ... and {count - most:,} more (--all)", "dim")])

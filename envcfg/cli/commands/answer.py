"""`envcfg RUN`: print what happened in a run, on one screen."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Final

from rich.text import Text

from envcfg.analysis.answer.answer import answer as answer_of
from envcfg.analysis.documents.answers import answer_json
from envcfg.analysis.formatting import commit_text, printable
from envcfg.cli.options import Format, Metric, MetricPlaces, Output, Run
from envcfg.cli.printing import document, lines
from envcfg.history.history import History
from envcfg.sources.load import load
from envcfg.sources.sweep import SweepRun

TIMELINE: Final = "the reward, with a mark at every change"


def answer(run: Run, *, metric: Metric = None, metrics: MetricPlaces = None, output: Output = Format.TEXT) -> None:
    """Print what happened in a run: its stages, where the reward ended, the largest movement, and what is wrong.

    `envcfg RUN` does the same.

    Examples: [bold]envcfg last[/] · [bold]envcfg outputs/2026-11-23/14-00-00[/] ·
    [bold]envcfg answer RUN --metric success_rate[/]
    """
    history = load(run, metrics=metrics or ())
    found = answer_of(history, metric)
    if output is Format.JSON:
        document(answer_json(history.run, found))
        return
    lines([Text(printable(history.run), "bold"), Text()])
    lines([Text(found.text), Text()], indent=0)
    lines([*_job(history), *next_commands(run)])


def _job(history: History) -> Iterator[Text]:
    run = SweepRun("", history)
    rows = {"Seed": "" if run.seed is None else str(run.seed), "Overrides": " ".join(run.overrides)}
    rows["Commit"] = commit_text(history.jobs[-1]) if history.jobs else ""
    found = [Text.assemble((f"{name}  ", "dim"), printable(said)) for name, said in rows.items() if said]
    yield from [*found, Text()] if found else []


def next_commands(run: str) -> Iterator[Text]:
    """The three commands that people type next about a run."""
    name = printable(shlex.quote(run))
    yield from command_lines(
        {
            f"envcfg log {name}": "every change, and why",
            f"envcfg effects {name}": "what each change did to the reward",
            f"envcfg timeline {name} -o timeline.html": TIMELINE,
        }
    )


def command_lines(commands: Mapping[str, str]) -> Iterator[Text]:
    """A line for each command, with what it shows."""
    wide = max(map(len, commands))
    for command, said in commands.items():
        yield Text.assemble((command.ljust(wide), "cyan"), f"  {said}")

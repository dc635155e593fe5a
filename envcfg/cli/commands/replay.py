"""`envcfg replay RUN [AGAIN]`: how a run can be run again, and whether a rerun did the same."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.formatting import count_text, printable
from envcfg.cli.options import Format, Output, Run
from envcfg.cli.printing import document, lines
from envcfg.history.history import History
from envcfg.rerun.command import replayed
from envcfg.rerun.verdict import Verdict, left_out, units, verdict
from envcfg.sources.load import load

_SHOWN = 20


def replay(
    run: Run,
    again: Annotated[str | None, typer.Argument(metavar="[AGAIN]", help="A rerun of RUN, to compare with it.")] = None,
    *,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="The metric to compare. By default the run's reward.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with status 1 if the rerun differs.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print how to repeat a run. With AGAIN, print where each slot, and the reward, first diverged.

    Example: [bold]envcfg replay RUN[/]; then [bold]envcfg replay RUN AGAIN[/]
    """
    history = load(run)
    if again is None:
        _ways(run, history, output)
        return
    found = verdict(history, load(again), metric)
    if output is Format.JSON:
        document({"format": "envcfg-replay", "version": 1, "run": history.run, **_document(found)})
    else:
        lines(_lines(history, found))
    raise typer.Exit(int(exit_code and not found.is_same))


def _ways(run: str, history: History, output: Format) -> None:
    ways, missing = units(history), left_out(history)
    command = replayed(history, _absolute(run))
    if output is Format.JSON:
        ways_said = {by: why or None for by, why in ways.items()}
        answer = {"run": history.run, "refusals": ways_said, "left_out": missing, "command": command}
        document({"format": "envcfg-replay", "version": 1, **answer})
        return
    lines(_ways_lines(run, history))


def _ways_lines(run: str, history: History) -> Iterator[Text]:
    ways, missing = units(history), left_out(history)
    slots, adoptions = len(history.adoptions.places), len(history.adoptions)
    yield Text(f"{count_text(adoptions, 'adoption')} of {count_text(slots, 'slot')} can be replayed:", "bold")
    for by, why in ways.items():
        yield Text(f"  not by {by}: {printable(why)}" if why else f"  by {by}", "dim" if why else "green")
    if missing:
        yield Text(f"Left out of the recording, and yours to supply: {printable(', '.join(missing))}", "yellow")
    yield Text.assemble("\nIn Python, asked at each reset: ", (f"envcfg.replay({run!r}).adopt(slot, at=step)", "cyan"))
    yield Text.assemble("The demo: ", (shlex.join(replayed(history, _absolute(run))), "cyan"))
    yield Text("Then: envcfg replay RUN AGAIN says whether it did the same.")


def _absolute(run: str) -> str:
    """A folder from anywhere; a run on the W&B server as it was named."""
    return str(Path(run).absolute()) if Path(run).exists() else run


def _lines(history: History, found: Verdict) -> Iterator[Text]:
    same = f"{count_text(len(history.adoptions), 'adoption')} of {count_text(len(history.adoptions.places), 'slot')}"
    if not found.divergences:
        yield Text(f"no divergence: {same} are the same, in step, task and config", "green")
    else:
        yield Text(f"{count_text(len(found.divergences), 'slot')} diverged; the first divergence of each:", "bold red")
    yield from (Text(f"  {divergence}") for divergence in found.divergences[:_SHOWN])
    if len(found.divergences) > _SHOWN:
        yield Text(f"  and {count_text(len(found.divergences) - _SHOWN, 'more slot')}")
    rewards = found.rewards
    if rewards is None:
        yield Text(f"no rewards to compare: {printable(found.unread)}", "yellow")
    elif rewards.step is None:
        points = count_text(rewards.points, "point")
        yield Text(f"{printable(rewards.metric)} is identical, bit for bit, at {points}", "green")
    else:
        yield Text(f"{printable(rewards.metric)} differs from step {rewards.step:,.0f} on", "bold red")


def _document(found: Verdict) -> dict[str, object]:
    rewards = found.rewards
    return {
        "same": found.is_same,
        "divergences": [
            {
                "rank": each.place.rank,
                "worker": each.place.worker,
                "slot": each.place.slot,
                "step": each.step,
                "said": str(each),
            }
            for each in found.divergences
        ],
        "rewards": None
        if rewards is None
        else {
            "metric": rewards.metric,
            "points": rewards.points,
            "same": rewards.same,
            "differs_from_step": rewards.step,
        },
    }

"""`envcfg replay RUN [AGAIN]`: print how to repeat a run, or compare a rerun with the recording."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.formatting import count_text, printable
from envcfg.cli.options import Format, Output, Run, a_run
from envcfg.cli.printing import document, lines
from envcfg.history.history import History
from envcfg.rerun.command import replayed
from envcfg.rerun.verdict import Verdict, left_out, units, verdict
from envcfg.sources.load import load

_SHOWN = 20


def replay(
    run: Run,
    again: Annotated[str | None, a_run("A rerun of RUN, to compare with it.", metavar="[AGAIN]")] = None,
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
        _print_instructions(run, history, output)
        return
    found = verdict(history, load(again), metric)
    if output is Format.JSON:
        document({"format": "envcfg-replay", "version": 1, "run": history.run, **_document(found)})
    else:
        lines(_lines(history, found))
    raise typer.Exit(int(exit_code and not found.is_same))


def _print_instructions(run: str, history: History, output: Format) -> None:
    if output is not Format.JSON:
        lines(_instructions(run, history))
        return
    refusals = {unit: reason or None for unit, reason in units(history).items()}
    command = replayed(history, _absolute(run))
    answer = {"run": history.run, "refusals": refusals, "left_out": left_out(history), "command": command}
    document({"format": "envcfg-replay", "version": 1, **answer})


def _instructions(run: str, history: History) -> Iterator[Text]:
    slots, adoptions = len(history.adoptions.places), len(history.adoptions)
    yield Text(f"{count_text(adoptions, 'adoption')} of {count_text(slots, 'slot')} can be replayed:", "bold")
    for unit, reason in units(history).items():
        yield Text(f"  not by {unit}: {printable(reason)}" if reason else f"  by {unit}", "dim" if reason else "green")
    missing = left_out(history)
    if missing:
        yield Text(f"Not in the recording, so you must supply them: {printable(', '.join(missing))}", "yellow")
    yield Text.assemble("\nIn Python, at each reset: ", (f"envcfg.replay({run!r}).adopt(slot, at=step)", "cyan"))
    yield Text.assemble("In the demo: ", (shlex.join(replayed(history, _absolute(run))), "cyan"))
    yield Text("To compare the rerun: envcfg replay RUN AGAIN")


def _absolute(run: str) -> str:
    """Return a folder as an absolute path, and a run on the W&B server unchanged."""
    return str(Path(run).absolute()) if Path(run).exists() else run


def _lines(history: History, found: Verdict) -> Iterator[Text]:
    same = f"{count_text(len(history.adoptions), 'adoption')} of {count_text(len(history.adoptions.places), 'slot')}"
    if not found.divergences:
        yield Text(f"no divergence: {same} have the same step, task and config", "green")
    else:
        yield Text(f"{count_text(len(found.divergences), 'slot')} diverged; first divergence of each:", "bold red")
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

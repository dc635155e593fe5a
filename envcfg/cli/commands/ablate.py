"""`envcfg ablate RUN --change N`: repeat a run with one change left out, in several seeds, and print the effect."""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from envcfg.analysis.formatting import changes_text, count_text, edit_text, printable, task_text
from envcfg.cli.consent import ask_for_consent
from envcfg.cli.options import Format, Invariant, Metric, Output, Run
from envcfg.cli.printing import document, lines
from envcfg.cli.training import run as start
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.rerun.command import DEMO, ablated
from envcfg.rerun.interventions import Intervention, intervened
from envcfg.sources.load import load
from envcfg.sources.sweep import SweepRun, load_sweep

if TYPE_CHECKING:
    from envcfg.rerun.ablation import AblationPlan, ArmDifference, Pairs

_EDITS = 6


@dataclass(frozen=True)
class _Ablation:
    """A run, the intervention, and the folder of the ablation."""

    history: History
    run: str
    intervention: Intervention
    folder: Path


def ablate(
    run: Run,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[OVERRIDE]...", help="Hydra overrides for all jobs, such as hydra/launcher=joblib."),
    ] = None,
    *,
    change: Annotated[
        int, typer.Option(metavar="N", min=0, help="The number of the change to leave out. 0 is the initial config.")
    ],
    revert: Annotated[
        str | None, typer.Option(metavar="KEY", help="Undo this change for one key only, or for all keys ('*').")
    ] = None,
    shift: Annotated[
        int | None, typer.Option(metavar="STEPS", help="Move the change later by this many steps (-N: earlier).")
    ] = None,
    set_to: Annotated[
        str | None, typer.Option("--set", metavar="KEY=VALUE", help="Give a key another value instead.")
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="SEEDS", help="The number of seeds, from the run's own on; or a list: 0,3,5.")
    ] = "5",
    app: Annotated[
        str, typer.Option(metavar="COMMAND", help="Your training command. It must accept curriculum=replay.")
    ] = shlex.join(DEMO),
    output_dir: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output-dir",
            metavar="DIR",
            help="The folder of the plan and its runs. By default one in ablations/.",
        ),
    ] = None,
    start_runs: Annotated[bool, typer.Option("--run", help="Start the runs, wait for them, and read them.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Start the overrides of somebody else's recording without a question.")
    ] = False,
    read: Annotated[bool, typer.Option("--read", help="Read the runs that have ended.")] = False,
    metric: Metric = None,
    invariant: Invariant = False,
    output: Output = Format.TEXT,
) -> None:
    """Plan the same run with one change left out, in several seeds. With --read, print the effect of the change.

    Examples: [bold]envcfg ablate RUN --change 3 --seeds 5 --run[/] · [bold]envcfg ablate RUN --change 3 --read[/]
    """
    history = load(run)
    intervention = _intervention(change, revert, shift, set_to)
    intervened(history, intervention)  # raises an error before anything is written
    ablation = _Ablation(history, run, intervention, output_dir or _folder(history, intervention))
    if not read:
        plan = _write(ablation, seeds, shlex.split(app), overrides or [])
        if not start_runs:
            _print_plan(ablation, plan)
            return
        ask_for_consent(history, plan.command, is_given=yes)
        status = start(_with_this_python(plan.command))
        if status != 0:
            raise EnvcfgError(f"the multirun ended with status {status}; its records are in {ablation.folder}")
    _read(ablation, metric, invariant=invariant, output=output)


def _with_this_python(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command with our own interpreter instead of `python`."""
    return (sys.executable, *command[1:]) if command[0] == "python" else command


def _intervention(change: int, revert: str | None, shift: int | None, set_to: str | None) -> Intervention:
    given = [
        *([f"revert:{change}:{revert}"] if revert is not None else []),
        *([f"shift:{change}:{shift:+d}"] if shift is not None else []),
        *([f"set:{change}:{set_to}"] if set_to is not None else []),
    ]
    if len(given) > 1:
        raise EnvcfgError(f"expected one intervention, got {' and '.join(given)}")
    return Intervention.parse(given[0] if given else f"drop:{change}")


def _folder(history: History, intervention: Intervention) -> Path:
    return Path("ablations", *(re.sub(r"[^\w-]+", "-", name) for name in (history.run, str(intervention))))


def _write(ablation: _Ablation, seeds: str, app: list[str], extra: list[str]) -> "AblationPlan":
    from envcfg.rerun.ablation import RUNS, AblationPlan, write_plan  # noqa: PLC0415  # numpy and scipy, an extra

    where = str(Path(ablation.run).absolute()) if Path(ablation.run).exists() else ablation.run
    chosen = _seeds(seeds, ablation.history)
    runs = ablation.folder.absolute() / RUNS
    command = ablated(ablation.history, where, ablation.intervention, app=app, seeds=chosen, folder=runs, extra=extra)
    plan = AblationPlan(where, str(ablation.intervention), chosen, command)
    write_plan(plan, ablation.folder)
    return plan


def _seeds(text: str, history: History) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+(,\d+)*", text) or text == "0":
        raise EnvcfgError(f"--seeds {text}: expected a number of seeds (5), or a list with commas (0,3,5)")
    if "," in text:
        return tuple(dict.fromkeys(map(int, text.split(","))))
    first = SweepRun("", history).seed or 0
    return tuple(range(first, first + int(text)))


def _print_plan(ablation: _Ablation, plan: "AblationPlan") -> None:
    jobs = count_text(2 * len(plan.seeds), "job")
    lines(
        [
            Text(
                f"{jobs}: {count_text(len(plan.seeds), 'seed')}, each once as recorded and once with "
                f"{plan.intervention}",
                "bold",
            ),
            Text(shlex.join(plan.command), "cyan"),
            Text(f"Plan: {ablation.folder}"),
            Text("Start this command, or add --run. Then call envcfg ablate again with --read."),
        ]
    )


def _read(ablation: _Ablation, metric: str | None, *, invariant: bool, output: Format) -> None:
    from envcfg.rerun.ablation import RUNS, arm_differences, pairs, read_plan  # noqa: PLC0415  # an extra

    plan = read_plan(ablation.folder)
    found = pairs(plan, load_sweep(ablation.folder / RUNS))
    if not found.both:
        raise EnvcfgError(
            f"no seed in {ablation.folder / RUNS} has two completed runs, one as recorded and one changed"
        )
    name, said = arm_differences(
        ablation.history, ablation.intervention, list(found.both.values()), metric, invariant=invariant
    )
    if output is Format.JSON:
        document(_document(ablation, found, name, said))
    else:
        lines(_lines(ablation, found, name, said))


def _lines(ablation: _Ablation, found: "Pairs", metric: str, said: "tuple[ArmDifference, ...]") -> Iterator[Text]:
    from envcfg.analysis.effects.paired import least_p  # noqa: PLC0415
    from envcfg.rerun.ablation import caused  # noqa: PLC0415

    changes = ablation.history.numbered(ablation.intervention.number)
    change, name = changes[0], changes_text(changes)
    yield Text(f"{name[0].upper()}{name[1:]} · step {change.step:,} · to {task_text(change.task)}", "bold")
    edits = ablation.history.edits(change)
    yield from (Text(f"  {edit_text(edit)}", "dim") for edit in edits[:_EDITS])
    yield from [Text(f"  … and {len(edits) - _EDITS:,} more", "dim")] if len(edits) > _EDITS else []
    pairs = count_text(len(found.both), "pair")
    yield Text(f"  runs as recorded minus runs with {ablation.intervention}: {pairs}, seeds {_listed(found.both)}")
    for answer, is_caused in zip(said, caused(said), strict=True):
        window = answer.window
        yield Text(f"  {window.name} (steps {window.start:,.0f} to {window.end:,.0f})", "bold")
        yield _difference_line(answer, metric, is_caused=is_caused)
    if found.missing:
        yield Text(
            f"  ! not counted, because a run is missing or did not complete: seeds {_listed(found.missing)}", "yellow"
        )
    windows = max(1, sum(answer.paired is not None for answer in said))
    if least_p(len(found.both)) * windows > 0.05:
        least = f"with {pairs} the least p of the sign-flip test is {least_p(len(found.both)):.2g}"
        over = " for each of two windows" if windows > 1 else ""
        yield Text(f"  ! {least}{over}; use {5 + windows} seeds or more", "yellow")
    yield Text("  The schedule was replayed, so the result excludes reactions of the curriculum.", "dim")


def _difference_line(answer: "ArmDifference", metric: str, *, is_caused: bool) -> Text:
    from envcfg.analysis.effects.formatting import number, p_text  # noqa: PLC0415

    found, name = answer.paired, printable(metric)
    if found is None:
        return Text(f"    {name}: no effect can be measured: {printable(answer.refusal)}", "yellow")
    if found.low is None or found.high is None or found.p is None:
        return Text(f"    {name}: {number(found.value)} in {count_text(found.pairs, 'pair')}, too few for an interval")
    size = f"{number(found.value)} [{number(found.low)}, {number(found.high)}]"
    tests = f"p {p_text(found.p)} (paired t), {p_text(found.flips_p)} (sign flips)"
    signs = f"{found.positive:,} of {found.pairs:,} went up"
    if is_caused:
        return Text(f"    {name}: the change caused {size}, {tests}; {signs}", "bold green")
    if min(found.p, found.flips_p) < 0.05:
        return Text(f"    {name}: {size}, {tests}; {signs}: the tests do not agree at 5 % over all windows")
    return Text(f"    {name}: no effect distinguishable from chance: {size}, {tests}; {signs}")


def _listed(seeds: Iterable[int]) -> str:
    return ", ".join(map(str, seeds))


def _document(ablation: _Ablation, found: "Pairs", metric: str, said: "tuple[ArmDifference, ...]") -> dict[str, object]:
    from envcfg.rerun.ablation import caused  # noqa: PLC0415

    return {
        "format": "envcfg-ablation-result",
        "version": 1,
        "run": ablation.history.run,
        "intervention": str(ablation.intervention),
        "metric": metric,
        "seeds": list(found.both),
        "missing": list(found.missing),
        "effects": [
            {
                "window": answer.window.name,
                "start": answer.window.start,
                "end": answer.window.end,
                "refusal": answer.refusal or None,
                "effect": None if answer.paired is None else answer.paired._asdict(),
                "caused": is_caused,
            }
            for answer, is_caused in zip(said, caused(said), strict=True)
        ],
    }

"""`envcfg effects RUN`: print a card for each change, with the jump of a metric and its interval."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from envcfg.analysis.formatting import count_text, printable
from envcfg.cli.named_runs import named_runs
from envcfg.cli.options import Format, Invariant, Metric, MetricPlaces, Output, some_runs
from envcfg.cli.printing import document, lines, table
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.sweep import Sweep

if TYPE_CHECKING:
    from envcfg.analysis.effects.breaks import Break
    from envcfg.analysis.effects.effect import Effect, MetricWindows
    from envcfg.analysis.effects.formatting import Card
    from envcfg.history.history import History
    from envcfg.sources.series import Series

Runs = Annotated[list[str], some_runs("One run. Several runs, or the folder of a sweep, are pooled.")]


def effects(
    runs: Runs,
    *,
    metric: Metric = None,
    metrics: MetricPlaces = None,
    invariant: Invariant = False,
    reach: Annotated[
        int, typer.Option(metavar="N", min=6, help="Use N points of the metric on each side of a change.")
    ] = 30,
    scan: Annotated[
        bool, typer.Option("--scan", help="Also find jumps without a recorded change nearby (needs ruptures).")
    ] = False,
    plan: Annotated[
        float | None,
        typer.Option(metavar="SIZE", help="Say instead how many runs and points would see an effect of this size."),
    ] = None,
    methods: Annotated[
        bool, typer.Option("--methods", help="Also print the method as a paragraph for a paper, with references.")
    ] = False,
    output: Output = Format.TEXT,
) -> None:
    """Print the jump of a metric at each change, with its interval and with cautions.

    Several runs, such as the seeds of a sweep, are pooled over their common changes.

    Examples: [bold]envcfg effects RUN[/] · [bold]envcfg effects RUN --metric success_rate[/] ·
    [bold]envcfg effects multirun/2026-11-23/14-00-00[/]
    """
    from envcfg.analysis.effects.documents import effects_json  # noqa: PLC0415
    from envcfg.analysis.effects.effect import effects as measured  # noqa: PLC0415  # numpy and scipy, an extra
    from envcfg.analysis.effects.effect import metric_windows  # noqa: PLC0415
    from envcfg.analysis.effects.formatting import (  # noqa: PLC0415
        METHOD,
        breaks_text,
        card,
        randomised_text,
        summary_text,
        unsplit_text,
    )
    from envcfg.analysis.effects.randomised import randomised  # noqa: PLC0415
    from envcfg.analysis.tasks.mix_and_skill import has_rewards  # noqa: PLC0415

    sweep = named_runs(runs, metrics=metrics)
    if len(sweep) > 1:
        pooled = _pool(sweep, metric, invariant=invariant, output=output)
        _methods(pooled, is_asked=methods and output is Format.TEXT, is_pooled=True)
        return
    history = sweep[0].history
    series = metric_of(history, metric)
    if plan is not None:
        _plan(history, series, plan, output)
        return
    found = measured(history, series, invariant=invariant, reach=reach)
    breaks = _breaks(metric_windows(history, series)) if scan else ()
    drawn = randomised(history, series, invariant=invariant)
    if output is Format.JSON:
        document(effects_json(history.run, found, breaks, drawn))
        return
    notes = [METHOD, unsplit_text(found, has_rewards=has_rewards(history))] if found else []
    lines([Text(summary_text(found), "bold"), *(Text(text, "dim") for text in notes if text)])
    lines(line for effect in found for line in card_lines(card(effect)))
    if drawn is not None:
        lines([Text(), Text(randomised_text(drawn), "bold green" if drawn.p < 0.05 else "")])
    _methods(found, is_asked=methods)
    if scan:
        lines([Text(), *(Text(text, "magenta") for text in breaks_text(series.name, breaks))])


def _breaks(data: "MetricWindows") -> "tuple[Break, ...]":
    from envcfg.analysis.effects.scan import unlogged  # noqa: PLC0415  # ruptures, an extra

    return unlogged(data)


def _pool(sweep: Sweep, metric: str | None, *, invariant: bool, output: Format) -> "list[Effect]":
    from envcfg.analysis.effects.documents import pooled_json  # noqa: PLC0415
    from envcfg.analysis.effects.formatting import POOLING, pooled_card  # noqa: PLC0415
    from envcfg.analysis.effects.pooling import pooled_effects, survivors  # noqa: PLC0415

    histories = [run.history for run in sweep]
    found = pooled_effects(histories, metric, invariant=invariant)
    notes = [caution.text for caution in survivors(histories)] if not sweep.losses else [*sweep.losses]
    if output is Format.JSON:
        document({**pooled_json(found), "notes": notes})
        return []
    common = f"{count_text(len(found), 'change')} common to two or more of {len(sweep):,} runs"
    lines([Text(common, "bold"), Text(POOLING, "dim"), *(Text(f"! {note}", "yellow") for note in notes)])
    lines(line for effect in found for line in card_lines(pooled_card(effect)))
    return [effect for each in found for effect in each.effects]


def _methods(found: "Sequence[Effect]", *, is_asked: bool, is_pooled: bool = False) -> None:
    from envcfg.analysis.effects.methods import REFERENCES, methods_text  # noqa: PLC0415

    if is_asked and found:
        paragraph = methods_text(found, is_pooled=is_pooled)
        lines([Text(), Text("Methods", "bold"), Text(printable(paragraph)), *(Text(f"  {one}") for one in REFERENCES)])


def _plan(history: "History", series: "Series", size: float, output: Format) -> None:
    from envcfg.analysis.effects.plan import plan  # noqa: PLC0415

    found = plan(history, series, size)
    if output is Format.JSON:
        document({"format": "envcfg-effects-plan", "version": 1, "run": history.run, **found._asdict()})
        return
    name = printable(found.metric)
    lines([Text(f"The smallest jump of {name} that is found in 80 of 100 cases, by points on each side", "bold")])
    sides = sorted({side for _, side, _ in found.rows})
    cells = {(runs, side): "" if least is None else f"{least:.3g}" for runs, side, least in found.rows}
    rows = [[f"{runs}", *(cells[runs, side] for side in sides)] for runs in sorted({runs for runs, _, _ in found.rows})]
    table([("runs", "right"), *((f"{side}", "right") for side in sides)], rows)
    noise = f"The noise of this run: standard deviation {found.sd:.3g}, autocorrelation {found.rho:.2f}."
    ways = ", or ".join(f"{count_text(runs, 'run')} with {side} points" for runs, side in found.enough)
    lines([Text(noise, "dim"), Text(f"An effect of {found.size:g} is seen by {ways or 'none of these'}.")])


def card_lines(card: "Card") -> Iterator[Text]:
    yield Text()
    yield Text(card.title, "bold")
    yield from (Text(f"  {edit}", "dim") for edit in card.edits)
    yield Text(f"  {card.headline}", "bold green" if card.is_found else "")
    yield from [Text(f"  {card.detail}", "dim")] if card.detail else []
    yield from [Text(f"  {card.split}", "cyan")] if card.split else []
    yield from (Text(f"  ! {caution}", "yellow") for caution in card.cautions)

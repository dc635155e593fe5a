"""`envcfg show RUN --step N`: print the config in force as YAML."""

from collections.abc import Iterator
from typing import Annotated

import typer
import yaml
from rich.text import Text

from envcfg.analysis.documents.answers import show_json
from envcfg.analysis.formatting import cause_text, printable, task_text, time_text, value_text
from envcfg.cli.options import Format, Moment, Output, Params, Rank, Run, Slot, Worker, one_moment, place
from envcfg.cli.printing import document, lines
from envcfg.core import encoding
from envcfg.core.params import Selection, key_parameters
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.core.tree import Config, Tree
from envcfg.history.history import History
from envcfg.history.queries.in_force import InForce
from envcfg.sources.load import load


def show(
    run: Run,
    moment: Moment = None,
    *,
    step: Annotated[
        int | None, typer.Option(metavar="N", help="When: at this environment step, counted over all slots.")
    ] = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="When: at the end of this epoch.")] = None,
    change: Annotated[
        int | None, typer.Option(metavar="N", help="When: at this change. 0 is the initial config.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="When: at this time, in ISO 8601.", metavar="ISO")] = None,
    param: Params = None,
    slot: Slot = None,
    rank: Rank = None,
    worker: Worker = None,
    output: Output = Format.TEXT,
) -> None:
    """Print the config in force at a moment, in most slots or in one slot.

    The config is printed as YAML. Comments say since when it is in force, and why.

    Examples: [bold]envcfg show RUN --step 12000[/] · [bold]envcfg show RUN --epoch 40 --slot 3[/] ·
    [bold]envcfg show RUN --change 7 > config.yaml[/]
    """
    history = load(run)
    held = history.in_force(
        one_moment(moment, step=step, epoch=epoch, change=change, time=time), place(slot, rank, worker)
    )
    config = history.config(held.config)
    chosen = None if param is None else _chosen(history, held, config, param)
    if output is Format.JSON:
        named = {} if chosen is None else {"parameters": encoding.jsonable(chosen)}
        document({**show_json(history, held), **named})
        return
    lines(Text(f"# {line}", "dim") for line in _comments(history, held))
    if chosen is not None:
        lines(Text(f"{printable(name)}: {value_text(value)}") for name, value in chosen.items())
    else:
        lines((Text(line) for line in _yaml(config).splitlines()), is_code=True)


def _chosen(history: History, held: InForce, config: Config, params: list[str]) -> dict[str, Tree]:
    where = f"no config of run {history.run} at step {held.step:,}"
    unknown = unmatched_keys(params, [config], where)
    warn_or_raise(unknown, is_anything_left=len(unknown) < len(set(params)))
    return key_parameters(config, Selection(tuple(params)))


def _comments(history: History, held: InForce) -> Iterator[str]:
    since = held.since.record
    epoch = "" if since.epoch is None else f", epoch {since.epoch:,}"
    slots = f"{len(held.places):,} of {held.of:,} slots" if held.of > 1 else "its slot"
    yield f"run {printable(history.run)} at step {held.step:,}: {task_text(since.task)}, run by {slots}"
    yield f"since step {since.step:,}{epoch}, {time_text(since.time)}"
    if since.cause is not None:
        yield f"because of {cause_text(since.cause)}"
    yield f"digest {held.config}"


def _yaml(config: Config) -> str:
    """Return YAML that loads as the same config. It is ASCII if a character could control a terminal."""
    text: str = yaml.safe_dump(encoding.jsonable(config), sort_keys=False, allow_unicode=True)
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return str(yaml.safe_dump(encoding.jsonable(config), sort_keys=False, allow_unicode=False))

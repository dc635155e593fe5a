"""`envcfg show RUN --step N`: print the config in force as YAML."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
import yaml
from rich.text import Text

from envcfg.analysis.documents.spreads import show_json, spread_json
from envcfg.analysis.formatting import cause_text, count_text, printable, task_text, time_text
from envcfg.analysis.spread_text import spread_text
from envcfg.cli.options import (
    Format,
    Moment,
    Output,
    Params,
    Rank,
    Role,
    Run,
    Slot,
    WhichRole,
    Worker,
    loaded,
    one_moment,
    place,
)
from envcfg.cli.printing import document, lines
from envcfg.core import encoding
from envcfg.core.diff import Absent
from envcfg.core.path import dotted, matches
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.core.tree import Config
from envcfg.history.history import History
from envcfg.history.queries.in_force import InForce
from envcfg.history.queries.moments import moment as moment_of
from envcfg.history.queries.spreads import Spreads, of_place, spreads
from envcfg.history.spread import Spread


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
    role: Role = WhichRole.TRAIN,
    output: Output = Format.TEXT,
) -> None:
    """Print the config in force at a moment, in all living slots or in one slot.

    The values that all slots have are printed as YAML. Comments say how the others are spread over the slots, or since
    when the config is in force, and why.

    Examples: [bold]envcfg show RUN --step 12000[/] · [bold]envcfg show RUN --epoch 40 --slot 3[/] ·
    [bold]envcfg show RUN --change 7 > config.yaml[/]
    """
    history = loaded(run, role)
    when = one_moment(moment, step=step, epoch=epoch, change=change, time=time)
    asked = place(slot, rank, worker)
    held = history.in_force(when, asked)
    found = spreads(history, moment_of(history, when)) if asked is None else of_place(history, held)
    chosen = None if param is None else _chosen(history, found, param)
    if output is Format.JSON:
        named = {} if chosen is None else {"parameters": {name: _plain(spread) for name, spread in chosen.items()}}
        document({**show_json(history, held, found), **named})
        return
    lines(Text(f"# {line}", "dim") for line in _comments(history, held, found))
    if chosen is not None:
        lines(Text(f"{printable(name)}: {spread_text(spread, 60)}") for name, spread in chosen.items())
        return
    lines(Text(f"# {line}", "dim") for line in _differing(found))
    if found.common:
        lines((Text(line) for line in _yaml(found.common).splitlines()), is_code=True)


def _chosen(history: History, found: Spreads, params: list[str]) -> dict[str, Spread]:
    where = f"no config of run {history.run} at step {found.step:,}"
    unknown = unmatched_keys(params, found.configs, where)
    warn_or_raise(unknown, is_anything_left=len(unknown) < len(set(params)))
    return {dotted(path): spread for glob in params for path, spread in found.values.items() if matches(path, glob)}


def _plain(spread: Spread) -> Any:
    """The value that all slots have, or the spread."""
    value = spread.value
    return encoding.jsonable(value) if spread.is_one and not isinstance(value, Absent) else spread_json(spread)


def _comments(history: History, held: InForce, found: Spreads) -> Iterator[str]:
    if found.digest is None:
        tasks = f"task {spread_text(found.tasks, 40)}" if found.tasks.values != (None,) else "tasks unnamed"
        yield f"run {printable(history.run)} at step {found.step:,}: {count_text(found.slots, 'slot')}, {tasks}"
        return
    since = held.since.record
    epoch = "" if since.epoch is None else f", epoch {since.epoch:,}"
    slots = f"{len(held.places):,} of {held.of:,} slots" if held.of > 1 else "its slot"
    yield f"run {printable(history.run)} at step {held.step:,}: {task_text(since.task)}, run by {slots}"
    yield f"since step {since.step:,}{epoch}, {time_text(since.time)}"
    if since.cause is not None:
        yield f"because of {cause_text(since.cause)}"
    yield f"digest {held.config}"


def _differing(found: Spreads) -> Iterator[str]:
    """The keys on which slots differ, as comments before the values in common."""
    if not found.differing:
        return
    count = len(found.differing)
    verb = "differs" if count == 1 else "differ"
    yield f"{count_text(count, 'key')} {verb} between slots (--slot N prints the config of one slot):"
    for path, spread in found.differing.items():
        yield f"  {printable(dotted(path))}: {spread_text(spread, 40)}"
    if found.common:
        yield "all slots have:"


def _yaml(config: Config) -> str:
    """Return YAML that loads as the same config. It is ASCII if a character could control a terminal."""
    text: str = yaml.safe_dump(encoding.jsonable(config), sort_keys=False, allow_unicode=True)
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return str(yaml.safe_dump(encoding.jsonable(config), sort_keys=False, allow_unicode=False))

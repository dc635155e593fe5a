"""Asks before a command that somebody else recorded is started."""

import shlex
import sys
from collections.abc import Iterator, Sequence

import typer

from envcfg.analysis.formatting import printable
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.rerun.command import recorded_overrides
from envcfg.tracking.redaction.signature import signature


def is_own(history: History) -> bool:
    """Whether the overrides of the last job were recorded with the key of this user, and not changed since."""
    overrides = recorded_overrides(history)
    return not overrides or history.jobs[-1].signed == signature(overrides)


def ask_for_consent(history: History, command: Sequence[str], *, is_given: bool) -> None:
    """Show *command* and ask whether to start it, if its overrides come from a recording of another user or machine.

    Raises `EnvcfgError` if the answer is no, or if nobody can be asked.
    """
    if is_given or is_own(history):
        return
    for line in _shown(history, command):
        typer.echo(line, err=True)
    if not sys.stdin.isatty():
        raise EnvcfgError("nothing was started: read the command above, and add --yes if you trust it")
    if not typer.confirm("Start it?", default=False, err=True):
        raise EnvcfgError("nothing was started")


def _shown(history: History, command: Sequence[str]) -> Iterator[str]:
    yield f"Run {printable(history.run)} was recorded by another user, on another machine, or by an older envcfg."
    yield "Its overrides are part of this command, and an override can run any code that is installed here:"
    yield f"  {printable(shlex.join(command))}"
    naming = [override for override in recorded_overrides(history) if "_target_" in override]
    if naming:
        yield f"These name code to be called: {printable(shlex.join(naming))}"

"""`envcfg`: one application, one place where an error becomes a sentence and an exit status."""

import errno
import io
import os
import sys
import warnings
from importlib.metadata import version
from typing import Annotated, Any

import typer

from envcfg.analysis.formatting import printable
from envcfg.cli.commands.ablate import ablate
from envcfg.cli.commands.analyze import analyze
from envcfg.cli.commands.blame import blame
from envcfg.cli.commands.bundle import bundle
from envcfg.cli.commands.calibrate import calibrate
from envcfg.cli.commands.compare import compare
from envcfg.cli.commands.correlate import correlate
from envcfg.cli.commands.dataset import dataset
from envcfg.cli.commands.demo import demo
from envcfg.cli.commands.diff import diff
from envcfg.cli.commands.doctor import doctor
from envcfg.cli.commands.effects import effects
from envcfg.cli.commands.export import export
from envcfg.cli.commands.log import log
from envcfg.cli.commands.replay import replay
from envcfg.cli.commands.report import report
from envcfg.cli.commands.requests import requests
from envcfg.cli.commands.show import show
from envcfg.cli.commands.tasks import tasks
from envcfg.cli.commands.timeline import timeline
from envcfg.cli.commands.watch import watch
from envcfg.cli.commands.workspace import workspace
from envcfg.cli.help import Command, Group
from envcfg.core.errors import EnvcfgError, SelectionWarning

app = typer.Typer(
    name="envcfg",
    cls=Group,
    help="The flight recorder for reinforcement-learning environments: what each one really ran with, when and why.",
    epilog="Examples: [bold]envcfg analyze outputs/2026-11-23/14-00-00[/] · "
    "[bold]envcfg timeline RUN -o timeline.html[/] · [bold]envcfg demo[/]",
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PANELS = {
    "Ask a run": (analyze, log, show, diff, blame, tasks, requests),
    "Judge what changes did": (effects, calibrate, correlate),
    "Compare runs": (compare, dataset),
    "Look": (timeline, report, workspace, watch),
    "Run it again": (replay, ablate),
    "Take it elsewhere": (export, bundle),
    "Set up and try": (doctor, demo),
}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(cls=Command, rich_help_panel=panel)(command)


@app.callback(invoke_without_command=True)
def options(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False
) -> None:
    """The options of `envcfg` itself."""
    if show_version:
        typer.echo(version("envcfg"))
        raise typer.Exit


def main() -> None:
    """The console script. Exit status: 0 well, 1 a closed pipe, 2 a refusal, 130 Ctrl-C, or the training's own."""
    _write_what_can_be_encoded()
    _tell_of_selectors()
    try:
        app()
    except EnvcfgError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of a pipe, such as `head`, has seen enough
            _close_output()
            sys.exit(1)
        _refuse(f"{error.filename or 'the output'}: {error.strerror or error}")


def _write_what_can_be_encoded() -> None:
    """An arrow that an output's encoding has no place for is written as an escape; it is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell_of_selectors() -> None:
    """A selector that matches nothing is one line on stderr, each once."""
    usual, said = warnings.showwarning, set[str]()

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        sentence = f"envcfg: {printable(str(message))}\n"
        if not issubclass(category, SelectionWarning):
            usual(message, category, *where, **more)
        elif sentence not in said:
            said.add(sentence)
            sys.stderr.write(sentence)

    warnings.showwarning = show
    warnings.simplefilter("always", SelectionWarning)


def _refuse(sentence: str) -> None:
    """One line, whatever a path or a file had in its name."""
    sys.stderr.write(f"envcfg: {printable(sentence)}\n")
    _close_output()
    sys.exit(2)


def _close_output() -> None:
    """Write what is left now: at the interpreter's end, an output that takes no more would be a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()

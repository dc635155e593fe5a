"""The application `envcfg`. Here every error becomes one line on standard error and an exit status."""

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
from envcfg.cli.commands.answer import answer
from envcfg.cli.commands.blame import blame
from envcfg.cli.commands.bundle import bundle
from envcfg.cli.commands.calibrate import calibrate
from envcfg.cli.commands.compare import compare
from envcfg.cli.commands.correlate import correlate
from envcfg.cli.commands.dataset import dataset
from envcfg.cli.commands.demo import demo
from envcfg.cli.commands.diff import diff
from envcfg.cli.commands.doctor import doctor
from envcfg.cli.commands.draws import draws
from envcfg.cli.commands.effects import effects
from envcfg.cli.commands.export import export
from envcfg.cli.commands.home import home
from envcfg.cli.commands.log import log
from envcfg.cli.commands.ls import ls
from envcfg.cli.commands.replay import replay
from envcfg.cli.commands.report import report
from envcfg.cli.commands.requests import requests
from envcfg.cli.commands.serve import serve
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
    help="The flight recorder for reinforcement-learning environments: see which config each one ran, when and why.",
    epilog="Examples: [bold]envcfg[/], the latest runs here · [bold]envcfg last[/], what happened in the newest run · "
    "[bold]envcfg timeline RUN -o timeline.html[/] · [bold]envcfg demo[/]",
    rich_markup_mode="rich",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PANELS = {
    "Start here": (ls, answer),
    "Ask about a run": (analyze, log, show, diff, blame, tasks, draws, requests),
    "Measure the effects of changes": (effects, calibrate, correlate),
    "Compare runs": (compare, dataset),
    "Draw or watch a run": (timeline, report, serve, workspace, watch),
    "Run it again": (replay, ablate),
    "Export a run": (export, bundle),
    "Set up and try": (doctor, demo),
}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(cls=Command, rich_help_panel=panel)(command)


@app.callback()
def options(
    ctx: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """The options of `envcfg` itself. Without a command, the latest runs are shown."""
    if show_version:
        typer.echo(version("envcfg"))
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        home()


def main() -> None:
    """Run the console script. Exit status: 0 success, 1 closed pipe, 2 error, 130 Ctrl-C, or that of the training."""
    _escape_unencodable_characters()
    _show_selection_warnings()
    try:
        app()
    except EnvcfgError as error:
        _exit_with_error(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of a pipe, such as `head`, has stopped reading
            _close_output()
            sys.exit(1)
        _exit_with_error(f"{error.filename or 'the output'}: {error.strerror or error}")


def _escape_unencodable_characters() -> None:
    """Write a character as an escape if the encoding of the output does not have it, instead of stopping."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _show_selection_warnings() -> None:
    """Write one line to stderr for each selector that matches nothing, and each line only once."""
    usual, shown = warnings.showwarning, set[str]()

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        sentence = f"envcfg: {printable(str(message))}\n"
        if not issubclass(category, SelectionWarning):
            usual(message, category, *where, **more)
        elif sentence not in shown:
            shown.add(sentence)
            sys.stderr.write(sentence)

    warnings.showwarning = show
    warnings.simplefilter("always", SelectionWarning)


def _exit_with_error(sentence: str) -> None:
    """Write the error as one line, even if a file name contains a line break, and exit with status 2."""
    sys.stderr.write(f"envcfg: {printable(sentence)}\n")
    _close_output()
    sys.exit(2)


def _close_output() -> None:
    """Flush the output now. If the output is closed, Python would print a traceback when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()

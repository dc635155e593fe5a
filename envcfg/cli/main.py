"""`envcfg`: one application, one place where an error becomes a sentence and an exit status."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from envcfg.cli.analyze import analyze
from envcfg.cli.demo import demo
from envcfg.cli.timeline import timeline
from envcfg.core.errors import EnvcfgError

app = typer.Typer(
    name="envcfg",
    help="The flight recorder for reinforcement-learning environments: what each one really ran with, when and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(timeline)
app.command(context_settings={"ignore_unknown_options": False})(demo)


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
    try:
        app()
    except EnvcfgError as error:
        sys.stderr.write(f"envcfg: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()

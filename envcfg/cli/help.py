"""Makes the help pages the same with every release of typer. Releases differ in how they show a parameter."""

from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

from envcfg.core.renamed import check_options
from envcfg.sources.named import is_a_run

ANSWER: Final = "answer"
"""The command that is meant where a run stands in the place of a command."""


class Group(TyperGroup):
    """`envcfg` itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of `envcfg`, and those that typer adds."""
        return _as_declared(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first argument names. `envcfg RUN` means `envcfg answer RUN`."""
        is_run = args[0] not in self.commands and not args[0].startswith("-") and is_a_run(args[0])
        return super().resolve_command(ctx, [ANSWER, *args] if is_run else args)


class Command(TyperCommand):
    """One command. Each of its arguments has a `metavar`, which the usage line shows unchanged."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments. An old value of an option is an error with the new value."""
        check_options(args)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command, and `--help`."""
        return _as_declared(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the arguments as they are declared. Some releases of typer add brackets, braces or dots."""
        arguments = [param.metavar for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return [self.options_metavar or "", *arguments]


def _as_declared(params: list[Any]) -> list[Any]:
    """Remove the names of Python types, such as `<list[str]>`, or `<bool>` for a flag that takes no value."""
    for param in params:
        if param.param_type_name == "argument":
            param.display_type_rich = _nothing
        elif param.is_flag:
            param.metavar = ""
    return params


def _nothing(ctx: Any) -> None:  # typer passes `ctx` by name
    """Show nothing beside the `metavar` of an argument."""

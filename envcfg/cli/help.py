"""Help pages that read the same with every release of typer: these differ in how they show a parameter."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from envcfg.core.renamed import check_options


class Group(TyperGroup):
    """`envcfg` itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options, and those that typer adds."""
        return _as_declared(super().get_params(ctx))


class Command(TyperCommand):
    """One command; each of its arguments has a `metavar`, written as it stands in the line of usage."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; an option's value of an old name is refused with the new name."""
        check_options(args)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, and `--help`."""
        return _as_declared(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Arguments as they are declared: some releases add brackets, braces or dots of their own."""
        arguments = [param.metavar for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return [self.options_metavar or "", *arguments]


def _as_declared(params: list[Any]) -> list[Any]:
    """Without the names of Python types, such as `<bool>` for a flag, which takes no value, or `<list[str]>`."""
    for param in params:
        if param.param_type_name == "argument":
            param.display_type_rich = _nothing
        elif param.is_flag:
            param.metavar = ""
    return params


def _nothing(ctx: Any) -> None:  # typer calls it so
    """What stands beside an argument's `metavar`."""

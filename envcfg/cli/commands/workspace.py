"""`envcfg workspace entity/project`: make a W&B workspace that shows the reward and the environment together."""

from collections.abc import Sequence
from typing import Annotated

import typer

from envcfg.cli.options import DrawnMetric
from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.core.selection import near_text, warn
from envcfg.figures.wandb import vega
from envcfg.sources.metrics import likely_reward
from envcfg.sources.wandb.address import PREFIX, Address, address
from envcfg.sources.wandb.client import client

MOST = 6
"""The most parameters that get panels by default."""


def workspace(
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", help="entity/project on the W&B server, or the address of its page.")
    ],
    *,
    metric: DrawnMetric = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERIES",
            help="A logged parameter, such as env/max_steps. Can be repeated. By default the first six parameters.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="The name of the workspace.")] = "Environment",
) -> None:
    """Make a W&B workspace with the reward, each parameter and its changes, and the task probabilities.

    Each call makes a new workspace. It does not change existing workspaces.

    Example: [bold]envcfg workspace my-team/foraging --param env/max_steps[/]
    """
    try:
        from envcfg.figures.wandb import workspace as pages  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise MissingExtraError("a workspace", extra="workspaces") from error
    found = _project(project)
    server = client()
    server.check_host(found)
    logged = server.logged_names(found)
    metric = metric or likely_reward(logged)
    if metric is None:
        some = f"choose one with --metric: {', '.join(logged[:12])}" if logged else "its runs have logged nothing"
        raise SourceError(f"{found} has no metric that looks like a reward: {some}")
    _check(found, logged, metric, param or ())
    plan = pages.WorkspacePlan(found.entity, found.project, metric, param or _parameters(logged, found))
    title = "A parameter over the reward"
    refused = server.put_chart(found.entity, vega.NAME, title=title, specification=vega.specification())
    if refused is not None:
        warn(f"{refused}; if W&B already has a chart of this name, the workspace shows that one")
    typer.echo(server.save_workspace(pages.workspace(plan, name)))


def _check(found: Address, logged: Sequence[str], metric: str, params: Sequence[str]) -> None:
    """Warn about a series that the newest runs have not logged. It is no error, because later runs may log it."""
    for name in (metric, *params):
        if name not in logged:
            warn(f"the newest runs of {found} have not logged {name}{near_text(name, logged)}")


def _project(text: str) -> Address:
    found = address(text if text.startswith(("http://", "https://", PREFIX)) else f"{PREFIX}{text}")
    if found is None or found.kind != "project":
        raise SourceError(f"{text}: expected entity/project, or the address of a project page")
    return found


def _parameters(logged: Sequence[str], found: Address) -> list[str]:
    parameters = [series for series in logged if series.startswith("env/")]
    if not parameters:
        raise SourceError(
            f"the newest runs of {found} have logged no env/*: start the job with hydra/callbacks=env_config"
        )
    return parameters[:MOST]

"""A W&B workspace with live panels: the reward and the parameters of the environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from wandb_workspaces import workspaces as ws
from wandb_workspaces.reports import v2 as wr

from envcfg.figures.wandb import vega

PAGE: Final = "env_config/timeline"
"""The key of the page that each run logs at its end."""


@dataclass(frozen=True, slots=True)
class WorkspacePlan:
    """The content of a workspace: a project, the reward metric, and the series of the parameters."""

    entity: str
    project: str
    metric: str
    parameters: Sequence[str]


def workspace(plan: WorkspacePlan, name: str = "Environment") -> "ws.Workspace":
    """The workspace of *plan*. Nothing is sent to W&B before it is saved."""
    curves = [_line(series) for series in (plan.metric, *plan.parameters)]
    shares = wr.LinePlot(title="Task probabilities", x=vega.AXIS, metric_regex="curriculum/task_prob/.*")
    pages = wr.MediaBrowser(title="Timeline", media_keys=[PAGE])
    return ws.Workspace(
        entity=plan.entity,
        project=plan.project,
        name=name,
        sections=[
            _section("Parameters over the reward", [_overlay(plan, series) for series in plan.parameters], columns=2),
            _section("Environment", curves),
            _section("Curriculum", [shares, _line("curriculum/effective_tasks")], columns=2),
            _section("Timeline of each run", [pages], columns=1),
        ],
    )


def _section(name: str, panels: Sequence[Any], *, columns: int = 3) -> "ws.Section":
    layout = ws.SectionLayoutSettings(columns=columns, rows=max(1, min(3, -(-len(panels) // columns))))
    return ws.Section(name=name, panels=list(panels), is_open=True, layout_settings=layout)


def _overlay(plan: WorkspacePlan, series: str) -> "wr.CustomChart":
    return wr.CustomChart(
        query={"historyTable": {"keys": [vega.AXIS, plan.metric, series]}},
        chart_name=f"{plan.entity}/{vega.NAME}",
        chart_fields={"x": vega.AXIS, "reward": plan.metric, "parameter": series},
        chart_strings={"title": f"{series} over {plan.metric}"},
    )


def _line(series: str) -> "wr.LinePlot":
    return wr.LinePlot(title=series, x=vega.AXIS, y=[series])

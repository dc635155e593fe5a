"""A history as polars data frames; `frame.to_pandas()` makes one of pandas. `docs/tables.md` lists the columns."""

from envcfg.analysis.tables.changes import changes
from envcfg.analysis.tables.configs import configs
from envcfg.analysis.tables.dataset import scan, write_dataset
from envcfg.analysis.tables.effects import effects
from envcfg.analysis.tables.metrics import in_force, metrics
from envcfg.analysis.tables.on_ray import on_ray
from envcfg.analysis.tables.oscillations import oscillations
from envcfg.analysis.tables.parameters import parameters
from envcfg.analysis.tables.tasks import tasks

__all__ = [
    "changes",
    "configs",
    "effects",
    "in_force",
    "metrics",
    "on_ray",
    "oscillations",
    "parameters",
    "scan",
    "tasks",
    "write_dataset",
]

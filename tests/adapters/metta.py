"""Small mettagrid configs."""

from envcfg.demo.mettagrid_world import MettagridWorld
from envcfg.demo.task import Task

STEPS = 8


def config(size):
    """A small map of *size*, and short episodes."""
    params = {"width": size, "height": size, "berries": 3, "walls": 0, "max_steps": STEPS, "reward": 1.0}
    return MettagridWorld(agents=1).configure(Task(f"size/{size}", params))

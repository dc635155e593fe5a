"""The overlay that W&B draws live: a parameter over the reward, as a Vega-Lite chart, `timeline.vega.json`.

It is given the rows that hold the axis, the reward and the parameter together: those of each change and each keyframe.
"""

from importlib.resources import files
from typing import Final

NAME: Final = "envcfg-timeline-v1"
"""The chart's name at the service; another specification gets another name."""
AXIS: Final = "env_config/step"


def specification() -> str:
    """The chart as JSON, with W&B's places for fields: `x`, `reward` and `parameter`, and for the text `title`."""
    return files("envcfg.figures.wandb").joinpath("timeline.vega.json").read_text()

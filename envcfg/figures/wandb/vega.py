"""The overlay that W&B draws live: a parameter over the reward, as the Vega-Lite chart `timeline.vega.json`.

W&B gives it the rows with the axis, the reward and the parameter: the rows of each change and each keyframe.
"""

from importlib.resources import files
from typing import Final

NAME: Final = "envcfg-timeline-v1"
"""The name of the chart at W&B. A new specification needs a new name."""
AXIS: Final = "env_config/step"


def specification() -> str:
    """The chart as JSON, with W&B's placeholders for the fields `x`, `reward` and `parameter` and the text `title`."""
    return files("envcfg.figures.wandb").joinpath("timeline.vega.json").read_text(encoding="utf-8")

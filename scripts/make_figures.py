"""Draw the pictures of the documentation from the bundled samples: `make figures`, about a minute.

Each picture is drawn twice, for light and for dark pages. It needs Chromium (`make browser`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import kaleido
from plotly import graph_objects as go
from plotly import io

from envcfg import load, load_sweep, sample
from envcfg.figures import (
    diff,
    effect_intervals,
    event_study,
    mix_and_skill,
    multiples,
    parameter,
    performance_profiles,
    task_mix,
    timeline,
    trajectories,
)

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
WIDTH: Final = 900
TEMPLATES: Final = {"": "plotly", "-dark": "plotly_dark"}
"""Plotly's default template for each page; a figure follows it."""


def main() -> None:
    kaleido.start_sync_server(silence_warnings=True)
    for name, drawn in figures().items():
        for suffix, template in TEMPLATES.items():
            io.templates.default = template
            write(drawn(), IMAGES / f"{name}{suffix}.webp")
    kaleido.stop_sync_server()


def figures() -> Mapping[str, Callable[[], go.Figure]]:
    run, drawn = load(sample()), load(sample("sweep") / "learning_progress-1")
    promoted = load(sample("sweep") / "threshold-1")
    sweep = load_sweep(sample("sweep"))
    labels = ("first step", "last step")
    return {
        "timeline": lambda: timeline(run, width=WIDTH),
        "task-mix": lambda: task_mix(drawn, width=WIDTH),
        "parameter": lambda: parameter(sweep, "*.width", width=WIDTH),
        "multiples": lambda: multiples(sweep, width=WIDTH),
        "trajectories": lambda: trajectories(sweep, width=WIDTH),
        "profiles": lambda: performance_profiles(sweep, width=WIDTH),
        "effects": lambda: effect_intervals(promoted, width=WIDTH),
        "mix-and-skill": lambda: mix_and_skill(drawn, width=WIDTH),
        "event-study": lambda: event_study(sweep, width=WIDTH),
        "diff": lambda: diff(run.spreads("first"), run.spreads("last"), labels=labels, width=WIDTH),
    }


def write(figure: go.Figure, path: Path) -> None:
    """Write one picture in its final size, so that small text is as small as on the reader's page."""
    figure.write_image(path, scale=1)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()

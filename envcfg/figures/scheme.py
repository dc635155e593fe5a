"""The dark scheme: the same figure with other colours, for pages with a dark background."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from plotly import graph_objects as go
from plotly import io

from envcfg.figures.style import ADDED, EDITED, INK, LINES, PAGE, REMOVED

DARK_LINES: Final = ("#3d979b", "#ffaa2b", "#af5dff", "#7afff8", "#e95526", "#afb1ff")
DARK: Final[Mapping[str, str]] = {
    PAGE: "#111111",
    INK: "#cccccc",
    EDITED: "#f0904a",
    ADDED: "#3fc4be",
    REMOVED: "#f08a6a",
    **dict(zip(LINES, DARK_LINES, strict=True)),
}
"""For each colour of a light figure, the colour in a dark one. All other colours are the same in both."""
_COLOR: Final = re.compile(r"#[0-9a-f]{6}\b|rgba\(\d+,\d+,\d+")
_STYLED: Final = re.compile(r'(?<=style="color:)#[0-9a-f]{6}')


def in_scheme(figure: go.Figure) -> go.Figure:
    """*figure* in the scheme of Plotly's default template: dark if the name of the template says so.

    A notebook with a dark page has one line: `plotly.io.templates.default = "plotly_dark"`.
    """
    return dark(figure) if "dark" in str(io.templates.default) else figure


def dark(figure: go.Figure) -> go.Figure:
    """*figure* in the colours of dark pages."""
    return go.Figure(recolored(json.loads(figure.to_json()), pairs()))


def pairs() -> dict[str, str]:
    """The colours of `DARK` in both forms that figures have: `#rrggbb`, and `rgba(r,g,b` before its opacity."""
    return {**DARK, **{_rgba(light): _rgba(other) for light, other in DARK.items() if light != PAGE}}


def recolored(drawn: Any, colors: Mapping[str, str], key: str = "") -> Any:
    """The JSON of a figure with other *colors*: in members that are colours, and in styled parts of its texts."""
    if isinstance(drawn, dict):
        return {name: recolored(value, colors, name) for name, value in drawn.items()}
    if isinstance(drawn, list):
        return [recolored(value, colors, key) for value in drawn]
    if not isinstance(drawn, str):
        return drawn
    pattern = _COLOR if "color" in key else _STYLED
    return pattern.sub(lambda found: colors.get(found[0], found[0]), drawn)


def _rgba(color: str) -> str:
    return f"rgba({','.join(str(int(color[place : place + 2], 16)) for place in (1, 3, 5))}"

"""What all figures look like: one transparent template that serves light and dark pages, colours, symbols."""

from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.wording import printable

INK: Final = "#777777"
GRID: Final = "rgba(127,127,127,0.22)"
LINES: Final = ("#1e6d7d", "#e86b06", "#8e0eea", "#18a39e", "#ad3817", "#bc73fc")
"""At least 13.6 apart in OKLab in all four kinds of colour vision, contrast at least 3 on white and on #111."""
AREAS: Final = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
"""Petroff's ten (arXiv 2107.02270)."""
SYMBOLS: Final = ("circle", "triangle-up", "square", "diamond", "cross", "star")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""Of groups of runs, beside the colours of `LINES`."""
SCALE: Final = "Cividis"
"""For numbers: it grows evenly in lightness, and looks the same in all four kinds of colour vision."""
HATCHES: Final = ("", "/", ".", "\\", "x", "-", "|", "+", "/", ".")
"""Beside the colours of areas, so that nobody needs to tell these apart."""
CAUSES: Final = {
    "initial": ("circle", "#1e6d7d"),
    "curriculum": ("triangle-down", "#8e0eea"),
    "schedule": ("diamond", "#18a39e"),
    "manual": ("x", "#ad3817"),
    "resume": ("square", "#e86b06"),
}
"""The symbol and colour of a change by the kind of its cause."""
UNKNOWN_CAUSE: Final = ("circle-open", INK)
SEVERAL_CAUSES: Final = ("hexagon2", INK)
"""Of a mark that stands for changes of more than one kind."""
GHOST: Final = ("x-thin", "#bd1f01")
"""Of what was asked for and never became effective."""


def template() -> go.layout.Template:
    """Ink that is readable on white and on black, no background, and no button that uploads the data.

    Plotly 7 puts "Share chart" into every figure, which sends its data to a cloud.
    """
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "ticks": "", "automargin": False}
    return go.layout.Template(
        layout={
            "font": {"color": INK, "size": 12, "family": "system-ui, -apple-system, Segoe UI, sans-serif"},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": LINES,
            "xaxis": axis,
            "yaxis": axis,
            "modebar": {
                "remove": ["sendChartToCloud", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
                "bgcolor": "rgba(0,0,0,0)",
                "color": INK,
            },
            "hoverlabel": {"align": "left", "font": {"size": 12}},
        }
    )


def tinted(color: str, alpha: float) -> str:
    """`#rrggbb` as `rgba(...)`."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def html(text: str) -> str:
    """*text* for Plotly, which reads a little HTML and fills in `%{...}`: names may hold anything."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")
    return "<br>".join(map(printable, safe.split("\n")))

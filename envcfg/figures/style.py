"""The style of all figures: colours and symbols for light pages, and the template. `scheme` has the dark colours."""

from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import printable

PAGE: Final = "#ffffff"
"""The background of a figure."""
INK: Final = "#444444"
"""The colour of all texts, and of lines that stand for no group and no cause."""
GRID: Final = "rgba(127,127,127,0.22)"
LINES: Final = ("#1e6d7d", "#e86b06", "#8e0eea", "#18a39e", "#ad3817", "#bc73fc")
"""The colours of lines. Any two are at least 13.5 apart in OKLab in all four kinds of colour vision.

Their contrast with the page is at least 3.
"""
EDITED: Final = "#a04600"
ADDED: Final = "#00706b"
REMOVED: Final = "#9c3410"
"""The colours of the values of a diff, which are text: their contrast with the page is at least 4.5."""
FAINT: Final = 0.72
"""The least opacity of a line or dot in one of the `LINES` or in `INK`, so that its contrast stays at least 3."""
PLATE: Final = "rgba(255,255,255,0.75)"
PLATE_INK: Final = "#101010"
"""The background and the colour of a text on an area. They are the same on light and on dark pages."""
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
"""The colours of areas: the ten by Petroff (arXiv 2107.02270)."""
SYMBOLS: Final = ("circle", "triangle-up", "square", "diamond", "cross", "star")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""The symbols and dashes of groups of runs, in addition to the colours of `LINES`."""
SCALE: Final = "Cividis"
"""The colour scale for numbers. Its lightness grows evenly, and it works in all four kinds of colour vision."""
HATCHES: Final = ("", "/", ".", "\\", "x", "-", "|", "+", "/", ".")
"""The patterns of areas, for readers who cannot distinguish their colours."""
CAUSES: Final = {
    "initial": ("circle", "#1e6d7d"),
    "initial config": ("circle", "#1e6d7d"),
    "curriculum": ("triangle-down", "#8e0eea"),
    "schedule": ("diamond", "#18a39e"),
    "manual": ("x", "#ad3817"),
    "resume": ("square", "#e86b06"),
}
"""The symbol and colour of a change by the kind of its cause, and those of an initial config."""
UNKNOWN_CAUSE: Final = ("circle-open", INK)
SEVERAL_CAUSES: Final = ("hexagon2", INK)
"""The symbol and colour of a mark for changes with different kinds of causes."""
INEFFECTIVE: Final = ("x-thin", "#bd1f01")
"""The symbol and colour of an ineffective key: it was requested and never became effective."""


def template() -> go.layout.Template:
    """The colours of texts, lines and background, and no button that uploads the data.

    Plotly 7 adds the button "Share chart" to every figure, which sends the data to a cloud service.
    """
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "ticks": "", "automargin": False}
    return go.layout.Template(
        layout={
            "font": {"color": INK, "size": 12, "family": "system-ui, -apple-system, Segoe UI, sans-serif"},
            "paper_bgcolor": PAGE,
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
    """*text* with escapes, because Plotly interprets some HTML and `%{...}`."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")
    return "<br>".join(map(printable, safe.split("\n")))

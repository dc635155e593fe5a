"""Figures as one self-contained HTML file. It needs no network, and works in light, in dark and in print."""

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

from plotly import graph_objects as go
from plotly.offline import get_plotlyjs

from envcfg.analysis.formatting import printable
from envcfg.figures.scheme import pairs, recolored

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{icon}<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
{library}
<script type="application/json" id="data">{data}</script>
<script type="application/json" id="dark">{dark}</script>
{scripts}
</body>
</html>
"""
NO_SCRIPT: Final = "<noscript>This page needs JavaScript to draw its figures.</noscript>"


def page(figure: go.Figure, *, title: str) -> str:
    """The HTML text of a page with one figure. It contains Plotly and the data, and needs no network.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import page, timeline
    >>> page(timeline(load(sample("forage"))), title="Forage").startswith("<!doctype html>")
    True
    """
    return page_html(title, NO_SCRIPT + figure_html(figure, 0, name=title), [figure_data(figure)])


def page_html(
    title: str, body: str, data: Sequence[Any], scripts: Sequence[str] = (), *, assets: str | None = None
) -> str:
    """A page whose *body* has a place for each figure of *data*. *scripts* are names of files beside this one.

    The page contains its scripts. With *assets*, it loads them from below that address.
    """
    names = ("page.js", *scripts)
    icon = "" if assets is None else '<link rel="icon" href="data:,">\n'  # no browser asks the server for one
    if assets is None:
        library, own = f"<script>{get_plotlyjs()}</script>", f"<script>\n{''.join(map(_file, names))}</script>"
    else:
        library = _linked(f"{assets}plotly.js") if data else ""
        own = "\n".join(_linked(assets + name) for name in names)
    return _PAGE.format(
        icon=icon,
        title=text_html(title),
        style=_file("page.css"),
        body=body,
        library=library,
        data=embedded(data),
        scripts=own,
        dark=embedded(pairs()),
    )


def _linked(address: str) -> str:
    return f'<script src="{text_html(address)}"></script>'


def figure_html(figure: go.Figure, number: int, *, name: str) -> str:
    """The place of a figure, with its summary above it: for screen readers, and in place of the title."""
    place = f'id="figure-{number}" role="img" aria-label="{text_html(name)}" aria-describedby="summary-{number}"'
    summary = text_html(figure.layout.meta["summary"])
    return f'<figure><figcaption id="summary-{number}">{summary}</figcaption><div {place}></div></figure>'


def figure_data(figure: go.Figure) -> Any:
    """The data and the layout of a figure, for JSON; in the colours of light pages, because the page changes them."""
    back = {other: light for light, other in pairs().items()}
    return recolored(json.loads(figure.to_json()), back)


def text_html(text: str) -> str:
    """*text* as HTML that shows it."""
    return escape(printable(text))


def embedded(data: object) -> str:
    """JSON for a script element, escaped so that no name in it can end the element."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _file(name: str) -> str:
    return files("envcfg.figures.html").joinpath(name).read_text(encoding="utf-8")

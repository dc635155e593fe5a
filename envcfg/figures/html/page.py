"""Figures as one self-contained HTML file. It needs no network, and works in light, in dark and in print."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape
from typing import Any, Final, NamedTuple

from plotly import graph_objects as go
from plotly.offline import get_plotlyjs

from envcfg.analysis.attempt import Broken, attempt, broken_text
from envcfg.analysis.formatting import printable

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #ffffff; --ink: #333333; --line: #7777774d; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #111111; --ink: #dddddd; }} }}
@media print {{ :root {{ --page: #ffffff; --ink: #222222; }} .modebar {{ display: none !important; }} }}
body {{ margin: 0; padding: 12px; background: var(--page); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }}
main {{ max-width: 1200px; margin: 0 auto; }}
h1 {{ font-size: 22px; }}
h2 {{ font-size: 17px; margin: 1.8em 0 .2em; break-after: avoid; }}
p {{ max-width: 48em; }}
figure {{ margin: 0; break-inside: avoid; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: 13px; }}
th, td {{ text-align: left; vertical-align: top; padding: 2px 14px 2px 0; overflow-wrap: break-word; }}
th {{ white-space: nowrap; }}
.wide th, .wide td {{ border-bottom: 1px solid var(--line); }}
.wide td.number {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }}
tr {{ break-inside: avoid; }}
.hoverlayer .legend .bg {{ fill: var(--page) !important; fill-opacity: 0.95 !important; }}
.hoverlayer .legend text, .hoverlayer .axistext text {{ fill: var(--ink) !important; }}
.hoverlayer .axistext path {{ fill: var(--page) !important; }}
noscript {{ display: block; padding: 2em; }}
</style>
</head>
<body>
<noscript>{title}: this page needs JavaScript to draw its figures.</noscript>
<main>
{body}
</main>
<script>{plotly}</script>
<script type="application/json" id="data">{data}</script>
<script>
const figures = JSON.parse(document.getElementById("data").textContent);
const places = figures.map((_, index) => document.getElementById("figure-" + index));
const options = {{responsive: true, displaylogo: false}};
figures.forEach((figure, index) => Plotly.newPlot(places[index], figure.data, figure.layout, options));
const paper = 680;  // pixels: as wide as a printed page
addEventListener("beforeprint", () => places.forEach(place => Plotly.relayout(place, {{width: paper}})));
addEventListener("afterprint", () => places.forEach(place => Plotly.relayout(place, {{width: null, autosize: true}})));
</script>
</body>
</html>
"""


class PagePart(NamedTuple):
    """A part of a page: a heading, a text (both plain) and a figure or HTML. The HTML must already be escaped."""

    heading: str
    text: str
    content: go.Figure | str


class Section(NamedTuple):
    """A section of a page and the function that makes its parts. If it fails, an error message replaces the parts."""

    heading: str
    parts: Callable[[], Iterable[PagePart]]


class Document(NamedTuple):
    """A page of several figures and tables, and the sections that could not be made."""

    html: str
    broken: tuple[Broken, ...]


class _PartWithData(NamedTuple):
    """A part of a page with the data of its figure."""

    part: PagePart
    data: Any
    """The data of its figure; None for a part without a figure."""


def page(figure: go.Figure, *, title: str) -> str:
    """The HTML text of a page with one figure. It contains Plotly and the data, and needs no network.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import page, timeline
    >>> page(timeline(load(sample("forage"))), title="Forage").startswith("<!doctype html>")
    True
    """
    return _html(title, _figure(figure, 0), [_data(figure)])


def document(title: str, sections: Iterable[Section]) -> Document:
    """A page with several figures and tables. A section that fails does not affect the others."""
    parts: list[_PartWithData] = []
    broken: list[Broken] = []
    for section in sections:
        found = attempt(section.heading, partial(_parts, section))
        if isinstance(found, Broken):
            broken.append(found)
            said = broken_text([found], others="All other parts of this page are complete")
            found = [_PartWithData(PagePart(section.heading, f"{said}.", ""), None)]
        parts += found
    body = [f"<h1>{_text(title)}</h1>"]
    data: list[Any] = []
    for part, figure in parts:
        body.append(_section(part, len(data)))
        data += [] if figure is None else [figure]
    return Document(_html(title, "\n".join(body), data), tuple(broken))


def _parts(section: Section) -> list[_PartWithData]:
    return [
        _PartWithData(part, None if isinstance(part.content, str) else _data(part.content)) for part in section.parts()
    ]


def _section(part: PagePart, number: int) -> str:
    content = part.content
    shown = f'<div class="wide">{content}</div>' if isinstance(content, str) else _figure(content, number)
    return f"<section><h2>{_text(part.heading)}</h2><p>{_text(part.text)}</p>{shown}</section>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> str:
    """An HTML table. All cells are shown as text, numbers on the right."""
    head = "".join(f"<th>{_text(name)}</th>" for name in heads)
    lines = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _cell(value: str | float | None) -> str:
    if value is None or isinstance(value, str):
        lines = [_text(line) for line in (value or "").split("\n")]
        return f"<td>{'<br>'.join(lines)}</td>"
    return f'<td class="number">{value:,}</td>' if isinstance(value, int) else f'<td class="number">{value:.4g}</td>'


def _text(text: str) -> str:
    return escape(printable(text))


def _figure(figure: go.Figure, number: int) -> str:
    """The element of a figure, with its summary for screen readers."""
    said = _text(figure.layout.meta["summary"])
    return f'<figure role="img" aria-label="{said}" id="figure-{number}"></figure>'


def _data(figure: go.Figure) -> Any:
    return json.loads(figure.to_json())


def _html(title: str, body: str, data: Sequence[Any]) -> str:
    return _PAGE.format(title=_text(title), body=body, plotly=get_plotlyjs(), data=_embedded(data))


def _embedded(data: object) -> str:
    """JSON for a script element, escaped so that no name in it can end the element."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

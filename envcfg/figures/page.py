"""One figure as one self-contained HTML file: it draws with the network cut, in light and dark."""

import json
from html import escape
from typing import Final

from plotly import graph_objects as go
from plotly.offline import get_plotlyjs

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #ffffff; --ink: #333333; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #111111; --ink: #dddddd; }} }}
body {{ margin: 0; padding: 12px; background: var(--page); color: var(--ink); font-family: system-ui, sans-serif; }}
.hoverlayer .legend .bg {{ fill: var(--page) !important; fill-opacity: 0.95 !important; }}
.hoverlayer .legend text, .hoverlayer .axistext text {{ fill: var(--ink) !important; }}
.hoverlayer .axistext path {{ fill: var(--page) !important; }}
noscript {{ display: block; padding: 2em; }}
</style>
</head>
<body>
<noscript>{title}: this page needs JavaScript to draw its figure.</noscript>
<div id="figure"></div>
<script>{plotly}</script>
<script type="application/json" id="data">{data}</script>
<script>
const figure = JSON.parse(document.getElementById("data").textContent);
Plotly.newPlot("figure", figure.data, figure.layout, {{responsive: true, displaylogo: false}});
</script>
</body>
</html>
"""


def page(figure: go.Figure, *, title: str) -> str:
    """The HTML text of a page that holds Plotly, the figure's data, and nothing that asks a network."""
    data = json.loads(figure.to_json())
    return _PAGE.format(title=escape(title), plotly=get_plotlyjs(), data=_embedded(data))


def _embedded(data: object) -> str:
    """JSON that cannot end the script element it stands in, whatever names it holds."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

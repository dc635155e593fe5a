"""A figure as a picture: PNG, SVG, PDF, WebP or JPEG."""

from importlib.util import find_spec
from typing import Final

from plotly import graph_objects as go

from envcfg.core.code import Code
from envcfg.core.errors import EnvcfgError, MissingExtraError

FORMATS: Final = ("png", "svg", "pdf", "webp", "jpg")
"""The formats of pictures, which are also the suffixes of their files."""
WIDTH: Final = 1_000
"""The width in pixels of a figure that has none."""


def picture(figure: go.Figure, kind: str) -> bytes:
    """The bytes of a picture in the format *kind*. It needs the extra `export`, and Chrome or Chromium.

    Raises `MissingExtraError` without Kaleido, and `EnvcfgError` without a browser.
    """
    if find_spec("kaleido") is None:
        raise MissingExtraError(f"a picture as {kind}", extra="export")
    try:
        content: bytes = figure.to_image(format=kind, width=figure.layout.width or WIDTH)
    except RuntimeError as error:
        said = f"a picture as {kind} is drawn by Chrome or Chromium, which was not found or did not start"
        raise EnvcfgError(
            f"{said}: install one of them, or write a file that ends in .html", code=Code.NO_FILE
        ) from error
    return content

"""Shows the examples of docstrings as code. Without it, Markdown reads `>>>` as a quotation and `[a][b]` as a link."""

import re
from typing import Any, Final

from griffe import Extension

_EXAMPLE: Final = re.compile(r"(?m)^>>> .*(?:\n(?!\s*$).*)*")


class Examples(Extension):
    """Fences the examples of each docstring, when it is read."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """*docstring* with each example in a fence. An example begins with `>>>` and ends at an empty line."""
    return _EXAMPLE.sub(lambda example: f"```pycon\n{example[0]}\n```", docstring)

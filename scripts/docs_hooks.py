"""Hooks of MkDocs: links to files outside of the site become text, and no page may load from a network."""

import re
from pathlib import Path
from typing import Any, Final

_OUTSIDE: Final = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)\s]+)\)")
_LOADED: Final = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|use)\b[^>]*\s(?:src|srcset|href)=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b[^>]*\shref=["']?(?:https?:)?//[^>]*>"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^;]*"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]*\)"""
)


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Replace each link to a file that is not on the site by its text and the path of the file."""
    root = Path(config["docs_dir"]).resolve()
    here = Path(page.file.abs_src_path).parent

    def kept(link: re.Match[str]) -> str:
        target = (here / link[2].partition("#")[0]).resolve()
        if target.is_relative_to(root):
            return link[0]
        return f"{link[1]} (`{target.relative_to(root.parent).as_posix()}`)"

    return _OUTSIDE.sub(kept, markdown)


def on_post_build(*, config: Any, **_: Any) -> None:
    """Stop if a page loads anything from a network."""
    for path in sorted(Path(config["site_dir"]).rglob("*")):
        if path.suffix in {".html", ".css"}:
            found = loaded_from_a_network(path.read_text(encoding="utf-8"))
            if found:
                raise SystemExit(f"{path} loads from a network: {found[0]}")


def loaded_from_a_network(text: str) -> list[str]:
    """The parts of a page or a style sheet that make a browser fetch something from another host."""
    return [match[0] for match in _LOADED.finditer(text)]

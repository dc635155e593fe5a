"""No text is read or written in the encoding of the place: on a cluster this is often ASCII (`LC_ALL=C`)."""

import ast
from pathlib import Path

from test_docs_names import PAGES, blocks

ROOT = Path(__file__).parents[1]
MODULES = [path for package in ("envcfg", "hydra_plugins", "scripts") for path in (ROOT / package).rglob("*.py")]


def without_encoding(code):
    """The calls that use the encoding of the place for a file, or stop where a process prints in another one."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            is_file = getattr(node.func, "attr", "") in ("read_text", "write_text") and "encoding" not in named
            if is_file or (named.get("text") == "True" and not {"encoding", "errors"} & set(named)):
                yield ast.unparse(node)


def test_every_module_says_how_a_text_is_encoded():
    assert {path: calls for path in MODULES if (calls := [*without_encoding(path.read_text(encoding="utf-8"))])} == {}


def test_no_page_shows_code_that_fails_in_a_place_with_another_encoding():
    assert {page: calls for page in PAGES for code in blocks(page) if (calls := [*without_encoding(code)])} == {}

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GALLERY = (DOCS / "gallery.md").read_text()


def test_every_picture_of_the_gallery_is_small_and_exists_for_light_and_dark_pages():
    named = re.findall(r'(?:srcset|src)="(.*?)"', GALLERY)
    assert len(named) == 2 * GALLERY.count("<picture>") >= 12
    assert all(0 < (DOCS / name).stat().st_size < 100_000 for name in named)
    assert {name.removeprefix("images/") for name in named} == {path.name for path in (DOCS / "images").glob("*.webp")}


def test_every_picture_has_a_text():
    assert all(len(alt) > 40 for alt in re.findall(r'alt="(.*?)"', GALLERY))


@pytest.mark.slow
def test_every_line_of_code_in_the_gallery_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"```python\n(.*?)```", GALLERY, re.DOTALL):
        exec(compile(block, "gallery.md", "exec"), names)  # noqa: S102  # our own documentation
    assert (tmp_path / "timeline.html").stat().st_size > 1_000_000

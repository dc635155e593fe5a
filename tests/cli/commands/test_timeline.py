"""`envcfg timeline RUN -o FILE`: the suffix chooses the format."""

import sys

import pytest
from command_line import envcfg
from plotly import graph_objects as go


@pytest.mark.parametrize("name", ["t.html", "t.HTM", "t"])
def test_a_page_is_written_where_no_picture_is_named(staged, tmp_path, name):
    assert envcfg("timeline", staged, "-o", name, cwd=tmp_path).returncode == 0
    assert (tmp_path / name).read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "webp", "jpg"])
def test_a_picture_is_asked_for_in_the_format_of_its_suffix(staged, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(go.Figure, "to_image", lambda _, format, **__: format.encode())  # noqa: A006  # plotly's name
    done = envcfg("timeline", staged, "-o", f"t.{kind.upper()}", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"Timeline: t.{kind.upper()}\n")
    assert (tmp_path / f"t.{kind.upper()}").read_bytes() == kind.encode()


def test_without_the_library_that_draws_pictures_its_extra_is_named(staged, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    done = envcfg("timeline", staged, "-o", "t.svg", cwd=tmp_path)
    assert done.returncode == 2
    assert "a picture as svg needs packages that are not installed: pip install 'envcfg[export]'" in done.stderr
    assert not list(tmp_path.glob("t.*"))


def test_without_a_browser_the_message_says_what_to_do(staged, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("no Chrome")

    monkeypatch.setattr(go.Figure, "to_image", refuse)
    done = envcfg("timeline", staged, "-o", "t.png", cwd=tmp_path)
    assert "Chrome or Chromium, which was not found or did not start: install one of them" in done.stderr


def test_another_suffix_is_an_error_with_the_known_ones(staged, tmp_path):
    done = envcfg("timeline", staged, "-o", "t.gif", cwd=tmp_path)
    assert done.returncode == 2
    assert "t.gif: expected a file that ends in .html, or for a picture in .png, .svg, .pdf" in done.stderr

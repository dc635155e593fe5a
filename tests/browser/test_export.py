"""The pictures of the documentation, drawn as `make figures` draws them."""

import runpy
from pathlib import Path

import kaleido
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_figures.py"
WEBP = b"WEBP"


@pytest.fixture(scope="module")
def script(chromium):
    kaleido.start_sync_server(silence_warnings=True)
    yield runpy.run_path(str(SCRIPT))
    kaleido.stop_sync_server()


def test_each_picture_of_the_documentation_can_be_drawn_anew(script):
    drawn = script["figures"]()
    assert {f"{name}{suffix}.webp" for name in drawn for suffix in script["TEMPLATES"]} == {
        path.name for path in script["IMAGES"].glob("*.webp")
    }


@pytest.mark.filterwarnings("ignore:The kopts argument is ignored:UserWarning")
def test_a_picture_is_written(script, tmp_path):
    script["write"](script["figures"]()["diff"](), tmp_path / "diff.webp")
    assert (tmp_path / "diff.webp").read_bytes()[8:12] == WEBP

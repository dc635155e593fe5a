"""A dead server is told at once, with the copy of the run that the cache has."""

import socket

import pytest
from wandb_server.apps import run_python

READER = """
import envcfg, sys, time
begun = time.monotonic()
try:
    envcfg.load(sys.argv[1])
except envcfg.EnvcfgError as error:
    print(error.code, error)
print(time.monotonic() - begun < 20)
"""


class Dead:
    """An address at which nothing listens."""

    def environment(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return {"WANDB_BASE_URL": f"http://127.0.0.1:{port}", "WANDB_API_KEY": "x" * 40}


@pytest.mark.parametrize("form", ["wandb:acme/p/r1", "acme/p/r1"])
def test_a_dead_server_is_told_at_once_and_the_copy_in_the_cache_is_offered(tmp_path, form):
    copy = tmp_path / "cache" / "wandb" / "127.0.0.1" / "acme" / "p" / "runs" / "r1"
    copy.mkdir(parents=True)
    said, is_soon = run_python(Dead(), tmp_path, READER, form).splitlines()
    assert said.startswith("wandb_unreachable ")
    assert said.endswith(f"127.0.0.1 cannot be reached: Connection refused; a copy of an earlier read is in {copy}")
    assert is_soon == "True"

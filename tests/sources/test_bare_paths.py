"""A path that may be a folder or a run on the server: where it is searched for, and the error if it is missing."""

import json
from pathlib import Path

import pytest
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg import load, load_sweep
from envcfg.core.errors import EnvcfgError
from envcfg.sources.wandb import source
from envcfg.sources.wandb.address import address

READER = """
import json, sys
from envcfg import load, load_sweep
from envcfg.core.errors import EnvcfgError
from envcfg.sources.wandb import client as wandb_client

wandb_client._PATIENCE["x_graphql_retry_max"] = 1
for read in (load, load_sweep):
    for where in sys.argv[1:]:
        try:
            read(where)
        except EnvcfgError as error:
            print(json.dumps(str(error)))
"""


def refusals(server, folder, *where, **variables):
    return [json.loads(line) for line in run_python(server, folder, READER, *where, **variables).splitlines()]


@pytest.fixture
def unasked(monkeypatch):
    """Any request to the server fails the test."""

    def asked(*_):
        raise AssertionError("the server was asked")

    monkeypatch.setattr(source, "on_server", asked)


def test_the_error_for_a_missing_run_names_the_folder_and_the_server(tmp_path):
    (tmp_path / "acne").mkdir()
    with WandbServer() as server:
        for said in refusals(server, tmp_path, "acme/p/nobody"):
            assert said == (
                f"acme/p/nobody: no such folder (the working folder is {tmp_path}); the nearest name is acne; "
                "as a run on W&B: 127.0.0.1 has no run acme/p/nobody, or you may not see it"
            )


@pytest.mark.parametrize(("variables", "why"), [({"WANDB_API_KEY": ""}, "refused"), ({}, "refused")])
def test_an_unreachable_server_does_not_hide_that_there_is_no_folder(tmp_path, variables, why):
    with WandbServer() as server:
        pass
    found = refusals(server, tmp_path, "runs/first/try", **variables)
    assert len(found) == 2
    for said in found:
        assert said.startswith(f"runs/first/try: no such folder (the working folder is {tmp_path})")
        assert why in said.partition("; as a run on W&B: ")[2]


@pytest.mark.parametrize(
    "path",
    [
        *("outputs/2026-11-23/14-00-00", "2026-11-23/14-00-00/3", "logs/wandb/offline-run-20261123_140000-abc"),
        *("logs/2026-11-23_14-00-00/run", "./acme/p/run-1", "../acme/p/run-1", "/acme/p/run-1", "~/acme/p/run-1"),
    ],
)
@pytest.mark.parametrize("read", [load, load_sweep])
def test_a_path_that_must_be_a_folder_is_never_requested_from_the_server(path, read, tmp_path, monkeypatch, unasked):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvcfgError, match="no such folder") as refused:
        read(path)
    assert "W&B" not in str(refused.value) or "acme" in path


def test_a_path_in_the_home_folder_is_read(tmp_path, monkeypatch, unasked):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(EnvcfgError, match="contains no run that envcfg recorded"):
        load("~/")


@pytest.mark.parametrize("path", ["outputs/2026-11-23/14-00-00", "acme/p/run-1"])
def test_the_prefix_wandb_always_means_the_server(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(path).mkdir(parents=True)
    assert address(path) is None
    assert address(f"wandb:{path}").kind == "run"
    assert not address(f"wandb:{path}").is_bare


def test_the_nearest_names_are_for_the_first_missing_part(tmp_path):
    for time in ("14-00-00", "14-00-07", "09-30-00"):
        (tmp_path / "outputs/2026-11-23" / time).mkdir(parents=True)
    with pytest.raises(EnvcfgError, match=r"no such folder; the nearest names are [^,]*/14-00-0\d, [^,]*/14-00-0\d"):
        load(tmp_path / "outputs/2026-11-23/14-00-01/envcfg")
    with pytest.raises(EnvcfgError, match=r"nothing matches .+; the nearest name is .+/2026-11-23$"):
        load_sweep(str(tmp_path / "outputs/2026-11-24/*"))
    with pytest.raises(EnvcfgError, match=r"no such folder; .+ contains outputs$"):
        load(tmp_path / "x/y")

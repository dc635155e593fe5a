import re
import shutil
import socket
from urllib.parse import urlsplit

import pytest
from command_line import envcfg
from hostile_run import record_hostile
from served import serving

from envcfg import sample

pytestmark = [pytest.mark.slow, pytest.mark.needs("serve")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    for name in ("schedule-1", "threshold-1"):
        shutil.copytree(sample("sweep") / name, folder / name)
    record_hostile(folder / "hostile")
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def keys(server):
    return server.keys()


def files(folder):
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def test_every_run_below_the_folder_is_in_the_list_the_newest_first(server, keys):
    names = re.findall(r'/">([^<]*)</a></td>', server.get("").text)
    assert names == ["hostile", "schedule-1", "threshold-1"]
    assert len(set(keys)) == 3


def test_the_page_of_a_run_has_its_answer_its_timeline_and_its_changes(server, keys):
    text = server.get(f"runs/{keys[1]}/").text
    assert "The run completed at step 122,880" in text
    assert 'id="figure-0"' in text
    assert 'id="change-list"' in text
    assert '<script src="/assets/plotly.js"></script>' in text
    assert server.get("assets/plotly.js").status == 200


def test_a_report_and_a_comparison_are_those_of_the_command_line(server, keys):
    assert "From the first config to the last" in server.get(f"runs/{keys[1]}/report").text
    found = server.get(f"compare?run={keys[1]}&run={keys[2]}").text
    assert "2 runs by returns" in found
    assert "choose two or more runs" in server.get(f"compare?run={keys[1]}").text


def test_a_diff_names_its_two_moments_and_refuses_others(server, keys):
    text = server.get(f"runs/{keys[1]}/diff?before=change:0&after=change:1").text
    assert "From change:0 to change:1" in text
    assert "game.map_builder.objects.wall" in text
    refused = server.get(f"runs/{keys[1]}/diff?before=%3Cscript%3E&after=last").text
    assert "invalid moment" in refused
    assert "<script>" not in refused


def test_no_page_is_shown_without_the_token(server, keys):
    for path in ("", f"runs/{keys[0]}/", f"runs/{keys[0]}/stamp", "compare", "assets/page.js", "?token=guessed"):
        answer = server.get(path, known=False)
        assert (answer.status, "token of this server" in answer.text) == (403, True)
        assert "schedule-1" not in answer.text


def test_a_name_that_points_to_this_machine_is_refused_even_with_the_token(server):
    token = urlsplit(server.address).query
    assert server.get(f"?{token}", known=False, Host="attacker.example:8765").status == 403
    assert server.get("", Host="localhost:9999").status == 200  # a forwarded port


@pytest.mark.parametrize(
    "path", ["runs/../../etc/passwd", "runs/%2e%2e%2f/", "runs/0123456789abcdef/", "assets/../x", "x"]
)
def test_no_address_leads_to_a_file(server, path):
    answer = server.get(path)
    assert answer.status == 404
    assert "This page could not be made" in answer.text


def test_a_browser_may_load_nothing_from_elsewhere_and_run_no_text_of_a_page(server, keys):
    for path in ("", f"runs/{keys[0]}/", "x"):
        policy = server.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


def test_it_listens_on_this_machine_only(server):
    port = urlsplit(server.address).port
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))  # another address of the same machine


def test_it_changes_no_file(server, keys, tmp_path):
    folder = tmp_path / "runs"
    shutil.copytree(sample("forage"), folder / "forage")
    before = files(folder)
    with serving(folder) as other:
        (key,) = other.keys()
        assert other.get(f"runs/{key}/report").status == 200
    assert files(folder) == before


def test_a_port_that_is_taken_and_a_folder_that_is_missing_are_refused(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = envcfg("serve", tmp_path, "--no-browser", "--port", port).stderr
    assert said == f"envcfg: port {port} is taken on this machine: choose another one with --port\n"
    assert "no such folder" in envcfg("serve", tmp_path / "missing", "--no-browser").stderr

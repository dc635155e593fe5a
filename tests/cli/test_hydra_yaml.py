"""The config that Hydra saved is read within limits: it may come from anybody."""

import os

import pytest

from envcfg import Tracker
from envcfg.cli import findings
from envcfg.cli.hydra_yaml import MOST, parsed, text_of

DOUBLED = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))


@pytest.mark.timeout(60)  # 60 doublings would take longer than anybody lives
@pytest.mark.parametrize("text", [DOUBLED, "[" * 100_000, "a: [", "- 1", "", "a: !!python/object:os.system {}", "\x00"])
def test_a_text_that_is_no_config_of_hydra_is_read_as_nothing(text):
    assert parsed(text) == {}


def test_a_config_of_hydra_is_read():
    assert parsed("hydra:\n  job: {name: train}\n") == {"hydra": {"job": {"name": "train"}}}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices in a folder")
@pytest.mark.timeout(60)
def test_a_pipe_a_device_and_a_huge_file_are_read_as_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "huge").write_bytes(b"#" * (MOST + 1))
    assert [text_of(tmp_path / name) for name in ("pipe", "device", "huge", "missing")] == [""] * 4


@pytest.mark.timeout(60)
def test_doctor_answers_for_a_folder_with_such_a_config(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r"):
        pass
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "hydra.yaml").write_text(DOUBLED)
    found = {finding.what: finding.said for finding in findings.run(str(tmp_path))}
    assert found["Callback"].startswith("off in")
    assert "Records" in found

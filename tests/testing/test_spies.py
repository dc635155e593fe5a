"""The spies and their comparison: the page of ten lines, what each difference is called, and a grid of combinations."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from envcfg import Tracker, load
from envcfg.testing import SpyEnv, assert_books, books, differences, spies

pytest.importorskip("gymnasium", reason="the extra gymnasium")

PAGE = Path(__file__).parents[2] / "docs" / "check-an-adapter.md"
(CODE,) = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))


def test_the_ten_lines_of_the_page_check_an_adapter(tmp_path):
    assert len([line for line in CODE.splitlines() if line and "import" not in line]) <= 10
    done = subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert min(map(len, books(tmp_path / "check"))) > 10


def test_a_spy_writes_what_it_runs_with_and_its_rewards_depend_on_it(tmp_path):
    def played(gravity):
        env = SpyEnv(tmp_path / "book-0.jsonl")
        env.gravity = gravity
        env.reset(seed=1)
        return [env.step(1)[1] for _ in range(3)]

    assert played(9.8) != played(5.0)
    env = SpyEnv(tmp_path / "book-0.jsonl")
    env.reset(options={"level": 4})
    env.set_level(7)
    env.reset()
    found = [(row["level"], row["gravity"]) for row in books(tmp_path)[0]]
    assert found == [(0, 9.8), (0, 5.0), (4, 9.8), (8, 9.8)]


def test_each_difference_from_the_books_is_named(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        for slot, levels in enumerate(((1, 2), (1, 3), (1,), (1, 2, 3), (1,))):
            for level in levels:
                tracker.record({"level": level}, step=level, slot=slot)
    ran = [[{"level": level} for level in levels] for levels in ((1, 2), (1, 2), (1, 1, 2), (1, 2))]
    assert differences(load(tmp_path), ran, ["level"]) == [
        "slot 4 was recorded and has no book",
        "slot 1, config 1: ran {'level': 2}, recorded {'level': 3}",
        "slot 2, config 1: ran {'level': 2}, and nothing was recorded",
        "slot 3, config 2: recorded {'level': 3}, and nothing else ran",
    ]
    for slot, levels in enumerate(((1, 2), (1, 2), (1,), (1, 2))):
        lines = "".join(json.dumps({"level": level}) + "\n" for level in levels)
        (tmp_path / f"book-{slot}.jsonl").write_text(lines)
    with pytest.raises(AssertionError, match="the recording differs from the books:\nslot 4 was recorded and has no"):
        assert_books(load(tmp_path), tmp_path, ["level"])
    assert differences(load(tmp_path), books(tmp_path), ["level"])[-1] == "the books have 7 resets, and 9 were counted"


def test_a_spy_in_a_vector_environment_is_the_same_with_a_recorder_and_without(tmp_path):
    from gymnasium.vector import SyncVectorEnv

    from envcfg.adapters.gymnasium_vector import RecordedVectorEnv

    def played(envs):
        envs.reset(seed=3)
        return [envs.step(np.zeros(2, int))[1].tolist() for _ in range(40)]

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        on = played(RecordedVectorEnv.make(spies(tmp_path / "on", 2), tracker, attributes=SpyEnv.parameters))
    assert on == played(SyncVectorEnv(spies(tmp_path / "off", 2)))
    assert books(tmp_path / "on") == books(tmp_path / "off")
    assert_books(load(tmp_path), tmp_path / "on")

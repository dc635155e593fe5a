"""`curriculum=replay` in a user's app, with the file from `docs/replay.md`."""

import os
import re
from pathlib import Path

import prepared

from envcfg import Tracker

PAGE = Path(__file__).parents[2] / "docs" / "replay.md"

APP = """
import hydra
from hydra.utils import instantiate

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    curriculum = instantiate(config.curriculum)
    print([curriculum.adopt(0, at=step).config["level"] for step in (0, 10, 20)])

main()
"""


def app(folder, *overrides):
    (folder / "conf" / "curriculum").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "config.yaml").write_text("defaults:\n  - curriculum: staged\nseed: 1\n")
    (folder / "conf" / "curriculum" / "staged.yaml").write_text("_target_: builtins.dict\n")
    replay = re.search("```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    (folder / "conf" / "curriculum" / "replay.yaml").write_text(replay)
    (folder / "app.py").write_text(APP)
    return prepared.run(["app.py", *overrides], cwd=folder, env=os.environ, imports=prepared.HYDRA)


def test_an_app_that_instantiates_its_curriculum_can_replay(tmp_path):
    with Tracker(tmp_path / "run" / "envcfg", run="r") as tracker:
        for step, level in ((0, 1), (10, 2), (20, 3)):
            tracker.record({"level": level}, step=step)
    done = app(tmp_path, "curriculum=replay", "curriculum.run=run")
    assert done.stdout == "[1, 2, 3]\n", done.stderr
    assert (
        app(tmp_path, "curriculum=replay", "curriculum.run=run", "curriculum.intervention=drop:1").stdout
        == "[1, 1, 3]\n"
    )
    assert "Missing mandatory value: curriculum.run" in app(tmp_path, "curriculum=replay").stderr

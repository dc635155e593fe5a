"""CleanRL's single files, unmodified, through the recipe: the id of the environment names a module."""

import os
from pathlib import Path

import pytest
import spied_program

CLEANRL = Path(os.environ.get("ENVCFG_PROGRAMS", ".programs")).absolute() / "cleanrl"
STEPS = ["--total-timesteps", "400", "--seed", "3"]
ROLLOUT = [*STEPS, "--num-envs", "2", "--num-steps", "32"]
REPLAY = [*STEPS, "--learning-starts", "100", "--buffer-size", "500"]
SCRIPTS = {
    "ppo": ("Spy-v0", [*STEPS, "--num-envs", "4", "--num-steps", "32"]),
    "ppo_continuous_action": ("BoxSpy-v0", ROLLOUT),
    "rpo_continuous_action": ("BoxSpy-v0", ROLLOUT),
    "pqn": ("Spy-v0", [*STEPS, "--num-envs", "4", "--num-steps", "32"]),
    "dqn": ("Spy-v0", REPLAY),
    "c51": ("Spy-v0", REPLAY),
    "sac_continuous_action": ("BoxSpy-v0", REPLAY),
    "td3_continuous_action": ("BoxSpy-v0", REPLAY),
    "ddpg_continuous_action": ("BoxSpy-v0", REPLAY),
}
SAVING = str(Path(__file__).with_name("saving.py"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_cleanrl_is_the_same_with_the_recipe_and_its_record_equals_the_books(tmp_path, name, compared):
    script = CLEANRL / "cleanrl" / f"{name}.py"
    if not script.exists():
        pytest.skip(f"{script} is missing: make test-programs brings it, where there is a network")
    spy, options = SCRIPTS[name]
    command = [SAVING, str(CLEANRL), str(script), "--env-id", f"spy_ids:{spy}", "--no-cuda", *options]
    found, history = spied_program.compared(tmp_path, command)
    compared(f"CleanRL {name}", "fe8d8a0 ", found)
    assert not any(found.values()), found
    assert history.failures == ()

"""Programs of others print, write and receive the same with envcfg as without it, and end with the same status.

The programs that no package index has are cloned by `make test-programs` into `.programs`.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from side_by_side import both, differences

from envcfg import load, load_sweep

PROGRAMS = Path(os.environ.get("ENVCFG_PROGRAMS", ".programs")).absolute()
TEMPLATE = PROGRAMS / "lightning-hydra-template"
TORCHRL = PROGRAMS / "torchrl" / "sota-implementations"
BENCHMARL = Path(sys.prefix) / "benchmarl"


@dataclass(frozen=True)
class Program:
    """How a program is started, and what belongs to it."""

    package: str
    """The package whose version stands in the table, or the version itself with a blank in it."""
    command: list[str]
    needs: Path | None = None
    env: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    """Files with times or speeds in them: only their names are compared."""
    jobs: int = 1


SHEEPRL = ["-m", "sheeprl", "env=gym", "env.id=CartPole-v1", "env.num_envs=2", "env.sync_env=true", "run_name=r"]
SHEEPRL += ["env.capture_video=false", "fabric.accelerator=cpu", "algo.mlp_keys.encoder=[state]", "log_root=out"]
SHEEPRL += ["metric.log_every=64", "checkpoint.every=128", "hydra.run.dir=out/hydra"]
BALANCE = ["-m", "benchmarl.run", "task=vmas/balance", "hydra.run.dir=out", "experiment.max_n_frames=400"]
BALANCE += [f"experiment.{text}" for text in ("evaluation=false", "render=false", "loggers=[csv]", "create_json=false")]
BALANCE += [
    f"experiment.on_policy_{text}"
    for text in ("collected_frames_per_batch=200", "n_envs_per_worker=2", "minibatch_size=100", "n_minibatch_iters=1")
]
TRAIN = str(TEMPLATE / "src" / "train.py")
MNIST = ["data._target_=digits.Digits", "data.batch_size=16", "seed=1", "logger=csv", "paths.log_dir=out"]
MNIST += ["~callbacks.rich_progress_bar", "+trainer.enable_progress_bar=false", "trainer.max_epochs=2", "test=false"]
SEARCH = ["hparams_search=mnist_optuna", "hydra.sweeper.n_trials=2", "hydra.sweep.dir=out"]
SEARCH += ["hydra.sweeper.sampler.n_startup_trials=1", "hydra.sweeper.study_name=s"]
HERE = {"PYTHONPATH": str(Path(__file__).parent)}
ZEN = str(Path(__file__).with_name("zen_app.py"))
DQN = [str(TORCHRL / "dqn" / "dqn_cartpole.py"), "logger.backend=", "device=cpu", "hydra.run.dir=out"]
DQN += ["collector.total_frames=600", "collector.frames_per_batch=100", "collector.init_random_frames=200"]
DQN += ["loss.num_updates=2", "checkpoint.path=last.pt"]
PPO = [str(TORCHRL / "ppo" / "ppo_mujoco.py"), "logger.backend=", "env.env_name=Pendulum-v1", "hydra.run.dir=out"]
PPO += ["collector.total_frames=256", "collector.frames_per_batch=128", "loss.ppo_epochs=1", "optim.device=cpu"]
QUIET = {"RL_LOGGING_LEVEL": "ERROR"}

ALL = {
    "sheeprl ppo": Program("sheeprl", [*SHEEPRL, "exp=ppo", "algo.total_steps=256", "algo.rollout_steps=32"]),
    "sheeprl, an error": Program("sheeprl", [*SHEEPRL, "exp=ppo", "env.id=NoSuch-v0"]),
    "BenchMARL mappo": Program(
        "1.5.2 ", [*BALANCE, "algorithm=mappo"], BENCHMARL, {"PYTHONPATH": str(BENCHMARL)}, (r"\.csv$",)
    ),
    "lightning-hydra-template": Program("2.0.3 ", [TRAIN, *MNIST, "hydra.run.dir=out"], TEMPLATE, HERE),
    "the template's Optuna search": Program("2.0.3 ", [TRAIN, "-m", *MNIST, *SEARCH], TEMPLATE, HERE, jobs=2),
    "a hydra-zen app": Program("hydra_zen", [ZEN, "hydra.run.dir=out", "optimizer.lr=0.2"]),
    "torchrl's DQN": Program("torchrl", DQN, TORCHRL, QUIET, (r"last\.pt$",)),
    "torchrl's PPO": Program("torchrl", PPO, TORCHRL, QUIET),
}


@pytest.mark.parametrize("name", ALL)
def test_a_program_of_others_is_the_same_with_envcfg(tmp_path, name, compared):
    program = ALL[name]
    if program.needs and not program.needs.exists():
        pytest.skip(f"{program.needs} is missing: make test-programs brings it, where there is a network")
    without, recorded = both(tmp_path, program.command, env=program.env, ignored=program.ignored)
    found = compared(name, program.package, differences(without, recorded))
    assert not any(found.values()), (found, without.stderr, recorded.stderr)
    assert without.config, without.stderr
    assert (without.status == 0) == ("error" not in name), without.stderr
    assert recorded.stderr.count("envcfg: ") <= 1, recorded.stderr
    found = load_sweep(tmp_path / "run") if program.jobs > 1 else [load(tmp_path / "run")]
    assert len(found) == program.jobs

"""With envcfg, a sweeper asks for the same jobs, gets the same results and writes the same files."""

from importlib.util import find_spec

import pytest
from side_by_side import both, differences

from envcfg import load_sweep

APP = """
import hydra
import envcfg

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    envcfg.tracker().record(config.trainer, step=0)
    print("trained with", config.trainer.lr)
    return (config.trainer.lr - 0.3) ** 2

if __name__ == "__main__":
    main()
"""
SWEEPERS = {
    "basic": ["trainer.lr=0.1,0.5,0.9"],
    "optuna": ["hydra.sweeper.n_trials=3", "hydra.sweeper.sampler.seed=1", "hydra.sweeper.study_name=s"],
    "ax": ["hydra.sweeper.ax_config.max_trials=3", "hydra.sweeper.ax_config.client.random_seed=1"],
    "nevergrad": ["hydra.sweeper.optim.budget=3", "hydra.sweeper.optim.num_workers=1", "hydra.sweeper.optim.seed=1"],
}
RANGE = "trainer.lr=interval(0.1,0.9)"


@pytest.mark.parametrize("name", SWEEPERS)
def test_a_sweeper_asks_for_the_same_jobs_and_finds_the_same(tmp_path, name, compared):
    if name != "basic" and find_spec(f"hydra_plugins.hydra_{name}_sweeper") is None:
        pytest.skip(f"hydra-{name}-sweeper is not installed")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text("trainer:\n  lr: 0.1\nseed: 1\n")
    (tmp_path / "app.py").write_text(APP)
    asked = SWEEPERS[name] if name == "basic" else [f"hydra/sweeper={name}", RANGE, *SWEEPERS[name]]
    without, recorded = both(tmp_path, [str(tmp_path / "app.py"), "-m", *asked, "hydra.sweep.dir=out"])
    package = "hydra-core" if name == "basic" else f"hydra-{name}-sweeper"
    found = compared(f"sweeper {name}", package, differences(without, recorded))
    assert without.status == 0, without.stderr
    assert not any(found.values()), (found, without, recorded)
    assert without.stdout.count(b"trained with") == len(load_sweep(tmp_path / "run" / "out")) == 3

"""A recorded app draws, counts and trains as it does without envcfg, and the record has the values that it got."""

import json

from apps import DIR, ON, run

from envcfg import Marker, load

APP = """
import itertools, json, random, sys
import hydra
import numpy as np
from omegaconf import OmegaConf
import envcfg

try:
    import torch
except ImportError:  # make test-hydra goes without it
    torch = None

calls = itertools.count(1)
OmegaConf.register_new_resolver("unif", random.uniform)
OmegaConf.register_new_resolver("np_unif", lambda a, b: float(np.random.uniform(a, b)))
OmegaConf.register_new_resolver("torch_unif", lambda: torch.rand(1).item() if torch else random.random())
OmegaConf.register_new_resolver("count", lambda: next(calls))
OmegaConf.register_new_resolver("cached", lambda: next(calls), use_cache=True)
OmegaConf.register_new_resolver("mul", lambda x, y: x * y)
random.seed(1), np.random.seed(1), torch and torch.manual_seed(1)

def states():
    return str(random.getstate()), str(np.random.get_state()), str(torch and torch.get_rng_state().tolist())

before = states()

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    assert states() == before
    tracker = envcfg.tracker()
    got = OmegaConf.to_container(config.env, resolve=True)
    for step in range(3):
        kept = states()
        tracker.record(config.env, step=step)
        tracker.record({"env": config.env, "level": step}, step=step, slot=1)
        tracker.end_epoch(step=step, epoch=step)
        assert states() == kept
        print(json.dumps([got, config.seed, random.random(), np.random.rand(), next(calls)]))
        got = OmegaConf.to_container(config.env, resolve=True)

main()
"""
CONFIG = """
seed: ${cached:}
n: 3
env:
  max: ${unif:5,15}
  drawn: [ "${np_unif:0,1}", "${torch_unif:}" ]
  number: ${count:}
  double: ${mul:${n},2}
  name: env-${env.double}
"""


def test_an_app_trains_the_same_and_the_record_has_what_its_env_got(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text(CONFIG)
    (tmp_path / "app.py").write_text(APP)
    without, recorded = run(tmp_path / "app.py", DIR), run(tmp_path / "app.py", ON, DIR)
    assert (recorded.stdout, recorded.stderr, recorded.returncode) == (without.stdout, without.stderr, 0)
    history = load(tmp_path / "out")
    lines = [json.loads(line) for line in recorded.stdout.splitlines()]
    for slot, at in ((0, lambda config: config), (1, lambda config: config["env"])):
        mine = [adoption for adoption in history.adoptions if adoption.record.slot == slot]
        by_step = {adoption.record.step: at(history.config(adoption.record.config)) for adoption in mine}
        assert [by_step[step] for step in range(3)] == [line[0] for line in lines]
    job = history.config(history.jobs[0].config)
    assert (job["env"]["max"], job["env"]["double"]) == (Marker("unresolved", "${unif:5,15}"), 6)
    assert history.failures == ()

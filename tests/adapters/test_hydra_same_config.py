"""An app with envcfg is the app without it: what it receives, what it writes, and what it can load again."""

import pickle

import pytest
from apps import BARE, CALLBACK, KEY, NO_WANDB, ON
from consumers import KINDS, WAYS, consumed, write_config
from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.experimental import callbacks
from hypothesis import settings
from omegaconf import OmegaConf

import envcfg
from envcfg.adapters.hydra_key import NAME

STYLES = {
    "the group": [ON, NO_WANDB],
    "the group and the key": [ON, NO_WANDB, f"{KEY}=500"],
    "the group and the argument": [ON, NO_WANDB, f"{CALLBACK}.save_interval=500"],
    "off": [ON, f"{CALLBACK}.enabled=false"],
    "the bare style": [BARE, f"+{NO_WANDB}"],
    "the bare style and the key": [BARE, f"+{NO_WANDB}", f"{KEY}=500"],
    "its YAML": [NO_WANDB],
}
OVERRIDES = {
    "none": [],
    "a value": ["trainer.lr=0.2", "seed=3"],
    "a mapping": ["trainer={epochs:1}"],
    "a new value": ["+trainer.momentum=0.9"],
    "a new mapping": ["+trainer={epochs:1}"],
    "nothing left": ["~trainer"],
    "the key of its own": [f"++{KEY}=6"],
}
PICKLED = ["+hydra.callbacks.pickled._target_=hydra.experimental.callbacks.PickleJobInfoCallback"]
if not hasattr(callbacks, "PickleJobInfoCallback"):  # Hydra 1.4 has no pickles
    PICKLED = []


def seen(folder, conf, overrides):
    """What a job got and left: its config, consumed in each way, its files, its pickles, or why it could not start."""
    GlobalHydra.instance().clear()
    received = {}

    def task(config):
        received.update(consumed(config), tracker=type(envcfg.tracker()).__name__)
        return "done"

    hydra = Hydra.create_main_hydra2("train", create_config_search_path(str(conf)))
    OmegaConf.register_new_resolver("now", str.lower, use_cache=True, replace=True)  # the time may not differ
    asked = [f"hydra.run.dir={folder}", *PICKLED, *overrides]
    try:
        done = hydra.run(config_name="config", task_function=task, overrides=asked, with_log_configuration=False)
    except Exception as error:  # noqa: BLE001  # also what an app gets
        return {"error": f"{type(error).__name__}: {error}"}, "NullTracker"
    tracker = received.pop("tracker")
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if "envcfg" not in path.parts)
    received |= {"files": names, "returned": pickle.dumps(done.cfg)}
    received["config.yaml"] = (folder / ".hydra" / "config.yaml").read_bytes()
    for name in ("config", "job_return") if PICKLED else ():
        content = pickle.loads((folder / ".hydra" / f"{name}.pickle").read_bytes())
        config = content if name == "config" else content.cfg
        received[f"{name}.pickle"] = OmegaConf.to_yaml(
            OmegaConf.masked_copy(config, [k for k in config if k != "hydra"])
        )
    return received, tracker


def is_on(style, tracker):
    return tracker == ("NullTracker" if style == "off" else "Tracker")


@pytest.fixture(autouse=True)
def _as_in_hydra_main():
    version.setbase("1.3")
    yield
    GlobalHydra.instance().clear()


@pytest.mark.hypothesis  # so that `make test-long` runs it, with all cells
@pytest.mark.parametrize("kind", KINDS)
def test_an_app_gets_and_writes_the_same_however_it_is_turned_on_and_overridden(tmp_path, kind):
    assert len(WAYS) > 20
    started = 0
    for given, turns in cells(KINDS.index(kind)):
        write_config(tmp_path / "conf", kind)
        without, _ = seen(tmp_path / "without" / given, tmp_path / "conf", OVERRIDES[given])
        started += "yaml" in without
        for style in styles_of(turns, has_key=NAME in without.get("yaml", "")):
            write_config(tmp_path / "conf", kind, default=style == "its YAML")
            asked = [*STYLES[style], *OVERRIDES[given]]
            recorded, tracker = seen(tmp_path / style / given, tmp_path / "conf", asked)
            different = {
                way: (recorded.get(way), value) for way, value in without.items() if recorded.get(way) != value
            }
            assert different == {}, f"{kind}, {given}, {style}"
            assert is_on(style, tracker) or "error" in without, f"{kind}, {given}, {style}"
    assert started, without


def cells(kind):
    """The overrides that a kind of app meets, each with the numbers of its styles.

    `make test-long` takes all. Otherwise a kind meets no override and three others, each with one style: over all
    kinds, each style meets each of the overrides.
    """
    if settings.default.max_examples > 100:
        return [(given, range(len(STYLES))) for given in OVERRIDES]
    none, *others = OVERRIDES
    chosen = [others[(2 * kind + ahead) % len(others)] for ahead in range(3)]
    return [(given, [kind + [*OVERRIDES].index(given)]) for given in (none, *chosen)]


def styles_of(turns, *, has_key):
    names = [name for name in STYLES if not (has_key and "key" in name)]  # an app that has the key gets what is asked
    return sorted({names[turn % len(names)] for turn in turns})


def test_over_all_kinds_each_style_meets_each_override():
    met = {(given, turn % len(STYLES)) for kind in range(len(KINDS)) for given, turns in cells(kind) for turn in turns}
    assert len(met) == len(STYLES) * len(OVERRIDES)

"""A record runs no resolver of the app that could change the run, and has the values that the app got."""

import copy
import functools
import itertools
import math
import operator
import random
import sys
import warnings

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from envcfg import Marker, Tracker, load
from envcfg.tracking.capture import resolvers
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.redaction.rules import Redaction

CALLS = itertools.count(1)


def register(name, function, **options):
    OmegaConf.register_new_resolver(name, function, replace=True, **options)


register("unif", random.uniform)
register("count", lambda: next(CALLS))
register("np_unif", np.random.uniform)
register("torch_unif", lambda: torch.rand(1).item())
register("cached", lambda: next(CALLS), use_cache=True)
register("mul", lambda x, y: x * y)
register("listed", lambda *values: [next(CALLS), *values])


@pytest.fixture(autouse=True)
def _nothing_noted():
    resolvers.forget()


@pytest.fixture
def capture():
    return Capture(Redaction())


def captured(config):
    return Capture(Redaction())(config).config.config


def states():
    kept = np.random.get_state()  # noqa: NPY002  # the generator that apps use
    return random.getstate(), kept[1].tolist(), kept[2:], torch.get_rng_state().tolist()


CONFIG = {
    "a": "${unif:5,15}",
    "b": {"c": "${np_unif:0,1}", "d": ["${torch_unif:}", "${count:}", "${cached:}"]},
    "text": "level-${count:}",
    "inside": "${mul:${unif:0,1},2}",
    "reference": "${a}",
    "chosen": "${oc.select:a}",
    "n": 3,
    "double": "${mul:${n},2}",
}


def test_no_generator_moves_and_no_counter_counts(tmp_path):
    before, counted = states(), copy.copy(CALLS)
    config = OmegaConf.create(CONFIG)
    with Tracker(tmp_path, job={"config": config}) as tracker:
        assert states() == before
        for step, given in enumerate((config, config.b, {"env": config}, [{"env": config.b}], config)):
            tracker.record(given if not isinstance(given, list) else {"list": given}, step=step)
            assert states() == before
    assert next(copy.copy(CALLS)) == next(counted)
    assert load(tmp_path).failures == ()


def test_what_only_the_app_can_get_is_recorded_as_written_and_marked_so():
    found = captured(OmegaConf.create(CONFIG))
    assert found["a"] == Marker("unresolved", "${unif:5,15}")
    assert found["b"]["d"][1] == Marker("unresolved", "${count:}")
    assert found["text"] == Marker("unresolved", "level-${count:}")
    assert found["reference"] == Marker("unresolved", "${a}")
    assert (found["n"], found["double"]) == (3, 6)


def test_a_container_inside_a_plain_dict_is_read_the_same_way():
    inside = captured(
        {"env": OmegaConf.create(CONFIG), "more": [OmegaConf.create({"x": "${count:}", "y": "${mul:2,3}"})]}
    )
    assert inside["env"] == captured(OmegaConf.create(CONFIG))
    assert inside["more"] == [{"x": Marker("unresolved", "${count:}"), "y": 6}]


def test_the_value_that_the_env_got_is_recorded(capture):
    config = OmegaConf.create({"env": {"max": "${unif:5,15}", "name": "env-${count:}", "l": "${listed:1,2}"}})
    got = OmegaConf.to_container(config.env, resolve=True)
    assert capture(config.env).config.config == got
    assert capture(config).config.config == {"env": got}


def test_of_an_env_that_draws_at_each_reset_each_record_has_the_latest(capture):
    config = OmegaConf.create({"env": {"max": "${unif:5,15}"}})
    for _ in range(3):
        got = config.env.max
        assert capture(config.env).config.config == {"max": got}
        assert capture(config.env).config.config == {"max": got}


def test_envs_that_drew_different_values_before_the_record_are_not_mixed_up(capture):
    config = OmegaConf.create({"env": {"max": "${unif:5,15}"}})
    assert config.env.max != config.env.max
    assert capture(config.env).config.config == {"max": Marker("unresolved", "${unif:5,15}")}


@pytest.mark.parametrize("then", [lambda tracker: tracker.end_epoch(step=5, epoch=1), lambda tracker: tracker.close()])
def test_a_value_that_the_env_gets_after_its_config_was_recorded_is_recorded_then(tmp_path, then):
    config = OmegaConf.create({"env": {"max": "${unif:5,15}"}})
    with Tracker(tmp_path) as tracker:
        tracker.record(config.env, step=0, task="easy")
        tracker.record({"max": 1}, step=3, slot=1)
        got = config.env.max
        then(tracker)
    history = load(tmp_path)
    mine = [adoption for adoption in history.adoptions if adoption.record.slot == 0]
    assert [history.config(adoption.record.config) for adoption in mine] == [
        {"max": Marker("unresolved", "${unif:5,15}")},
        {"max": got},
    ]
    assert [(adoption.record.step, adoption.record.task) for adoption in mine] == [(0, "easy"), (3, "easy")]
    assert history.status == "completed"


def test_a_copy_that_hydra_instantiates_counts_as_the_config(capture):
    config = OmegaConf.create({"env": {"max": "${unif:5,15}"}})
    got = copy.deepcopy(config.env).max
    assert capture(config.env).config.config == {"max": got}


def test_a_cached_value_is_read_from_the_cache(capture):
    config = OmegaConf.create({"seed": "${cached:}"})
    assert capture(config).config.config == {"seed": Marker("unresolved", "${cached:}")}
    assert capture(config).config.config != {"seed": config.seed}
    assert capture(config).config.config == {"seed": config.seed}


def test_an_app_that_reads_at_the_same_time_in_a_thread_gets_its_values():
    from threading import Thread

    config, got = OmegaConf.create({"x": "${count:}"}), []
    with resolvers.reading():
        thread = Thread(target=lambda: got.append(config.x))
        thread.start()
        thread.join()
    assert isinstance(got[0], int)


def test_a_deprecated_key_warns_only_the_app(capture):
    config = OmegaConf.create({"old": "${oc.deprecated:new}", "new": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert capture(config).config.config == {"old": 1, "new": 1}
    with pytest.warns(UserWarning, match="'old' is deprecated"):
        assert config.old == 1


def scale(x, by=2):
    return x * by


def remember(x, seen=[]):  # noqa: B006  # that is the point
    seen.append(x)
    return len(seen)


FACTOR = 3
COUNTS = {"n": 0}


def touch(x):
    COUNTS["n"] += 1
    return x


def shout(x):
    sys.stdout.write(x)
    return x


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        (lambda x, y: x + y, "1,2", 3),
        (lambda test, a, b: a if test else b, "true,1,2", 1),
        (lambda x, y: x.lower() == y.lower(), "Ant,ant", True),
        (lambda x: math.floor(x) * FACTOR, "2.5", 6),
        (lambda *xs: sum(int(x) ** 2 for x in xs), "1,2", 5),
        (lambda x: f"{x:03d}", "7", "007"),
        (scale, "4", 8),
        (max, "1,5,2", 5),
        (len, "[1,2]", 2),
        (operator.mul, "2,3", 6),
        (math.sqrt, "9", 3.0),
        (eval, "'2 * (3 + 4)'", 14),
        (eval, "'max(1, 2) if 3 > 2 else 0'", 2),
        (lambda text: int(eval(text)), "'7 // 2'", 3),  # noqa: S307
    ],
)
def test_a_resolver_that_only_computes_is_run(function, arguments, value):
    register("pure", function)
    assert captured(OmegaConf.create({"x": f"${{pure:{arguments}}}"})) == {"x": value}


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (random.random, ""),
        (lambda: random.choice([1, 2]), ""),
        (np.random.randint, "1,3"),
        (functools.partial(random.uniform, 1), "2"),
        (remember, "1"),
        (touch, "1"),
        (shout, "hello"),
        (open, "a file"),
        (eval, "'__import__(\"os\").getpid()'"),
        (eval, "'[x for x in (1, 2)]'"),
        (lambda text: eval(text), "'print(1)'"),  # noqa: S307, PLW0108
        (lambda xs: xs.append(1), "[1]"),
        (lambda _root_: _root_.update({"y": 2}), ""),
        (lambda: next(CALLS), ""),
        (lambda: __import__("time").time(), ""),
        (functools.cache(lambda: next(CALLS)), ""),
    ],
)
def test_a_resolver_that_might_do_more_is_not(function, arguments, capsys):
    register("impure", function)
    written = f"${{impure:{arguments}}}"
    assert captured(OmegaConf.create({"x": written})) == {"x": Marker("unresolved", written)}
    assert capsys.readouterr().out == ""

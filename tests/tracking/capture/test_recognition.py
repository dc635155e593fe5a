"""A config that a cache recognises has the same snapshot as if it were captured again."""

import copy
import dataclasses
import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, handed

from envcfg import Tracker, load
from envcfg.core.delta_template import DeltaTemplate
from envcfg.core.errors import ConfigError
from envcfg.core.normal import normal
from envcfg.core.packed import packed
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.dicts import DictCache
from envcfg.tracking.capture.snapshot import Snapshot
from envcfg.tracking.redaction.rules import Redaction

cache = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**66), 2**66)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from([0, 1, True, 1.0, 0.0, -0.0, "1", 2**63, 2**64]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "api_key", "1"]), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
plain_configs = st.dictionaries(st.sampled_from(["a", "b", "password", "x"]), cache, max_size=4)


def kept(tracker, config, **when):
    """Record *config* and return its digest."""
    tracker.record(config, **when)
    return tracker.digest()


def captured_alone(config):
    """The snapshot of a config from a new cache."""
    return Snapshot.of(Redaction().plain(normal(config)))


@given(st.lists(plain_configs | configs, max_size=8))
def test_a_config_is_recorded_as_if_it_were_the_first_one(several):
    capture = Capture(Redaction())
    for config in [*several, *copy.deepcopy(several)]:
        assert capture(config).config.digest == captured_alone(config).config.digest


@given(plain_configs, st.data())
def test_a_modified_dict_is_captured_again(config, data):
    capture = Capture(Redaction())
    capture(config)
    for _ in range(3):
        config[data.draw(st.sampled_from(["a", "b", "password", "x"]))] = data.draw(cache)
        assert capture(config).config.digest == captured_alone(config).config.digest


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (1, 1.0), (0.0, -0.0), ([1], [True]), ({"b": 1}, {"b": 1.0}), ([1, 2], {1, 2}), (2**64, float(2**64))],
)
def test_values_that_only_python_considers_equal_stay_different(before, after):
    capture = Capture(Redaction())
    assert capture({"a": before}).config.digest != capture({"a": after}).config.digest
    assert capture({"a": before}).config.digest == captured_alone({"a": before}).config.digest


def test_a_list_and_a_tuple_are_the_same_config():
    capture = Capture(Redaction())
    assert capture({"a": [1, 2]}).config.digest == capture({"a": (1, 2)}).config.digest


def test_another_order_of_keys_is_not_a_change():
    capture = Capture(Redaction())
    assert capture({"a": 1, "b": 2}).config.digest == capture({"b": 2, "a": 1}).config.digest


def test_an_enum_that_equals_a_number_seen_before_is_an_enum():
    class Mode(enum.IntEnum):
        EASY = 1

    capture = Capture(Redaction())
    assert capture({"mode": 1}).config.digest != capture({"mode": Mode.EASY}).config.digest
    assert capture({"mode": Mode.EASY}).config.digest == captured_alone({"mode": Mode.EASY}).config.digest


def test_a_secret_found_later_is_left_out_of_cached_configs(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "s3cr3t-value-xyz")
    from omegaconf import OmegaConf

    capture, config = Capture(Redaction()), {"url": "https://host/s3cr3t-value-xyz"}
    assert "s3cr3t" in str(capture(config).config.config)
    capture(OmegaConf.create({"token": "${oc.env:MY_TOKEN}"}))
    assert "s3cr3t" not in str(capture(config).config.config)


def test_a_secret_found_later_is_left_out_of_the_config_of_a_slot(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "s3cr3t-value-xyz")
    from omegaconf import OmegaConf

    config = {"url": "https://host/s3cr3t-value-xyz"}
    with Tracker(tmp_path, redaction=Redaction(key=lambda: b"k")) as tracker:
        tracker.record(config, step=0, slot=0)
        tracker.record(OmegaConf.create({"token": "${oc.env:MY_TOKEN}"}), step=1, slot=1)
        tracker.record(config, step=2, slot=0)
    history = load(tmp_path)
    urls = [str(history.configs[adoption.record.config].get("url")) for adoption in history.adoptions]
    assert ["s3cr3t" in url for url in urls] == [True, False, False]


def test_a_dictconfig_is_walked_once_and_any_write_to_it_is_detected(tmp_path):
    from omegaconf import OmegaConf

    root = OmegaConf.create({"seed": 1, "env": {"a": "${seed}", "b": [1, {"c": 2}], "d": None}})
    writes = (
        lambda: root.__setattr__("seed", 2),
        lambda: root.env.b.append(3),
        lambda: root.env.b[1].__setattr__("c", True),
        lambda: root.env.pop("d"),
        lambda: root.env.__setattr__("d", {}),
        root.env.b.reverse,
        root.env.b.clear,
    )
    with Tracker(tmp_path) as tracker:
        digests = [kept(tracker, root.env, step=0)]
        for step, write in enumerate(writes, 1):
            write()
            digests += [kept(tracker, root.env, step=step) for _ in range(2)]
    assert digests[1::2] == digests[2::2]
    assert len(set(digests)) == 1 + len(writes)


def test_a_dict_that_becomes_a_list_of_another_kind_is_captured(tmp_path):
    with Tracker(tmp_path) as tracker:
        digests = [kept(tracker, {"a": a}, step=step) for step, a in enumerate(([1, 2], (1, 2), {1, 2}, [1, True]))]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@dataclasses.dataclass(frozen=True)
class Level:
    size: int
    walls: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Holder:
    level: dict


@pytest.fixture
def captured(monkeypatch):
    """The objects that were captured."""
    seen = []
    monkeypatch.setattr(
        "envcfg.tracking.capture.capture.normal", lambda config, *rest: seen.append(config) or normal(config, *rest)
    )
    return seen


def test_a_frozen_dataclass_is_captured_once(captured):
    capture, level = Capture(Redaction()), Level(3)
    assert capture(level) is capture(level)
    assert captured == [level]


def test_a_frozen_dataclass_with_a_dict_in_it_is_captured_each_time(captured):
    capture, holder = Capture(Redaction()), Holder({"a": 1})
    first = capture(holder).config.digest
    holder.level["a"] = 2
    assert capture(holder).config.digest != first
    assert len(captured) == 2


def test_an_object_with_a_version_is_captured_when_the_version_changes(tmp_path):
    class Env:
        def __init__(self):
            self.keys_read = 0

        def model_dump(self, mode):
            self.keys_read += 1
            return {"reads": self.keys_read}

    env = Env()
    with Tracker(tmp_path) as tracker:
        digests = [kept(tracker, env, step=step, version=step // 3) for step in range(6)]
    assert env.keys_read == 2
    assert len(set(digests[:3])) == len(set(digests[3:])) == 1
    assert [adoption.record.step for adoption in load(tmp_path).adoptions] == [0, 3]


@pytest.mark.parametrize("version", [1.0, True, (1,), b"1"])
def test_a_version_is_a_number_or_a_text(tmp_path, version):
    with pytest.raises(ConfigError, match="version="), Tracker(tmp_path, strict=True) as tracker:
        tracker.record({"a": 1}, step=0, version=version)


def test_unchanged_records_of_every_kind_are_counted(tmp_path):
    level, plain = Level(3), {"size": 4}
    with Tracker(tmp_path) as tracker:
        for step in range(10):
            tracker.record(level, step=step, task="frozen", slot=0, epoch=1)
            tracker.record(plain, step=step, task="plain", slot=1, epoch=1)
            tracker.record(plain, step=step, task="versioned", slot=2, epoch=1, version="v")
    (mix,) = load(tmp_path).mixes
    assert dict(mix.adopted) == {"frozen": 10, "plain": 10, "versioned": 10}


def test_the_same_object_under_another_task_or_in_another_slot_is_a_record(tmp_path):
    level = Level(3)
    with Tracker(tmp_path) as tracker:
        for step, (task, slot) in enumerate([("a", 0), ("a", 0), ("b", 0), ("b", 1), ("b", 0)]):
            tracker.record(level, step=step, task=task, slot=slot)
    assert [adoption.record.step for adoption in load(tmp_path).adoptions] == [0, 2, 3]


def test_a_cached_object_still_sets_the_step(tmp_path):
    level = Level(3)
    with Tracker(tmp_path) as tracker:
        tracker.record(level, step=0)
        tracker.record(level, step=70)
    assert load(tmp_path).last_step == 70


def test_bytes_are_captured_wherever_they_are():
    capture = Capture(Redaction())
    for value in (b"\x93\x01\x02\x03", [1], b"", {"x": b"a"}, {"x": "a"}, bytearray(b"a"), "a", b"a"):
        for config in ({"a": value, "b": list(range(50))}, {"a": 1, "b": [*range(49), value]}):
            assert capture(config).config.digest == captured_alone(config).config.digest


@given(st.lists(handed, max_size=6))
def test_any_sequence_of_configs_is_recorded_as_if_each_were_the_first(several):
    capture = Capture(Redaction())
    for config in several:
        assert capture(config).config.digest == Capture(Redaction())(config).config.digest


def test_a_repeated_value_at_one_place_is_redacted_once():
    seen = []

    def redacted(value, at):
        seen.append((at, value))
        return value

    cache = DictCache(redacted)
    config = {"a": {"x": 0, "y": 1}, "b": list(range(50))}
    digests = []
    for x, y in [(0, 1), (5, 1), (0, 1), (5, 2), (6, 2), (5, 1)]:
        config["a"] = {"x": x, "y": y}
        digests.append(cache(config, packed(config)).snapshot.config.digest)
        assert digests[-1] == captured_alone(config).config.digest
    assert seen[1:] == [(("a", "x"), 5), (("a", "x"), 0), (("a", "y"), 2), (("a", "x"), 6), (("a", "y"), 1)]
    assert digests[0] == digests[2]
    assert digests[1] == digests[5]


def test_repeated_configs_are_looked_up_by_few_places_or_by_their_packed_form(monkeypatch):
    lookups = []
    find_values = DeltaTemplate.values_at_places
    monkeypatch.setattr(
        DeltaTemplate,
        "values_at_places",
        lambda template, form: lookups.append(len(template.paths)) or find_values(template, form),
    )
    cache = DictCache(lambda value, _: value)
    noises = [[level + step / 7 for step in range(100)] for level in range(4)]
    configs = [{"level": level, "noise": noise, "rest": "-" * 2000} for level, noise in enumerate(noises)]
    digests = [cache(config, packed(config)).snapshot.config.digest for config in configs]
    lookups.clear()
    assert [cache(config, packed(config)).snapshot.config.digest for config in configs] == digests
    assert lookups == []
    few = [{**configs[0], "size": size} for size in range(4)]
    digests = [cache(config, packed(config)).snapshot.config.digest for config in few]
    lookups.clear()
    assert [cache(config, packed(config)).snapshot.config.digest for config in few] == digests
    assert set(lookups) == {1}


def test_a_pydantic_model_is_recognised_by_its_own_fields(captured):
    import pydantic

    class Game(pydantic.BaseModel):
        size: int
        walls: tuple[int, ...] = ()
        names: list[str] = list("abcdefghij")

    class Broken(Game):
        def model_dump(self, **_):
            raise RuntimeError("not today")

    capture, game = Capture(Redaction()), Game(size=3)
    for size, walls in [(3, ()), (4, ()), (4, (1, 2)), (3, ())]:
        game.size, game.walls = size, walls
        assert capture(game).config.digest == captured_alone(game).config.digest
    assert captured == []
    assert "not today" in str(capture({"game": Broken(size=3)}).config.config)
    with pytest.raises(ConfigError, match="not today"):
        capture(Broken(size=3))


def test_long_values_are_not_cached():
    cache = DictCache(lambda value, _: value)
    for number in range(9):
        config = {"a": {"noise": [number + step / 7 for step in range(100)], "level": number}, "b": list(range(2000))}
        cache(config, packed(config))
    assert {path for _, path, _ in cache._substitutions} <= {("a", "level"), *(("a", "noise", at) for at in range(100))}
    for number in range(9):
        config = {"a": {"noise": list(range(300 + number)), "level": number}, "b": list(range(2000))}
        cache(config, packed(config))
    assert ("a", "noise") not in {path for _, path, _ in cache._substitutions}
    assert len(cache._templates) == 1

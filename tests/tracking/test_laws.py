"""For any configs of a curriculum, the history contains what was recorded: one shard or many, sealed or not."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from strategies import handed

from envcfg import Redaction, Tracker, load
from envcfg.core.diff import apply, diff, undo
from envcfg.core.encoding import decode, encode
from envcfg.core.normal import normal
from envcfg.core.tree import Marker
from envcfg.history.adoptions import Place

RULES = Redaction(allow=("*",))


def as_recorded(config):
    return normal(config, lambda _, reason: Marker("unreadable", reason))


def trained(folder, configs, places=((0, 0, 0),), *, is_sealed=True):
    """Record the configs in turn, each in its place (rank, worker, slot); returns the expected adoptions."""
    trackers = {}
    for step, config in enumerate(configs):
        rank, worker, slot = places[step % len(places)]
        if (rank, worker) not in trackers:
            place = {"rank": rank, "worker": worker}
            trackers[rank, worker] = Tracker(folder, run="r", **place, redaction=RULES, segment_bytes=2_000)
        trackers[rank, worker].record(config, step=step, slot=slot, task=f"t{step}")
        assert trackers[rank, worker].digest(slot) is not None
    for tracker in trackers.values():
        if is_sealed:
            tracker.close()
        else:
            tracker._out.journal.close()


@given(st.lists(handed, min_size=1, max_size=6), st.booleans())
def test_the_journal_contains_exactly_the_recorded_configs(configs, is_sealed):
    with tempfile.TemporaryDirectory() as folder:
        trained(folder, configs, is_sealed=is_sealed)
        history = load(folder)
        assert history.losses == ()
        for step, config in enumerate(configs):
            assert encode(history.at(step, Place(0, 0, 0))) == encode(as_recorded(config))


places = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=4)


@given(st.lists(handed, min_size=1, max_size=6), places)
def test_many_shards_give_the_same_history_as_one(configs, places):
    with tempfile.TemporaryDirectory() as base:
        many, one = Path(base, "many"), Path(base, "one")
        trained(many, configs, places)
        trained(one, configs)
        split, whole = load(many), load(one)
        assert split.losses == ()
        assert [(a.record.step, a.record.config, a.record.task) for a in split.adoptions] == [
            (a.record.step, a.record.config, a.record.task) for a in whole.adoptions
        ]
        assert {key: encode(value) for key, value in split.configs.items()} == {
            key: encode(value) for key, value in whole.configs.items()
        }
        asked = [Place(*places[step % len(places)]) for step in range(len(configs))]
        assert [(adoption.place.rank, adoption.place.slot) for adoption in split.adoptions] == [
            (place.rank, place.slot) for place in asked
        ]


@given(handed, handed)
def test_edits_lead_to_the_other_config_and_back(before, after):
    old, new = as_recorded(before), as_recorded(after)
    changes = diff(old, new)
    assert encode(apply(changes, old)) == encode(new)
    assert encode(undo(changes, new)) == encode(old)


@given(handed)
def test_decoding_inverts_encoding(config):
    tree = as_recorded(config)
    assert encode(decode(encode(tree))) == encode(tree)
    encode(tree).decode("ascii")

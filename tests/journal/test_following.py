"""Each entry of another shard is read exactly once, however often the shard is read while it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.drawn import Drawn, Draws
from envcfg.core.encoding import digest
from envcfg.core.record import Mix, Record, Stored, Writer
from envcfg.journal.following import ShardFollower, WorkerAdoption, WorkerCounts, WorkerDraws
from envcfg.journal.segment import SegmentWriter

TRAINER = Writer("run-1", "session-1")


def shard(folder, worker, *, session="session-1", rank=0):
    return SegmentWriter(folder, Writer("run-1", session, rank, worker))


def adopt(writer, level, step=0):
    config = {"level": level, "rows": [[0] * 5] * 5}
    stored = Stored(digest(config), config)
    if not writer.knows(stored.digest):
        writer.append(stored, time=1.0)
    writer.append(Record(step, 0, stored.digest, 1.0), time=1.0)
    return config


steps = st.lists(
    st.tuples(
        st.sampled_from(["adopt", "adopt", "mix", "draw", "look", "seal", "leave"]),
        st.integers(1, 2),
        st.integers(0, 3),
    ),
    max_size=30,
)


@given(steps)
def test_each_entry_is_read_once_and_in_order(tmp_path_factory, plan):
    folder = tmp_path_factory.mktemp("journal")
    writers = {worker: shard(folder, worker) for worker in (1, 2)}
    following, seen = ShardFollower(folder, TRAINER), []
    written = {(kind, worker): [] for kind in ("adopted", "tallied", "drawn") for worker in writers}
    for step, (what, worker, level) in enumerate(plan):
        writer = writers[worker]
        match what:
            case "adopt":
                written["adopted", worker].append((step, adopt(writer, level, step)))
            case "mix":
                writer.append(Mix(step, 1.0, adopted={"t": 1}), time=1.0)
                written["tallied", worker].append(step)
            case "draw":
                writer.append(Draws(step, step, 1.0, 1, 1, {"/a": Drawn(1, (0.5,), (1,))}), time=1.0)
                written["drawn", worker].append(step)
            case "look":
                seen += following.new_entries()
            case "seal":
                writer.seal()
            case "leave":
                writer.close()
    seen += following.new_entries()
    for worker in writers:
        adopted = [
            (entry.record.step, entry.config)
            for entry in seen
            if isinstance(entry, WorkerAdoption) and entry[0] == worker
        ]
        assert adopted == written["adopted", worker]
        assert [n.mix.step for n in seen if isinstance(n, WorkerCounts) and n.worker == worker] == written[
            "tallied", worker
        ]
        drawn = [entry.draws.step for entry in seen if isinstance(entry, WorkerDraws) and entry.worker == worker]
        assert drawn == written["drawn", worker]


@pytest.mark.parametrize("is_sealed", [True, False])
@pytest.mark.parametrize("writer", [{"session": "session-0"}, {"rank": 1}, {"worker": 0}], ids=str)
def test_other_sessions_other_ranks_and_the_own_shard_are_not_read(tmp_path, writer, is_sealed):
    other = shard(tmp_path, **{"worker": 1, **writer})
    adopt(other, 1)
    following = ShardFollower(tmp_path, TRAINER)
    assert list(following.new_entries()) == []
    if is_sealed:
        other.seal()
    adopt(other, 2)
    assert list(following.new_entries()) == []


def test_an_incomplete_line_is_read_later_and_a_damaged_line_is_left_out(tmp_path):
    writer = shard(tmp_path, 1)
    for level in range(3):
        adopt(writer, level, step=level)
    path = writer.path
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"step":0', b'"step":7')
    damaged = b"".join(lines)
    following, seen = ShardFollower(tmp_path, TRAINER), []
    for end in range(0, len(damaged) + 1, 7):
        path.write_bytes(damaged[:end])
        seen += following.new_entries()
    path.write_bytes(damaged)
    seen += following.new_entries()
    assert [entry.record.step for entry in seen] == [1, 2]

"""The rows of a sink that shows each change: one for each key, once for all slots that adopt it."""

from envcfg.core.record import Cause, Record
from envcfg.sinks.change_log import ChangedKey, ChangeLog


def test_a_change_of_several_slots_has_one_row_for_each_key():
    log = ChangeLog()
    cause = Cause("curriculum", metric="success", value=0.81234)
    for step, config in ((0, {"size": 1, "walls": None}), (10, {"size": 2, "mode": "sparse"})):
        rows = [
            log.record(
                Record(step, slot, repr(config), 1.0, step // 10, task="hard", requested_at=step, cause=cause), config
            )
            for slot in range(3)
        ]
        if step == 0:
            assert rows == [[], [], []]
    assert rows[1:] == [[], []]
    about = (1, 10, 1, "hard", "curriculum success=0.8123")
    assert rows[0] == [
        ChangedKey(*about, "mode", "", "sparse"),
        ChangedKey(*about, "size", "1", "2"),
        ChangedKey(*about, "walls", "null", ""),
    ]

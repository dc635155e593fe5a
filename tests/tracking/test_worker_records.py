"""The training process passes the records of its workers to its sinks and compares them with its requests."""

import pytest

from envcfg import Tracker, load
from envcfg.tracking.requests import PATIENCE


class RecordingSink:
    """A sink that keeps what it receives."""

    def __init__(self):
        self.records, self.ineffective_keys, self.adopted = [], [], 0

    def opened(self, journal, job):
        pass

    def recorded(self, record, config):
        self.records.append((record.slot, record.step, config))

    def missed(self, ineffective_keys):
        self.ineffective_keys.append(ineffective_keys)

    def mixed(self, mix):
        self.adopted += sum(mix.adopted.values())

    def epoch_ended(self, *, step, epoch):
        pass

    def closed(self, ending):
        pass


@pytest.fixture
def sink():
    return RecordingSink()


@pytest.fixture
def trainer(journal, sink):
    tracker = Tracker(journal, run="r", sinks=[sink])
    yield tracker
    tracker.close()


def play(trainer, epochs, *workers, gravity=9.8):
    """Every worker is reset once in each epoch."""
    for epoch in epochs:
        trainer.set_step(step=epoch * 100, epoch=epoch)
        for slot, worker in workers:
            worker.record({"gravity": gravity}, slot=slot)
        trainer.end_epoch(step=epoch * 100 + 99, epoch=epoch)


def test_sinks_receive_each_change_of_a_worker_at_the_end_of_its_epoch(trainer, sink, journal):
    one, other = trainer.shard(1), trainer.shard(2)
    play(trainer, [0], (0, one), (1, other))
    assert sink.records == [(0, 0, {"gravity": 9.8}), (1, 0, {"gravity": 9.8})]
    play(trainer, [1], (0, one), (1, other))
    play(trainer, [2], (0, one), gravity=5.0)
    assert sink.records[2:] == [(0, 200, {"gravity": 5.0})]
    one.close()
    other.close()
    trainer.close()
    assert sink.adopted == 5
    assert sum(load(journal).adopted.values()) == 5


def test_a_request_that_workers_never_fulfil_is_reported_while_it_runs(trainer, sink, capsys):
    worker = trainer.shard(1)
    play(trainer, range(2), (3, worker))
    trainer.request({"gravity": 20.0}, step=199)
    play(trainer, range(2, 2 + PATIENCE), (3, worker))
    assert capsys.readouterr().err == ""  # a worker writes its counts of an epoch in the next epoch
    play(trainer, range(2 + PATIENCE, 5 + PATIENCE), (3, worker))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the request gravity=20.0 of step 199 is not effective yet: after 3 resets, slot 3" in said
    assert sink.ineffective_keys == [0, 1]
    play(trainer, [9], (3, worker), gravity=20.0)
    assert sink.ineffective_keys == [0, 1, 0]


def test_resets_before_a_request_neither_fulfil_nor_miss_it(trainer, sink, capsys):
    worker = trainer.shard(1)
    for step, gravity in enumerate([20.0, 9.8, 9.7, 9.6, 9.5]):
        worker.record({"gravity": gravity}, step=step)
    trainer.request({"gravity": 20.0}, step=50)
    trainer.end_epoch(step=99, epoch=0)
    assert sink.ineffective_keys == [0]
    for step, gravity in enumerate([9.4, 9.3, 9.2], start=100):
        worker.record({"gravity": gravity}, step=step)
    trainer.end_epoch(step=199, epoch=1)
    assert sink.ineffective_keys == [0, 1]
    assert "slot 0 still uses 9.2" in capsys.readouterr().err


def test_unchanged_resets_of_a_worker_with_several_slots_count_for_no_slot(trainer, sink, capsys):
    worker = trainer.shard(1)
    play(trainer, [0], (0, worker), (1, worker))
    trainer.request({"gravity": 20.0}, step=99)
    play(trainer, range(1, 9), (0, worker))
    assert sink.ineffective_keys == [0]
    assert capsys.readouterr().err == ""


def test_a_deleted_folder_does_not_stop_the_training(journal, capsys):
    with Tracker(journal, run="r", sinks=[RecordingSink()]) as trainer:
        trainer.shard(1)
        for path in journal.iterdir():
            path.unlink()
        journal.rmdir()
        trainer.end_epoch(step=1, epoch=0)
    assert "Traceback" not in capsys.readouterr().err

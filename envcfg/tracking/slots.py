"""The config of every slot. An adoption of another config becomes a record, and may fulfil a request."""

import sys
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from envcfg.core.code import Code, Coded
from envcfg.core.errors import ConfigError
from envcfg.core.record import EVALUATION, Record, Request, SlotEvent, Stored
from envcfg.core.tree import Config
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.arrays import CapturedRow
from envcfg.tracking.capture.recognition import CachedObject, CachedOmegaConf, CacheEntry
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.requests import InUse, Requests
from envcfg.tracking.sink import Sink


class SlotConfig(Struct, frozen=True, gc=False):
    """The config that a slot adopted last, and the cache entry that recognises it.

    A user's object in the entry may refer to the tracker, which is a reference cycle. So a closed tracker releases all
    entries.
    """

    in_use: InUse
    digest: str
    template: str | None
    known: CacheEntry | None = None
    is_latest: bool = True
    """False if the slot adopted something later that could not be recorded."""

    def is_same(self, task: str | None, digest: str, template: str | None) -> bool:
        return self.digest == digest and self.in_use.task == task and self.template == template


class TrackedSlots:
    """The slots of one process, with their latest configs and their requests."""

    def __init__(self, out: Dispatcher) -> None:
        self.held: dict[int, SlotConfig] = {}
        self._late: dict[int, When] = {}
        """Adoptions of configs with values that the app had not read yet."""
        self.begun: set[int] = set()
        """The slots that `begin` began."""
        self._in_workers: dict[int, InUse] = {}
        """The configs of slots in workers."""
        self.requests = Requests(self._in_use)
        self._out = out
        out.when_removed.append(self.forget)

    def unchanged(
        self, slot: int, config: Any, version: int | str | None, form: bytes | None, task: str | None
    ) -> SlotConfig | None:
        """The config of *slot*, if adopting *config* under *task* would change nothing; else None. Raises nothing."""
        held = self.held.get(slot) if type(slot) is int else None
        if held is None or held.known is None:
            return None
        known, named = held.known, held.in_use.task
        if type(known) is CachedObject and known.config is config and known.version is version and task is named:
            return held  # the most frequent case, without a further call
        is_named = task is named or (type(task) is str and task == named)
        return held if is_named and known.is_still(config, version, form) else None

    def digest(self, slot: int) -> str | None:
        """The digest of the config that *slot* adopted last; None if it is not known."""
        held = self.held.get(slot)
        return held.digest if held is not None and held.is_latest else None

    def task(self, slot: int) -> str | None:
        """The task of the config that *slot* adopted last."""
        return self._in_use(slot).task

    def begin_adoption(self, slot: int) -> int:
        """Mark the config of *slot* as unknown until `adopt` has succeeded; returns *slot*."""
        held = self.held.get(slot)
        if held is not None:
            self.held[slot] = replace(held, known=None, is_latest=False)
        return slot

    def begin(self, slot: int, step: int) -> None:
        """A new environment begins in *slot*. One that this process recorded there is replaced."""
        if slot in self.held:
            self._end((slot,), "replaced", step)
        self.begun.add(slot)

    def end(self, slots: Iterable[int], reason: str, step: int) -> None:
        """The environments of these slots ended; those that adopted nothing leave no trace."""
        slots = tuple(slots)
        self.begun.difference_update(slots)
        ended = tuple([slot for slot in slots if slot in self.held])
        if ended:
            self._end(ended, reason, step)

    def _end(self, slots: tuple[int, ...], reason: str, step: int) -> None:
        self._out.append(SlotEvent(step, self._out.now(), reason, slots))
        for slot in slots:
            del self.held[slot]
            self._late.pop(slot, None)
        self.ended(slots)

    def ended(self, slots: Iterable[int]) -> None:
        """Tell the sinks that the environments of these slots ended, in any process."""
        training = tuple([slot for slot in slots if slot < EVALUATION])
        if training:
            self._out.notify(lambda sink: _slots_ended(sink, training))

    def is_evaluation(self, slot: int) -> bool:
        """Whether *slot* is one of the evaluation; raises `ConfigError` if nobody has begun it."""
        if slot < EVALUATION:
            return False
        if slot not in self.begun:
            raise ConfigError(
                f"slot={slot!r}: expected a whole number below {EVALUATION:,}, or one that begin_slot returned",
                code=Code.ARGUMENT,
            )
        return True

    def adopt(self, slot: int, task: str | None, known: CacheEntry, when: When) -> None:
        """Write a record, unless the slot uses this config already."""
        snapshot = known.snapshot
        stored, template = snapshot.config, snapshot.template
        named = None if template is None else template.digest
        in_use = InUse(stored.config, task)
        is_training = not self.is_evaluation(slot)
        if self.requests.is_asked and is_training:
            when = self._fulfilled(slot, in_use, when)
        held = self.held.get(slot)
        if held is None or not held.is_same(task, stored.digest, named):
            step, epoch, episode, requested_at, cause = when
            now = self._out.now()
            record = Record(step, slot, stored.digest, now, epoch, episode, task, named, requested_at, cause)
            self._out.append_records([record], (stored,) if template is None else (stored, template))
            if is_training:
                self._notify(record, stored.config)
        is_recognised = is_training and not snapshot.problems  # so that no adoption of an evaluation is counted
        self.held[slot] = SlotConfig(in_use, stored.digest, named, known if is_recognised else None)
        self._late.pop(slot, None)
        if type(known) is CachedOmegaConf and known.has_unresolved:
            self._late[slot] = when

    def adopt_late(self, step: int, epoch: int | None) -> None:
        """Record the values that the app has read since a slot adopted them."""
        for slot, when in list(self._late.items()):
            held = self.held.get(slot)
            known = held and held.known
            later = known.captured_later() if type(known) is CachedOmegaConf else None
            if held is not None and later is not None:
                self.adopt(slot, held.in_use.task, later, when._replace(step=step, epoch=epoch))

    def adopt_all(self, slots: Iterable[int], rows: Iterable[CapturedRow], when: When) -> None:
        """As `adopt`, with one write for several slots that have no requests.

        For speed, this creates no objects that the garbage collector tracks, since they would trigger a collection.
        """
        step, epoch, episode, requested_at, cause = when
        now = self._out.now()
        records: list[Record] = []
        configs: list[Stored] = []
        for slot, row in zip(slots, rows, strict=True):
            stored, held = row.snapshot.config, self.held.get(slot)
            if held is None or not held.is_same(row.task, stored.digest, None):
                records.append(
                    Record(step, slot, stored.digest, now, epoch, episode, row.task, None, requested_at, cause)
                )
                configs.append(stored)
        self._out.append_records(records, configs)
        for record, stored in zip(records, configs, strict=True):
            self.held[record.slot] = SlotConfig(InUse(stored.config, record.task), stored.digest, None)
            if record.slot < EVALUATION:
                self._notify(record, stored.config)

    def forget(self) -> None:
        """Forget all configs, so that the next adoption of each slot is written."""
        self.held = {}
        self._late = {}

    def forget_entries(self) -> None:
        """Drop the cache entries, so that the next config of each slot is captured again."""
        self.held = {slot: replace(held, known=None) for slot, held in self.held.items()}

    def ask(self, request: Request, config: Config) -> None:
        self._out.append(request)
        self._out.notify(lambda sink: _requested(sink, request))
        self.requests.ask(request, config)
        self._publish_count()

    def adopted_in_worker(self, slot: int, in_use: InUse, *, at: int) -> Request | None:
        """Note that a slot in a worker adopted *in_use* at the step *at*; returns the request that this fulfils."""
        request = self.requests.reset(slot, in_use, at=at) if self.requests.is_asked else None
        self._in_workers[slot] = in_use
        return request

    def unchanged_in_worker(self, slot: int, *, times: int, at: int) -> None:
        """Note that a slot in a worker was reset *times* times since the step *at*, without a change."""
        if self.requests.is_asked:
            self.requests.reset(slot, self._in_use(slot), at=at, times=times)

    def settle(self, slots: Iterable[int]) -> None:
        """Check the requests of these slots after all their adoptions were noted, and warn of ineffective keys."""
        if self.requests.is_asked:
            for slot in slots:
                self.requests.reset(slot, self._in_use(slot), times=0)
            self._warn()

    def _notify(self, record: Record, config: Config) -> None:
        if self._out.sinks:
            self._out.notify(lambda sink: sink.recorded(record, config))

    def _in_use(self, slot: int) -> InUse:
        held = self.held.get(slot)
        return self._in_workers.get(slot, InUse({}, None)) if held is None else held.in_use

    def _fulfilled(self, slot: int, in_use: InUse, when: When) -> When:
        """*when*, completed from the request that the adoption fulfils; also warns of ineffective keys."""
        request = self.requests.reset(slot, in_use)
        self._warn()
        return when if request is None else when.explained(request)

    def _warn(self) -> None:
        for warning in self.requests.warnings():
            sys.stderr.write(f"envcfg: {warning} (shown once)\n")
        self._publish_count()

    def _publish_count(self) -> None:
        count = self.requests.new_count()
        if count is not None:
            self._out.notify(lambda sink: sink.missed(count))


def two_environments(slot: int) -> Coded:
    """What to say if two environments use one slot at the same time."""
    return Coded(
        f"two environments record as slot {slot % EVALUATION} at the same time, so what that slot adopts jumps between "
        "them: give each its own number, or leave slot= out; for an evaluation, add role='eval'",
        Code.TWO_ENVIRONMENTS,
    )


def _requested(sink: Sink, request: Request) -> None:
    """Call the method of a sink that has it. A sink may be older than this call."""
    requested = getattr(sink, "requested", None)
    if callable(requested):
        requested(request)


def _slots_ended(sink: Sink, slots: tuple[int, ...]) -> None:
    """Call the method of a sink that has it. A sink may be older than this call."""
    ended = getattr(sink, "slots_ended", None)
    if callable(ended):
        ended(slots)

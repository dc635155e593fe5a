"""What every slot runs: an adoption becomes a record where it is another one, and answers what was asked for."""

import sys
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from envcfg.core.record import Record, Request, Stored
from envcfg.core.tree import Config
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.arrays import Row
from envcfg.tracking.capture.recognition import CachedObject, CacheEntry
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.requests import Holds, Requests


class Held(Struct, frozen=True, gc=False):
    """What a slot adopted last: under which name, and how it is known where it comes again.

    An object of the user's that it knows may hold the tracker: a tracker that is closed lets go of all of them.
    """

    holds: Holds
    digest: str
    template: str | None
    known: CacheEntry | None = None
    is_latest: bool = True
    """False once the slot adopted something later that could not be recorded."""

    def is_same(self, task: str | None, digest: str, template: str | None) -> bool:
        return self.digest == digest and self.holds.task == task and self.template == template


class Slots:
    """The slots of one process: what each adopted last, and what it was asked to adopt."""

    def __init__(self, out: Dispatcher) -> None:
        self.held: dict[int, Held] = {}
        self._heard: dict[int, Holds] = {}
        """What slots hold that live in workers."""
        self.requests = Requests(self._held_by)
        self._out = out
        out.when_removed.append(self.forget)

    def still(
        self, slot: int, config: Any, version: int | str | None, form: bytes | None, task: str | None
    ) -> Held | None:
        """What *slot* has, where adopting *config* under *task* would change nothing; raises nothing."""
        held = self.held.get(slot) if type(slot) is int else None
        if held is None or held.known is None:
            return None
        known, named = held.known, held.holds.task
        if type(known) is CachedObject and known.config is config and known.version is version and task is named:
            return held  # most resets are this one: it takes no further call
        is_named = task is named or (type(task) is str and task == named)
        return held if is_named and known.is_still(config, version, form) else None

    def digest(self, slot: int) -> str | None:
        """Of the config that *slot* adopted last; None where it is not known."""
        held = self.held.get(slot)
        return held.digest if held is not None and held.is_latest else None

    def doubted(self, slot: int) -> int:
        """*slot*, which adopts something now: what it holds is known again once `adopt` has come to its end."""
        held = self.held.get(slot)
        if held is not None:
            self.held[slot] = replace(held, known=None, is_latest=False)
        return slot

    def adopt(self, slot: int, task: str | None, known: CacheEntry, when: When) -> None:
        """Write a record, unless the slot has this already."""
        snapshot = known.snapshot
        stored, template = snapshot.config, snapshot.template
        named = None if template is None else template.digest
        holds = Holds(stored.config, task)
        if self.requests.is_asked:
            when = self._answered(slot, holds, when)
        held = self.held.get(slot)
        if held is None or not held.is_same(task, stored.digest, named):
            step, epoch, episode, requested_at, cause = when
            now = self._out.now()
            record = Record(step, slot, stored.digest, now, epoch, episode, task, named, requested_at, cause)
            self._out.append_records([record], (stored,) if template is None else (stored, template))
            self._tell(record, stored.config)
        self.held[slot] = Held(holds, stored.digest, named, None if snapshot.problems else known)

    def adopt_all(self, slots: Iterable[int], rows: Iterable[Row], when: When) -> None:
        """As `adopt`, of slots that nobody asked for anything: one write for all of them.

        Nothing is made for each of them that Python's garbage collector tracks: it would run, and training wait for it.
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
            self.held[record.slot] = Held(Holds(stored.config, record.task), stored.digest, None)
            self._tell(record, stored.config)

    def forget(self) -> None:
        """Have each slot's next adoption written, whatever it is."""
        self.held = {}

    def look_again(self) -> None:
        """Recognise nothing that slots have."""
        self.held = {slot: replace(held, known=None) for slot, held in self.held.items()}

    def ask(self, request: Request, config: Config) -> None:
        self._out.append(request)
        self.requests.ask(request, config)
        self._tell_ineffective_keys()

    def hear(self, slot: int, holds: Holds, *, at: int) -> None:
        """A slot that lives in a worker adopted this when the run was *at* that step."""
        if self.requests.is_asked:
            self.requests.look(slot, holds, at=at)
        self._heard[slot] = holds

    def hear_again(self, slot: int, *, times: int, at: int) -> None:
        """It was reset so often since the run was *at* that step, and still holds what it held."""
        if self.requests.is_asked:
            self.requests.look(slot, self._held_by(slot), at=at, times=times)

    def settle(self, slots: Iterable[int]) -> None:
        """What these slots hold in the end is what they are asked about next; what they lack is told."""
        if self.requests.is_asked:
            for slot in slots:
                self.requests.look(slot, self._held_by(slot), times=0)
            self._say()

    def _tell(self, record: Record, config: Config) -> None:
        if self._out.sinks:
            self._out.tell(lambda sink: sink.recorded(record, config))

    def _held_by(self, slot: int) -> Holds:
        held = self.held.get(slot)
        return self._heard.get(slot, Holds({}, None)) if held is None else held.holds

    def _answered(self, slot: int, holds: Holds, when: When) -> When:
        """When and why what a slot adopts was asked for, where nobody says so; what it lacks again is told."""
        request = self.requests.look(slot, holds)
        self._say()
        return when if request is None else when.explained(request)

    def _say(self) -> None:
        for warning in self.requests.warnings():
            sys.stderr.write(f"envcfg: {warning} (said once)\n")
        self._tell_ineffective_keys()

    def _tell_ineffective_keys(self) -> None:
        ineffective_keys = self.requests.new_count()
        if ineffective_keys is not None:
            self._out.tell(lambda sink: sink.missed(ineffective_keys))

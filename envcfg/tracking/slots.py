"""What every slot runs: an adoption becomes a record where it is another one, and answers what was asked for."""

import sys
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from envcfg.core.record import Record, Request
from envcfg.core.tree import Config
from envcfg.tracking.arguments import When
from envcfg.tracking.outlet import Outlet
from envcfg.tracking.requests import Holds, Requests
from envcfg.tracking.snapshot import Snapshot

_NOTHING: Final = object()


class Held(NamedTuple):
    """What a slot adopted last: under which name, and by which object where identity says enough."""

    holds: Holds
    digest: str
    template: str | None
    config: Any = _NOTHING
    version: int | str | None = None

    def is_same(self, task: str | None, digest: str, template: str | None) -> bool:
        return self.digest == digest and self.holds.task == task and self.template == template

    def is_still(self, config: Any, version: int | str | None, task: str | None) -> bool:
        """Whether *config* is the same object, which cannot have changed since; runs no code of anybody else's."""
        return (
            config is self.config
            and (version is self.version or (type(version) is type(self.version) and version == self.version))
            and (task is self.holds.task or (type(task) is str and task == self.holds.task))
        )


class Slots:
    """The slots of one process: what each adopted last, and what it was asked to adopt."""

    def __init__(self, out: Outlet) -> None:
        self.held: dict[int, Held] = {}
        self._heard: dict[int, Holds] = {}
        """What slots hold that live in workers."""
        self.requests = Requests(self._held_by)
        self._out = out

    def adopt(self, slot: int, task: str | None, snapshot: Snapshot, when: When) -> str:
        """Write a record, unless the slot has this already; gives the config's digest."""
        digest = snapshot.config.digest
        holds = Holds(snapshot.config.config, task)
        if self.requests.is_asked:
            when = self._answered(slot, holds, when)
        template = None if snapshot.template is None else snapshot.template.digest
        held = self.held.get(slot)
        if held is None or not held.is_same(task, digest, template):
            self._out.store(snapshot.config)
            self._out.store(snapshot.template)
            step, epoch, episode, requested_at, cause = when
            record = Record(step, slot, digest, self._out.now(), epoch, episode, task, template, requested_at, cause)
            self._out.append(record)
            self.held[slot] = Held(holds, digest, template)
            self._tell(record, snapshot.config.config)
        return digest

    def adopt_all(self, adopted: Iterable[tuple[int, str | None, Snapshot]], when: When) -> None:
        """As `adopt`, of slots that nobody asked for anything: one write for all of them."""
        step, epoch, episode, requested_at, cause = when
        now, records, configs = self._out.now(), [], []
        for slot, task, snapshot in adopted:
            stored = snapshot.config
            held = self.held.get(slot)
            if held is None or not held.is_same(task, stored.digest, None):
                self._out.store(stored)
                records.append(Record(step, slot, stored.digest, now, epoch, episode, task, None, requested_at, cause))
                configs.append(stored.config)
                self.held[slot] = Held(Holds(stored.config, task), stored.digest, None)
        self._out.append_records(records)
        for record, config in zip(records, configs, strict=True) if self._out.sinks else ():
            self._tell(record, config)

    def recognise(self, slot: int, config: Any, version: int | str | None) -> None:
        """As long as this object has this version the slot has what it has now."""
        self.held[slot] = self.held[slot]._replace(config=config, version=version)

    def ask(self, request: Request, config: Config) -> None:
        self._out.append(request)
        self.requests.ask(request, config)
        self._tell_ghosts()

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
        self._tell_ghosts()

    def _tell_ghosts(self) -> None:
        ghosts = self.requests.new_count()
        if ghosts is not None:
            self._out.tell(lambda sink: sink.missed(ghosts))

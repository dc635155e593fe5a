"""The sinks that a job was asked for by name: one that cannot be made costs itself alone, unless strict."""

from collections.abc import Mapping
from typing import NamedTuple

from envcfg.adapters.hydra_schema import CallbackSettings
from envcfg.adapters.hydra_settings import sinks
from envcfg.core.errors import ConfigError
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.sink import Sink


class CreatedSinks(NamedTuple):
    """What became of the sinks that were asked for."""

    sinks: tuple[Sink, ...]
    failures: Mapping[str, Exception]
    """By the name of the sink."""


def create_sinks(asked: CallbackSettings) -> CreatedSinks:
    """The sinks of a job; with `strict`, raises `ConfigError` for the first one that cannot be made."""
    created: list[Sink] = []
    failures: dict[str, Exception] = {}
    for named in sinks(asked):
        try:
            created.append(named.create())
        except Exception as error:
            if asked.strict:
                raise ConfigError(f"sink {named.name}: {error}") from error
            failures[named.name] = error
    return CreatedSinks(tuple(created), failures)


def report_failures(failures: Mapping[str, Exception], recorder: Recorder) -> None:
    """Have each failure counted in the journal and shown once."""
    for name, error in failures.items():
        with recorder.guard(f"sink {name}"):
            raise error

"""Creates the sinks that a job names. A sink that cannot be created is reported and left out, unless strict."""

from collections.abc import Mapping
from typing import NamedTuple

from envcfg.adapters.hydra_schema import CallbackSettings
from envcfg.adapters.hydra_settings import sinks
from envcfg.core.errors import ConfigError
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.sink import Sink


class CreatedSinks(NamedTuple):
    """The sinks that could be created, and the errors of the others."""

    sinks: tuple[Sink, ...]
    failures: Mapping[str, Exception]
    """The errors by the name of the sink."""


def create_sinks(asked: CallbackSettings) -> CreatedSinks:
    """Create the sinks of a job. With `strict`, raise `ConfigError` for the first one that cannot be created."""
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
    """Count each failure in the journal and show it once."""
    for name, error in failures.items():
        with recorder.guard(f"sink {name}"):
            raise error

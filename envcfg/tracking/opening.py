"""The first entry of a journal: the job with its name, overrides and config."""

from collections.abc import Mapping
from typing import Any

from envcfg.core.record import Job
from envcfg.tracking.arguments import optional_text
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.commit import program_commit
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.redaction.signature import signature


def begin(
    out: Dispatcher,
    capture: Capture,
    job: Mapping[str, Any],
    curriculum: str | None,
    metric_step: str | None,
    *,
    living: str = "",
) -> None:
    """Write the job and its config to the journal of *out*, and call `opened` of the sinks.

    *living* is another session that writes to the same shard now; empty for none.
    """
    with out.guard("open"):
        config = template = None
        if job.get("config") is not None:
            snapshot = capture(job["config"])
            config, template = out.store(snapshot.config), out.store(snapshot.template)
        overrides = capture.overrides(job.get("overrides", ()))
        curriculum, name = optional_text(curriculum, out.text), optional_text(job.get("name"), out.text)
        key, signed = optional_text(metric_step), signature(overrides) if overrides else None
        entry = Job(out.now(), curriculum, name, overrides, config, template, key, signed, *program_commit())
        out.append(entry)
        out.tell_two_writers(living)
        out.notify(lambda sink: sink.opened(out.journal, entry))

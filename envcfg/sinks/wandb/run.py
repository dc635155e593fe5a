"""The corners of W&B's run object that have no public name: which run is meant, when it ends, what a sync brings."""

import atexit
import sys
from collections.abc import Callable, Iterable
from typing import Any

from envcfg.core.errors import EnvcfgError
from envcfg.tracking.processes import exits


def active_run() -> Any:
    """The run that W&B calls the process's own, or the only one that `reinit="create_new"` made beside that.

    Raises `EnvcfgError` where several were made: which one is meant cannot be seen.
    """
    wandb = sys.modules.get("wandb")
    if wandb is None or wandb.run is not None:
        return wandb and wandb.run
    setup = getattr(sys.modules.get("wandb.sdk.wandb_setup"), "_singleton", None)
    runs = getattr(setup, "_active_runs", ())
    if len(runs) > 1:
        raise EnvcfgError(
            f"{len(runs)} W&B runs are active and none of them is wandb.run: give the one to publish to, "
            "wandb_sinks(run=...)"
        )
    return next(iter(runs), None)


def announce(run: Any, paths: Iterable[str]) -> None:
    """Have `wandb sync` bring files of an offline run, also those that its job does not live to make.

    `run.save` takes only what is there, and W&B's log is half a second late, in which a job can make one and die.
    """
    interface: Any = getattr(run, "_interface", None) or getattr(getattr(run, "_backend", None), "interface", None)
    if hasattr(interface, "publish_files"):  # there is no public way; without it there are the versions, and the folder
        interface.publish_files({"files": [(path, "end") for path in sorted(paths)]})


def is_over(run: Any) -> bool:
    return bool(getattr(run, "disabled", False) or getattr(run, "_is_finished", False))


def before_finish(run: Any, call: Callable[[], None]) -> None:
    """Have *call* made while the run still takes data: when the app finishes it, or when the interpreter exits."""
    atexit.register(call)  # later than W&B's own, so it runs before it
    exits.close_before_other_handlers()  # an unclosed tracker has its ending in the last version
    try:
        from wandb.sdk.wandb_run import TeardownHook, TeardownStage  # noqa: PLC0415  # the app has imported it

        run._teardown_hooks.append(TeardownHook(call, TeardownStage.EARLY))  # noqa: SLF001  # there is no public way
    except (ImportError, AttributeError):
        finish = run.finish

        def finish_after_us(*args: Any, **options: Any) -> Any:
            call()
            return finish(*args, **options)

        run.finish = finish_after_us

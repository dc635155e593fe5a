"""Uses private parts of W&B's run object: to find the run, to act before its end, and to choose files for a sync."""

import atexit
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envcfg.core.code import Code, mark
from envcfg.core.errors import EnvcfgError
from envcfg.core.service_code import service_code
from envcfg.tracking.processes import exits


def active_run() -> Any:
    """Return `wandb.run`, or the only run that `reinit="create_new"` made.

    Raises `EnvcfgError` if `reinit="create_new"` made several, because it cannot know which one to use.
    """
    wandb = sys.modules.get("wandb")
    if wandb is None or wandb.run is not None:
        return wandb and wandb.run
    setup = getattr(sys.modules.get("wandb.sdk.wandb_setup"), "_singleton", None)
    runs = getattr(setup, "_active_runs", ())
    if len(runs) > 1:
        raise EnvcfgError(
            f"{len(runs)} W&B runs are active and none of them is wandb.run: pass the run to publish to, with "
            "wandb_sinks(run=...)",
            code=Code.WANDB_RUNS,
        )
    return next(iter(runs), None)


@contextmanager
def coded() -> Iterator[None]:
    """Set the code of an exception of W&B, and raise the same exception."""
    try:
        yield
    except EnvcfgError:
        raise
    except Exception as error:
        mark(error, service_code(error))
        raise


def announce(run: Any, paths: Iterable[str]) -> None:
    """Make `wandb sync` upload files of an offline run, including files that do not exist yet.

    `run.save` accepts existing files only. W&B writes its log half a second late, and the job may be killed before.
    """
    interface: Any = getattr(run, "_interface", None) or getattr(getattr(run, "_backend", None), "interface", None)
    if hasattr(interface, "publish_files"):  # private; otherwise only the versions and the folder hold the journal
        interface.publish_files({"files": [(path, "end") for path in sorted(paths)]})


def is_over(run: Any) -> bool:
    return bool(getattr(run, "disabled", False) or getattr(run, "_is_finished", False))


def before_finish(run: Any, call: Callable[[], None]) -> None:
    """Call *call* before the run ends: when the app finishes it, or when the interpreter exits."""
    atexit.register(call)  # registered after W&B's own function, so it runs before it
    exits.close_before_other_handlers()  # so that the last version contains the ending of an unclosed tracker
    try:
        from wandb.sdk.wandb_run import TeardownHook, TeardownStage  # noqa: PLC0415  # the app has imported it

        run._teardown_hooks.append(TeardownHook(call, TeardownStage.EARLY))  # noqa: SLF001  # there is no public way
    except (ImportError, AttributeError):
        finish = run.finish

        def finish_after_us(*args: Any, **options: Any) -> Any:
            call()
            return finish(*args, **options)

        run.finish = finish_after_us


def hook_log(run: Any, merged: Callable[[Any], Any]) -> bool:
    """Let each row that is logged to *run* pass through *merged*. Return False if this client does not allow it."""
    log = getattr(run, "_log", None)  # private; `log` and `wandb.log` call it
    if not callable(log):
        return False

    def log_merged(*args: Any, **options: Any) -> Any:
        if "data" in options:
            return log(*args, **{**options, "data": merged(options["data"])})
        return log(merged(args[0]), *args[1:], **options) if args else log(**options)

    run._log = log_merged  # noqa: SLF001  # there is no public way
    return True


def next_row(run: Any) -> int | None:
    """The number of the row that comes next, as far as the client knows it; None in a shared run."""
    is_shared = getattr(getattr(run, "settings", None), "mode", None) == "shared"
    step = getattr(run, "_local_step", None)  # private; `run.step` asks the service and takes a millisecond
    return step if isinstance(step, int) and not is_shared else None


def new_table(run: Any, key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """A table of W&B for *key* of the summary. It is bound here, because W&B logs an artifact for an unbound one."""
    temporary = getattr(sys.modules.get("wandb.sdk.data_types._private"), "MEDIA_TMP", None)
    if temporary is not None:
        Path(temporary.name).mkdir(exist_ok=True)  # a forked child that ended has removed it
    table = sys.modules["wandb"].Table(columns=list(columns), data=[list(row) for row in rows])
    table.bind_to_run(run, key, "summary")
    return table


def is_owned_by_tensorboard(run: Any) -> bool:
    """Whether W&B reads the rows of the run from TensorBoard's files: `sync_tensorboard=True`."""
    patched = getattr(sys.modules.get("wandb"), "patched", {})
    return bool(getattr(getattr(run, "settings", None), "sync_tensorboard", False) or patched.get("tensorboard"))

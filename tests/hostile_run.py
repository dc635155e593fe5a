"""A run whose name, tasks, keys, values, causes and metric all try to break out of a page."""

from hostile import HOSTILE
from wandb_logs import write_log

from envcfg import Cause, Tracker


def record_hostile(folder):
    with Tracker(folder / "envcfg", run=HOSTILE, curriculum=HOSTILE) as tracker:
        for step in range(3):
            cause = Cause("manual", metric=HOSTILE, note=HOSTILE)
            tracker.record({HOSTILE: f"{HOSTILE}{step}"}, step=step, task=f"{HOSTILE}{step}", cause=cause)
            tracker.mix({f"{HOSTILE}{step}": 1.0}, step=step, epoch=step)
    return write_log(folder, [{"step": step / 10, f"reward {HOSTILE}": step} for step in range(30)])

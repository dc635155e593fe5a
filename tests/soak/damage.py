"""Each file of a journal damaged at many places, as after a power cut; then read, and sometimes resumed."""

import random
import shutil
from pathlib import Path

from envcfg import Tracker, load
from envcfg.core.errors import EnvcfgError

PAGE = 512
DAMAGES = {
    "cut": lambda rest, _: b"",  # noqa: ARG005
    "zeroed": lambda rest, _: bytes(len(rest)),
    "a page zeroed": lambda rest, _: bytes(len(rest[:PAGE])) + rest[PAGE:],
    "overwritten": lambda rest, draw: draw.randbytes(len(rest[:64])) + rest[64:],
    "removed": None,
}
"""What becomes of the bytes from a place on."""


def journal_in(folder):
    """A run that was not closed; the records that it holds."""
    tracker = Tracker(folder, run="r", segment_bytes=4_000)
    for step in range(150):
        config = {"i": step, "l": [step % 7] * 5, "n": {"a": step % 3}}
        tracker.record(config, step=step, epoch=step // 10, slot=step % 3, task=f"t{step % 4}")
        if step % 10 == 9:
            tracker.end_epoch(step=step, epoch=step // 10)
    return tracker


def records_of(history):
    return {(a.record.step, a.record.config) for a in (*history.adoptions, *history.abandoned)}


def places(content, draw):
    """Where to damage: the ends, the middle, random places, and around each line feed."""
    feeds = [at for at, byte in enumerate(content) if byte == ord("\n")] if content[:1] == b"{" else []
    drawn = draw.sample(range(len(content)), min(len(content), 40))
    around = [at + side for at in feeds for side in (0, 1, 2) if at + side < len(content)]
    return sorted({0, 1, len(content) - 1, len(content) // 2, *drawn, *around})


def trials(folder, seed):
    """Each damage that is tried, as its name and a copy of the journal with it, and the undamaged history."""
    draw = random.Random(seed)
    source = folder / "source"
    open_tracker = journal_in(source)  # kept, so that nothing closes it
    whole = load(source)
    for name in sorted(path.name for path in source.iterdir()):
        content = (source / name).read_bytes()
        for at in places(content, draw):
            for how, damage in DAMAGES.items():
                if damage is None and at:
                    continue
                copy = folder / "copy"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(source, copy)
                if damage is None:
                    (copy / name).unlink()
                else:
                    (copy / name).write_bytes(content[:at] + damage(content[at:], draw))
                yield f"{name} {how} at {at}", copy, whole
    open_tracker.close()


def check(found, name, copy: Path, whole, *, resume=False):
    """Read the damaged journal: what is missing is said, and nothing is invented."""
    found.trials += 1
    everything = records_of(whole)
    try:
        history = load(copy)
    except EnvcfgError:
        return  # it says that it cannot be read
    kept = records_of(history)
    if everything - kept and not history.losses:
        found.hides(f"{name}: {len(everything - kept)} records are missing")
    if kept - everything:
        found.lies(f"{name}: invented {list(kept - everything)[:2]}")
    wrong = [key for _, key in kept if key in history.configs and history.configs[key] != whole.configs[key]]
    if wrong:
        found.lies(f"{name}: wrong config {wrong[0]}")
    if resume:
        _resume(found, name, copy, kept)


def _resume(found, name, copy, before):
    with Tracker(copy, run="r") as tracker:
        promised = set()
        for step in range(150, 160):
            tracker.record({"z": step}, step=step)
            promised.add((step, tracker.digest()))
    after = records_of(load(copy))
    found.acknowledged += len(promised)
    found.loses(len(promised - after), f"{name}: after a resume")
    found.loses(len(before - after), f"{name}: a resume removed what could be read")

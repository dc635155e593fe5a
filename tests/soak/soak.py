"""Attacks a recorder for as long as one likes, and prints what was lost, what was not said and what was not true.

    python tests/soak/soak.py [MINUTES]

Each attack draws its cases by seed, so that a finding can be tried again. A part of each runs in `make test`.
"""

import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

import damage
import forms
import sessions
import system_calls
from found import Found

SHOWN = 5


def resumed(found, folder, cases):
    """Trials of an attack that has one seed each."""
    for seed in cases:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as inner:
            sessions.trial(found, Path(inner), seed)
        yield


def extreme(found, folder, cases):
    for seed in cases:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as inner:
            forms.trial(found, Path(inner), seed)
        yield


def damaged(found, folder, cases):
    for seed in cases:
        draw = random.Random(seed)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as inner:
            for name, copy, whole in damage.trials(Path(inner), seed):
                damage.check(found, name, copy, whole, resume=draw.random() < 0.1)
                yield


def failing(found, folder, cases):
    preloaded = system_calls.library(folder)
    every = list(system_calls.trials())
    random.Random(next(cases)).shuffle(every)
    for case in every if preloaded else ():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as inner:
            system_calls.trial(found, Path(inner), preloaded, *case)
        yield


ATTACKS = {
    "killed and resumed sessions": resumed,
    "system calls that fail": failing,
    "damaged files": damaged,
    "extreme values": extreme,
}


def attack(trials, *, seconds=float("inf"), most=None):
    """Run the trials until the time is over, or until there were *most* of them."""
    end = time.monotonic() + seconds
    for number, _ in enumerate(trials, start=1):
        if number == most or time.monotonic() > end:
            return


def write(*lines):
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def main(minutes, seed):
    write(f"| {'attack':<28} | trials | acknowledged | lost | untold | false |\n|{'---|' * 6}")
    clean = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, trials in ATTACKS.items():
            found = Found()
            attack(trials(found, Path(folder), itertools.count(seed)), seconds=60 * minutes / len(ATTACKS))
            numbers = (found.trials, found.acknowledged, found.lost, found.untold, found.false)
            write(f"| {name:<28} | {' | '.join(f'{number:,}' for number in numbers)} |")
            write(*found.said[:SHOWN])
            clean &= found.is_clean
    write("Targets: 0 lost, 0 untold, 0 false")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 4.0, int(time.time())))

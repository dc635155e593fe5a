"""The cost of recording many slots with parameters in arrays, compared with a comparison of the arrays and with a loop.

    python benchmarks/slots.py

CPU microseconds for one step of all slots. Trust the ratios.
"""

import numpy as np
from record import cost, line, tracking

SLOTS = (1, 64, 1024, 4096)
LEVELS = 10


def report(slots: int) -> None:
    levels, known = np.arange(slots) % LEVELS, np.arange(slots) % LEVELS
    few = max(1, slots // 100)
    print(f"\n{slots:,} slots")

    def compared(_: int) -> bool:
        return levels.tobytes() == known.tobytes()

    def changing(step: int) -> None:
        levels[(np.arange(few) + step * few) % slots] += 1
        levels[:] %= LEVELS

    with tracking() as tracker:
        same = cost(lambda step: tracker.record_slots({"level": levels}, step=step), 500)
        line(
            "nothing changed",
            same,
            "their bytes",
            cost(compared, 2000),
            10 if slots >= SLOTS[-1] else 100,
            at_most=True,
        )
    with tracking() as tracker:

        def at_once(step: int) -> None:
            changing(step)
            tracker.record_slots({"level": levels}, step=step)

        some = cost(at_once, 50)
    with tracking() as tracker:

        def one_by_one(step: int) -> None:
            changing(step)
            for slot, level in enumerate(levels.tolist()):
                tracker.record({"level": level}, step=step, slot=slot)

        looped = cost(one_by_one, 10)
    line("1 % changed", some, "record() for each slot", looped, 20 if slots >= SLOTS[-1] else 1)
    with tracking() as tracker:

        def all_change(step: int) -> None:
            levels[:] = (levels + 1) % LEVELS
            tracker.record_slots({"level": levels}, step=step)

        print(f"  {'all changed, µs a slot':<30} {cost(all_change, 5) / slots:>9.2f}")


def main() -> None:
    print(f"{'':<32} {'µs':>9} {'compared with':<28} {'µs':>11} {'ratio':>10} {'target':>9}")
    for slots in SLOTS:
        report(slots)


if __name__ == "__main__":
    main()

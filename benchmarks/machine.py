"""The machine of the benchmarks: its processor and speed, Python, and the versions of the peers.

python benchmarks/machine.py
"""

import copy
import os
import platform
from importlib.metadata import PackageNotFoundError, version

from families import config
from omegaconf import OmegaConf
from record import cost

PEERS = ("wandb", "omegaconf", "mlflow-skinny", "aim", "dvclive", "deepdiff", "jsonpatch", "torch", "numpy")


WHERE_SET = "on the machine of the targets in µs and s"


def calls() -> float:
    """The microseconds of a call that compares by `is` and increments a counter."""
    seen = [0]

    def called(_: int) -> None:
        if seen is seen:  # noqa: PLR0124  # its cost is measured
            seen[0] += 1

    return cost(called, 20_000)


def comparisons() -> float:
    """The microseconds of a comparison of two equal dicts with 1,000 leaves."""
    plain = OmegaConf.to_container(config(1000).env, resolve=True)
    twin = copy.deepcopy(plain)
    return cost(lambda _: plain == twin, 2_000)


def installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name}: not installed"


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; Python {platform.python_version()}")
    print(", ".join(map(installed, PEERS)))
    print(f"a call that compares by `is` and counts: {calls():.2f} µs, 0.08 {WHERE_SET}")
    print(f"dict == of 1,000 leaves: {comparisons():.0f} µs, 13 {WHERE_SET}")

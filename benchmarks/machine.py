"""What the benchmarks ran on: the processor, how quick it is, Python, and the versions of what they are compared with.

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


WHERE_SET = "where the targets in µs and s were set"


def calls() -> float:
    """Microseconds of a call that compares by `is` and counts."""
    seen = [0]

    def called(_: int) -> None:
        if seen is seen:  # noqa: PLR0124  # what it costs is asked
            seen[0] += 1

    return cost(called, 20_000)


def comparisons() -> float:
    """Microseconds that two equal dicts of 1,000 leaves take to be compared."""
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

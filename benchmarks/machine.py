"""What the benchmarks ran on: the processor, Python, and the versions of what they are compared with."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PEERS = ("wandb", "omegaconf", "mlflow-skinny", "aim", "dvclive", "deepdiff", "jsonpatch", "torch", "numpy")


def installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name}: not installed"


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; Python {platform.python_version()}")
    print(", ".join(map(installed, PEERS)))

"""The public names of a package, as listed in its stub. Each name is loaded at its first use."""

from collections.abc import Callable
from typing import Any

import lazy_loader

from envcfg.core.renamed import attribute_error


def attach(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of *package*; its stub is beside *file*."""
    load, listed, names = lazy_loader.attach_stub(package, file)

    def get(name: str) -> Any:
        if name not in names:
            raise attribute_error(package, name, names)
        return load(name)

    return get, listed, names

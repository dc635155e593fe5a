"""A wrapper that is what it wraps, but for what its own class does."""

from typing import Any


class Transparent:
    """To be named before a wrapper class of gymnasium: any other attribute is that of `env`, to read and to set.

    So what a framework asks of an environment, or sets on it, is answered and done as without the wrapper. Names that
    begin with an underscore are set on the wrapper.
    """

    env: Any

    def __getattr__(self, name: str) -> Any:
        if name == "env" or name.startswith("__"):  # it is being copied or unpickled
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.env, name)

    def __setattr__(self, name: str, value: Any) -> None:
        ours = getattr(type(self), name, None)
        is_read_only = isinstance(ours, property) and ours.fset is None
        if name == "env" or name.startswith("_") or (ours is not None and not is_read_only):
            super().__setattr__(name, value)
        else:
            setattr(self.env, name, value)

    def set_wrapper_attr(self, *args: Any, **kwargs: Any) -> Any:
        """As of `env`: gymnasium's own would set on the wrapper what it can read there."""
        return self.env.set_wrapper_attr(*args, **kwargs)

"""A wrapper that passes all other attributes through to the wrapped environment."""

from typing import Any


class Transparent:
    """A base class to name before a wrapper class of Gymnasium.

    Attributes that the wrapper does not define are read from `env` and set on `env`. A framework therefore reads and
    sets the same attributes as without the wrapper. Names that begin with an underscore are set on the wrapper.
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
        """Call the method of `env`. Gymnasium's own method would set the attribute on the wrapper."""
        return self.env.set_wrapper_attr(*args, **kwargs)

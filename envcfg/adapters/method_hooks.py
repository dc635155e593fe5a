"""Hooks before and after the methods of foreign objects. The methods themselves behave as before."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

Asked = Callable[..., Mapping[str, Any]]
"""Returns the values that a call of a method asks for."""
GuardFactory = Callable[[], AbstractContextManager[None, bool | None]]


class HookedMethod:
    """Calls *method* once and returns its result, or raises its error, unchanged.

    *before* is called with the arguments, and *after* with the result and the arguments. *guard* handles their errors.
    """

    def __init__(
        self,
        method: Callable[..., Any],
        guard: GuardFactory,
        *,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
    ) -> None:
        self.method = method
        self._guard = guard
        self._before = before
        self._after = after

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._before is not None:
            with self._guard():
                self._before(*args, **kwargs)
        answer = self.method(*args, **kwargs)
        if self._after is not None:
            with self._guard():
                self._after(answer, *args, **kwargs)
        return answer

    def disable(self) -> None:
        """Remove the hooks. Later calls only call *method*."""
        self._before = self._after = None


class MethodHooks:
    """The hooked methods of one *training*. Any object can identify the training.

    *is_over* tells whether the training has ended without saying so, for example by an exception. Then the next call of
    a hooked method restores all of them.
    """

    def __init__(self, guard: GuardFactory, training: object, is_over: Callable[[], bool] = lambda: False) -> None:
        self.training = training
        self.is_over = is_over
        self._guard = guard
        self._installed: list[tuple[Any, str, _InstalledMethod]] = []

    def add(
        self,
        owner: Any,
        name: str,
        *,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
    ) -> None:
        """Hook the method *name* of *owner*. Hooks that an aborted training left there are removed first.

        Hooks of another kind of training, such as those of `recorded_tensors`, stay below the new ones.
        """
        method = getattr(owner, name)
        if isinstance(method, _InstalledMethod) and self._replaces(method.of):
            method.of.remove_all()
            method = getattr(owner, name)
        installed = _InstalledMethod(self, name in vars(owner), method, self._guard, before=before, after=after)
        setattr(owner, name, installed)
        self._installed.append((owner, name, installed))

    def _replaces(self, other: "MethodHooks") -> bool:
        return other.training is not self.training and type(other.training) is type(self.training)

    def remove_all(self) -> None:
        """Restore each object. If other code has replaced our method since, ours stays without hooks."""
        while self._installed:
            owner, name, installed = self._installed.pop()
            installed.disable()
            if vars(owner).get(name) is not installed:
                continue
            if installed.was_own_attribute:
                setattr(owner, name, installed.method)
            else:
                delattr(owner, name)


class _InstalledMethod(HookedMethod):
    """A hooked method that is set on its object. *was_own_attribute*: the method was not from the class."""

    def __init__(self, of: MethodHooks, was_own_attribute: bool, *method: Any, **hooks: Any) -> None:
        super().__init__(*method, **hooks)
        self.of = of
        self.was_own_attribute = was_own_attribute

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.of.is_over():
            self.of.remove_all()
        return super().__call__(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return _plain, (self.method,)


def _plain(method: Any) -> Any:
    """Give a copied or unpickled object its plain method, without hooks."""
    return method

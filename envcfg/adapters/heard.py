"""Listeners on methods of foreign objects. The call behaves as before, and a guard handles errors of the listeners."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Guarding = Callable[[], AbstractContextManager[None, bool | None]]


class Heard:
    """Calls *method* once and returns its result, or raises its error, unchanged.

    *before* is called with the arguments, and *after* with the result and the arguments. *guard* handles their errors.
    """

    def __init__(
        self,
        method: Callable[..., Any],
        guard: Guarding,
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

    def fall_silent(self) -> None:
        """Stop calling the listeners. Later calls only call *method*."""
        self._before = self._after = None


class Listening:
    """The methods that have listeners during one *training*. Any object can identify the training."""

    def __init__(self, guard: Guarding, training: object) -> None:
        self.training = training
        self._guard = guard
        self._heard: list[tuple[Any, str, _Placed]] = []

    def hear(
        self,
        owner: Any,
        name: str,
        *,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
    ) -> None:
        """Listen to the method *name* of *owner*. Listeners that an aborted training left there are removed."""
        method = getattr(owner, name)
        if isinstance(method, _Placed) and method.of.training is not self.training:
            method.of.stop()
            method = getattr(owner, name)
        heard = _Placed(self, name in vars(owner), method, self._guard, before=before, after=after)
        setattr(owner, name, heard)
        self._heard.append((owner, name, heard))

    def stop(self) -> None:
        """Restore each object. If other code has replaced our method in turn, ours stays but calls no listener."""
        while self._heard:
            owner, name, heard = self._heard.pop()
            heard.fall_silent()
            if vars(owner).get(name) is not heard:
                continue
            if heard.was_its_own:
                setattr(owner, name, heard.method)
            else:
                delattr(owner, name)


class _Placed(Heard):
    """A listener that is an attribute of the object. *was_its_own*: the method was the object's before."""

    def __init__(self, of: Listening, was_its_own: bool, *method: Any, **heard: Any) -> None:
        super().__init__(*method, **heard)
        self.of = of
        self.was_its_own = was_its_own

    def __reduce__(self) -> tuple[Any, ...]:
        return _plain, (self.method,)


def _plain(method: Any) -> Any:
    """Give a copied or unpickled object its plain method, without listeners."""
    return method

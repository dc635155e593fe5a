"""Methods of somebody else's object that we listen to: the call stays theirs, and what we do beside it is guarded."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Guarding = Callable[[], AbstractContextManager[None, bool | None]]


class Heard:
    """*method*, called once with what is given, whose answer or error is given back as it is.

    *before* hears the arguments, *after* the answer and the arguments; what fails in them is for *guard* to handle.
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
        """From now on it is *method* and nothing else."""
        self._before = self._after = None


class Listening:
    """The methods that somebody listens to for the time of one *training*, whatever object stands for that."""

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
        """Listen to the method *name* of *owner*, and silence who still listens for another training, one cut off."""
        method = getattr(owner, name)
        if isinstance(method, _Placed) and method.of.training is not self.training:
            method.of.stop()
            method = getattr(owner, name)
        heard = _Placed(self, name in vars(owner), method, self._guard, before=before, after=after)
        setattr(owner, name, heard)
        self._heard.append((owner, name, heard))

    def stop(self) -> None:
        """Leave each object as it was; where somebody else has put a method on top of ours, ours falls silent."""
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
    """One that stands in the object itself, where that *was its own* before or its class's."""

    def __init__(self, of: Listening, was_its_own: bool, *method: Any, **heard: Any) -> None:
        super().__init__(*method, **heard)
        self.of = of
        self.was_its_own = was_its_own

    def __reduce__(self) -> tuple[Any, ...]:
        return _plain, (self.method,)


def _plain(method: Any) -> Any:
    """What stands in a copy of the object, or one that is unpickled: nobody listens there."""
    return method

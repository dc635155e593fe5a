"""What a slot was last seen to run."""

from typing import Any, Final, NamedTuple

_NOTHING: Final = object()


class Held(NamedTuple):
    """What a slot adopted last: under which name, and by which object where identity says enough."""

    task: str | None
    digest: str
    template: str | None
    config: Any = _NOTHING
    version: int | str | None = None

    def is_same(self, task: str | None, digest: str, template: str | None) -> bool:
        return self.digest == digest and self.task == task and self.template == template

    def is_still(self, config: Any, version: int | str | None, task: str | None) -> bool:
        """Whether *config* is the same object, which cannot have changed since; runs no code of anybody else's."""
        return (
            config is self.config
            and (version is self.version or (type(version) is type(self.version) and version == self.version))
            and (task is self.task or (type(task) is str and task == self.task))
        )

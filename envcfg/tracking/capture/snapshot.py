"""The recorded form of a config."""

from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct

from envcfg.core.code import Coded
from envcfg.core.encoding import DIGEST_SIZE, encode
from envcfg.core.extent import check_extent
from envcfg.core.record import Stored
from envcfg.core.tree import Config


class Snapshot(Struct, frozen=True):
    """A config with its interpolations resolved; if it contains any, also the config as written."""

    config: Stored
    template: Stored | None = None
    problems: tuple[Coded, ...] = ()
    """One message for each leaf that could not be recorded. A marker replaces the leaf."""

    @classmethod
    def of(cls, config: Config, template: Config | None = None, problems: Iterable[Coded] = ()) -> "Snapshot":
        return cls(stored(config), None if template is None else stored(template), tuple(problems))


def stored(config: Config) -> Stored:
    """*config* with its digest and size. Raises `ConfigError` if it is larger than a reader accepts."""
    encoded = encode(config)
    check_extent(config, encoded)
    return Stored(blake2b(encoded, digest_size=DIGEST_SIZE).hexdigest(), config, len(encoded))

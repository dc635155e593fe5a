"""A config as it is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from envcfg.core.encoding import DIGEST_SIZE
from envcfg.core.record import Stored
from envcfg.core.rewriting import Written, written
from envcfg.core.tree import Config


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A config resolved, and as written where it holds interpolations."""

    config: Stored
    template: Stored | None = None
    problems: tuple[str, ...] = ()
    """One sentence for each leaf that could not be recorded; a marker stands in its place."""

    @classmethod
    def of(cls, config: Config, template: Config | None = None, problems: Iterable[str] = ()) -> "Snapshot":
        return cls(stored(config), None if template is None else stored(template), tuple(problems))


def stored(config: Config, encoding: Written | None = None) -> Stored:
    """*config* under its digest; *encoding* is its own, where it is known."""
    encoded = (encoding or written(config)).text.encode("ascii")
    return Stored(blake2b(encoded, digest_size=DIGEST_SIZE).hexdigest(), config, len(encoded))

"""What stands in a secret's place: why, and a tag that only the key can make."""

import re

from envcfg.core.tree import Marker


class Left:
    """Equal to the marker of any value that was left out for this reason."""

    def __init__(self, why):
        self.why = why

    def __eq__(self, other):
        return (
            isinstance(other, Marker)
            and other.kind == "redacted"
            and re.fullmatch(rf"{re.escape(self.why)} #[0-9a-f]{{8}}", other.value) is not None
        )

    __hash__ = None

    def __repr__(self):
        return f"Left({self.why!r})"

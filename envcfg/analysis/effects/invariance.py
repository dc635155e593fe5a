"""Whether a metric means the same before and after a change: a return does not when the reward is rescaled."""

import re
from collections.abc import Iterable
from typing import Final

from envcfg.core.diff import Edit
from envcfg.core.path import dotted

_REDEFINING: Final = re.compile(
    r"(?i)(^|[._])(rewards?([._]|$)|rew_|[a-z_]*(penalty|penalties|bonus)$|max_(episode_)?(steps|length|ticks|frames)"
    r"|episode_(len|length|steps)$|time_limit|horizon|num_agents|n_agents|agents$)"
)
_RELATIVE: Final = re.compile(r"(?i)success|solved|win_?rate|accuracy|normali[sz]ed")


def redefining(metric: str, changes: Iterable[Edit]) -> tuple[str, ...]:
    """The places of the leaves whose change gives *metric* another meaning, in the order of *changes*.

    A name that says that the metric is a share (success, win rate, accuracy, normalized) is believed.
    """
    if _RELATIVE.search(metric):
        return ()
    return tuple(dict.fromkeys(dotted(c.path) for c in changes if _REDEFINING.search(".".join(map(str, c.path)))))

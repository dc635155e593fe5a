"""Cautions: whether a metric has the same meaning before and after a change.

A return does not, if the change rescales the reward.
"""

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


def redefining(metric: str, edits: Iterable[Edit]) -> tuple[str, ...]:
    """The dotted keys whose edit gives *metric* another meaning, in the order of *edits*.

    There are none if the name says that the metric is a share (success, win rate, accuracy, normalized).
    """
    if _RELATIVE.search(metric):
        return ()
    return tuple(dict.fromkeys(dotted(e.path) for e in edits if _REDEFINING.search(".".join(map(str, e.path)))))

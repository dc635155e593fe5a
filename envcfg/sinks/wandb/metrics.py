"""Live metrics: what is worth a point in a chart at the end of an epoch, in a bounded number of series."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from heapq import nlargest
from typing import Final, TypeAlias

from envcfg.core import encoding
from envcfg.core.params import DEFAULT, Selection, key_parameters
from envcfg.core.record import Mix, Record
from envcfg.core.split import Rewards, Split, split
from envcfg.core.tree import Config, Marker, Tree

Row: TypeAlias = dict[str, float]

EPOCH: Final = "env_config/epoch"
STEP: Final = "env_config/step"
CHANGES: Final = "env_config/records"
INEFFECTIVE_KEYS: Final = "env_config/ineffective_keys"
"""Keys that slots were asked for and do not run; only where somebody records requests."""
MIX_EFFECT: Final = "curriculum/mix_effect"
SKILL_EFFECT: Final = "curriculum/skill_effect"
"""What of the change of the mean reward since the last epoch came of other tasks, and what of doing them better."""
KEYFRAME: Final = 100
"""Epochs after which every series gets a point, changed or not; fewer at first, a hundredth of those that have gone by.

The charts need rows that hold the reward and a parameter together: so they have a hundred of them from early on.
"""
MAX_SERIES: Final = 200
MAX_TEXTS: Final = 100
"""Texts that a series of values that are no numbers tells apart."""
OTHERS: Final = "(others)"
_FOUND: Final = 64
"""Configs whose key parameters are kept."""


class LiveMetrics:
    """Collects what sinks hear into one row an epoch.

    With several slots, a parameter has the value of the config that most slots run. A series gets a point
    when its value changes and at keyframes, NaN where it has lost it; the axis, `env_config/epoch` and
    `env_config/step`, has one at each epoch.
    """

    def __init__(self, selection: Selection = DEFAULT, *, top_tasks: int = 20, max_series: int = MAX_SERIES) -> None:
        self.names: dict[str, str] = {}
        """Where a series is not named as its parameter or task is: series -> original name."""
        self.categories: dict[str, list[str]] = {}
        """Series of values that are no numbers: the text of each value, at the position that is charted."""
        self.left_out: set[str] = set()
        """Parameters and tasks beyond the budget of series, or whose name is that of another series."""
        self._selection = selection
        self._top_tasks = top_tasks
        self._max_series = max_series
        self._slots: dict[int, str] = {}
        self._configs: dict[str, Config] = {}
        self._found: dict[str, dict[str, Tree]] = {}
        self._mix: Mapping[str, float] = {}
        self._rewards: Rewards = {}
        self._split: Split | None = None
        self._tasks: dict[str, str] = {}
        self._series: dict[str, str] = {}
        self._last: Row = {}
        self._parameters: Row | None = {}
        self._curriculum: Row | None = {}
        self._records = 0
        self._ineffective_keys: int | None = None
        self._keyframe = -math.inf

    @property
    def shortfall(self) -> str:
        """What is left out, as a sentence."""
        some = ", ".join(sorted(self.left_out)[:3])
        return (
            f"{len(self.left_out)} parameters are not charted in W&B, which would be too many series: {some}, ...; "
            "choose with params=[...] (the journal has all of them; said once)"
        )

    def record(self, record: Record, config: Config) -> None:
        self._records += 1
        self._parameters = None
        self._configs[record.config] = config
        self._slots[record.slot] = record.config
        if len(self._configs) > 4 * len(self._slots) + 64:
            self._configs = {digest: self._configs[digest] for digest in set(self._slots.values())}

    def mix(self, mix: Mix) -> None:
        if mix.stated is not None:
            self._mix = mix.stated
            self._curriculum = None
        if mix.rewards is not None:
            self._split = split(self._rewards, mix.rewards)
            self._rewards = mix.rewards

    def miss(self, ineffective_keys: int) -> None:
        """So many keys that were asked for are not in force."""
        self._ineffective_keys = ineffective_keys

    def begin(self) -> None:
        """Another run listens from now on: the next row is a keyframe."""
        self._keyframe = -math.inf

    def row(self, *, step: int, epoch: int) -> Row:
        """The points of an epoch: the axis, and what is new since the last row."""
        if self._parameters is None:
            self._parameters = self._of_configs()
        if self._curriculum is None:
            self._curriculum = self._of_mix()
        now = {**self._parameters, **self._curriculum, CHANGES: float(self._records)}
        if self._ineffective_keys is not None:
            now[INEFFECTIVE_KEYS] = float(self._ineffective_keys)
        effects = {} if self._split is None else {MIX_EFFECT: self._split.mix, SKILL_EFFECT: self._split.skill}
        self._split = None
        is_keyframe = epoch - self._keyframe >= min(KEYFRAME, max(1, epoch // KEYFRAME))
        if is_keyframe:
            self._keyframe = epoch
        new = now if is_keyframe else {key: value for key, value in now.items() if not self._had(key, value)}
        self._last = now
        return {EPOCH: float(epoch), STEP: float(step), **new, **effects}

    def _had(self, key: str, value: float) -> bool:
        before = self._last.get(key)
        return before == value or (before is not None and math.isnan(before) and math.isnan(value))

    def _of_configs(self) -> Row:
        ((common, _),) = Counter(self._slots.values()).most_common(1)
        row: Row = {key: math.nan for key in self._last if key.startswith("env/")}
        for name, value in self._key_parameters(common).items():
            key = self._admitted(f"env/{name}")
            if key is not None and value is not None:
                row[key] = self._number(key, value)
        return row

    def _key_parameters(self, digest: str) -> dict[str, Tree]:
        """They are looked for in configs that are charted alone: it takes longer than recording a change."""
        if digest not in self._found:
            if len(self._found) >= _FOUND:
                self._found.clear()
            self._found[digest] = {}  # a function of the user's that fails does so once for each config
            self._found[digest] = key_parameters(self._configs[digest], self._selection)
        return self._found[digest]

    def _of_mix(self) -> Row:
        total = sum(self._mix.values())
        if not total > 0:
            return {}
        shares = {task: value / total for task, value in self._mix.items()}
        for task in nlargest(self._top_tasks, shares, key=shares.__getitem__):
            if task not in self._tasks and len(self._tasks) < self._top_tasks:
                key = self._admitted(f"curriculum/task_prob/{task}")
                if key is not None:
                    self._tasks[task] = key
        row = {key: self._mix.get(task, 0.0) for task, key in self._tasks.items()}
        if len(shares) > len(self._tasks):
            row["curriculum/task_prob/rest"] = sum(v for task, v in self._mix.items() if task not in self._tasks)
        entropy = -sum(share * math.log(share) for share in shares.values() if share > 0)
        return {**row, "curriculum/task_entropy": entropy, "curriculum/effective_tasks": math.exp(entropy)}

    def _admitted(self, original: str) -> str | None:
        """The series of a parameter or task; None where there are enough already, or another one has its name."""
        key = series_name(original)
        if key not in self._series and len(self._series) < self._max_series:
            self._series[key] = original
            if key != original:
                self.names[key] = original
        if self._series.get(key) == original:
            return key
        self.left_out.add(original)
        return None

    def _number(self, key: str, value: Tree) -> float:
        """Numbers as they are; anything else as the position of its text among those this series has had."""
        if isinstance(value, int | float):
            return float(value)
        texts = self.categories.setdefault(key, [])
        text = _text(value)
        if text not in texts:
            if len(texts) > MAX_TEXTS:
                return float(MAX_TEXTS)
            text = text if len(texts) < MAX_TEXTS else OTHERS
            texts.append(text)
        return float(texts.index(text))


def series_name(original: str) -> str:
    """A name that W&B takes; one that had to be changed ends in a digest of the original, so that no two meet."""
    clean = re.sub(r"[^A-Za-z0-9_./-]", "_", original)[:100]
    return clean if clean == original else f"{clean}_{blake2b(original.encode(), digest_size=3).hexdigest()}"


def _text(value: Tree) -> str:
    """`dense`, `Color.RED`, `???`; anything that is no text as its canonical encoding."""
    match value:
        case Marker(kind="missing"):
            return "???"
        case Marker(value=str(text)) | str(text):
            return text[:200]
        case _:
            return encoding.encode(value).decode()[:200]

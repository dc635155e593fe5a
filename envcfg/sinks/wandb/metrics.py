"""Live metrics: the points to chart at the end of an epoch, in a limited number of series."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from heapq import nlargest
from typing import Final, TypeAlias

from envcfg.core import encoding
from envcfg.core.drawn import Draws
from envcfg.core.params import DEFAULT, Selection, key_parameters
from envcfg.core.record import Mix, Record
from envcfg.core.split import Split, SplitSince
from envcfg.core.tree import Config, Marker, Tree
from envcfg.sinks.wandb.draw_series import DrawSeries
from envcfg.sinks.wandb.slot_summary import quantile, slot_numbers, slot_summary

MetricsRow: TypeAlias = dict[str, float]

EPOCH: Final = "env_config/epoch"
STEP: Final = "env_config/step"
CHANGES: Final = "env_config/records"
INEFFECTIVE_KEYS: Final = "env_config/ineffective_keys"
"""The number of ineffective keys. It is charted only if requests are recorded."""
MIX_EFFECT: Final = "curriculum/mix_effect"
SKILL_EFFECT: Final = "curriculum/skill_effect"
"""The change of the mean reward since the last epoch, in two parts: from the mix of tasks, and from skill."""
KEYFRAME: Final = 100
"""After this many epochs every series gets a point, even if it has not changed.

At first it takes fewer epochs: a hundredth of the past ones. Charts need rows with both the reward and a parameter, and
so get about a hundred of them early.
"""
MAX_SERIES: Final = 200
MAX_TEXTS: Final = 100
"""The most different texts in a series of values that are not numbers."""
OTHERS: Final = "(others)"
MAX_CONFIGS: Final = 256
"""The most different configs whose key parameters are searched for at the end of one epoch."""
_FOUND: Final = 4 * MAX_CONFIGS
"""The number of configs whose key parameters are cached."""


class LiveMetrics:
    """Collects records into one row for each epoch.

    A parameter has the value of all living slots. Where they differ, a number has the mean, and two series more for the
    10 and 90 % quantiles. Another value is charted if more than half of the slots have it. A parameter that is drawn
    anew at each reset has the mean and the 10, 50 and 90 % quantiles of its draws. A series gets a point when its value
    changes and at keyframes. It is NaN if the parameter no longer exists. The axes `env_config/epoch` and
    `env_config/step` get a point at each epoch.
    """

    def __init__(self, selection: Selection = DEFAULT, *, top_tasks: int = 20, max_series: int = MAX_SERIES) -> None:
        self.names: dict[str, str] = {}
        """Series -> original name, for series whose name differs from that of their parameter or task."""
        self.categories: dict[str, list[str]] = {}
        """Series -> texts, for values that are not numbers. The position of a text is the charted number."""
        self.left_out: set[str] = set()
        """Parameters and tasks without a series, because of the limit or because their name is taken."""
        self._selection = selection
        self._top_tasks = top_tasks
        self._max_series = max_series
        self._slots: dict[int, str] = {}
        self._ended: set[int] = set()
        """Slots without a living environment."""
        self._configs: dict[str, Config] = {}
        self._found: dict[str, dict[str, Tree]] = {}
        self._mix: Mapping[str, float] = {}
        self._since = SplitSince()
        self._split: Split | None = None
        self._differed: set[str] = set()
        self._tasks: dict[str, str] = {}
        self._series: dict[str, str] = {}
        self._last: MetricsRow = {}
        self._parameters: MetricsRow | None = {}
        self._curriculum: MetricsRow | None = {}
        self._draws = DrawSeries(selection.globs)
        self._records = 0
        self.ineffective_keys: int | None = None
        """The number of ineffective keys; None if no requests are recorded."""
        self._keyframe = -math.inf

    @property
    def shortfall(self) -> str:
        """A message about the parameters that are not charted."""
        names = sorted(self.left_out)
        some = ", ".join([*names[:3], *(["..."] if names[3:] else [])])
        count = f"{len(names):,} parameter{'s' * (len(names) != 1)}"
        return (
            f"{count} not charted in W&B (limit {self._max_series:,} series): {some}; "
            "choose with params=[...] (the journal has all of them; shown once)"
        )

    def record(self, record: Record, config: Config) -> None:
        self._records += 1
        self._parameters = None
        self._configs[record.config] = config
        self._slots[record.slot] = record.config
        self._ended.discard(record.slot)
        if len(self._configs) > 4 * len(self._slots) + 64:
            self._configs = {digest: self._configs[digest] for digest in set(self._slots.values())}

    def end(self, slots: Iterable[int]) -> None:
        """Note that the environments of these slots ended. If none is left, the last ones count."""
        self._ended.update(slots)
        self._parameters = None

    def mix(self, mix: Mix) -> None:
        if mix.stated is not None:
            self._mix = mix.stated
            self._curriculum = None
        if mix.rewards is not None:
            self._split = self._since.add(mix.rewards)

    def drew(self, draws: Draws) -> None:
        self._draws.add(draws)

    def miss(self, ineffective_keys: int) -> None:
        """Set the number of ineffective keys."""
        self.ineffective_keys = ineffective_keys

    def begin(self) -> None:
        """Start another W&B run. Its first row is a keyframe."""
        self._keyframe = -math.inf

    def row(self, *, step: int, epoch: int) -> MetricsRow:
        """Return the points of an epoch: the axes, and the values that changed since the last row."""
        if self._parameters is None:
            self._parameters = self._of_configs()
        if self._curriculum is None:
            self._curriculum = self._of_mix()
        drawn = self._draws.points(self._admitted)
        now = {**self._parameters, **drawn, **self._curriculum, CHANGES: float(self._records)}
        if self.ineffective_keys is not None:
            now[INEFFECTIVE_KEYS] = float(self.ineffective_keys)
        found = self._split
        effects = {} if found is None or not found.is_identified else {MIX_EFFECT: found.mix, SKILL_EFFECT: found.skill}
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

    def _of_configs(self) -> MetricsRow:
        row: MetricsRow = {key: math.nan for key in self._last if key.startswith("env/")}
        held: dict[str, list[tuple[Tree, int]]] = {}
        for digest, count in self._charted().items():
            for name, value in self._key_parameters(digest).items():
                held.setdefault(name, []).append((value, count))
        keys = {name: key for name in held if (key := self._admitted(f"env/{name}")) is not None}
        known = {name: [(value, count) for value, count in held[name] if value is not None] for name in keys}
        for name, key in keys.items():
            summary = slot_summary(known[name])
            if summary is not None:
                row[key] = self._number(key, summary)
        for name in keys:  # after all parameters, so that quantiles take the series of none
            row |= self._quantiles(name, known[name])
        return row

    def _charted(self) -> Mapping[str, int]:
        """Return the configs that living slots run, with their numbers of slots. Of very many, evenly spaced slots."""
        living = [config for slot, config in self._slots.items() if slot not in self._ended]
        living = living or list(self._slots.values())
        counts = Counter(living)
        return counts if len(counts) <= MAX_CONFIGS else Counter(living[:: -(-len(living) // MAX_CONFIGS)])

    def _quantiles(self, name: str, held: Sequence[tuple[Tree, int]]) -> MetricsRow:
        """Return the 10 and 90 % quantiles of a parameter, from when slots first differ in it."""
        numbers = slot_numbers(held)
        if numbers is None or (name not in self._differed and numbers[0][0] == numbers[-1][0]):
            return {}
        self._differed.add(name)
        keys = {share: self._admitted(f"env/{name}/{suffix}") for share, suffix in ((0.1, "p10"), (0.9, "p90"))}
        return {key: quantile(numbers, share) for share, key in keys.items() if key is not None}

    def _key_parameters(self, digest: str) -> dict[str, Tree]:
        """Return the key parameters of a charted config. Finding them takes longer than recording a change."""
        if digest not in self._found:
            if len(self._found) >= _FOUND:
                self._found.clear()
            self._found[digest] = {}  # a failing function of the user is called once for each config
            self._found[digest] = key_parameters(self._configs[digest], self._selection)
        return self._found[digest]

    def _of_mix(self) -> MetricsRow:
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
        """Return the series of a parameter or task, or None if the limit is reached or its name is taken."""
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
        """Return a number unchanged, and for any other value the position of its text in `categories`."""
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
    """Return a name that W&B accepts. A changed name ends in a digest of the original, so that no two are equal."""
    clean = re.sub(r"[^A-Za-z0-9_./-]", "_", original)[:100]
    return clean if clean == original else f"{clean}_{blake2b(original.encode(), digest_size=3).hexdigest()}"


def _text(value: Tree) -> str:
    """Return `dense`, `Color.RED` or `???`, and for a value that is not text its canonical encoding."""
    match value:
        case Marker(kind="missing"):
            return "???"
        case Marker(value=str(text)) | str(text):
            return text[:200]
        case _:
            return encoding.encode(value).decode()[:200]

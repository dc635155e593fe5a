"""The evaluation of the runs of a sweep: the metric that they logged for it, and its environments."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from envcfg.analysis.effects import gate
from envcfg.analysis.effects.gate import Caution
from envcfg.analysis.groups import Run
from envcfg.analysis.sweep.between import between
from envcfg.core.diff import Edit
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, leaves
from envcfg.core.variation import variations
from envcfg.history.history import History
from envcfg.sources.metrics import likely_reward, metric_names
from envcfg.sources.task_metrics import names_reward

_EVALUATION: Final = re.compile(r"(?i)(^|[/_.])(eval(uation)?|test|val(idation)?)([/_.]|$)")


def is_evaluation(metric: str) -> bool:
    """Whether the name of a metric says that it was measured in an evaluation, as `eval/mean_reward` does."""
    return _EVALUATION.search(metric) is not None


def evaluation_metric(histories: Iterable[History]) -> str | None:
    """The reward of an evaluation that every run logged; None if there is none.

    Rewards of the training depend on the task mix, so runs are better compared by such a metric.
    """
    logged = [names for history in histories if (names := metric_names(history))]
    shared = [name for name in (logged[0] if logged else ()) if all(name in names for names in logged)]
    return likely_reward([name for name in shared if is_evaluation(name) and names_reward(name)])


def evaluation_caution(
    metric: str, found: Sequence[Run], groups: Mapping[str, str], *, invariant: bool
) -> Caution | None:
    """Whether the evaluation environments of the groups differed, or are not known. None if they were equal."""
    known = [_values(run.history) for run in found]
    if not any(known):
        text = f"{metric} is an evaluation, but its environments were not recorded, so they may differ between groups"
        return Caution("evaluation not recorded", f"{text}: record them with role='eval'")
    paths = {dotted(path): path for values in known for path in values}
    configs: list[Config] = [{dotted(path): ", ".join(texts) for path, texts in values.items()} for values in known]
    differing = between(variations(configs), [groups[run.name] for run in found])
    edits = [Edit(paths[str(edit.path[0])], edit.before, edit.after) for edit in differing]
    redefining = gate.meaning(metric, invariant=invariant, histories=[run.history for run in found])
    return gate.other_environment([dotted(edit.path) for edit in edits], metric, redefining(edits))


def _values(history: History) -> Mapping[Path, Sequence[str]]:
    """The values of each key in the evaluation environments, as sorted texts. Empty if none was recorded."""
    adopted = history.of_role("eval").adoptions.columns.adopted
    found: dict[Path, set[str]] = {}
    for config in {adopted.values[kind].config for kind in set(adopted.index)}:
        for path, leaf in leaves(history.config(config)):
            found.setdefault(path, set()).add(repr(leaf))
    return {path: sorted(texts) for path, texts in found.items()}

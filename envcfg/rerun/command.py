"""The command that runs a recorded job again: its own overrides, with the replay as its curriculum."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from envcfg.core.errors import OverrideError
from envcfg.history.history import History
from envcfg.rerun.interventions import Intervention

DEMO: Final = ("python", "-m", "envcfg.demo.train")
_OURS: Final = re.compile(r"[+~]*(curriculum|hydra)([./@=]|$)")
"""Overrides that the replay or its launcher sets itself."""
_PLAIN: Final = re.compile(r"(?!(?i:null|true|false|inf|nan)\Z)/?[A-Za-z][\w./:+-]*", re.ASCII)
"""Text that Hydra's grammar reads as this text, and not as a number, a boolean or null."""
_REDACTED: Final = "=<redacted>"


def recorded_overrides(history: History) -> tuple[str, ...]:
    """The overrides of the last job, as they were recorded."""
    return history.jobs[-1].overrides if history.jobs else ()


def replayed(history: History, run: str, *, app: Sequence[str] = DEMO) -> tuple[str, ...]:
    """The command of one job that repeats *history*, which is stored at *run*."""
    return (*app, *_overrides(history), *_replay(run))


def ablated(
    history: History,
    run: str,
    intervention: Intervention,
    *,
    app: Sequence[str],
    seeds: Sequence[int],
    folder: Path,
    extra: Sequence[str] = (),
) -> tuple[str, ...]:
    """The command of a multirun into *folder*: for each seed, the run as recorded and with the intervention."""
    own = [override for override in _overrides(history) if not re.match(r"\+*seed=", override)]
    arms = f"curriculum.intervention=null,{quoted(str(intervention))}"
    swept = (arms, f"seed={','.join(map(str, seeds))}", f"hydra.sweep.dir={quoted(str(folder))}")
    return (*app, "--multirun", *own, *_replay(run), *swept, *extra)


def quoted(text: str) -> str:
    """*text* as a value of a Hydra override, quoted if it has special characters such as a comma or a blank."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + found[2].replace("'", "\\'"), text)
    return "'" + escaped.replace("${", "\\${") + "'"


def _overrides(history: History) -> list[str]:
    """The overrides of the job, without redacted ones.

    Raises `OverrideError` for a recorded text that is not an override, because a command could read it as an option.
    """
    kept = [
        override
        for override in recorded_overrides(history)
        if not _OURS.match(override) and not override.endswith(_REDACTED)
    ]
    for override in kept:
        _check(override, history.run)
    return kept


def _check(override: str, run: str) -> None:
    """Let Hydra's own parser check *override*: it comes from the journal, which anybody may have written."""
    from hydra.core.override_parser.overrides_parser import OverridesParser  # noqa: PLC0415  # slow, and rarely wanted
    from hydra.errors import HydraException  # noqa: PLC0415

    try:
        OverridesParser.create().parse_override(override)
        why = "" if override.isprintable() else "it contains control characters"
    except HydraException as error:
        why = str(error).splitlines()[0]
    if why:
        raise OverrideError(
            f"run {run} was recorded with {override!r}, which is not a Hydra override ({why}): "
            "nothing was started; start the runs yourself, with overrides that you trust"
        )


def _replay(run: str) -> tuple[str, ...]:
    return "hydra/callbacks=env_config", "curriculum=replay", f"curriculum.run={quoted(run)}"

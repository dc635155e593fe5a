"""Estimate, for many tests at once: the false discovery rate of Benjamini and Hochberg.

1995, doi 10.1111/j.2517-6161.1995.tb02031.x
"""

from collections.abc import Sequence

from envcfg.analysis.effects.arrays import np


def q_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """For each test, the smallest false discovery rate at which it still counts as a discovery."""
    from scipy.stats import false_discovery_control  # noqa: PLC0415  # scipy.stats takes long to import

    return tuple(false_discovery_control(np.asarray(p_values, dtype=float)).tolist())

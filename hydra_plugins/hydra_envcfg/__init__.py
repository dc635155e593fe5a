"""Makes `hydra/callbacks=env_config` known to every Hydra app of this environment.

Hydra imports this at the start of each of them, so it loads nothing but Hydra, and cannot break one.
"""

import contextlib

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class EnvcfgPlugin(SearchPathPlugin):
    """Hydra asks each search path plugin before it composes a config: that is when the store has to know ours.

    The class stays here and stays this small: Hydra 1.3 executes the modules of plugins twice.
    """

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:  # noqa: ARG002  # nothing to add to it
        with contextlib.suppress(Exception):  # an app that has never heard of envcfg must start, whatever is wrong here
            from envcfg.adapters.hydra_schema import register  # noqa: PLC0415  # what cannot be imported breaks nobody

            register()

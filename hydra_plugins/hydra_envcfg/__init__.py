"""Makes `hydra/callbacks=env_config` known to every Hydra app of this environment.

Hydra imports this module whenever an app starts. The module therefore loads nothing but Hydra, and it cannot stop an
app.
"""

import contextlib

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class EnvcfgPlugin(SearchPathPlugin):
    """Puts the schema of envcfg into Hydra's store.

    Hydra calls each search path plugin before it composes a config, so the store is ready in time. Keep this class
    small: Hydra 1.3 executes the modules of plugins twice.
    """

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:  # noqa: ARG002  # nothing to add to it
        with contextlib.suppress(Exception):  # an app that does not use envcfg must start even if envcfg is broken
            from envcfg.adapters.hydra_schema import register_hydra_schema  # noqa: PLC0415  # the import may fail

            register_hydra_schema()

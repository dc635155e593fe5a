"""Makes `hydra/callbacks=env_config` known to every Hydra app of this environment.

Hydra imports this at the start of each of them, so it loads nothing but Hydra, and cannot break one.
"""

import contextlib

with contextlib.suppress(Exception):  # an app that has never heard of envcfg must start, whatever is wrong with it
    from envcfg.adapters.hydra_schema import register

    register()

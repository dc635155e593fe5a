"""Let tests not wait for the disk: nothing that they write has to survive a power cut.

This holds for what a test writes in its own process. The programs that it starts sync their files.
"""

import os


def _sync(file):
    """Sync nothing."""


os.fsync = os.fdatasync = _sync

"""The journal among the files of a tracking service's run, so that whoever moves the run's folder takes it along."""

import os
import shutil
from pathlib import Path

from envcfg.journal.folder import segments

MANIFEST = "manifest.json"


def link_files(journal: Path, kept: Path) -> None:
    """Make *kept* hold the journal: the same files by hard links, copies where that cannot be.

    An open segment that is linked stays complete whatever dies.
    """
    kept.mkdir(parents=True, exist_ok=True)
    names = {segment.path(journal).name for segment in segments(journal)}
    for stale in {path.name for path in kept.iterdir()} - names - {MANIFEST}:
        (kept / stale).unlink()
    for name in names:
        source, target = journal / name, kept / name
        try:
            os.link(source, target)
        except FileExistsError:
            if not source.samefile(target):
                shutil.copyfile(source, target)
        except OSError:
            shutil.copyfile(source, target)

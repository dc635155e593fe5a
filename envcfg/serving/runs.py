"""The runs below a folder, each with a key for its address in the browser. No path comes from a browser."""

from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.finding import found_runs
from envcfg.sources.follow import Stamp, stamp
from envcfg.sources.listing import ListedRun, listed
from envcfg.sources.load import load
from envcfg.sources.runs_in_folder import addresses

KEPT: Final = 8
"""The most runs that stay in memory."""


class ServedRun(NamedTuple):
    """One run in the list."""

    key: str
    listed: ListedRun


class ServedRuns:
    """The runs below *folder*, as they are now. It keeps nothing but the last few runs that were read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: OrderedDict[str, tuple[Stamp, History]] = OrderedDict()

    def listed(self) -> list[ServedRun]:
        """All runs, the newest first."""
        found = [run for place in found_runs(self.folder) for run in listed(place)]
        found.sort(key=lambda run: (run.began or 0.0, str(run.place)), reverse=True)
        return [ServedRun(self._key(str(run.place)), run) for run in found]

    def where(self, key: str) -> str:
        """The address of a run. Raises `SourceError` if there is no run with this key."""
        found = next((address for address in self._addresses() if self._key(address) == key), None)
        if found is None:
            raise SourceError(f"there is no such run below {self.folder} any more: go back to the list of runs")
        return found

    def name(self, address: str) -> str:
        """The address as a reader knows it: without the folder that is served."""
        folder, at, run = address.partition("#")
        path = Path(folder)
        inside = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        return f"{self.folder.resolve().name if inside == Path() else inside}{at}{run}"

    def history(self, key: str) -> History:
        """The run with this key. It is read again if its files have grown."""
        known = self._read.pop(key, None)
        if known is None or stamp(known[1]) != known[0]:
            history = load(self.where(key))
            known = stamp(history), history
        self._read[key] = known
        while len(self._read) > KEPT:
            self._read.popitem(last=False)
        return known[1]

    def _addresses(self) -> Iterator[str]:
        return (str(address) for place in found_runs(self.folder) for address in addresses(place))

    def _key(self, address: str) -> str:
        return blake2b(self.name(address).encode(errors="surrogateescape"), digest_size=8).hexdigest()

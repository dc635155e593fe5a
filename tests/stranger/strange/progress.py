"""A metric source that reads the `monitor.csv` of a trainer, beside the journal."""

import csv

from envcfg.sources import Series


class MonitorMetrics:
    def names(self, run):
        return [name for name in self.table(run) if name != "timesteps"]

    def series(self, run, name):
        table = self.table(run)
        if name not in table or name == "timesteps":
            return None
        return Series.of(name, table["timesteps"], table[name])

    def table(self, run):
        path = run.folder and run.folder.parent / "monitor.csv"
        if path is None or not path.is_file():
            return {}
        with path.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

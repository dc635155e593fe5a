"""What a soak found: of how many trials and records it speaks, and each finding in a sentence."""

from dataclasses import dataclass, field


@dataclass
class Found:
    trials: int = 0
    acknowledged: int = 0
    """Records that the training was told to be kept."""
    lost: int = 0
    """Acknowledged records that no history has."""
    untold: int = 0
    """Faults after which something is missing, and nothing says so."""
    false: int = 0
    """Stories that are not true: a wrong config, a wrong order, a wrong ending."""
    said: list[str] = field(default_factory=list)

    def loses(self, count, sentence):
        if count:
            self.lost += count
            self.said.append(f"{count} lost: {sentence}")

    def hides(self, sentence):
        self.untold += 1
        self.said.append(f"untold: {sentence}")

    def lies(self, sentence):
        self.false += 1
        self.said.append(f"false: {sentence}")

    @property
    def is_clean(self):
        return not (self.lost or self.untold or self.false)

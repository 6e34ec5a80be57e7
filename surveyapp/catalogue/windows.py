"""From when to when a questionnaire is begun. What was begun in time is taken whenever it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """Where a moment lies."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Window:
    """Aware moments; None: there is no such end. It is open from the first, up to the second."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def phase(self, moment: datetime) -> Phase:
        """Where a moment lies."""
        if self.opens_at is not None and moment < self.opens_at:
            return Phase.BEFORE
        return Phase.AFTER if self.closes_at is not None and moment >= self.closes_at else Phase.OPEN

    def has(self, moment: datetime) -> bool:
        """Whether an interview that began at a moment began in time."""
        return self.phase(moment) is Phase.OPEN


#: without any end
ALWAYS = Window()

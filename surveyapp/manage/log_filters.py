"""What the page of the log is cut by, as it stands in its address: numbers, words of ours, days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from surveyapp.manage.listing_filters import day_in, number_in, one_of, plain_text
from surveyapp.people.audit import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Empty: not cut by it. `by` 0: what was done on the command line."""

    by: int | None = None
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    def address(self) -> dict[str, Any]:
        """The same as the query of an address."""
        named = {
            "by": None if self.by is None else str(self.by),
            "action": self.action,
            "subject": self.subject,
            "since": str(self.since or ""),
            "until": str(self.until or ""),
        }
        return {name: value for name, value in named.items() if value}


def read_asked(asked: Mapping[str, str]) -> Asked:
    """What an address asks for; what makes no sense is left out."""
    return Asked(
        by=0 if asked.get("by") == "0" else number_in(asked.get("by")),
        action=one_of(asked.get("action"), {action.value for action in Action}),
        subject=plain_text(asked.get("subject")),
        since=day_in(asked.get("since")),
        until=day_in(asked.get("until")),
    )

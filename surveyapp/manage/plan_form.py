"""The form of a plan: from when to when, how many in all and of each region, how visits are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from surveyapp.submissions.assignment_columns import day_of

#: records that one can plan
MOST = 100_000_000
#: field name of a region's number
REGION = "region-"


@dataclass(slots=True)
class PlanForm:
    """What was typed (by field), and what is wrong with it (by field)."""

    typed: Mapping[str, str]
    done: list[str]
    apart: list[str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> PlanForm:
        """What was sent."""
        return cls(form.to_dict(), form.getlist("done"), form.getlist("apart"))

    def number(self, name: str) -> int | None:
        """A whole number, or None for nothing; what is wrong is noted."""
        text = "".join(self.typed.get(name, "").split())
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:12]) <= MOST:
            self.errors[name] = _("Write a whole number from 1 to %(max)s, or nothing", max=MOST)
            return None
        return int(text)

    def day(self, name: str) -> date | None:
        """A day, or None for nothing; what is wrong is noted."""
        text = self.typed.get(name, "").strip()
        found = day_of(text) if text else None
        if text and found is None:
            self.errors[name] = _("This must be a date, such as 2026-09-05")
        return found

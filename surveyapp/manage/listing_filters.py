"""What a list of submissions is cut by, as it stands in the list's address: no answer, no name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from surveyapp.submissions.models import Channel, Flag, State
from surveyapp.submissions.receipts import read_code

#: longer values are no code, version or name of ours
LONGEST = 100
#: hexadecimal digits from which on the beginning of an id is looked for
SHORTEST_PREFIX = 4
_BREAKDOWN = "group-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Empty: not cut by it."""

    status: str = ""
    region: str = ""
    channel: str = ""
    version: str = ""
    #: a `Flag`, or `any`
    flag: str = ""
    #: `yes` or `no`
    synthetic: str = ""
    #: who sent the current revision: the number of an account
    by: int | None = None
    #: days in the time zone of the settings, both included
    since: date | None = None
    until: date | None = None
    #: a receipt code, or the beginning of an id
    find: str = ""
    #: breakdown → code
    groups: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> str | None:
        """The receipt code that is looked for."""
        return read_code(self.find) if self.find else None

    @property
    def ids(self) -> tuple[UUID, UUID] | None:
        """The first and the last id that begin as what is looked for; None: it begins no id."""
        digits = self.find.replace("-", "").lower()
        if not SHORTEST_PREFIX <= len(digits) <= 32 or not re.fullmatch("[0-9a-f]+", digits):
            return None
        return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))

    @property
    def is_nonsense(self) -> bool:
        """Whether something is looked for that can be found nowhere."""
        return bool(self.find) and self.code is None and self.ids is None

    def address(self) -> dict[str, Any]:
        """The same as the query of an address."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "groups"}
        written = {name: str(value) for name, value in named.items() if value}
        return written | {f"{_BREAKDOWN}{name}": code for name, code in self.groups}


def read_filters(asked: Mapping[str, str]) -> Filters:
    """What an address asks for; what makes no sense is left out."""
    return Filters(
        status=one_of(asked.get("status"), {state.value for state in State}),
        region=plain_text(asked.get("region")),
        channel=one_of(asked.get("channel"), {channel.value for channel in Channel}),
        version=plain_text(asked.get("version")),
        flag=one_of(asked.get("flag"), {"any", *(flag.value for flag in Flag)}),
        synthetic=one_of(asked.get("synthetic"), {"yes", "no"}),
        by=number_in(asked.get("by")),
        since=day_in(asked.get("since")),
        until=day_in(asked.get("until")),
        find=plain_text(asked.get("find")),
        groups=tuple(
            (name.removeprefix(_BREAKDOWN), value)
            for name, value in sorted(asked.items())
            if name.startswith(_BREAKDOWN) and plain_text(name) and plain_text(value)
        )[:8],
    )


def one_of(asked: str | None, words: set[str]) -> str:
    """The word, if it is one of ours; else nothing."""
    return asked if asked in words else ""


def plain_text(asked: str | None) -> str:
    """A text that can be looked for; else nothing."""
    text = (asked or "").strip()
    return text if text.isprintable() and len(text) <= LONGEST else ""


def number_in(asked: str | None) -> int | None:
    """A number from 1 on; else nothing."""
    is_one = asked is not None and re.fullmatch("[0-9]{1,9}", asked)
    return int(asked or 0) or None if is_one else None


def day_in(asked: str | None) -> date | None:
    """A day; else nothing."""
    try:
        day = date.fromisoformat(asked or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None

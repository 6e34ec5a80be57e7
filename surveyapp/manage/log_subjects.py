"""What entries of the audit log are about, as people know it: a title, a receipt code, a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.i18n import current_language, format_day
from surveyapp.manage import account_queries
from surveyapp.manage.log_words import numbered
from surveyapp.manage.presenting import may
from surveyapp.people.audit import Action
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Right
from surveyapp.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class Subject:
    """What it is called, and the page about it; None: there is none, or the reader may not open it."""

    words: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    questionnaire: str
    receipt_code: str


class Subjects:
    """Names the subjects of some entries; two queries, however many there are.

    `names`: number → name of everybody with an account.
    """

    def __init__(self, subjects: Iterable[str], names: Mapping[int, str]) -> None:
        self._titles = account_queries.titles()
        self._accounts = {name: number for number, name in names.items()}
        self._records = _records(filter(None, map(_number_of, subjects)))

    def of(self, entry: AuditEntry) -> Subject:
        """What an entry is about."""
        if entry.action in _OF_PEOPLE:
            return self._account(entry.subject)
        if entry.action in _OF_DAYS:
            return _day(entry.subject)
        return self._thing(entry.subject)

    def _account(self, name: str) -> Subject:
        number = self._accounts.get(name)
        known = number is not None and may(Right.PEOPLE)
        return Subject(name, url_for("accounts.account", account_id=number) if known else None)

    def _thing(self, subject: str) -> Subject:
        record = _number_of(subject)
        if record is not None:
            return self._submission(record)
        if subject in self._titles:
            return self._questionnaire(subject)
        first, _space, rest = subject.partition(" ")
        if first in self._titles:
            title = self._titles[first]
            return Subject(_("%(title)s, sheet %(code)s", title=title, code=rest))
        words = numbered(subject)
        return Subject(words or subject, _address(first, int(rest)) if words else None)

    def _submission(self, number: UUID) -> Subject:
        found = self._records.get(number)
        if found is None:
            return Subject(_("submission %(code)s", code=number))
        words = _("submission %(code)s", code=found.receipt_code)
        page: dict[str, Any] = {"questionnaire_id": found.questionnaire, "submission_id": number}
        opens = may(Right.READ, found.questionnaire)
        return Subject(words, url_for("records.record", **page) if opens else None)

    def _questionnaire(self, name: str) -> Subject:
        opens = may(Right.WATCH, name)
        address = url_for("manage.questionnaire", questionnaire_id=name) if opens else None
        return Subject(self._titles[name], address)


def _address(kind: str, number: int) -> str | None:
    if kind == "breach" and may(Right.LOG):
        return url_for("breaches.one", breach_number=number)
    if kind == "request" and may(Right.SUBJECTS):
        return url_for("subjects.one", request_number=number)
    return url_for("phones.phones") if kind == "device" and may(Right.DEVICES) else None


def _day(subject: str) -> Subject:
    day = date.fromisoformat(subject)
    opens = may(Right.LOG)
    address = url_for("told_days.overview", year=day.year) if opens else None
    return Subject(format_day(day, current_language()), address)


def _number_of(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None


def _records(numbers: Iterable[UUID]) -> dict[UUID, _Record]:
    columns = (Submission.id, Submission.questionnaire, Submission.receipt_code)
    found = db.session.execute(select(*columns).where(Submission.id.in_(list(numbers))))
    return {row.id: _Record(row.questionnaire, row.receipt_code) for row in found}


#: deeds whose subject is a day
_OF_DAYS = frozenset({Action.DAY_TOLD, Action.DAY_TAKEN_BACK})
#: deeds whose subject is somebody's user name, which may be spelt as a questionnaire's id
_OF_PEOPLE = frozenset(
    {
        Action.SIGNED_IN,
        Action.PASSWORD_CHANGED,
        Action.FACTOR_ADDED,
        Action.FACTOR_REMOVED,
        Action.FACTOR_REFUSED,
        Action.FACTOR_FORGOTTEN,
        Action.RECOVERY_CODES_MADE,
        Action.RECOVERY_CODE_USED,
        Action.OUTSIDE_LINKED,
        Action.OUTSIDE_UNLINKED,
        Action.USER_ADDED,
        Action.USER_DEACTIVATED,
        Action.USER_ACTIVATED,
        Action.LINK_MADE,
        Action.LINK_USED,
        Action.SESSIONS_ENDED,
        Action.ROLE_GRANTED,
        Action.ROLE_TAKEN,
        Action.TOKEN_CREATED,
        Action.TOKEN_REVOKED,
        Action.COLLECT_PASSWORD_MADE,
    }
)

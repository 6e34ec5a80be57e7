"""What the templates under /manage call: titles, times, words, and where one can go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.catalogue import problems
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.i18n import current_language
from surveyapp.manage import words
from surveyapp.messages import sentence
from surveyapp.people.rights import Right
from surveyapp.people.roles import has_session, my_reach
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.problems import Severity
from surveyapp.wiring import settings_of

if TYPE_CHECKING:  # what checks workbooks takes 40 MB (late_commands.py)
    from surveyapp.questionnaires.checking import Report

#: page, what it is called, and the right that opens it
PLACES = (
    ("manage.questionnaires", _l("Questionnaires"), Right.WATCH),
    ("editions.publish", _l("Publish"), Right.PUBLISH),
    ("manage.quarantine", _l("Quarantine"), Right.REVIEW),
    ("subjects.requests", _l("Families’ requests"), Right.SUBJECTS),
    ("manage.log", _l("Log"), Right.LOG),
)


def title_of(version: PublishedVersion) -> str:
    """A questionnaire's title in the reader's language, else in its own default one."""
    return str(version.title.get(current_language()) or version.title.get(version.default_language, ""))


def local_time(at: datetime) -> str:
    """A moment in the time zone of the settings, to the minute."""
    return f"{at.astimezone(settings_of().timezone):%Y-%m-%d %H:%M}"


def short_day(day: date) -> str:
    """A day and its month, in the reader's language."""
    return str(format_date(day, "d MMM", locale=current_language()))


def detail(value: Any) -> str:
    """A detail of the audit log, readable."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def kib(size: int) -> str:
    """A size in KiB, with the reader's decimal sign."""
    return f"{format_decimal(round(size / 1024, 1), locale=current_language())} KiB"


def problem_counts(report: Report) -> str:
    """How many errors, warnings and notices a check found."""
    numbers = {severity.value: report.count(severity) for severity in Severity}
    return str(_("errors: %(error)s · warnings: %(warning)s · notices: %(notice)s", **numbers))


def error_sentence(kept: Mapping[str, Any]) -> str:
    """What rule an answer breaks, in the reader's language."""
    return sentence(AnswerError(kept["path"], kept["code"], kept["params"]), current_language())


def places() -> tuple[tuple[str, LazyString], ...]:
    """The pages that the signed-in person may open."""
    return tuple((page, words) for page, words, right in PLACES if my_reach(right))


def may(right: str, questionnaire: str | None = None) -> bool:
    """Whether the signed-in person has a right, for a questionnaire or for something at all."""
    reach = my_reach(Right(right))
    return reach.touches(questionnaire) if questionnaire is not None else bool(reach)


def signed_in_name() -> str | None:
    """Who is signed in, if somebody is."""
    return str(current_user.username) if has_session() else None


def register_presenting(app: Flask) -> None:
    """Make all of it known to the templates; nothing is computed for pages that do not ask."""
    app.jinja_env.globals.update(
        title_of=title_of,
        local_time=local_time,
        short_day=short_day,
        detail=detail,
        manage_places=places,
        may=may,
        kib=kib,
        sentence=error_sentence,
        problem_counts=problem_counts,
        problem_place=lambda problem: problems.place(problem, current_language()),
        problem_message=lambda problem: problems.message(problem, current_language()),
        problem_advice=lambda problem: problems.advice(problem, current_language()),
        signed_in_name=signed_in_name,
        spoken=words.spoken,
        **{name: getattr(words, name) for name in _TABLES},
    )


_TABLES = (
    "ACCESS",
    "ACTIONS",
    "ACTS",
    "CHANGES",
    "CHANNELS",
    "DETAILS",
    "FLAGS",
    "KEPT",
    "OUTCOMES",
    "REASONS",
    "SEVERITIES",
    "STATUSES",
    "WISHES",
)

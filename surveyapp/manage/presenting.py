"""What the templates under /manage call: titles, times, words, and where one can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from flask import Flask, request, url_for
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.catalogue import problems
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.database import utc_now
from surveyapp.i18n import current_language, format_day, format_moment
from surveyapp.manage import log_words, qr, words
from surveyapp.messages import sentence
from surveyapp.people import second_step
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
    ("paper.questionnaires", _l("Paper sheets"), Right.COLLECT),
    ("phones.phones", _l("Phones"), Right.DEVICES),
    ("desk.waiting", _l("Quarantine"), Right.REVIEW),
    ("accounts.people", _l("People"), Right.PEOPLE),
    ("subjects.requests", _l("Families’ requests"), Right.SUBJECTS),
    ("approvals.requests", _l("Full exports"), Right.APPROVE_FULL),
    ("breaches.overview", _l("Breaches"), Right.LOG),
    ("log.entries", _l("Log"), Right.LOG),
)


_QUESTIONNAIRES, _PAPER = "manage.questionnaires", "paper.questionnaires"


def title_of(version: PublishedVersion) -> str:
    """A questionnaire's title in the reader's language, else in its own default one."""
    return str(version.title.get(current_language()) or version.title.get(version.default_language, ""))


def local_time(at: datetime) -> str:
    """A moment in the time zone of the settings, to the minute."""
    return f"{at.astimezone(settings_of().timezone):%Y-%m-%d %H:%M}"


def zone_words() -> str:
    """In which time zone moments are typed and shown."""
    zone = settings_of().timezone
    offset = format_moment(utc_now(), zone, current_language()).rpartition("(")[2].rstrip(")")
    return str(_("Time zone: %(zone)s (%(offset)s)", zone=zone.key, offset=offset))


def said_in(language: str, sentence: str, day: date | None = None) -> str:
    """What is printed on a card of a personal link, in the language of whoever gets it."""
    with force_locale(language):
        if sentence == "until" and day is not None:
            return str(_("Good until: %(day)s", day=format_day(day, language)))
        return str(_("Type this code when the questionnaire asks for it. It works once."))


def short_day(day: date) -> str:
    """A day and its month, in the reader's language."""
    return str(format_date(day, "d MMM", locale=current_language()))


def long_day(day: date) -> str:
    """A day with its month and year, in the reader's language."""
    return str(format_date(day, "d MMM y", locale=current_language()))


def format_share(share: float) -> str:
    """A share of 1 in percent, in the reader's language."""
    return str(format_percent(share, "#,##0%", locale=current_language()))


def short_number(number: int) -> str:
    """A number that fits on a tile: 12 300 as “12 K”."""
    if number < 10_000:
        return str(format_decimal(number, locale=current_language()))
    return str(format_compact_decimal(number, locale=current_language()))


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


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation; `current`: this is it (`page`), or it leads to where we are (`true`)."""

    address: str
    words: LazyString
    current: str | None


def places() -> list[Place]:
    """The pages that the signed-in person may open; none before a second factor that is due."""
    if current_user.is_authenticated and second_step.is_due(current_user):
        return []
    return [
        Place(url_for(page), words, _current(page)) for page, words, right in PLACES if my_reach(right)
    ]


def _current(page: str) -> str | None:
    if request.endpoint == page:
        return "page"
    if page == _PAPER:
        return "true" if request.blueprint == "paper" else None
    if page == _QUESTIONNAIRES:
        within = request.path.startswith(url_for(page) + "/q/") and request.blueprint != "paper"
    else:
        within = f"{request.path}/".startswith(url_for(page) + "/")
    return "true" if within else None


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
        zone_words=zone_words,
        said_in=said_in,
        qr_picture=qr.picture,
        long_day=long_day,
        format_share=format_share,
        short_number=short_number,
        detail=log_words.detail,
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
        worded=words.worded,
        **{name: getattr(words, name) for name in _TABLES},
    )


_TABLES = (
    "SHEET_STATES",
    "DOUBTS",
    "TEXT_KINDS",
    "ACCESS",
    "ACTIONS",
    "ACTS",
    "CHANGES",
    "CHANNELS",
    "DAY_KINDS",
    "DETAILS",
    "FLAGS",
    "KEPT",
    "CAUSES",
    "OUTCOMES",
    "REASONS",
    "SEVERITIES",
    "STATUSES",
    "WISHES",
)

"""What the templates under /manage call: titles, times, words, and where one can go."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from flask import Flask
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.i18n import current_language
from surveyapp.manage import words
from surveyapp.people.roles import RoleName, has_session, may_act_as
from surveyapp.wiring import settings_of

PLACES = (
    ("manage.questionnaires", _l("Questionnaires")),
    ("manage.quarantine", _l("Quarantine")),
    ("manage.log", _l("Log")),
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


def places() -> tuple[tuple[str, LazyString], ...]:
    """The pages that the signed-in person may open."""
    return PLACES if may_act_as(RoleName.ADMINISTRATOR) else ()


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
        signed_in_name=signed_in_name,
        spoken=words.spoken,
        **{name: getattr(words, name) for name in _TABLES},
    )


_TABLES = ("ACCESS", "ACTIONS", "CHANNELS", "DETAILS", "FLAGS", "REASONS", "STATUSES")

"""The page of the days of rest by which deadlines are reckoned: by the law, and as told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from babel.dates import format_date
from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import Told, day_of, holidays_of
from surveyapp.i18n import current_language, format_day
from surveyapp.manage.words import DAY_KINDS
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.submissions import telling_days, told_days
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.telling_days import FIRST_YEAR, LAST_YEAR
from surveyapp.submissions.told_day_models import Kind, ToldDay
from surveyapp.wiring import settings_of

blueprint = Blueprint("told_days", __name__, url_prefix="/manage/days")
_DAY = _l("Write a day")
#: why a day is not taken as it was typed
_REFUSALS: Mapping[type[Refused], LazyString] = {
    telling_days.AlreadyTold: _l("Something is told of this day already: take it away first."),
    telling_days.NothingNew: _l("By the rules this day is that already."),
    telling_days.OutOfReach: _l("Choose a year between 2020 and 2099."),
    telling_days.SecondKurbanAit: _l("Kurban Ait of this year is told already: take it away first."),
    telling_days.NotTold: _l("Nothing is told of this day: somebody else was quicker."),
}


class WhichForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A day."""

    day = DateField(validators=[InputRequired(_DAY)])


class DayForm(WhichForm):
    """A day and what it is."""

    kind = RadioField(
        choices=[SelectChoice(kind, words) for kind, words in DAY_KINDS.items()],
        validators=[InputRequired(_l("Choose one"))],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A day of the list; `told` is None where a rule says what it is."""

    day: date
    told: ToldDay | None


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.LOG))
def overview() -> str:
    """The days of a year, and the form of a further one."""
    return _page(DayForm(formdata=None))


@blueprint.post("", strict_slashes=False)
@allow(needs(Right.LOG))
def tell() -> ResponseReturnValue:
    """Say what a day is."""
    form = DayForm()
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    day = form.day.data
    assert day is not None  # noqa: S101  # it is required
    try:
        moved = telling_days.tell(day, Kind(form.kind.data), by=int(current_user.id))
    except Refused as refused:
        form.day.errors = [_REFUSALS[type(refused)]]
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    _flash(day, moved)
    return _back_to(day.year)


@blueprint.post("/take-away")
@allow(needs(Right.LOG))
def take_away() -> ResponseReturnValue:
    """Let the rules say what a day is."""
    form = WhichForm()
    day = form.day.data
    if not form.validate() or day is None:
        return _page(DayForm(formdata=None)), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        _flash(day, telling_days.take_away(day, by=int(current_user.id)))
    except Refused as refused:
        flash(str(_REFUSALS[type(refused)]), "error")
    return _back_to(day.year)


def is_kurban_ait_missing() -> bool:
    """Whether nobody told this year's Kurban Ait, so that deadlines around it may be a day short."""
    return not told_days.knows_kurban_ait(_today().year)


def _today() -> date:
    return day_of(utc_now(), settings_of().timezone)


def _year() -> int:
    asked = request.args.get("year", type=int)
    return asked if asked is not None and FIRST_YEAR <= asked <= LAST_YEAR else _today().year


def _page(form: DayForm) -> str:
    year = form.day.data.year if form.day.data else _year()
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    return render_template(
        "manage/told_days.html",
        year=year,
        years=[each for each in (year - 1, year + 1) if FIRST_YEAR <= each <= LAST_YEAR],
        lines=_lines(year),
        form=form,
        kurban_ait_is_told=told_days.knows_kurban_ait(year),
        day_words=_day_words,
    )


def _lines(year: int) -> list[Line]:
    told = {each.day: each for each in told_days.told_of(year)}
    rest = frozenset(day for day, each in told.items() if each.kind != Kind.WORKING)
    known = holidays_of(year, Told(rest=rest)) | set(told)
    return [Line(day, told.get(day)) for day in sorted(known) if day.year == year]


def _day_words(day: date) -> str:
    """“27 May 2026, Wednesday”."""
    language = current_language()
    return f"{format_day(day, language)}, {format_date(day, 'EEEE', locale=language)}"


def _flash(day: date, moved: int) -> None:
    saved = _("Saved: %(day)s.", day=_day_words(day))
    if moved:
        more = ngettext("%(num)s deadline moved.", "%(num)s deadlines moved.", moved)
        saved = f"{saved} {more}"
    flash(saved)


def _back_to(year: int) -> ResponseReturnValue:
    return redirect(url_for("told_days.overview", year=year), HTTPStatus.SEE_OTHER)


def register_told_days(app: Flask, _settings: Settings) -> None:
    """Serve the page; pages with deadlines ask whether something is missing."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["is_kurban_ait_missing"] = is_kurban_ait_missing

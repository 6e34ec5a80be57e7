"""The pages of breaches: write one down, with what the log tells, and print the sheet that is sent."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.manage import account_queries, subject_queries
from surveyapp.manage.breach_form import WORDS, BreachForm
from surveyapp.people import audit, audit_search
from surveyapp.people.access import allow
from surveyapp.people.rights import EVERYWHERE, Reach, Right
from surveyapp.people.roles import needs
from surveyapp.submissions import breaches
from surveyapp.submissions.breach_models import BreachEdition
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

blueprint = Blueprint("breaches", __name__, url_prefix="/manage/breaches")
LARGEST = 2**31 - 1


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.LOG))
def overview() -> str:
    """Breaches that were written down, and the form of a new one."""
    return _overview(_form(None))


@blueprint.post("", strict_slashes=False)
@allow(needs(Right.LOG))
def begin() -> ResponseReturnValue:
    """Write a new one down."""
    form = _chosen(BreachForm())
    if not form.validate():
        return _overview(form), HTTPStatus.UNPROCESSABLE_ENTITY
    number = breaches.write(form.written(settings_of().timezone), by=int(current_user.id))
    return redirect(url_for("breaches.one", breach_number=number), HTTPStatus.SEE_OTHER)


@blueprint.get("/<int:breach_number>")
@allow(needs(Right.LOG))
def one(breach_number: int) -> str:
    """One breach as it stands, to be written on, with its history."""
    known = _known(breach_number)
    return _one(known, _form(known[0]))


@blueprint.post("/<int:breach_number>")
@allow(needs(Right.LOG))
def write(breach_number: int) -> ResponseReturnValue:
    """Keep a further edition."""
    known, form = _known(breach_number), _chosen(BreachForm())
    if not form.validate():
        return _one(known, form), HTTPStatus.UNPROCESSABLE_ENTITY
    breaches.write(form.written(settings_of().timezone), breach_number, by=int(current_user.id))
    flash(_("Saved as a new edition."))
    return redirect(url_for("breaches.one", breach_number=breach_number), HTTPStatus.SEE_OTHER)


@blueprint.get("/<int:breach_number>/sheet/<any(kk,ru,en):lang>")
@allow(needs(Right.LOG))
def sheet(breach_number: int, lang: str) -> str:
    """What is printed or saved and sent, in one of the languages."""
    edition, names = _known(breach_number)[0], audit_search.people()
    with force_locale(lang):
        page = render_template(
            "manage/breach_sheet.html",
            edition=edition,
            names=names,
            titles=account_queries.titles(),
            words=WORDS,
            settings=settings_of(),
            language=lang,
        )
    details: dict[str, audit.Detail] = {"language": lang, "count": edition.number}
    _write_down(breach_number, details)
    return page


def _write_down(breach_number: int, details: dict[str, audit.Detail]) -> None:
    """In a transaction of its own: that of a GET reads, and on SQLite it fails when it would write after
    somebody else has."""
    by, subject = int(current_user.id), f"breach {breach_number}"
    db.session.commit()
    in_one_transaction(
        lambda connection: audit.record_on(
            connection, audit.Action.BREACH_SHEET_OPENED, subject, details, user_id=by
        )
    )


def _known(number: int) -> list[BreachEdition]:
    found = list(breaches.editions(number)) if number <= LARGEST else []
    return found or abort(HTTPStatus.NOT_FOUND)


def _form(edition: BreachEdition | None) -> BreachForm:
    return _chosen(BreachForm.of(edition, utc_now(), settings_of().timezone))


def _chosen(form: BreachForm) -> BreachForm:
    """With the accounts and questionnaires that there are to choose from."""
    people = sorted(audit_search.people().items(), key=lambda each: each[1])
    known = subject_queries.questionnaires(Reach(frozenset({EVERYWHERE})))
    form.by.choices = [
        SelectChoice("", _("everybody")),
        *(SelectChoice(str(number), name) for number, name in people),
    ]
    form.questionnaire.choices = [SelectChoice("", _("all")), *(SelectChoice(*each) for each in known)]
    return form


def _overview(form: BreachForm) -> str:
    return render_template(
        "manage/breaches.html", known=breaches.last_editions(), form=form, words=WORDS
    )


def _one(known: list[BreachEdition], form: BreachForm) -> str:
    return render_template(
        "manage/breach.html",
        edition=known[0],
        editions=known,
        names=audit_search.people(),
        titles=account_queries.titles(),
        form=form,
        words=WORDS,
    )


def register_breaches(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)

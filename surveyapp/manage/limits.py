"""The page of a questionnaire's limits: from which figures on an interviewer's records are unusual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.manage.quality_rules import USUAL, Limits
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.audit import Action
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.submissions.field_models import QualityLimits

blueprint = Blueprint("limits", __name__, url_prefix="/manage/q/<questionnaire_id>/quality/limits")
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """A limit as it is asked for."""

    name: str
    label: LazyString
    lowest: float
    highest: float
    #: what is typed for 1: of a share its percents
    scale: int = 1
    is_whole: bool = True

    def typed(self, value: float) -> str:
        """A value as somebody types it, with the reader's decimal sign."""
        return str(format_decimal(round(value * self.scale, 2), "#0.##"))


ASKED = (
    Asked("records", _l("Judged is who has at least so many records"), 1, 1000),
    Asked("colleagues", _l("… among at least so many colleagues"), 2, 1000),
    Asked(
        "deviations",
        _l("So many usual deviations from the figure in the middle"),
        1,
        20,
        is_whole=False,
    ),
    Asked("seconds", _l("Interviews shorter by at least so many percent"), 0, 100, scale=100),
    Asked(
        "missing", _l("Questions without an answer: so many percentage points more"), 0, 100, scale=100
    ),
    Asked(
        "straight",
        _l("The same answer to all questions in a row: so many percentage points more"),
        0,
        100,
        scale=100,
    ),
    Asked(
        "night", _l("Interviews that end at night: so many percentage points more"), 0, 100, scale=100
    ),
    Asked("spread", _l("Interviews all in one place: so many metres from its middle"), 0, 100_000),
)


@dataclass(slots=True)
class LimitsForm:
    """What was typed (by field), and what is wrong with it (by field)."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, float]:
        """The limits that are not the usual ones; what is wrong is noted."""
        found = {asked.name: self._number(asked) for asked in ASKED}
        usual = asdict(USUAL)
        return {n: v for n, v in found.items() if v is not None and v != usual[n]}

    def _number(self, asked: Asked) -> float | None:
        text = "".join(self.typed.get(asked.name, "").split()).replace(",", ".")
        if not text:
            return None
        whole, _point, rest = text.partition(".")
        is_number = text.isascii() and whole.isdecimal() and (not rest or rest.isdecimal())
        is_fit = is_number and len(text) <= LONGEST_NUMBER and not (rest and asked.is_whole)
        if not is_fit or not asked.lowest <= float(text) <= asked.highest:
            between = {"min": f"{asked.lowest:g}", "max": f"{asked.highest:g}"}
            self.errors[asked.name] = (
                _("Write a whole number from %(min)s to %(max)s", **between)
                if asked.is_whole
                else _("Write a number from %(min)s to %(max)s", **between)
            )
            return None
        return float(text) / asked.scale if asked.scale > 1 or not asked.is_whole else int(text)


def limits_of(questionnaire: str) -> Limits:
    """The limits that hold for a questionnaire."""
    row = db.session.get(QualityLimits, questionnaire)
    known = asdict(USUAL)
    own = {name: value for name, value in (row.limits if row else {}).items() if name in known}
    return Limits(**(known | own))


@blueprint.get("")
@allow(needs(Right.PUBLISH))
def limits(questionnaire_id: str) -> str:
    """The form, filled in with what holds."""
    holds = asdict(limits_of(questionnaire_id))
    form = LimitsForm({asked.name: asked.typed(holds[asked.name]) for asked in ASKED})
    return _page(_edition(questionnaire_id), form)


@blueprint.post("")
@allow(needs(Right.PUBLISH))
def change(questionnaire_id: str) -> ResponseReturnValue:
    """Keep the limits, or say what is wrong; an empty field is as usual."""
    edition, form = _edition(questionnaire_id), LimitsForm(request.form.to_dict())
    own = form.read()
    if form.errors:
        return _page(edition, form), HTTPStatus.UNPROCESSABLE_ENTITY
    row = db.session.get(QualityLimits, questionnaire_id)
    row = row or QualityLimits(questionnaire=questionnaire_id)
    row.limits = own
    db.session.add(row)
    audit.record(Action.LIMITS_CHANGED, questionnaire_id)
    db.session.commit()
    flash(_("Saved."))
    address = url_for("progress.quality", questionnaire_id=questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _edition(questionnaire_id: str) -> Edition:
    if not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    return catalogue.current(questionnaire_id) or abort(HTTPStatus.NOT_FOUND)


def _page(edition: Edition, form: LimitsForm) -> str:
    usual = asdict(USUAL)
    return render_template(
        "manage/limits.html",
        entry=edition.entry,
        newest=edition.version,
        form=form,
        asked=ASKED,
        usual={each.name: format_decimal(usual[each.name] * each.scale) for each in ASKED},
    )


def shown_limits(holds: Limits) -> dict[str, Any]:
    """What the page of quality says of the limits: the numbers as people read them."""
    values = asdict(holds)
    return {each.name: format_decimal(round(values[each.name] * each.scale, 2)) for each in ASKED}


def register_limits(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)

"""The page of phones: which hold work that has not come in, why, and what to tell whoever has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from babel.dates import format_timedelta
from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.manage.queries import PAGE
from surveyapp.people import devices, stuck
from surveyapp.people.access import allow
from surveyapp.people.models import Device
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.people.service import names_of
from surveyapp.people.stuck import Why

blueprint = Blueprint("phones", __name__, url_prefix="/manage/devices")
#: as the supervisor reads it
WHY: Mapping[Why, LazyString] = {
    Why.REVOKED: _l("It was revoked. What it holds still comes in, to quarantine."),
    Why.UNHEARD: _l("Nothing was heard of it for more than a day: no network, switched off, or lost."),
    Why.FULL: _l("It has hardly any room left."),
    Why.BATTERY: _l("Its battery was nearly empty."),
    Why.OLD_APP: _l("It has an older edition of the program than other phones."),
    Why.CLOCK: _l("Its clock is wrong."),
    Why.FAILING: _l("It is heard of, but sends nothing: something holds its records up."),
}
#: as it is read to whoever has the phone, in their language
TELL: Mapping[Why, LazyString] = {
    Why.REVOKED: _l("Bring the phone to the office, or send what it holds while it still may."),
    Why.UNHEARD: _l("Charge the phone and go where there is a network."),
    Why.FULL: _l("Delete photos and films that nobody needs."),
    Why.BATTERY: _l("Charge the phone first."),
    Why.OLD_APP: _l("Open the program with a network and wait a minute: it brings itself up to date."),
    Why.CLOCK: _l("Set the phone’s date and time to automatic."),
    Why.FAILING: _l("Look in “Outbox” for a record that needs attention, and read what it says."),
}
SEND = _l(
    "Open the program, enter the PIN, go to “Outbox” and press “Send now”. Wait until nothing waits to "
    "be sent. If it cannot be sent, press “Save to a file” under “Phone” and bring that file to us."
)
COLLECT = _l(
    "Open ODK Collect, go to “Ready to send”, choose all and press “Send”. Wait until every form is "
    "sent."
)


class RevokeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """That it is meant."""

    confirmed = BooleanField(validators=[InputRequired()])


@blueprint.get("")
@allow(needs(Right.DEVICES))
def phones() -> str:
    """Phones with old work first, each with the reason and what to tell; then all others."""
    reach, now = my_reach(Right.DEVICES), utc_now()
    held_up = stuck.stuck(reach, now) if _before() is None else []
    rest = stuck.others(reach, now, before=_before(), limit=PAGE + 1)
    older = url_for("phones.phones", before=rest[PAGE - 1].id) if len(rest) > PAGE else None
    rest = rest[:PAGE]
    shown = [*(each.device for each in held_up), *rest]
    return render_template(
        "manage/devices.html",
        stuck=held_up,
        others=rest,
        older=older,
        people=names_of({each.user_id for each in shown if each.user_id is not None}),
        why=WHY,
        told=told,
        since=lambda at: _since(at, now),
        is_silent=lambda device: stuck.is_silent(device, now),
    )


@blueprint.post("/<int:device_id>/revoke")
@allow(needs(Right.DEVICES))
def revoke(device_id: int) -> ResponseReturnValue:
    """Take a phone's access away, once it was confirmed."""
    if device_id >= 2**31 or stuck.one(my_reach(Right.DEVICES), device_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    if not RevokeForm().validate():
        flash(_("Tick the box to confirm."), "error")
    else:
        devices.revoke(device_id)
        flash(_("Revoked. It gets nothing any more; what it sends within 90 days waits in quarantine."))
    return redirect(url_for("phones.phones"), HTTPStatus.SEE_OTHER)


def told(each: stuck.Stuck) -> dict[str, str]:
    """Language → what to tell whoever has the phone: in theirs first, then in the reader's own."""
    own = each.device.language if each.device.language in LANGUAGES else current_language()
    is_ours = (each.device.app or "field/").startswith("field/")
    found = {}
    for language in dict.fromkeys((own, current_language())):
        with force_locale(language):
            sentences = [str(TELL[why]) for why in each.why] + [str(SEND if is_ours else COLLECT)]
        found[language] = " ".join(sentences)
    return found


def _since(at: datetime | None, now: datetime) -> str:
    """How long ago, in the reader's language."""
    if at is None:
        return str(_("never"))
    return str(format_timedelta(at - now, add_direction=True, locale=current_language(), threshold=1.5))


def _before() -> int | None:
    number = request.args.get("before", type=int)
    return number if number is not None and 0 < number < 2**31 else None


def phone_facts(device: Device) -> list[tuple[str, int | None]]:
    """What it told of itself last, where it told."""
    facts = [(_("battery, percent"), device.battery), (_("MB free"), _megabytes(device.free_storage))]
    return [(name, value) for name, value in facts if value is not None]


def _megabytes(size: int | None) -> int | None:
    return size // 1_000_000 if size is not None else None


def register_phones(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(phone_facts=phone_facts)

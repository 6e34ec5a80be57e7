"""`/openrosa/test/<key>/…`: ODK Collect with a trial version; its records go to the draft area."""

from __future__ import annotations

import io
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _

from surveyapp.catalogue import trials
from surveyapp.catalogue.trial_models import Trial
from surveyapp.catalogue.trials import KEYED, trial_of_request
from surveyapp.channels.openrosa import offering, replies
from surveyapp.channels.openrosa.addresses import base_of_request
from surveyapp.channels.openrosa.collect_settings import collect_settings, qr_code
from surveyapp.channels.openrosa.offering import OfferedFile, OfferedForm
from surveyapp.channels.openrosa.posts import Post, UnreadablePost
from surveyapp.i18n import current_language
from surveyapp.people.access import allow
from surveyapp.questionnaires.instance_xml import InstanceError, OpenedInstance
from surveyapp.submissions import trials as answered
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.instance_envelopes import (
    app_of,
    content_of_instance,
    id_of,
    language_of,
    made_up_id,
)
from surveyapp.submissions.models import Channel
from surveyapp.submissions.trials import NotItsAnswer
from surveyapp.wiring import settings_of

blueprint = Blueprint("openrosa_trial", __name__)
blueprint.after_request(replies.with_headers)
#: of a module of the QR code, in pixels
_SCALE = 5


@blueprint.get("/formList")
@allow(KEYED)
def form_list(key: str) -> Response:
    """The one form."""
    found = trial_of_request()
    form = OfferedForm(
        serial=found.serial,
        id=found.questionnaire_id,
        version=found.version,
        titles=found.title,
        default_language=found.default_language,
        md5=offering.md5(found.xform),
        has_files=bool(found.files),
    )
    asked = request.args.get("formID")
    listed = [form] if asked in {None, form.id} else []
    return replies.xml(offering.list_of(listed, current_language()).at(_base(key)))


@blueprint.get("/forms/<int:serial>/form.xml")
@allow(KEYED)
def form(key: str, serial: int) -> Response:  # the rule has read the key
    """The XForm, byte for byte as it would be published."""
    return replies.xml(_its(serial).xform)


@blueprint.get("/forms/<int:serial>/manifest")
@allow(KEYED)
def manifest(key: str, serial: int) -> Response:
    """The files that it needs."""
    files = tuple(OfferedFile(each.name, each.sha256) for each in _its(serial).files)
    return replies.xml(offering.manifest_of(serial, files).at(_base(key)))


@blueprint.get("/forms/<int:serial>/media/<name>")
@allow(KEYED)
def media(key: str, serial: int, name: str) -> Response:
    """One of these files."""
    content = trials.file_of(_its(serial), name)
    if content is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(content, content_type=offering.type_of(name))
    response.headers["Content-Disposition"] = "attachment"
    return response


@blueprint.route("/submission", methods=["GET", "HEAD"])
@allow(KEYED)
def before_submission(key: str) -> Response:
    """Whether and how much may be sent: the answer is in the headers."""
    return replies.xml(b"", HTTPStatus.NO_CONTENT)


@blueprint.post("/submission")
@allow(KEYED)
def submission(key: str) -> Response:
    """Keep one record in the draft area; its files are told of and let go."""
    try:
        answered.keep(trial_of_request(), _envelope(key))
    except UnreadablePost as unreadable:
        return replies.refusal(unreadable.code)
    except InstanceError as error:
        return replies.refusal(error.code)
    except NotItsAnswer:
        words = _("This is not the trial version that is here now. Refresh the list of forms.")
        return replies.message(HTTPStatus.CONFLICT, words)
    return replies.message(HTTPStatus.CREATED, replies.SUCCESS, "submit_success")


@blueprint.get("/collect.svg")
@allow(KEYED)
def collect_code(key: str) -> Response:
    """The QR code that points ODK Collect here, as a project of its own."""
    found = trial_of_request()
    title = found.title.get(current_language()) or found.title.get(found.default_language)
    project = _("Test: %(title)s", title=title or found.questionnaire_id)
    code = qr_code(collect_settings(_base(key), project=project, language=current_language()))
    picture = io.BytesIO()
    code.save(picture, kind="svg", scale=_SCALE, border=4, light="#fff")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


def _base(key: str) -> str:
    return base_of_request(f"test/{key}")


def _its(serial: int) -> Trial:
    """The trial version; 404 for one that was replaced meanwhile."""
    found = trial_of_request()
    return found if found.serial == serial else abort(HTTPStatus.NOT_FOUND)


def _envelope(key: str) -> Envelope:
    """What was sent. Raises `UnreadablePost`, `InstanceError`."""
    settings, definition = settings_of(), trials.definition_of(trial_of_request())
    with Post() as post:
        post.read(request, most_bytes=settings.max_openrosa_bytes, most_files=settings.max_attachments)
        xml, files = bytes(post.xml), post.files()
    opened = OpenedInstance(xml)
    head = opened.envelope
    return Envelope(
        id=id_of(head.instance_id) or made_up_id(xml, key),
        questionnaire=head.form_id,
        version=head.version,
        language=language_of(definition, current_language()),
        channel=Channel.OPENROSA,
        app=app_of(request.user_agent.string),
        attachments=_each_name_once(files),
        **content_of_instance(opened, definition, xml),
    )


def _each_name_once(files: tuple[NamedFile, ...]) -> tuple[NamedFile, ...]:
    return tuple({file.name: file for file in files}.values())

"""Pictures, sounds and films that go with a question's or a choice's text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from flask import abort, make_response, request, url_for

from surveyapp.catalogue import media
from surveyapp.catalogue import service as catalogue
from surveyapp.channels.pages.routes import Served, blueprint
from surveyapp.people.access import ANYONE, allow
from surveyapp.questionnaires.definition import Questionnaire, Text

#: suffix → what a browser is told; what could bring scripts along (SVG, HTML) is not among them
_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".3gp": "video/3gpp",
}
#: kinds that are shown; the big image is behind the image
_SHOWN = ("image", "audio", "video")


@dataclass(frozen=True, slots=True)
class MediumView:
    """One file beside a text; `large` is the address of the picture that it leads to."""

    kind: str
    address: str
    large: str = ""


def media_of(text: Text, questionnaire: Questionnaire, language: str) -> tuple[MediumView, ...]:
    """The files of a text, each in the language asked for or the nearest that it has."""
    found = {kind: _nearest(text, kind, questionnaire, language) for kind in (*_SHOWN, "big-image")}
    return tuple(_views({kind: name for kind, name in found.items() if name}, questionnaire))


def _nearest(text: Text, kind: str, questionnaire: Questionnaire, language: str) -> str:
    files = text.media.get(kind, {})
    wanted = (language, questionnaire.default_language, *files)
    return next((files[each] for each in wanted if each in files), "")


def _views(files: dict[str, str], questionnaire: Questionnaire) -> Iterator[MediumView]:
    large = files.get("big-image", "")
    for kind in _SHOWN:
        if name := files.get(kind):
            behind = _address(large, questionnaire) if large and kind == "image" else ""
            yield MediumView(kind, _address(name, questionnaire), behind)


def _address(name: str, questionnaire: Questionnaire) -> str:
    return url_for(
        "pages.version_file", questionnaire=questionnaire.id, name=name, version=questionnaire.version
    )


@blueprint.get("/media/<questionnaire>/<name>")
@allow(ANYONE)
def version_file(questionnaire: str, name: str) -> Served:
    """A picture, sound or film of a version; kept by nobody, because of shared phones."""
    found = catalogue.edition(questionnaire, request.args.get("version", ""))
    type_ = _TYPES.get(PurePath(name).suffix.lower())
    content = media.read(found.version, name) if found and type_ else None
    if content is None or type_ is None:
        abort(404)
    response = make_response(content)
    response.content_type = type_
    return response

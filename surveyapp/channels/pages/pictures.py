"""Pictures, sounds and films that go with a question's or a choice's text.

They have two addresses each. The stepwise pages name one that nobody keeps, because of shared phones.
The whole page, which is kept for ever itself, names one that carries the content's mark, kept likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from flask import Response, abort, make_response, request, url_for

from surveyapp.assets import FOR_EVER
from surveyapp.catalogue import media
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
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
#: hex digits of a content's SHA-256 in its address
_MARK = 16
#: kinds that are shown; the big image is behind the image
_SHOWN = ("image", "audio", "video")


@dataclass(frozen=True, slots=True)
class MediumView:
    """One file beside a text; `large` is the address of the picture that it leads to."""

    kind: str
    address: str
    large: str = ""


#: name of a file → its address
AddressOf = Callable[[str], str]


def media_of(
    text: Text, questionnaire: Questionnaire, language: str, address_of: AddressOf | None = None
) -> tuple[MediumView, ...]:
    """The files of a text, each in the language asked for or the nearest that it has."""
    found = {kind: _nearest(text, kind, questionnaire, language) for kind in (*_SHOWN, "big-image")}
    named = {kind: name for kind, name in found.items() if name}
    return tuple(_views(named, address_of or unkept_address(questionnaire)))


def _nearest(text: Text, kind: str, questionnaire: Questionnaire, language: str) -> str:
    files = text.media.get(kind, {})
    wanted = (language, questionnaire.default_language, *files)
    return next((files[each] for each in wanted if each in files), "")


def _views(files: dict[str, str], address_of: AddressOf) -> Iterator[MediumView]:
    large = files.get("big-image", "")
    for kind in _SHOWN:
        if name := files.get(kind):
            behind = address_of(large) if large and kind == "image" else ""
            yield MediumView(kind, address_of(name), behind)


def unkept_address(questionnaire: Questionnaire) -> AddressOf:
    """Addresses under which files are kept by nobody."""

    def address(name: str) -> str:
        return url_for(
            "pages.version_file",
            questionnaire=questionnaire.id,
            name=name,
            version=questionnaire.version,
        )

    return address


def shown_type(name: str) -> str | None:
    """What a browser is told of a file by its name; None: it is of no kind that is shown."""
    return _TYPES.get(PurePath(name).suffix.lower())


def kept_addresses(version: PublishedVersion) -> Mapping[str, str]:
    """Name of a version's file → its address under the mark of its content; of kinds that are shown."""
    return {
        each.name: url_for(
            "pages.kept_file",
            questionnaire=version.questionnaire_id,
            version=version.version,
            mark=each.sha256[:_MARK],
            suffix=suffix.removeprefix("."),
        )
        for each in version.media
        if (suffix := PurePath(each.name).suffix.lower()) in _TYPES
    }


def light_addresses(version: PublishedVersion, most: int) -> list[str]:
    """Addresses of as many files, the lightest first, as weigh no more than `most` bytes together."""
    addresses, weight, found = kept_addresses(version), 0, []
    for file in sorted(version.media, key=lambda each: each.size):
        weight += file.size
        if file.name in addresses and weight <= most:
            found.append(addresses[file.name])
    return found


@blueprint.get("/media/<questionnaire>/<name>")
@allow(ANYONE)
def version_file(questionnaire: str, name: str) -> Served:
    """A picture, sound or film of a version; kept by nobody, because of shared phones."""
    found = catalogue.edition(questionnaire, request.args.get("version", ""))
    return _served(found.version if found else None, name)


@blueprint.get("/media/<questionnaire>/<version>/<mark>.<suffix>")
@allow(ANYONE)
def kept_file(questionnaire: str, version: str, mark: str, suffix: str) -> Served:
    """The same by its content, kept for ever; whoever may have the page may have what it shows."""
    found = catalogue.edition(questionnaire, version)
    wanted = url_for("pages.kept_file", **(request.view_args or {}))
    names = kept_addresses(found.version) if found else {}
    name = next((each for each, address in names.items() if address == wanted), "")
    response = _served(found.version if found else None, name, mark)
    response.headers["Cache-Control"] = FOR_EVER
    return response


def _served(version: PublishedVersion | None, name: str, mark: str = "") -> Response:
    content = media.read(version, name) if version and shown_type(name) else None
    return shown_file(name, content, mark)


def shown_file(name: str, content: bytes | None, mark: str = "") -> Response:
    """The response with a file of a kind that is shown, `mark` its ETag; of another kind 404."""
    type_ = shown_type(name)
    if content is None or type_ is None:
        abort(404)
    response = make_response(content)
    response.content_type = type_
    if mark:
        response.set_etag(mark)
    # sounds and films are asked for piece by piece
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response

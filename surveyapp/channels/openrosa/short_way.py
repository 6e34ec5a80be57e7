"""The short way of a post that brings one record and nothing else, and of the list of forms.

Nearly all requests of phones are such. Flask, its hooks and the general way of receiving cost more than
the record, so it is answered before them, if everything about it is plain: then it gets the answer that
it would have got there, to the letter. Everything else goes on to Flask as it came: other addresses,
people, unknown or revoked keys, files, edits, copies, what must wait, and whatever fails here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from sqlalchemy import select
from werkzeug.http import http_date

from surveyapp import logs, security_headers
from surveyapp.catalogue.definitions import (
    IS_PUBLISHED,
    PUBLISHED_COLUMNS,
    Published,
    published_of_row,
    wanted_version,
)
from surveyapp.channels.openrosa import replies
from surveyapp.channels.openrosa.addresses import PREFIX
from surveyapp.channels.openrosa.callers import contact_of, sender_of, skew_told_by
from surveyapp.channels.openrosa.replies import REVALIDATED
from surveyapp.channels.openrosa.short_list import ROUTE as ROUTE_OF_LIST
from surveyapp.channels.openrosa.short_list import Asking, asking, listed
from surveyapp.config import Settings
from surveyapp.cookies import is_https
from surveyapp.database import utc_now
from surveyapp.driver import DriverStatement, read
from surveyapp.extensions import db
from surveyapp.i18n import LANGUAGES
from surveyapp.people import contacts
from surveyapp.people.devices import (
    HOLDER_COLUMNS,
    IS_HOLDER,
    KeyHolder,
    Purpose,
    hash_of_key,
    shown_key,
)
from surveyapp.questionnaires.swift import Unusual, elements_of
from surveyapp.questionnaires.swift.elements import MAX_BYTES
from surveyapp.submissions.envelope_schema import LONGEST_ID
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.plain_records import Judging, read_plain, store_plain
from surveyapp.submissions.standing import Standing
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

_ADDRESS = re.compile(rf"{PREFIX}/([A-Za-z0-9_-]{{1,100}})/submission")
#: how logs name it
_ROUTE = f"{PREFIX}/<key>/submission"
#: longer than RFC 2046 allows (70): some clients make theirs of a time and a number
_KIND = re.compile(
    r'multipart/form-data; ?boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,100})"?', re.IGNORECASE
)
#: what is read before anybody is asked who sends it: a number too long to be small is none
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
#: headers of the one part
_PART = re.compile(
    rb"(?:content-(?:type|transfer-encoding|length):[^\r\n]*\r\n)*"
    rb'content-disposition: ?form-data; ?name="xml_submission_file"(?:; ?filename="[^"\\\r\n]*")?\r\n'
    rb"(?:content-(?:type|transfer-encoding|length):[^\r\n]*\r\n)*\r\n",
    re.IGNORECASE,
)
_ENDS = frozenset({b"", b"\r\n"})
#: what stands around the XML in a body
_AROUND = 4096

_MOST_KNOWN = 10_000
_QUESTIONNAIRES = [column.key for column in HOLDER_COLUMNS].index("questionnaires")

#: digest of a key, form and version
_Place: TypeAlias = tuple[bytes, str, str]

#: device, and version with its questionnaire's access
_ASKED = DriverStatement(select(*HOLDER_COLUMNS, *PUBLISHED_COLUMNS).where(*IS_HOLDER, *IS_PUBLISHED))


class _Post(NamedTuple):
    """A post that may be plain, as its headers tell."""

    key: str
    boundary: bytes
    length: int
    app: str
    #: what ODK Collect calls the phone
    installation: str


class _Answer(NamedTuple):
    #: method and route, as logs name them
    logged: tuple[str, str]
    status: HTTPStatus
    language: str
    body: bytes
    #: of a document that may be kept and is asked about each time
    etag: str | None = None


def _listed(asked: Asking, settings: Settings) -> _Answer:
    found = listed(asked, settings)
    return _Answer(("GET", ROUTE_OF_LIST), found.status, found.language, found.body, found.etag)


class ShortWay:
    """Answers plain posts of records, and the list of forms, by itself, and hands all else on."""

    def __init__(self, app: Flask, onward: WSGIApplication) -> None:
        self._app = app
        self._onward = onward
        self._known: dict[_Place, _Known] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A WSGI application."""
        began, settings = time.perf_counter(), settings_of(self._app)
        if (asked := asking(environ)) is not None:
            answer = self._tried(lambda: _listed(asked, settings))
        elif (post := _plain_post(environ, settings)) is not None:
            body = environ["wsgi.input"].read(post.length)
            environ["wsgi.input"] = BytesIO(body)
            answer = self._tried(lambda: self._taken(post, body, settings))
        else:
            answer = None
        if answer is None:
            return self._onward(environ, start_response)
        took = (time.perf_counter() - began) * 1000
        logs.requests.info("%s %s %s %.0f ms", *answer.logged, answer.status.value, took)
        over_https = is_https(settings, is_secure=environ["wsgi.url_scheme"] == "https")
        status = f"{answer.status.value} {answer.status.phrase.upper()}"
        start_response(status, _headers(answer, settings.max_openrosa_bytes, over_https=over_https))
        return [answer.body]

    def _tried(self, way: Callable[[], _Answer]) -> _Answer | None:
        """The answer; None: nothing was done, or what was done is found again on the general way."""
        try:
            with self._app.app_context():
                return way()
        except Unusual:
            return None
        except Exception as error:  # whatever it is, the general way tells it
            logger.warning("the short way failed: %s", type(error).__name__)
            return None

    def _taken(self, post: _Post, body: bytes, settings: Settings) -> _Answer:
        xml = _xml_of(post, body)
        elements = elements_of(xml)
        if not elements.form_id or max(len(elements.form_id), len(elements.version)) > LONGEST_ID:
            raise Unusual
        place = (hash_of_key(post.key), elements.form_id, elements.version)
        known = self._known.get(place) or self._looked_up(place)
        now, language = utc_now(), known.holder.language
        envelope = read_plain(elements, xml, known.published, settings, language=language, app=post.app)
        if skew_told_by(envelope.finished_at, now) is not None:
            raise Unusual
        judging = Judging(settings, keys_of(), known.sender, now)
        if not store_plain(envelope, known.published, known.standing, judging):
            self._known.pop(place, None)  # it may be no longer so
            raise Unusual
        contacts.note(known.holder, contact_of(post.app, post.installation), now)
        if known.holder.seen_at is None:
            self._known.pop(place, None)  # it has been heard of now; else that were news each time
        return _Answer(("POST", _ROUTE), HTTPStatus.CREATED, language, _BODY)

    def _looked_up(self, place: _Place) -> _Known:
        try:
            known = _asked(*place)
        finally:
            # where a definition was loaded, SQLite would not let the insert in
            db.session.rollback()
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[place] = known
        return known


class _Known(NamedTuple):
    """What a record is judged by, as it was found; that it is still so, the insert asks (`standing`)."""

    holder: KeyHolder
    sender: Sender
    published: Published
    standing: Standing


def _asked(key_hash: bytes, form_id: str, version: str) -> _Known:
    shown = shown_key(key_hash, Purpose.OPENROSA)
    rows = read(_ASKED, shown | wanted_version(form_id, version))
    if not rows:
        raise Unusual
    of_holder, of_version = rows[0][: len(HOLDER_COLUMNS)], rows[0][len(HOLDER_COLUMNS) :]
    holder, published = KeyHolder.of_row(of_holder), published_of_row(of_version)
    if holder.revoked_at is not None or holder.language not in LANGUAGES:
        raise Unusual
    standing = Standing(
        key_hash=key_hash,
        purpose=Purpose.OPENROSA.value,
        device_id=holder.device_id,
        user_id=holder.user_id,
        language=holder.language,
        questionnaires=of_holder[_QUESTIONNAIRES],
        questionnaire=form_id,
        access=published.access.value,
        closed_at=published.closed_at,
    )
    return _Known(holder, sender_of(holder), published, standing)


# --- what comes -------------------------------------------------------------------------------------


def _plain_post(environ: WSGIEnvironment, settings: Settings) -> _Post | None:
    """What the headers of a post tell; None: it is another request, or not plain."""
    address = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
    if address is None or environ["REQUEST_METHOD"] != "POST" or environ.get("SCRIPT_NAME"):
        return None
    kind, length = _KIND.fullmatch(environ.get("CONTENT_TYPE", "")), environ.get("CONTENT_LENGTH", "")
    most = min(MAX_BYTES + _AROUND, settings.max_openrosa_bytes, settings.max_request_bytes)
    if kind is None or not _LENGTH.fullmatch(length) or not 0 < int(length) <= most:
        return None
    query = environ.get("QUERY_STRING", "")
    told = parse_qs(query).get("deviceID", [""]) if query else [""]
    app = environ.get("HTTP_USER_AGENT", "")
    return _Post(address[1], kind[1].encode(), int(length), app, told[0])


def _xml_of(post: _Post, body: bytes) -> bytes:
    """The XML of a body with one part. Raises `Unusual`."""
    mark = b"--" + post.boundary
    start = 2 if body.startswith(b"\r\n") else 0  # some begin with an empty line
    head = _PART.match(body, start + len(mark) + 2)
    end = body.rfind(b"\r\n" + mark + b"--")
    if len(body) != post.length or head is None or end < head.end():
        raise Unusual
    if not body.startswith(mark + b"\r\n", start) or body[end + len(mark) + 4 :] not in _ENDS:
        raise Unusual
    xml = body[head.end() : end]
    if mark in xml:
        raise Unusual
    return xml


# --- what is answered -------------------------------------------------------------------------------

_BODY = replies.body_of(replies.SUCCESS, "submit_success")


@lru_cache(maxsize=16)
def _lasting_headers(language: str, most_bytes: int, *, over_https: bool) -> tuple[tuple[str, str], ...]:
    return (
        *replies.headers_of(language, most_bytes).items(),
        *security_headers.headers_of(over_https=over_https).items(),
    )


def _headers(answer: _Answer, most_bytes: int, *, over_https: bool) -> list[tuple[str, str]]:
    headers = [
        *_lasting_headers(answer.language, most_bytes, over_https=over_https),
        ("Date", _date(int(utc_now().timestamp()))),
    ]
    if answer.etag is not None:
        headers = [header for header in headers if header[0] not in _REPLACED]
        headers += (("ETag", answer.etag), ("Cache-Control", REVALIDATED))
    if answer.status is HTTPStatus.NOT_MODIFIED:
        return [header for header in headers if header[0] != "Content-Language"]
    length = str(len(answer.body))
    return [*headers, ("Content-Type", replies.XML_TYPE), ("Content-Length", length)]


_REPLACED = frozenset({"Cache-Control"})


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return http_date(second)


def register_short_way(app: Flask, _settings: Settings) -> None:
    """Put it right before Flask, behind what reads the words of trusted proxies."""
    app.wsgi_app = ShortWay(app, app.wsgi_app)  # type: ignore[method-assign]  # the way Flask documents it

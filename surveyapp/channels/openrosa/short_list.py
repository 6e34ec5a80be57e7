"""The short way of the list of forms: every phone asks for it at every refresh, mostly for nothing new.

Device and state of the catalogue are asked in one statement, each time; the document is kept for the
state.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from sqlalchemy import select

from surveyapp.channels.openrosa import offering
from surveyapp.channels.openrosa.addresses import PREFIX, below
from surveyapp.channels.openrosa.callers import contact_of
from surveyapp.channels.openrosa.offering import CatalogueState
from surveyapp.config import Settings
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
from surveyapp.questionnaires.swift import Unusual

ROUTE = f"{PREFIX}/<key>/formList"
_ADDRESS = re.compile(rf"{PREFIX}/([A-Za-z0-9_-]{{1,100}})/formList")
_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?")
#: these are left out of addresses
_USUAL_PORTS = (":80", ":443")

_ASKED = DriverStatement(select(*HOLDER_COLUMNS, *offering.STATE.columns).where(*IS_HOLDER))


class Listed(NamedTuple):
    """An answer: 200 with the list, or 304 without."""

    status: HTTPStatus
    language: str
    etag: str
    body: bytes


class Asking(NamedTuple):
    """A request for the list as its headers tell it."""

    key: str
    host: str
    if_none_match: str | None
    app: str
    installation: str


def asking(environ: WSGIEnvironment) -> Asking | None:
    """What is asked; None: it is another request, or not a plain one."""
    address = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
    if address is None or environ["REQUEST_METHOD"] != "GET" or environ.get("SCRIPT_NAME"):
        return None
    host, query = environ.get("HTTP_HOST", ""), parse_qs(environ.get("QUERY_STRING", ""))
    is_usual = _HOST.fullmatch(host) and not host.endswith(_USUAL_PORTS)
    if not is_usual or query.keys() - {"deviceID"} or environ.get("CONTENT_LENGTH") not in _NO_BODY:
        return None
    if "HTTP_IF_MODIFIED_SINCE" in environ or "HTTP_IF_RANGE" in environ or "HTTP_RANGE" in environ:
        return None
    return Asking(
        address[1],
        f"{environ['wsgi.url_scheme']}://{host}",
        environ.get("HTTP_IF_NONE_MATCH"),
        environ.get("HTTP_USER_AGENT", ""),
        query.get("deviceID", [""])[0],
    )


_NO_BODY = frozenset({None, "", "0"})


def listed(asked: Asking, settings: Settings) -> Listed:
    """The answer. Raises `Unusual`."""
    rows = read(_ASKED, shown_key(hash_of_key(asked.key), Purpose.OPENROSA))
    if not rows:
        raise Unusual
    holder = KeyHolder.of_row(rows[0][: len(HOLDER_COLUMNS)])
    if holder.revoked_at is not None or holder.language not in LANGUAGES:
        raise Unusual
    state = CatalogueState(*rows[0][len(HOLDER_COLUMNS) :])
    try:
        found = offering.form_list_of(state, holder.language, holder.questionnaires, None)
    finally:
        if db.session.registry.has():  # where the list was made anew
            db.session.rollback()
    etag = f'"{found.etag}"'
    if asked.if_none_match not in {None, etag}:
        raise Unusual
    contacts.note(holder, contact_of(asked.app, asked.installation), utc_now())
    if asked.if_none_match:
        return Listed(HTTPStatus.NOT_MODIFIED, holder.language, etag, b"")
    base = below(settings.public_url or asked.host, asked.key)
    return Listed(HTTPStatus.OK, holder.language, etag, found.at(base))

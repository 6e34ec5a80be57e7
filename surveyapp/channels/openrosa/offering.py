"""What is offered: the list of forms and the manifests of their files, written once per catalogue.

The list is asked for by every phone at every refresh, and each manifest with it. So they are kept as
bytes, with a placeholder for the address; what tells that the catalogue has changed is its audit trail,
which is written in the same transaction.
"""

from __future__ import annotations

import hashlib
import logging
import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from sqlalchemy import func, or_, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.catalogue.windows import ALWAYS, Window
from surveyapp.database import utc_now
from surveyapp.driver import DriverStatement, read
from surveyapp.media_store import media_store
from surveyapp.people.audit import Action
from surveyapp.people.models import AuditEntry

logger = logging.getLogger(__name__)

_CHANGES = (
    Action.QUESTIONNAIRE_PUBLISHED,
    Action.QUESTIONNAIRE_ACCESS,
    Action.QUESTIONNAIRE_CLOSED,
    Action.VERSION_RETIRED,
)
#: what is asked whenever the list is, for `CatalogueState`
STATE = (
    select(
        func.count().label("changes"),
        func.max(AuditEntry.serial).label("last"),
        func.max(AuditEntry.at).label("at"),
    )
    .where(or_(*(AuditEntry.action == action.value for action in _CHANGES)))
    .subquery("state")
)
_STATE = DriverStatement(select(STATE))
#: stands in kept documents where the address goes; no XML can hold it
_BASE = b"\x00base\x00"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
#: what XML 1.0 has no way to write
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class CatalogueState(NamedTuple):
    """Another one whenever the catalogue has changed."""

    changes: int
    last: int | None
    at: datetime | None


class Document(NamedTuple):
    """A document with an address in it, and the ETag of its content."""

    template: bytes
    etag: str

    def at(self, base: str) -> bytes:
        """The document for a client that knows this server under an address."""
        return _addressed(self.template, base)


@lru_cache(maxsize=64)
def _addressed(template: bytes, base: str) -> bytes:
    return template.replace(_BASE, escape(base).encode())


@dataclass(frozen=True, slots=True)
class OfferedForm:
    """One entry of the list."""

    serial: int
    id: str
    version: str
    titles: Mapping[str, Any]
    default_language: str
    md5: str
    has_files: bool
    window: Window = ALWAYS

    def name(self, language: str) -> str:
        """Its title in a language, else in its own; a form without one is called by its id."""
        return str(self.titles.get(language) or self.titles.get(self.default_language) or self.id)


# --- the list -------------------------------------------------------------------------------------


def form_list(language: str, scope: frozenset[str] | None, form_id: str | None) -> Document:
    """The forms that a client may fill in; `form_id`: only this one."""
    [state] = read(_STATE, {})
    return form_list_of(CatalogueState(*state), language, scope, form_id)


def form_list_of(
    state: CatalogueState, language: str, scope: frozenset[str] | None, form_id: str | None
) -> Document:
    """The same of a catalogue in a known state; what may be begun changes with the clock alone."""
    now = utc_now()
    serials = tuple(
        form.serial
        for form in _offered(state)
        if (scope is None or form.id in scope) and form_id in {None, form.id} and form.window.has(now)
    )
    return _written(state, language, serials)


@lru_cache(maxsize=256)
def _written(state: CatalogueState, language: str, serials: tuple[int, ...]) -> Document:
    return list_of([form for form in _offered(state) if form.serial in serials], language)


def list_of(forms: Iterable[OfferedForm], language: str) -> Document:
    """The list of these forms."""
    entries = "".join(_entry(form, language) for form in forms)
    namespace = "http://openrosa.org/xforms/xformsList"
    return _document(f'{_HEAD}<xforms xmlns="{namespace}">{entries}</xforms>')


@lru_cache(maxsize=4)
def _offered(_state: CatalogueState) -> tuple[OfferedForm, ...]:
    return tuple(_readable(catalogue.unclosed_versions()))


def _readable(versions: Iterable[PublishedVersion]) -> Iterator[OfferedForm]:
    """Those that can be offered: one bad form must not cost a phone all the others."""
    for version in versions:
        try:
            yield _form(version)
        except Exception:  # whatever is wrong with it
            logger.exception("a form cannot be offered; the list goes without it")


def _form(version: PublishedVersion) -> OfferedForm:
    return OfferedForm(
        serial=version.serial,
        id=version.questionnaire_id,
        version=version.version,
        titles=version.title,
        default_language=version.default_language,
        md5=md5(version.xform),
        has_files=bool(version.media),
        window=version.entry.window,
    )


def _entry(form: OfferedForm, language: str) -> str:
    base = f"{_BASE.decode()}/forms/{form.serial}"
    parts = {
        "formID": form.id,
        "name": form.name(language),
        "version": form.version,
        "hash": f"md5:{form.md5}",
        "downloadUrl": f"{base}/form.xml",
    }
    if form.has_files:
        parts["manifestUrl"] = f"{base}/manifest"
    return f"<xform>{_elements(parts)}</xform>"


# --- manifests ------------------------------------------------------------------------------------


class OfferedFile(NamedTuple):
    """A file of a version: its name, and the SHA-256 (hex) of its bytes."""

    name: str
    sha256: str


def manifest(version: PublishedVersion) -> Document:
    """The files of a version."""
    files = tuple(OfferedFile(each.name, each.sha256) for each in version.media)
    return manifest_of(version.serial, files)


@lru_cache(maxsize=256)
def manifest_of(serial: int, files: Sequence[OfferedFile]) -> Document:
    """The manifest of a form whose address has this number."""
    base = f"{_BASE.decode()}/forms/{serial}/media"
    entries = (
        {
            "filename": file.name,
            "hash": f"md5:{_md5_of_kept(file.sha256)}",
            "downloadUrl": f"{base}/{quote(file.name, safe='')}",
        }
        for file in files
    )
    listed = "".join(f"<mediaFile>{_elements(entry)}</mediaFile>" for entry in entries)
    namespace = "http://openrosa.org/xforms/xformsManifest"
    return _document(f'{_HEAD}<manifest xmlns="{namespace}">{listed}</manifest>')


@lru_cache(maxsize=4096)
def _md5_of_kept(sha256: str) -> str:
    return md5(media_store().read(sha256))


def type_of(name: str) -> str:
    """The media type that a file's name tells."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


# --- inside ---------------------------------------------------------------------------------------


def md5(content: bytes) -> str:
    """What OpenRosa tells editions by; it secures nothing."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _document(text: str) -> Document:
    content = text.encode()
    return Document(content, hashlib.sha256(content).hexdigest()[:32])


def _elements(parts: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{_escaped(text)}</{name}>" for name, text in parts.items())


def _escaped(text: str) -> str:
    marker = _BASE.decode()
    return marker.join(escape(_UNWRITABLE.sub("", piece)) for piece in text.split(marker))

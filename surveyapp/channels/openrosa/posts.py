"""The body of a POST, read as it comes: the XML into memory, files into the media store, sealed.

Field names are those of the OpenRosa protocol; file names never lead anywhere: what is left of a path is
its last part, and a name that is none is replaced by one made of the file's content.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeAlias

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from surveyapp.questionnaires.instance_xml.reading import MAX_BYTES
from surveyapp.submissions import kept_files
from surveyapp.submissions.envelope import NamedFile
from surveyapp.submissions.envelope_schema import FILE_NAME, LONGEST_NAME
from surveyapp.submissions.kept_files import Brought

XML_PART = "xml_submission_file"
#: fields that are no files say little: `*isIncomplete*` is “yes”
_LONGEST_FIELD = 1000
_CHUNK = 64 * 1024
#: headers of one part, and what may be held while a boundary is looked for
_BUFFER = 4 * _CHUNK
#: parts beside the files: the XML, `*isIncomplete*`, and what other clients add
_OTHER_PARTS = 10
_BOUNDARY = re.compile(r"[ -~]{0,199}[!-~]")
_UNKNOWN_TYPE = "application/octet-stream"

Part: TypeAlias = Field | File


class UnreadablePost(ValueError):
    """Not a submission; `code` names the sentence, `status` is the HTTP status."""

    def __init__(self, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class TooLarge(UnreadablePost):
    """More than one request may bring."""

    def __init__(self) -> None:
        super().__init__("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that has come: the name and the type it came under, and where it is kept."""

    name: str
    type: str
    brought: Brought

    def named(self) -> NamedFile:
        """What the envelope says of it."""
        sha256 = self.brought.sha256
        return NamedFile(self.name or f"file-{sha256[:16]}", sha256, self.brought.size, self.type)


class Post:
    """One request, read: `with Post() as post: post.read(request, …)`.

    What was kept and not handed over is gone afterwards.
    """

    def __init__(self) -> None:
        self.xml = bytearray()
        self._has_xml = False
        self._taken: list[Taken] = []
        self._handed_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if not self._handed_over:
            kept_files.discard(taken.brought.address for taken in self._taken)

    def read(self, request: Request, *, most_bytes: int, most_files: int) -> None:
        """Read the whole body. Raises `UnreadablePost`."""
        request.max_content_length = most_bytes
        try:
            self._read_parts(_events(request, most_files + _OTHER_PARTS))
        except RequestEntityTooLarge:
            raise TooLarge from None
        if len(self._taken) > most_files:
            raise TooLarge
        if not self._has_xml:
            raise UnreadablePost("no_xml")

    def files(self) -> tuple[NamedFile, ...]:
        """The files that came along, each name once: another of the same name gets its own."""
        told: dict[str, NamedFile] = {}
        for taken in self._taken:
            named = taken.named()
            other = told.get(named.name, named).sha256 != named.sha256
            name = f"file-{named.sha256[:16]}" if other else named.name
            told[name] = replace(named, name=name)
        return tuple(told.values())

    def hand_over(self) -> list[Brought]:
        """The files, for whoever receives them: they are not this request's any more."""
        self._handed_over = True
        return [taken.brought for taken in self._taken]

    def _read_parts(self, events: Iterator[Event]) -> None:
        for event in events:
            if isinstance(event, Field | File):
                self._read_part(event, events)

    def _read_part(self, part: Part, events: Iterator[Event]) -> None:
        if part.name == XML_PART:
            if self._has_xml:
                raise UnreadablePost("multipart")
            self._has_xml = True
            for data in _data_of(events):
                self._add_xml(data)
        elif isinstance(part, File):
            self._keep(part, events)
        else:
            _pass_over(events)

    def _add_xml(self, data: bytes) -> None:
        self.xml += data
        if len(self.xml) > MAX_BYTES:
            raise TooLarge

    def _keep(self, part: File, events: Iterator[Event]) -> None:
        brought = kept_files.put(_data_of(events))
        self._taken.append(Taken(_safe_name(part.filename or part.name), _type_of(part), brought))


def _events(request: Request, most_parts: int) -> Iterator[Event]:
    """What the body holds, as it comes. Raises `UnreadablePost`, `RequestEntityTooLarge`."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        raise UnreadablePost("multipart")
    decoder = MultipartDecoder(boundary.encode("ascii"), _BUFFER, max_parts=most_parts)
    ended = False
    while not ended:
        chunk = request.stream.read(_CHUNK)
        ended = not chunk
        try:
            decoder.receive_data(chunk or None)
            while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
                yield event
        except (ValueError, AttributeError):  # the latter: a part without a line after its headers
            raise UnreadablePost("multipart") from None


def _data_of(events: Iterator[Event]) -> Iterator[bytes]:
    """The bytes of the part that has just begun."""
    for event in events:
        if not isinstance(event, Data):
            raise UnreadablePost("multipart")
        yield event.data
        if not event.more_data:
            return


def _pass_over(events: Iterator[Event]) -> None:
    length = 0
    for data in _data_of(events):
        length += len(data)
        if length > _LONGEST_FIELD:
            raise TooLarge


def _safe_name(name: str | None) -> str:
    """The last part of a name, in NFC; empty if nothing is left that a file can be called."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name or ""))[-1].strip()
    return last if len(last) <= LONGEST_NAME and FILE_NAME.fullmatch(last) else ""


def _type_of(part: File) -> str:
    kind = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    fits = len(kind) <= LONGEST_NAME and re.fullmatch(r"[!-~]+/[!-~]+", kind)
    return kind if fits else _UNKNOWN_TYPE

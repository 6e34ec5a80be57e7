"""Making an export: what was asked for is checked and logged at once, its bytes come as they are taken.

The command and the administrators' pages both call `export`; neither knows tables or formats.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from werkzeug.utils import secure_filename

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import codebook, readme
from surveyapp.exports.archive import ArchiveStream, Packed
from surveyapp.exports.choosing import strange_choices
from surveyapp.exports.errors import (
    OnlyForTables,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    UnknownFormat,
)
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX, PACKAGE_TYPE, Format
from surveyapp.exports.identity import unsealer
from surveyapp.exports.incremental import ChangesReader, Window, window, with_changes
from surveyapp.exports.manifest import Made, Origin, Tally, manifest, told_of
from surveyapp.exports.media_writer import Files, media
from surveyapp.exports.merging import merged_rosters
from surveyapp.exports.package import concluded, package
from surveyapp.exports.plan import Plan, make_plan
from surveyapp.exports.reader import Reader, Span, Unseal
from surveyapp.exports.records import Record
from surveyapp.exports.request import ExportRequest, Rosters
from surveyapp.exports.writing import ExportFile, rows_of, written
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people import audit
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.keys import keys_of
from surveyapp.wiring import settings_of


class Export(Iterator[bytes]):
    """The bytes of an export, and what to call it.

    Iterating raises when something goes wrong on the way, so that a server breaks the connection off
    instead of ending it well; and a package without its last bytes is no `.zip`.
    """

    def __init__(self, name: str, media_type: str, making: _Making) -> None:
        self.name = name
        self.media_type = media_type
        #: how many submissions it will have
        self.submissions = making.span.submissions
        #: with what to ask for what changes from now on; None unless changes were asked for
        self.cursor = str(making.between.until) if making.between else None
        self._tally = making.tally
        self._chunks = making.chunks()

    @property
    def sent(self) -> int:
        """How many submissions have gone out so far."""
        return self._tally.submissions

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Stop early; a server calls this when its client has gone."""
        self._chunks.close()


def export(request: ExportRequest, *, user_id: int | None = None) -> Export:
    """Begin an export; needs an application context, which the bytes no longer do.

    `user_id`: whose export it is, where nobody is signed in.

    Commits the session with the entry in the audit log. Raises `catalogue.errors.UnknownQuestionnaire`
    and the errors of `exports.errors`; iterating may raise `CannotGiveIdentity` and the database's own.
    """
    format_ = _checked(request)
    making = _begin(request, format_)
    format_.check(making.plan)
    if not request.package:
        format_.check_bare(making.plan, making.span.submissions)
    _record(request, user_id)
    # an author may call a questionnaire anything; the name goes into a header
    stem = secure_filename(request.questionnaire) or "export"
    name = stem + (PACKAGE_SUFFIX if request.package else format_.suffix)
    return Export(name, PACKAGE_TYPE if request.package else format_.media_type, making)


def check(request: ExportRequest) -> Format:
    """Its format, if it can be made as it is asked for; raises the errors of `exports.errors`."""
    format_ = _checked(request)
    if request.since:
        window(db.engine, request.since)
    return format_


def _checked(request: ExportRequest) -> Format:
    format_ = FORMATS.get(request.format)
    if format_ is None:
        raise UnknownFormat(request.format, list(FORMATS))
    format_.check_installed()
    if strange := strange_choices(request, format_.choices):
        raise OnlyForTables(format_.name, strange)
    if request.confidential and not request.reason.strip():
        raise ReasonMissing
    if len(request.reason.strip()) > audit.DETAIL_LENGTH:
        raise ReasonTooLong(audit.DETAIL_LENGTH)
    if not is_storable(request.reason):
        raise ReasonUnstorable
    return format_


@dataclass(frozen=True, slots=True)
class _Making:
    """An export under way; nothing in it belongs to a session."""

    request: ExportRequest
    format: Format
    reader: Reader | ChangesReader
    span: Span
    origin: Origin
    plan: Plan
    unseal: Unseal | None
    #: the files of the package that hold no answers
    explanations: Mapping[str, bytes]
    #: where the files of submissions are, for the format that is these
    media: Files | None = None
    tally: Tally = field(default_factory=Tally)
    #: of an export of changes
    between: Window | None = None

    def chunks(self) -> Generator[bytes]:
        files = self.format.files(self.plan, self.request.csv)
        told = partial(self._manifest, files)
        if self.media is not None:
            archive = ArchiveStream(self.origin.made_at)
            yield from media(archive, self.plan, self._batches(), self.media)
            yield from concluded(archive, self.explanations, told)
        elif self.request.package:
            yield from package(files, self._batches(), self.explanations, told, self.origin.made_at)
        else:
            yield from written(files[0], self._batches())

    def _batches(self) -> Iterator[list[Record]]:
        for batch in self.reader.batches(self.span, self.unseal):
            yield batch
            self.tally.submissions += len(batch)
            self.tally.synthetic += sum(record.synthetic for record in batch)

    def _manifest(self, files: Sequence[ExportFile], packed: Sequence[Packed]) -> dict[str, Any]:
        told = manifest(Made(self.request, self.origin, self.plan, self.tally, rows_of(files)), packed)
        if self.between is None:
            return told
        return told | {"since": str(self.between.after), "cursor": str(self.between.until)}


def _begin(request: ExportRequest, format_: Format) -> _Making:
    zone = settings_of().timezone
    between = window(db.engine, request.since) if request.since else None
    reader = (
        Reader(db.engine, request.questionnaire, request.selection)
        if between is None
        else ChangesReader(db.engine, request.questionnaire, request.selection, between)
    )
    # first how far to read, then the versions: so each submission's version is among them
    span = reader.span()
    editions = catalogue.all_editions(request.questionnaire)
    definitions = [edition.definition for edition in editions]
    flat = request.tables.rosters is Rosters.FLAT
    every = Reader(db.engine, request.questionnaire, request.selection)
    sizes = every.sizes_of_rosters(every.span(), merged_rosters(definitions)) if flat else {}
    plan = make_plan(definitions, format_.planned(request.tables), zone, sizes=sizes)
    # a format may tell labels in a way of its own
    plan = replace(plan, options=request.tables)
    if between is not None:
        plan = with_changes(plan)
    origin = Origin(definitions[-1], [told_of(e.version) for e in editions], utc_now().astimezone(zone))
    return _Making(
        request=request,
        format=format_,
        reader=reader,
        span=span,
        origin=origin,
        plan=plan,
        unseal=unsealer(definitions) if request.tables.include_identity else None,
        explanations=_explanations(request, format_, plan, origin, span) if request.package else {},
        media=_files(request) if format_.media else None,
        between=between,
    )


def _files(request: ExportRequest) -> Files:
    return Files(db.engine, media_store(), keys_of(), request.tables.include_identity)


def _explanations(
    request: ExportRequest, format_: Format, plan: Plan, origin: Origin, span: Span
) -> dict[str, bytes]:
    told = readme.Told(
        plan=plan,
        newest=origin.newest,
        day=f"{origin.made_at:%Y-%m-%d}",
        format=format_.name,
        submissions=span.submissions,
        synthetic=span.synthetic,
    )
    return {
        codebook.FILE: codebook.codebook(plan, request.csv),
        readme.FILE: readme.readme(told),
    }


def _record(request: ExportRequest, user_id: int | None) -> None:
    """Log who takes what out, before a byte of it is out; every export, so that no gap can be hidden."""
    details: dict[str, audit.Detail] = {
        "format": request.format,
        "identity": request.tables.include_identity,
        "sensitive": request.tables.include_sensitive,
    }
    if request.confidential:
        details["reason"] = request.reason.strip()
    audit.record(audit.Action.EXPORTED, request.questionnaire, details, user_id=user_id)
    # also ends the session's transaction: on SQLite it would keep every writer out until the last byte
    db.session.commit()

"""Making an export: what was asked for is checked and logged at once, its bytes come as they are taken.

The command and the administrators' pages both call `export`; neither knows tables or formats.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from werkzeug.utils import secure_filename

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import aggregating, codebook, codebook_page, ddi, readme
from surveyapp.exports.archive import ArchiveStream, Packed
from surveyapp.exports.choosing import strange_choices
from surveyapp.exports.counting import Counting
from surveyapp.exports.deidentifying import Deidentifying
from surveyapp.exports.encrypted import SHORTEST_PASSWORD, EncryptedArchiveStream
from surveyapp.exports.errors import (
    ApprovalMissing,
    NotAsCounts,
    OnlyForTables,
    OnlyInFull,
    PasswordTooShort,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    UnknownFormat,
)
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX, PACKAGE_TYPE, Format
from surveyapp.exports.identity import unsealer
from surveyapp.exports.manifest import Made, Origin, Tally, manifest, told_of
from surveyapp.exports.merging import merged_rosters
from surveyapp.exports.package import MANIFEST, as_json, package
from surveyapp.exports.plan import Plan, make_plan
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.reader import Reader, Span, Unseal
from surveyapp.exports.records import Record
from surveyapp.exports.request import ExportRequest, Profile, Rosters
from surveyapp.exports.writing import ExportFile, written
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.storable import is_storable
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


def export(request: ExportRequest) -> Export:
    """Begin an export; needs an application context, which the bytes no longer do.

    Commits the session with the entry in the audit log. Raises `catalogue.errors.UnknownQuestionnaire`
    and the errors of `exports.errors`; iterating may raise `CannotGiveIdentity` and the database's own.
    """
    format_ = _checked(request)
    making = _begin(request, format_)
    _record(request)
    # an author may call a questionnaire anything; the name goes into a header
    stem = secure_filename(request.questionnaire) or "export"
    if request.package or request.confidential:
        return Export(stem + PACKAGE_SUFFIX, PACKAGE_TYPE, making)
    return Export(stem + format_.suffix, format_.media_type, making)


def _checked(request: ExportRequest) -> Format:
    format_ = FORMATS.get(request.format)
    if format_ is None:
        raise UnknownFormat(request.format, list(FORMATS))
    if strange := strange_choices(request, format_.choices):
        raise OnlyForTables(format_.name, strange)
    guarded = request.tables.include_identity or request.tables.include_sensitive
    if (request.confidential or guarded) and not request.reason.strip():
        raise ReasonMissing
    if guarded and not request.confidential:
        raise OnlyInFull
    if len(request.reason.strip()) > audit.DETAIL_LENGTH:
        raise ReasonTooLong(audit.DETAIL_LENGTH)
    if not is_storable(request.reason):
        raise ReasonUnstorable
    if request.confidential:
        _check_confidential(request)
    if request.profile is Profile.AGGREGATE and format_.name != "csv":
        raise NotAsCounts(format_.name)
    return format_


def _check_confidential(request: ExportRequest) -> None:
    if not request.approved_by.strip():
        raise ApprovalMissing
    if len(request.password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(SHORTEST_PASSWORD)


@dataclass(frozen=True, slots=True)
class _Making:
    """An export under way; nothing in it belongs to a session."""

    request: ExportRequest
    format: Format
    reader: Reader
    span: Span
    origin: Origin
    plan: Plan
    unseal: Unseal | None
    deidentifying: Deidentifying | None
    definitions: Sequence[Questionnaire]
    smallest_group: int
    #: the files of the package that hold no answers
    explanations: Mapping[str, bytes]
    tally: Tally = field(default_factory=Tally)

    def chunks(self) -> Generator[bytes]:
        if self.request.profile is Profile.AGGREGATE:
            return self._counted()
        return self._written()

    def _counted(self) -> Generator[bytes]:
        """Counts only: what is read is given to nothing that writes it."""
        table = aggregating.Table(
            Counting(self.definitions),
            self.smallest_group,
            self.request.tables.labels or self.request.tables.language,
            self.request.csv,
        )
        batches = self._tallied(self.reader.batches(self.span))
        if not self.request.package:
            yield from table.chunks(batches)
            return
        archive = self._archive()
        yield from archive.file(aggregating.FILE, table.chunks(batches))
        yield from archive.file(readme.FILE, [self.explanations[readme.FILE]])
        told = manifest(self._made({aggregating.FILE: table.rows}), archive.packed)
        told["cells_kept_back"] = table.kept_back
        yield from archive.file(MANIFEST, [as_json(told)])
        yield from archive.end()

    def _written(self) -> Generator[bytes]:
        files = self.format.files(self.plan, self.request.csv)
        if self.request.package:
            told = partial(self._manifest, files)
            yield from package(files, self._batches(), self.explanations, told, self._archive())
        elif self.request.confidential:
            archive = self._archive()
            yield from archive.file(files[0].name, written(files[0], self._batches()))
            yield from archive.end()
        else:
            yield from written(files[0], self._batches())

    def _archive(self) -> ArchiveStream:
        if self.request.confidential:
            return EncryptedArchiveStream(self.origin.made_at, self.request.password)
        return ArchiveStream(self.origin.made_at)

    def _batches(self) -> Iterator[list[Record]]:
        return self._tallied(self._treated(self.reader.batches(self.span, self.unseal)))

    def _tallied(self, batches: Iterable[list[Record]]) -> Iterator[list[Record]]:
        for batch in batches:
            yield batch
            self.tally.submissions += len(batch)
            self.tally.synthetic += sum(record.synthetic for record in batch)

    def _treated(self, batches: Iterator[list[Record]]) -> Iterator[list[Record]]:
        """What the profile lets through. Groups are counted only now: the first byte is out already."""
        if self.deidentifying is None:
            return batches
        names = self.deidentifying.breakdowns
        sizes = self.reader.sizes(self.span, names) if names else {}
        self.tally.groups = self.deidentifying.assess(sizes)
        return self.deidentifying.records(batches, self.tally.groups)

    def _manifest(self, files: Sequence[ExportFile], packed: Sequence[Packed]) -> dict[str, Any]:
        return manifest(self._made({file.name: file.rows for file in files}), packed)

    def _made(self, rows: Mapping[str, int]) -> Made:
        treated = self.deidentifying
        return Made(
            request=self.request,
            origin=self.origin,
            plan=self.plan,
            tally=self.tally,
            rows=rows,
            metres=treated.metres if treated else None,
            breakdowns=treated.breakdowns if treated else (),
        )


def _begin(request: ExportRequest, format_: Format) -> _Making:
    zone = settings_of().timezone
    reader = Reader(db.engine, request.questionnaire, request.selection)
    # first how far to read, then the versions: so each submission's version is among them
    span = reader.span()
    editions = catalogue.all_editions(request.questionnaire)
    definitions = [edition.definition for edition in editions]
    flat = request.tables.rosters is Rosters.FLAT
    sizes = reader.sizes_of_rosters(span, merged_rosters(definitions)) if flat else {}
    withheld = partial(is_withheld, request.profile)
    plan = make_plan(definitions, request.tables, zone, withheld, sizes=sizes)
    origin = Origin(definitions[-1], [told_of(e.version) for e in editions], utc_now().astimezone(zone))
    return _Making(
        request=request,
        format=format_,
        reader=reader,
        span=span,
        origin=origin,
        plan=plan,
        unseal=unsealer(definitions) if request.tables.include_identity else None,
        deidentifying=None if request.confidential else _deidentifying(definitions),
        definitions=definitions,
        smallest_group=settings_of().smallest_group,
        explanations=_explanations(request, format_, plan, origin, span) if request.package else {},
    )


def _deidentifying(definitions: Sequence[Questionnaire]) -> Deidentifying:
    settings = settings_of()
    return Deidentifying(
        definitions,
        metres=settings.coarse_place_metres,
        smallest_group=settings.smallest_group,
        zone=settings.timezone,
    )


def _explanations(
    request: ExportRequest, format_: Format, plan: Plan, origin: Origin, span: Span
) -> dict[str, bytes]:
    told = readme.Told(
        plan=plan,
        newest=origin.newest,
        day=f"{origin.made_at:%Y-%m-%d}",
        tabular=format_.tabular,
        submissions=span.submissions,
        synthetic=span.synthetic,
        profile=request.profile,
        metres=settings_of().coarse_place_metres,
        smallest_group=settings_of().smallest_group,
    )
    names = [each.name for each in format_.files(plan, request.csv)]
    return {
        codebook.FILE: codebook.codebook(plan, request.csv),
        codebook_page.FILE: codebook_page.codebook_page(request, plan, origin),
        ddi.FILE: ddi.ddi(plan, origin, names, span.submissions),
        readme.FILE: readme.readme(told),
    }


def _record(request: ExportRequest) -> None:
    """Log who takes what out, before a byte of it is out; every export, so that no gap can be hidden."""
    details: dict[str, audit.Detail] = {
        "format": request.format,
        "profile": request.profile,
        "identity": request.tables.include_identity,
        "sensitive": request.tables.include_sensitive,
    }
    if request.confidential:
        details["reason"] = request.reason.strip()
        details["approved_by"] = request.approved_by.strip()
    audit.record(audit.Action.EXPORTED, request.questionnaire, details)
    # also ends the session's transaction: on SQLite it would keep every writer out until the last byte
    db.session.commit()

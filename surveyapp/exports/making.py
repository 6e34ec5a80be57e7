"""An export under way: what it reads, what its profile lets through, and the bytes that come of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import aggregating, codebook, codebook_page, ddi, readme
from surveyapp.exports.archive import ArchiveStream, Packed
from surveyapp.exports.counting import Counting
from surveyapp.exports.covering import Cover, cover
from surveyapp.exports.encrypted import EncryptedArchiveStream
from surveyapp.exports.formats import Format
from surveyapp.exports.identity import unsealer
from surveyapp.exports.incremental import Window, window, with_changes
from surveyapp.exports.manifest import Made, Origin, Tally, manifest, told_of
from surveyapp.exports.media_writer import Files, media
from surveyapp.exports.package import MANIFEST, as_json, concluded, package
from surveyapp.exports.plan import Plan, make_plan
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.reader import Unseal
from surveyapp.exports.records import Record
from surveyapp.exports.request import ExportRequest, Profile, Rosters
from surveyapp.exports.where import where
from surveyapp.exports.writing import ExportFile, rows_of, written
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.submissions.keys import keys_of
from surveyapp.wiring import settings_of


@dataclass(frozen=True, slots=True)
class Making:
    """An export under way; nothing in it belongs to a session."""

    request: ExportRequest
    format: Format
    covered: Cover
    origin: Origin
    plan: Plan
    unseal: Unseal | None
    smallest_group: int
    #: the files of the package that hold no answers
    explanations: Mapping[str, bytes]
    #: where the files of submissions are, for the format that is these
    media: Files | None = None
    tally: Tally = field(default_factory=Tally)
    #: of an export of changes
    between: Window | None = None

    def chunks(self) -> Generator[bytes]:
        """The bytes."""
        if self.request.profile is Profile.AGGREGATE:
            return self._counted()
        return self._written()

    def _counted(self) -> Generator[bytes]:
        """Counts only: what is read is given to nothing that writes it."""
        table = aggregating.Table(
            Counting(self.covered.definitions),
            self.smallest_group,
            self.request.tables.labels or self.request.tables.language,
            self.request.csv,
        )
        batches = self._tallied(self.covered.reader.batches(self.covered.span))
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
        told = partial(self._manifest, files)
        if self.media is not None:
            archive = self._archive()
            yield from media(archive, self.plan, self._batches(), self.media)
            yield from concluded(archive, self.explanations, told)
        elif self.request.package:
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
        return self._tallied(self._treated(self.covered.reader.batches(self.covered.span, self.unseal)))

    def _tallied(self, batches: Iterable[list[Record]]) -> Iterator[list[Record]]:
        for batch in batches:
            yield batch
            self.tally.submissions += len(batch)
            self.tally.synthetic += sum(record.synthetic for record in batch)

    def _treated(self, batches: Iterator[list[Record]]) -> Iterator[list[Record]]:
        """What the profile lets through; groups are counted after the first byte, when records are read.

        They are those of all that was asked for: of what changed in a minute each would be too small.
        """
        treating, whole = self.covered.treating, self.covered.whole
        if treating is None or whole is None:
            yield from batches
            return
        self.tally.groups = whole.assess(self.covered.every, self.covered.every_span)
        self.tally.left_out = whole.left_out()
        yield from treating.records(batches, self.tally.groups)

    def _manifest(self, files: Sequence[ExportFile], packed: Sequence[Packed]) -> dict[str, Any]:
        told = manifest(self._made(rows_of(files)), packed)
        if self.between is None:
            return told
        return told | {"since": str(self.between.after), "cursor": str(self.between.until)}

    def _made(self, rows: Mapping[str, int]) -> Made:
        treated = self.covered.treating
        return Made(
            request=self.request,
            origin=self.origin,
            plan=self.plan,
            tally=self.tally,
            rows=rows,
            metres=treated.metres if treated else None,
            breakdowns=treated.breakdowns if treated else (),
        )


def begin(request: ExportRequest, format_: Format) -> Making:
    """Look what there is to export; reads no answers but for flat rosters."""
    zone = settings_of().timezone
    between = window(db.engine, request.since) if request.since else None
    now = utc_now().astimezone(zone)
    covered = cover(request, between, now)
    definitions = covered.definitions
    flat = request.tables.rosters is Rosters.FLAT
    sizes = covered.sizes_of_rosters() if flat else {}
    withheld = partial(is_withheld, request.profile)
    plan = make_plan(definitions, format_.planned(request.tables), zone, withheld, sizes=sizes)
    # a format may tell labels in a way of its own
    plan = replace(plan, options=request.tables)
    if between is not None:
        plan = with_changes(plan)
    origin = Origin(definitions[-1], [told_of(e.version) for e in covered.editions], now)
    return Making(
        request=request,
        format=format_,
        covered=covered,
        origin=origin,
        plan=plan,
        unseal=unsealer(definitions) if request.tables.include_identity else None,
        smallest_group=settings_of().smallest_group,
        explanations=_explanations(request, format_, plan, origin, covered) if request.package else {},
        media=_files(request) if format_.media else None,
        between=between,
    )


def check_where(request: ExportRequest) -> None:
    """Look whether its expression can be asked; reads no answers. Raises `WhereRefused`."""
    editions = catalogue.all_editions(request.questionnaire)
    now = utc_now().astimezone(settings_of().timezone)
    where(request, [edition.definition for edition in editions], now)


def _files(request: ExportRequest) -> Files:
    return Files(db.engine, media_store(), keys_of(), request.tables.include_identity)


def _explanations(
    request: ExportRequest, format_: Format, plan: Plan, origin: Origin, covered: Cover
) -> dict[str, bytes]:
    told = readme.Told(
        plan=plan,
        newest=origin.newest,
        day=f"{origin.made_at:%Y-%m-%d}",
        format=format_.name,
        submissions=covered.span.submissions,
        synthetic=covered.span.synthetic,
        profile=request.profile,
        metres=settings_of().coarse_place_metres,
        smallest_group=settings_of().smallest_group,
        rosters_grouped=covered.treating is not None and bool(covered.treating.layouts),
        in_fives=covered.treating is not None and covered.treating.tells_fives,
        is_cut=covered.whole is not None and covered.whole.is_cut,
    )
    names = [each.name for each in format_.files(plan, request.csv)]
    return {
        codebook.FILE: codebook.codebook(plan, request.csv),
        codebook_page.FILE: codebook_page.codebook_page(request, plan, origin),
        ddi.FILE: ddi.ddi(plan, origin, names, covered.span.submissions),
        readme.FILE: readme.readme(told),
    }

"""What somebody asks for when they export; `choosing` reads it from plain strings and writes it so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from surveyapp.i18n import LANGUAGES


class Multiple(StrEnum):
    """How answers with several choices stand in a table."""

    JOINED = "joined"
    #: a 0/1 column for each choice
    SPLIT = "split"
    BOTH = "both"


class Missing(StrEnum):
    """What stands in a cell without an answer."""

    #: nothing; refused and don't know stay the codes that they are
    BLANK = "blank"
    #: not asked `.n`, left empty `.e`, refused `.r`, don't know `.d` (`missing.Mark`)
    MARKED = "marked"


class Rosters(StrEnum):
    """Where the entries of rosters go."""

    #: into tables of their own
    LINKED = "linked"
    #: into columns of the submission: `child[1]/c_age`, `child[2]/c_age` …
    FLAT = "flat"


class Times(StrEnum):
    """In which zone moments are told."""

    #: that of the settings
    LOCAL = "local"
    UTC = "utc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which submissions: received at or after `since` and before `before`, answered in `language`.

    A set that is None does not choose; the conditions hold all together.
    """

    since: datetime | None = None
    before: datetime | None = None
    #: the same of the time when the interview was finished; without such a time it is left out
    finished_since: datetime | None = None
    finished_before: datetime | None = None
    language: str | None = None
    #: codes of the regions that somebody may see; None: all, and what is of none. Never from a request
    regions: frozenset[str] | None = None
    #: codes of the regions that were asked for, within those
    chosen_regions: frozenset[str] | None = None
    versions: frozenset[str] | None = None
    #: values of `State`; those of what is gone find nothing
    statuses: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    #: who sent the current revision: numbers of accounts (`7`) and of phones (`phone-3`)
    collectors: frozenset[str] | None = None
    #: a `Flag`, `any`, or `none`
    flag: str | None = None
    #: breakdown → code
    groups: tuple[tuple[str, str], ...] = ()
    #: an expression over the answers (`where`), empty: none
    where: str = ""
    #: whether made-up submissions come along; they carry their mark
    synthetic: bool = True
    #: whether those that a reviewer rejected come along; the column `status` tells them
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How answers become columns.

    `labels` is a language, or None for the choices' codes; `codes` keeps the codes in a column beside.
    """

    labels: str | None = None
    codes: bool = False
    #: what columns and codes are called in where a format can say it (SPSS, Stata, names of sheets)
    language: str = LANGUAGES[0]
    split_multiple: bool = False
    #: the joined column beside the split ones
    joined_multiple: bool = False
    missing: Missing = Missing.BLANK
    #: whether `marked` marks numbers and days that are declared to be no answer, too; set by formats
    declared_marked: bool = True
    rosters: Rosters = Rosters.LINKED
    times: Times = Times.LOCAL
    #: names of columns, or of items for all their columns; empty: all
    columns: tuple[str, ...] = ()
    include_identity: bool = False
    include_sensitive: bool = False

    def __post_init__(self) -> None:
        if self.labels not in {None, *LANGUAGES}:
            raise ValueError(f"no labels in the language {self.labels!r}")
        if self.language not in LANGUAGES:
            raise ValueError(f"nothing is said in the language {self.language!r}")

    @property
    def multiple(self) -> Multiple:
        """How answers with several choices stand."""
        if not self.split_multiple:
            return Multiple.JOINED
        return Multiple.BOTH if self.joined_multiple else Multiple.SPLIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOptions:
    """How a CSV file is written; `;` and a decimal comma are what a Russian or Kazakh Excel expects."""

    separator: str = ","
    byte_order_mark: bool = False
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        if self.separator not in SEPARATORS:
            raise ValueError(f"{self.separator!r} does not separate columns")


#: what may stand between two columns
SEPARATORS = (",", ";", "\t")


class Profile(StrEnum):
    """How much an export tells of people (docs/decisions/0039)."""

    #: counts by breakdown, small ones left out; no submission
    AGGREGATE = "aggregate"
    #: submissions without what points at a person or is sensitive; places and times are coarse
    DE_IDENTIFIED = "de-identified"
    #: as answered, encrypted; a reason and a second person are needed
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """One export of one questionnaire.

    `package` asks for the `.zip` with every table, codebook and manifest instead of the bare table of
    submissions. `reason` is kept in the audit log; identity and sensitive answers need one.
    """

    questionnaire: str
    format: str = "csv"
    package: bool = False
    selection: Selection = Selection()
    tables: TableOptions = TableOptions()
    csv: CsvOptions = CsvOptions()
    reason: str = ""
    profile: Profile = Profile.DE_IDENTIFIED
    #: the second person who agreed to a full export, by name
    approved_by: str = ""
    #: what a full export is encrypted with
    password: str = field(default="", repr=False)
    #: a cursor, or `incremental.BEGINNING`: what changed since, marked as new, revised or deleted
    since: str = ""

    @property
    def confidential(self) -> bool:
        """Whether it asks for more than the default export gives."""
        return self.profile is Profile.FULL

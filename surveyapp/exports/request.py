"""What somebody asks for when they export."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from surveyapp.i18n import LANGUAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which submissions: received at or after `since` and before `before`, answered in `language`."""

    since: datetime | None = None
    before: datetime | None = None
    language: str | None = None
    #: codes of the regions; None: all, and what is of none
    regions: frozenset[str] | None = None
    #: whether made-up submissions come along; they carry their mark
    synthetic: bool = True
    #: whether those that a reviewer rejected come along; the column `status` tells them
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How answers become columns; `labels` is a language, or None for the choices' codes."""

    labels: str | None = None
    split_multiple: bool = False
    include_identity: bool = False
    include_sensitive: bool = False

    def __post_init__(self) -> None:
        if self.labels not in {None, *LANGUAGES}:
            raise ValueError(f"no labels in the language {self.labels!r}")


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

    @property
    def confidential(self) -> bool:
        """Whether it asks for more than the default export gives."""
        return self.profile is Profile.FULL

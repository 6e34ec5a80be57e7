"""Why an export is refused or breaks off; each says it in words an administrator understands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID


class ExportError(Exception):
    """An export that cannot be made."""


class UnknownFormat(ExportError):
    """No writer has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"there is no format “{name}”; there are: {', '.join(known)}")


class OnlyForTables(ExportError):
    """Choices that mean nothing to a format, such as a separator for one without columns."""

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        self.choices = choices
        super().__init__(
            f"“{name}” has no use for: {', '.join(choices)}; jsonl keeps answers nested, as they were "
            "sent, and separators, the byte order mark and the decimal comma are for csv"
        )


class UnknownColumns(ExportError):
    """Columns were chosen that the export does not have; perhaps they are left out by a right."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        super().__init__(f"there are no such columns: {', '.join(names)}")


class TooManyColumns(ExportError):
    """Flat rosters would make a table wider than programs take."""

    def __init__(self, wanted: int, most: int) -> None:
        super().__init__(
            f"with rosters in columns the table would have {wanted} columns, more than {most}; "
            "choose linked tables, or fewer columns"
        )


class ReasonMissing(ExportError):
    """A full export is asked for, and nobody said why."""

    def __init__(self) -> None:
        super().__init__(
            "a full export, and identity and sensitive answers, need a reason, "
            "which is kept in the audit log"
        )


class OnlyInFull(ExportError):
    """Answers are asked for that only a full export has."""

    def __init__(self) -> None:
        super().__init__(
            "identity and sensitive answers come only with the profile full, which needs a reason and a "
            "second person"
        )


class ApprovalMissing(ExportError):
    """A full export is asked for, and nobody else agreed to it."""

    def __init__(self) -> None:
        super().__init__("a full export needs a second person who agreed to it, by name")


class PasswordTooShort(ExportError):
    """A full export is encrypted, and what with is missing or can be guessed."""

    def __init__(self, least: int) -> None:
        super().__init__(f"a full export is encrypted with a password of at least {least} characters")


class NotAsCounts(ExportError):
    """Counts are asked for in a format that they do not come in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"counts (the profile aggregate) come as csv, not as “{name}”")


class ReasonUnstorable(ExportError):
    """The reason holds what no database can keep (NUL, half a character)."""

    def __init__(self) -> None:
        super().__init__("the reason has characters that cannot be stored")


class ReasonTooLong(ExportError):
    """The audit log keeps a few words only, so that no answer fits into it."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the reason may have at most {most} characters")


class CannotGiveIdentity(ExportError):
    """The identity answers of a submission are sealed and cannot be put back; nothing is passed over."""

    def __init__(self, submission_id: UUID, why: str) -> None:
        super().__init__(f"the identity answers of submission {submission_id} cannot be given: {why}")


class FileExists(ExportError):
    """A file of this name is there already."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; --force replaces it")


class FileRefused(ExportError):
    """The file cannot be written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be written: {why}")


class GrewMeanwhile(ExportError):
    """A roster has more entries than when its columns were made: an edit came during the export."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"submission {submission_id} was edited during the export and has more entries now than "
            "there are columns; export again"
        )

"""Why an export is refused or breaks off; each says it in words an administrator understands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from flask_babel import LazyString
from flask_babel import gettext as _


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


class CursorRefused(ExportError):
    """What changed is asked for since something that is no cursor, or is one no more."""

    def __init__(self, *, other_epoch: bool) -> None:
        #: it was given out before the database was restored
        self.other_epoch = other_epoch
        super().__init__("no cursor of this database" if other_epoch else "no cursor")


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


class ChangesNotAsCounts(ExportError):
    """What changed is asked for as counts; two of them, subtracted, would tell of single people."""

    def __init__(self) -> None:
        super().__init__("counts (the profile aggregate) are of everything, not of what changed")


class WhereRefused(ExportError):
    """The expression of a filter is wrong, or asks for what the export may not show."""

    def __init__(self, sentence: LazyString) -> None:
        self.sentence = sentence
        super().__init__(sentence)

    def __str__(self) -> str:
        return str(self.sentence)


class WhereNotAsCounts(ExportError):
    """A free expression over counts; two of them, subtracted, would tell of single people."""

    def __init__(self) -> None:
        super().__init__("counts (the profile aggregate) take no expression")


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


class ExtraMissing(ExportError):
    """The library that writes a format is not installed."""

    def __init__(self, name: str, extra: str) -> None:
        super().__init__(
            _(
                "The format %(format)s needs a library that is not installed here. Whoever looks after "
                "the server installs it with: %(command)s",
                format=name,
                command=f"pip install 'surveyapp[{extra}]'",
            )
        )


class OnlyAsPackage(ExportError):
    """A format that is always several files."""

    def __init__(self, name: str) -> None:
        super().__init__(_("The format %(format)s goes into a file that ends in .zip", format=name))


class TooMuchForOneFile(ExportError):
    """What was asked for would be several numbered files."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(
            _(
                "There is more than fits into %(name)s (%(most)s rows): ask for a package, a file that "
                "ends in .zip; it has numbered files",
                name=name,
                most=most,
            )
        )


class NoPlaces(ExportError):
    """A map of a questionnaire that asks for no place."""

    def __init__(self) -> None:
        super().__init__(_("No question of this questionnaire asks for a place, so there is no map"))


class PlacesLeftOut(ExportError):
    """A map without the places, which are left out."""

    def __init__(self) -> None:
        super().__init__(
            _("The places of this questionnaire are left out of this export, so there is no map")
        )


class FilesLeftOut(ExportError):
    """An archive of files without any, as all are left out."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Photographs and other files are left out unless the export is full, so there would be "
                "nothing in this archive"
            )
        )


class DoesNotFit(ExportError):
    """A cell that a format cannot hold."""

    def __init__(self, name: str, table: str, column: str) -> None:
        super().__init__(
            _(
                "The format %(format)s cannot hold what stands in the column %(column)s of the table "
                "%(table)s; csv and jsonl can",
                format=name,
                table=table,
                column=column,
            )
        )


class FileLost(ExportError):
    """A file of a submission is not where it was kept, or cannot be opened; nothing is passed over."""

    def __init__(self, submission_id: UUID, why: str) -> None:
        super().__init__(
            _(
                "A file of the submission %(id)s cannot be given: %(why)s",
                id=submission_id,
                why=why,
            )
        )


class GrewMeanwhile(ExportError):
    """A roster has more entries than when its columns were made: an edit came during the export."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"submission {submission_id} was edited during the export and has more entries now than "
            "there are columns; export again"
        )

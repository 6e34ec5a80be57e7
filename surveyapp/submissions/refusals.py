"""What can be asked and makes no sense; each says so in a sentence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID


class Refused(RuntimeError):
    """An administrator's act that cannot be done; nothing was changed. Its text is a sentence."""


class AlreadyThere(Refused):
    """A submission of this id is stored: the work can only become a revision of it."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"A submission {submission_id} is stored already: "
            "accept this as its next revision, merge the two, or discard it."
        )


class NotThere(Refused):
    """No submission of this id is stored: there is nothing that the work could be a revision of."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(f"No submission {submission_id} is stored.")


class Gone(Refused):
    """The submission was deleted, blocked or erased."""

    def __init__(self, submission_id: UUID, state: str) -> None:
        ways = {"deleted": "; restore it first", "blocked": "; unblock it first"}
        way = ways.get(state, " and cannot come back")
        super().__init__(f"The submission {submission_id} is {state}{way}.")


class AlreadySo(Refused):
    """The submission is in that state already."""

    def __init__(self, submission_id: UUID, state: str) -> None:
        super().__init__(f"The submission {submission_id} is {state} already.")


class NamesAnew(Refused):
    """Who is meant was destroyed; nothing brings it back."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"Who is meant by the submission {submission_id} was destroyed: "
            "answers that point at a person are not put back."
        )


class NotDeleted(Refused):
    """Only what was deleted can be restored."""

    def __init__(self, submission_id: UUID, state: str) -> None:
        super().__init__(f"The submission {submission_id} is {state}: only a deleted one is restored.")


class NotBlocked(Refused):
    """Only what was blocked can be unblocked."""

    def __init__(self, submission_id: UUID, state: str) -> None:
        super().__init__(f"The submission {submission_id} is {state}: only a blocked one is unblocked.")


class Overtaken(Refused):
    """Another revision has come since it was looked at."""

    def __init__(self, submission_id: UUID, current: int) -> None:
        super().__init__(
            f"The submission {submission_id} has changed: its current revision is {current}. "
            "Look at it first."
        )


class NoCollector(Refused):
    """Nobody collected it to whom it could be sent back."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(f"Nobody known sent the submission {submission_id}: it cannot be returned.")


class NoComment(Refused):
    """A submission is not sent back without a word of what is to be mended."""

    def __init__(self) -> None:
        super().__init__("Say what is to be mended: a submission is not returned without a comment.")


class BadComment(Refused):
    """A comment is about no answer of the questionnaire, or is too long or not storable."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The comment on {path!r} cannot be kept: no such place, or no such text.")


class AlreadyDecided(Refused):
    """Somebody has decided over this work before."""

    def __init__(self, serial: int, decision: str, at: datetime) -> None:
        super().__init__(f"Number {serial} was decided on {at:%Y-%m-%d %H:%M} UTC: {decision}.")


class NoReason(Refused):
    """Nothing is discarded or rejected without a reason."""

    def __init__(self) -> None:
        super().__init__("Say why: nothing is discarded or rejected without a reason.")


class NothingToUndo(Refused):
    """The last act cannot be taken back, or another one has been done since."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"Nothing can be undone of the submission {submission_id}: "
            "something else has happened since."
        )


class Unreadable(Refused):
    """Nothing can be made of the bytes."""

    def __init__(self, serial: int, why: str) -> None:
        super().__init__(f"Number {serial} cannot be read ({why}): it can wait, or be discarded.")


class NoVersion(Refused):
    """The version by which the work is to be judged is not published."""

    def __init__(self, questionnaire: str, version: str) -> None:
        super().__init__(
            f"{questionnaire or '?'} {version or '?'} is not published: "
            "attach the work to a version that is."
        )


class OtherQuestionnaire(Refused):
    """The submission of this id answers another questionnaire."""

    def __init__(self, submission_id: UUID, questionnaire: str) -> None:
        super().__init__(
            f"The submission {submission_id} answers another questionnaire: {questionnaire}."
        )


class Unsettled(Refused):
    """It was not said which side's answer holds for each of the differences."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        super().__init__(f"Say which answer holds: {', '.join(path or '(all)' for path in paths)}.")


class NoDifference(Refused):
    """A side was chosen where the two do not differ."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"The two do not differ here: {', '.join(paths)}.")


class NothingNew(Refused):
    """The next revision would be the current one again."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"This would change nothing of the submission {submission_id}: discard the work instead."
        )

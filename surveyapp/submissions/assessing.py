"""What can be said of an envelope before the database is asked: does it fit its version, may it come in.

Everything slow happens here, before the transaction begins: on SQLite one writer holds all the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from surveyapp.config import Settings
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import FiredDisclosure
from surveyapp.questionnaires.judge import Judgement, judge
from surveyapp.questionnaires.schema import Checked, Limits
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.admission import Offer, Offers, obstacle
from surveyapp.submissions.codes import take_code
from surveyapp.submissions.content import Content, content_of
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.holdings import UNANNOUNCED
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import Flag, Reason
from surveyapp.submissions.verdicts import Sender

logger = logging.getLogger(__name__)

#: a device whose clock is further off than this is flagged
TOLERATED_SKEW = timedelta(minutes=10)
#: where in the envelope an obstacle lies, for the sender to see
_PLACES: Mapping[Reason, str] = {
    Reason.UNKNOWN_QUESTIONNAIRE: "questionnaire",
    Reason.UNKNOWN_VERSION: "version",
    Reason.CLOSED: "questionnaire",
    Reason.SCOPE: "questionnaire",
    Reason.INVITATION: "invitation",
    Reason.EDIT: "base_revision",
    Reason.SEALED: "sealed",
    Reason.CONFLICT: "id",
    Reason.DELETED: "id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An envelope without its invitation's code, and what was found.

    With `content` it fits its version; with a `reason` it must wait all the same, unless it is a copy of
    what is stored. It is `malformed` when it is over a limit, and then nothing of it is kept. `errors`
    are the answers', whatever becomes of them.
    """

    envelope: Envelope
    content: Content | None = None
    reason: Reason | None = None
    malformed: bool = False
    errors: tuple[AnswerError, ...] = ()
    flags: tuple[Flag, ...] = ()
    disclosures: tuple[FiredDisclosure, ...] = ()
    #: the invitation's code, to be used up when it is stored
    code: str | None = field(default=None, repr=False)
    default_language: str | None = None

    def waiting(self, reason: Reason) -> Assessed:
        """The same, to be quarantined."""
        return replace(self, reason=reason)

    @property
    def why_it_waits(self) -> tuple[AnswerError, ...]:
        """What the sender of quarantined work is told: wrong types one by one, else the reason."""
        if self.reason is None or (self.content is None and self.errors):
            return self.errors
        return (AnswerError(_PLACES.get(self.reason, ""), self.reason.value),)

    def malformed_by(self, *errors: AnswerError) -> Assessed:
        """The same, of which nothing is kept."""
        return replace(self, malformed=True, errors=errors)


@lru_cache(maxsize=4)
def limits_of(settings: Settings) -> Limits:
    """How much one submission may hold."""
    return Limits(
        text_length=settings.max_text_length,
        roster_instances=settings.max_roster_instances,
        depth=settings.max_json_depth,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Judges the envelopes of one batch."""

    settings: Settings
    keys: Keys
    sender: Sender
    #: when the batch was received
    received_at: datetime
    offers: Offers

    def assess(self, envelope: Envelope) -> Assessed:
        """Everything that can be said of an envelope; raises nothing, whatever is in it."""
        try:
            return self._assess(envelope)
        except Exception:  # one record that the program fails over must cost neither it nor the others
            logger.exception("an envelope could not be judged; it is quarantined")
            return Assessed(envelope=self._without_code(envelope)).waiting(Reason.FAILURE)

    def _without_code(self, envelope: Envelope) -> Envelope:
        offer = self.offers.get((envelope.questionnaire, envelope.version))
        return take_code(offer.definition, envelope).envelope if isinstance(offer, Offer) else envelope

    def _assess(self, envelope: Envelope) -> Assessed:
        blank = Assessed(envelope=envelope)
        if excess := tuple(self._excess(envelope)):
            return blank.malformed_by(*excess)
        if envelope.sealed is not None:
            return blank.waiting(Reason.SEALED)
        offer = self.offers[envelope.questionnaire, envelope.version]
        if isinstance(offer, Reason):
            return blank.waiting(offer)
        if envelope.misfit is not None:
            return replace(blank, reason=Reason.WRONG_TYPE, errors=(envelope.misfit,))
        return self._judged(offer, envelope)

    def _excess(self, envelope: Envelope) -> Iterator[AnswerError]:
        """What is over a limit beside the answers."""
        files, length = self.settings.max_attachments, self.settings.max_text_length
        if len(envelope.attachments) > files:
            yield AnswerError("attachments", "too_many", {"max": files})
        for name, group in _groups_beside_the_answers(envelope).items():
            if group and any(len(text) > length for text in _texts(group)):
                yield AnswerError(name, "too_long", {"max": length})

    def _judged(self, offer: Offer, sent: Envelope) -> Assessed:
        definition = offer.definition
        envelope, code, answers = take_code(definition, sent)
        found = Assessed(
            envelope=envelope,
            code=code if offer.by_invitation else None,
            default_language=definition.default_language,
        )
        judgement = self._judgement(definition, envelope, answers)
        if judgement.over_limit:
            return found.malformed_by(*judgement.type_errors)
        if not judgement.fits:
            return replace(found, reason=_misfit(judgement), errors=judgement.type_errors)
        if unstorable := tuple(_unstorable(envelope)):
            return replace(found, reason=Reason.UNSTORABLE, errors=unstorable)
        fitting = self._fitting(found, definition, judgement)
        hindered = obstacle(offer, sent, code, self.sender, self.received_at)
        return fitting.waiting(hindered) if hindered else fitting

    def _judgement(
        self, definition: Questionnaire, envelope: Envelope, answers: Mapping[str, Any]
    ) -> Judgement:
        now = envelope.finished_at or self._now_beside(envelope)
        is_checked = envelope.is_checked and answers is envelope.answers
        return judge(
            definition,
            Checked(dict(answers), {}) if is_checked else answers,
            now=now,
            language=envelope.language,
            limits=limits_of(self.settings),
        )

    def _now_beside(self, envelope: Envelope) -> datetime:
        """The time of receipt instead of a finishing time, in what is likely the device's offset."""
        begun = envelope.started_at
        return self.received_at.astimezone(begun.tzinfo if begun else self.settings.timezone)

    def _fitting(self, found: Assessed, definition: Questionnaire, judgement: Judgement) -> Assessed:
        envelope = found.envelope
        content = content_of(self.keys, definition, envelope, judgement.answers, judgement.foreign)
        unannounced = tuple(_unannounced(definition, judgement.answers, envelope))
        errors = (*judgement.rule_errors, *unannounced)
        signs = {
            Flag.INVALID: bool(errors),
            Flag.FOREIGN: bool(judgement.foreign or envelope.foreign),
            Flag.MISCALCULATED: bool(judgement.miscalculated),
            Flag.CLOCK_SKEW: self._skewed(envelope),
            Flag.NO_FINISH_TIME: envelope.finished_at is None,
            Flag.UNNAMED_FILE: any(f.name not in content.file_names for f in envelope.attachments),
        }
        return replace(
            found,
            content=content,
            errors=errors,
            flags=tuple(flag for flag, sign in signs.items() if sign),
            disclosures=judgement.disclosures,
        )

    def _skewed(self, envelope: Envelope) -> bool:
        device_time = self.sender.device_time
        if device_time is not None and abs(device_time - self.received_at) > TOLERATED_SKEW:
            return True
        ended = envelope.finished_at or envelope.started_at
        return ended is not None and ended > self.received_at + TOLERATED_SKEW


def _misfit(judgement: Judgement) -> Reason:
    if all(error.code == "unstorable" for error in judgement.type_errors):
        return Reason.UNSTORABLE
    return Reason.WRONG_TYPE


def _groups_beside_the_answers(envelope: Envelope) -> Mapping[str, Any]:
    return {
        "answer_languages": envelope.answer_languages,
        "paradata": envelope.paradata,
        "consent": envelope.consent,
    }


def _unstorable(envelope: Envelope) -> Iterator[AnswerError]:
    """An error for each field beside the answers that a database cannot hold."""
    parts = {
        "version": envelope.version,
        "app": envelope.app,
        "assignment": envelope.assignment,
        "attachments": [(file.name, file.type) for file in envelope.attachments],
        **_groups_beside_the_answers(envelope),
    }
    for name, part in parts.items():
        if part and not all(map(is_storable, _texts(part))):
            yield AnswerError(name, "unstorable")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, its keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _unannounced(
    definition: Questionnaire, answers: Answers, envelope: Envelope
) -> Iterator[AnswerError]:
    """An error for each answer that names a file of which the envelope does not tell the digest."""
    if envelope.files_follow:
        return
    announced = {file.name for file in envelope.attachments}
    for path, name in partition.file_names(definition, answers):
        if name not in announced:
            yield AnswerError(path, UNANNOUNCED)

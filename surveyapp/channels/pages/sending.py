"""From a draft to a submission: the envelope, the files, the receipt, and the end of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.submissions import kept_files
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import NotStored, receive
from surveyapp.submissions.verdicts import Result, Sender, Status

#: what the envelope says it was filled in with
APP = "pages/1.0"


class NotSent(Exception):
    """It could not be stored; the draft is as it was, and sending may be tried again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the thank-you page tells."""

    code: str
    quarantined: bool


def note_finish(sitting: Sitting) -> None:
    """Remember when the interview ended, in the draft, before the first try to send it.

    Whoever presses “send” twice, or again after the network failed, sends the same answers again.
    """
    if not sitting.state.finished_at:
        sitting.state.finished_at = sitting.now.isoformat(timespec="milliseconds")
        drafts.save(sitting.draft)


def send(sitting: Sitting, sender: Sender) -> Sent:
    """Hand the answers to `submissions.receive` and empty the draft. Raises `NotSent`.

    The draft's finish must be noted. The same draft sent twice is one submission with one receipt.
    """
    envelope = envelope_of(sitting)
    files = _files(sitting, envelope.answers)
    brought = [kept_files.put([drafts.read_file(sitting.draft, file["id"])]) for file in files]
    try:
        [result] = receive([envelope], sender, brought=brought)
    except NotStored as error:
        raise NotSent from error
    sent = _sent(result)
    drafts.empty(sitting.draft, {"code": sent.code, "quarantined": sent.quarantined})
    return sent


def _sent(result: Result) -> Sent:
    if not result.held or result.receipt_code is None:
        raise NotSent
    return Sent(result.receipt_code, result.status is Status.QUARANTINED)


def envelope_of(sitting: Sitting, channel: Channel = Channel.WEB) -> Envelope:
    """What is sent of a draft whose finish is noted: its answers, and the files that they name."""
    sitting.interview.drop_unoffered()
    sitting.interview.finish()
    answers, state = sitting.interview.answers(), sitting.state
    return Envelope(
        id=UUID(state.submission),
        questionnaire=state.questionnaire,
        version=state.version,
        language=sitting.language,
        answers=answers,
        channel=channel,
        started_at=datetime.fromisoformat(state.started_at),
        finished_at=datetime.fromisoformat(state.finished_at),
        app=APP,
        answer_languages=_answer_languages(sitting),
        consent=state.consent,
        attachments=tuple(
            NamedFile(file["name"], file["sha256"], file["size"], file["type"])
            for file in _files(sitting, answers)
        ),
    )


def _answer_languages(sitting: Sitting) -> dict[str, str]:
    """The answers that were given in another language than the one they are sent in."""
    return {
        path: language
        for path, language in sitting.state.languages.items()
        if language != sitting.language and sitting.interview.relevant(path)
    }


def _files(sitting: Sitting, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files that the answers name; one under a question that is no longer asked stays behind."""
    named = set(_texts(answers))
    return [file for file in sitting.state.files.values() if file["name"] in named]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []

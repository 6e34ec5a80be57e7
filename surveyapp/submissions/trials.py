"""What was answered to a trial version: a draft area, apart from everything that is real.

Nothing here goes through `receive`: no submission, no quarantine, no receipt, no file, no event comes of
it. It is judged by the same rules, so that an author sees what would be flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from surveyapp.catalogue import trials
from surveyapp.catalogue.trial_models import Trial
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.judge import Judgement, judge
from surveyapp.submissions.assessing import limits_of
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.sealing import CannotOpen, DataKey, Row
from surveyapp.submissions.trial_models import TrialAnswer
from surveyapp.wiring import settings_of

#: answers that are kept of one trial version; the oldest give way
MOST = 200
_COLUMN = "sealed"


class NotItsAnswer(ValueError):
    """The record says that it belongs to another questionnaire or another version."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One filled questionnaire of the draft area."""

    serial: int
    channel: str
    language: str
    received_at: datetime
    answers: Mapping[str, Any]
    errors: tuple[AnswerError, ...]
    files: Sequence[Mapping[str, Any]]
    #: whether the answers are of their questions' types; a real record that is not waits in quarantine
    fits: bool


def keep(trial: Trial, envelope: Envelope) -> tuple[int, int]:
    """Keep what was answered; commits. Returns its number and how many rules it breaks.

    Sent again, it takes its own place. Raises `NotItsAnswer`.
    """
    if (envelope.questionnaire, envelope.version) != (trial.questionnaire_id, trial.version):
        raise NotItsAnswer
    found = _judged(trial, envelope)
    errors = [*([envelope.misfit] if envelope.misfit else []), *found.type_errors, *found.rule_errors]
    answers = dict(found.answers) if found.fits else dict(envelope.answers)
    row = db.session.scalars(
        select(TrialAnswer).filter_by(trial_serial=trial.serial, instance=envelope.id)
    ).one_or_none()
    if row is None:
        row = TrialAnswer(trial_serial=trial.serial, instance=envelope.id)
        db.session.add(row)
    key = DataKey.new(keys_of(), Row.of_trial_answer(envelope.id))
    content = {
        "answers": answers,
        "errors": [[each.path, each.code, dict(each.params)] for each in errors],
        "files": [_told(file) for file in envelope.attachments],
        "fits": found.fits and envelope.misfit is None,
    }
    row.sealed, row.data_key, row.key_id = key.seal_json(_COLUMN, content), key.wrapped, key.key_id
    row.channel, row.language, row.received_at = envelope.channel, envelope.language, utc_now()
    row.faults = len(errors)
    db.session.flush()
    _let_go_of_oldest(trial)
    db.session.commit()
    return row.serial, row.faults


def count(trial: Trial) -> int:
    """How many there are."""
    query = select(func.count()).select_from(TrialAnswer).filter_by(trial_serial=trial.serial)
    return db.session.scalar(query) or 0


def answered(trial: Trial) -> list[Tried]:
    """All of them, the newest first; one that no key opens is left out."""
    query = (
        select(TrialAnswer)
        .filter_by(trial_serial=trial.serial)
        .order_by(TrialAnswer.received_at.desc(), TrialAnswer.serial.desc())
    )
    opened = (_opened(row) for row in db.session.scalars(query))
    return [each for each in opened if each is not None]


def remove_all(trial: Trial) -> None:
    """Throw away what was answered, and keep the trial version; commits."""
    db.session.execute(delete(TrialAnswer).where(TrialAnswer.trial_serial == trial.serial))
    db.session.commit()


def _judged(trial: Trial, envelope: Envelope) -> Judgement:
    if envelope.misfit is not None:
        return Judgement(answers=dict(envelope.answers))
    return judge(
        trials.definition_of(trial),
        envelope.answers,
        now=envelope.finished_at or utc_now(),
        language=envelope.language,
        limits=limits_of(settings_of()),
    )


def _told(file: NamedFile) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "type": file.type}


def _let_go_of_oldest(trial: Trial) -> None:
    newest = (
        select(TrialAnswer.serial)
        .filter_by(trial_serial=trial.serial)
        .order_by(TrialAnswer.received_at.desc(), TrialAnswer.serial.desc())
        .offset(MOST)
    )
    surplus = db.session.scalars(newest).all()
    if surplus:
        db.session.execute(delete(TrialAnswer).where(TrialAnswer.serial.in_(surplus)))


def _opened(row: TrialAnswer) -> Tried | None:
    if row.data_key is None or row.key_id is None:
        return None
    place = Row.of_trial_answer(row.instance)
    try:
        content = DataKey.unwrap(keys_of(), place, row.data_key, row.key_id).open_json(
            _COLUMN, row.sealed
        )
    except (CannotOpen, KeyMissing):
        return None
    errors = tuple(AnswerError(path, code, params) for path, code, params in content["errors"])
    facts = (row.serial, row.channel, row.language, row.received_at)
    return Tried(*facts, content["answers"], errors, content["files"], content["fits"])

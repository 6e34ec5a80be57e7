"""Comments of reviewers by node path, sealed under the submission's key: they may name somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.paths import BadPath, item_path
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import ReviewAct, Submission
from surveyapp.submissions.refusals import BadComment, Gone
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.sealing import Row as SealedRow

LONGEST_COMMENT = 2000


def comments_of(keys: Keys, act: ReviewAct) -> Mapping[str, str]:
    """The comments of an act, by node path; empty when there are none, or when they were erased.

    Raises `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    head = db.session.scalars(select(Submission).filter_by(id=act.submission_id)).one()
    return opened_comments(keys, head, act.comments_sealed)


def opened_comments(keys: Keys, head: Submission | Row[Any], sealed: bytes | None) -> Mapping[str, str]:
    """Comments on a submission, opened by the key in its row; raises as `comments_of`."""
    if sealed is None or head.data_key is None or head.key_id is None:
        return {}
    key = DataKey.unwrap(keys, SealedRow.of_submission(head.id), head.data_key, head.key_id)
    comments: dict[str, str] = key.open_json("comments_sealed", sealed)
    return comments


def sealed_comments(keys: Keys, head: Row[Any], comments: Mapping[str, str]) -> bytes:
    """Comments as they are kept, under the key of a locked row. Raises `Gone`, and as `comments_of`."""
    if head.data_key is None:
        raise Gone(head.id, head.status)
    key = DataKey.unwrap(keys, SealedRow.of_submission(head.id), head.data_key, head.key_id)
    return key.seal_json("comments_sealed", dict(comments))


def check_comments(submission_id: UUID, comments: Mapping[str, str]) -> None:
    """Raises `BadComment`: one is too long, cannot be kept, or is about nothing that is asked."""
    query = select(Submission.questionnaire, Submission.version).filter_by(id=submission_id)
    row = db.session.execute(query).one_or_none()
    edition = catalogue.edition(*row) if row else None
    for path, text in comments.items():
        if len(text) > LONGEST_COMMENT or not is_storable(text):
            raise BadComment(path)
        if edition and path and not _is_place(edition.definition, path):
            raise BadComment(path)


def _is_place(definition: Questionnaire, path: str) -> bool:
    try:
        wanted = item_path(path)
    except BadPath:
        return False
    return any(item.path == wanted for item in definition.walk())

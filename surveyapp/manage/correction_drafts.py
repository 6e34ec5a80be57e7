"""What a correction remembers from page to page: a draft under a cookie of its own.

It is sealed under the cookie's key like every draft: the row tells nothing without the browser, and the
browser has no answers. It holds those too that its reviewer may not see.

It is bound to the submission's own data key besides: whatever destroys that (erasing all, or who is
meant) destroys the correction under way with it, in the same moment and in every backup.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_login import current_user

from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.drafts import DraftSecret, DraftState, OpenDraft
from surveyapp.cookies import came_over_https
from surveyapp.database import utc_now
from surveyapp.manage import record_queries
from surveyapp.manage.sight import Sight
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.submissions import opening
from surveyapp.submissions.correcting import answers_of
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.sealing import CannotOpen

#: what cannot be opened: its key is gone, or not among those that are there
CLOSED = (Erased, CannotOpen, KeyMissing)
_PREFIX = "correction_"
_PATH = "/manage"


def begin(head: Submission, definition: Questionnaire, language: str, sight: Sight) -> OpenDraft:
    """Begin to correct the current revision. Raises as `correcting.answers_of`, `MisshapenAnswers`."""
    answers = answers_of(head, definition)
    moment = record_queries.ended(head.finished_at or head.received_at, head.utc_offset)
    interview = Interview(definition, answers, language=head.language, now=moment)
    return drafts.begin(
        DraftState(
            questionnaire=head.questionnaire,
            version=head.version,
            submission=str(head.id),
            language=language,
            shared=False,
            started_at=utc_now().isoformat(),
            snapshot=interview.snapshot(),
            languages=dict(head.answer_languages),
            finished_at=moment.isoformat(),
            correcting={
                "revision": head.revision,
                "by": current_user.id,
                "sensitive": sight.sensitive,
                "identity": sight.identity,
            },
        ),
        _bound_to(head),
    )


def open_for(submission_id: UUID) -> OpenDraft | None:
    """The signed-in person's correction of a submission; None: there is none in this browser."""
    cookie = request.cookies.get(_cookie(submission_id), "")
    head = record_queries.one(submission_id) if cookie else None
    try:
        secret = DraftSecret.from_cookie(cookie, _bound_to(head)) if head else None
    except CLOSED:
        return None
    draft = drafts.open_draft(secret) if secret else None
    if draft is None or draft.state.submission != str(submission_id):
        return None
    return draft if _about(draft).get("by") == current_user.id else None


def revision_of(draft: OpenDraft) -> int:
    """The revision that is corrected."""
    return int(_about(draft)["revision"])


def sight_of(draft: OpenDraft) -> Sight:
    """What was to be seen when it began."""
    about = _about(draft)
    return Sight(bool(about["sensitive"]), bool(about["identity"]))


def give_cookie(response: Response, draft: OpenDraft) -> Response:
    """Let the browser keep the draft's key."""
    response.set_cookie(
        _cookie(UUID(draft.state.submission)),
        draft.secret.cookie,
        max_age=drafts.lifetime(draft.state),
        path=_PATH,
        secure=came_over_https(),
        httponly=True,
        samesite="Strict",
    )
    return response


def take_cookie(response: Response, submission_id: UUID) -> Response:
    """Let the browser forget it."""
    response.delete_cookie(
        _cookie(submission_id),
        path=_PATH,
        secure=came_over_https(),
        httponly=True,
        samesite="Strict",
    )
    return response


def _bound_to(head: Submission) -> bytes:
    """What the key in the cookie needs besides. Raises one of `CLOSED`."""
    return opening.submission_key(keys_of(), head).secret


def _about(draft: OpenDraft) -> dict[str, Any]:
    return draft.state.correcting or {}


def _cookie(submission_id: UUID) -> str:
    return _PREFIX + hashlib.sha256(submission_id.bytes).hexdigest()[:12]

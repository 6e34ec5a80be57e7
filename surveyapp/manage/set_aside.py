"""What was deleted or blocked: only whoever may bring it back reads its answers."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import abort

from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach
from surveyapp.submissions.models import State, Submission

#: the right that brings a record back from each state
_BRINGING_BACK: Mapping[str, Right] = {State.DELETED: Right.DELETE, State.BLOCKED: Right.SUBJECTS}
#: what is left to somebody who may not: that it is there, and how it came
GUARDED = frozenset({Right.READ_SENSITIVE, Right.READ_IDENTITY})


def is_readable(found: Submission) -> bool:
    """Whether the signed-in person may read the answers, as far as their rights over it go."""
    right = _BRINGING_BACK.get(found.status)
    return right is None or my_reach(right).covers(found.questionnaire, found.region)


def refuse_set_aside(found: Submission) -> None:
    """Refuse the page where its answers are not to be read."""
    if not is_readable(found):
        abort(HTTPStatus.FORBIDDEN)

"""What the pages of a correction begin with: the submission, its draft, what may be seen."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort, url_for

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.manage import correction_drafts, record_queries
from surveyapp.manage.correction_sitting import CorrectionSitting
from surveyapp.manage.sight import Sight
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.models import State, Submission
from surveyapp.wiring import settings_of


def found_of(questionnaire_id: str, submission_id: UUID) -> tuple[Submission, Questionnaire]:
    """The submission and its version; 404 where there is nothing that could be corrected."""
    found = record_queries.one(submission_id)
    if found is None or found.questionnaire != questionnaire_id or State(found.status).is_gone:
        abort(HTTPStatus.NOT_FOUND)
    edition = catalogue.edition(found.questionnaire, found.version)
    if edition is None:
        abort(HTTPStatus.NOT_FOUND)
    return found, edition.definition


def sitting_of(found: Submission, draft: OpenDraft, definition: Questionnaire) -> CorrectionSitting:
    """The draft, opened by the signed-in person."""
    sight = allowed(found, correction_drafts.sight_of(draft))
    if draft.state.version != definition.version:  # the newer revision was judged by another one
        edition = catalogue.edition(draft.state.questionnaire, draft.state.version)
        definition = edition.definition if edition else definition
    return CorrectionSitting(draft, definition, settings_of(), sight)


def allowed(found: Submission, wanted: Sight) -> Sight:
    """What is wanted to be seen, as far as the person may see it now."""

    def may(right: Right) -> bool:
        return my_reach(right).covers(found.questionnaire, found.region)

    return Sight(
        bool(wanted.sensitive) and may(Right.READ_SENSITIVE),
        bool(wanted.identity) and may(Right.READ_IDENTITY),
    )


def address_of(view: str, found: Submission, **more: Any) -> str:
    """Address of a page of the correction."""
    return url_for(
        f"correcting.{view}", questionnaire_id=found.questionnaire, submission_id=found.id, **more
    )

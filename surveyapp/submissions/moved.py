"""Records that an edit took to another region: who sees the former one is told that they are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Text, and_, cast, exists, or_

from surveyapp.questionnaires.definition import Questionnaire, Roster, Valued
from surveyapp.submissions.models import Submission, SubmissionRevision


def formerly_in(
    regions: Collection[str], definitions: Sequence[Questionnaire]
) -> Iterator[ColumnElement[bool]]:
    """Whether a former revision was of these regions, by the answer that said so then; at most one.

    `definitions`: every version of the questionnaire.
    """
    paths = {path for definition in definitions for path in _regions_of(definition)}
    former = SubmissionRevision
    said = [cast(former.answers[tuple(path.split("/"))].as_string(), Text) for path in sorted(paths)]
    if said:
        told = or_(*(each.in_(sorted(regions)) for each in said))
        edited = Submission.revision > 1  # else it has been nowhere, and nothing is looked up
        yield and_(edited, exists().where(former.submission_id == Submission.id, told))


def _regions_of(definition: Questionnaire) -> list[str]:
    """The paths of questions that say the region; those in rosters are of their entries."""
    rosters = tuple(f"{item.path}/" for item in definition.walk() if isinstance(item, Roster))
    return [
        item.path
        for item in definition.walk()
        if isinstance(item, Valued)
        and item.breakdown == "region"
        and not item.identity
        and not item.path.startswith(rosters)
    ]

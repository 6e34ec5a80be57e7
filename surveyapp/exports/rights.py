"""Who may take out what: asked when an export is asked for, when it is made, and when it is fetched."""

from __future__ import annotations

from collections.abc import Collection

from surveyapp.exports.choosing import within
from surveyapp.exports.request import ExportRequest
from surveyapp.people.rights import Reach, Right, reach_of_account


class NotAllowed(Exception):
    """This is not within somebody's rights."""


def right_for(*, confidential: bool) -> Right:
    """The right that an export wants."""
    return Right.EXPORT_FULL if confidential else Right.EXPORT


def allowed(request: ExportRequest, user_id: int | None) -> ExportRequest:
    """The request, cut to the regions that an account may export now. Raises `NotAllowed`."""
    reach = reach_of_account(user_id, right_for(confidential=request.confidential))
    return cut_to(request, reach)


def cut_to(request: ExportRequest, reach: Reach) -> ExportRequest:
    """The request, cut to the regions of a reach. Raises `NotAllowed` where it has none."""
    if not reach.touches(request.questionnaire):
        raise NotAllowed
    return within(request, reach.regions(request.questionnaire))


def may_fetch(
    user_id: int | None, questionnaire: str, regions: Collection[str] | None, *, confidential: bool
) -> bool:
    """Whether an account may have, today, what an export of these regions (None: all) holds."""
    reach = reach_of_account(user_id, right_for(confidential=confidential))
    if not reach.touches(questionnaire):
        return False
    mine = reach.regions(questionnaire)
    return mine is None or (regions is not None and set(regions) <= mine)

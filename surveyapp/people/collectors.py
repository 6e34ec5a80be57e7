"""Who fills in a questionnaire: people who may collect it, and phones that are nobody's.

What somebody who cares for some regions may reach of them: people who collect there, and phones that are
nobody's only with all regions, since nothing tells where these are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people.models import Device, Grant, Role, User
from surveyapp.people.rights import EVERYWHERE, Reach, Right, reach_of, roles_with


@dataclass(frozen=True, slots=True)
class Collector:
    """A person (`user_id`), or a phone that is nobody's (`device_id`)."""

    name: str
    user_id: int | None = None
    device_id: int | None = None
    #: where they collect
    reach: Reach = Reach()

    @property
    def key(self) -> str:
        """As forms and lists name it: `user 7`, `device 3`."""
        return f"user {self.user_id}" if self.user_id is not None else f"device {self.device_id}"


def collectors(questionnaire: str, within: Reach) -> list[Collector]:
    """Those who can be given work, as far as `within` reaches; people first, by name."""
    regions = within.regions(questionnaire)
    people = [each for each in _people() if each.reach.touches(questionnaire)]
    if regions is not None:
        return [each for each in people if _meets(each.reach.regions(questionnaire), regions)]
    return [*people, *_phones(questionnaire)]


def collecting_people() -> dict[int, Reach]:
    """Every account that may collect, and where; two queries or fewer."""
    return {each.user_id: each.reach for each in _people() if each.user_id is not None}


def meets(collected: Reach, within: Reach) -> bool:
    """Whether somebody who collects there works, for some questionnaire, where `within` reaches."""
    return any(
        (one.questionnaire is None or other.questionnaire in {None, one.questionnaire})
        and (one.region is None or other.region in {None, one.region})
        for one in within.places
        for other in collected.places
    )


def _meets(theirs: frozenset[str] | None, regions: frozenset[str]) -> bool:
    return theirs is None or bool(theirs & regions)


def _people() -> Sequence[Collector]:
    query = (
        select(User.id, User.username, Role.name, Grant.questionnaire, Grant.region)
        .join(Grant, Grant.user_id == User.id)
        .join(Role, Role.id == Grant.role_id)
        .where(User.active.is_(True), Role.name.in_(roles_with(Right.COLLECT)))
        .order_by(User.username)
    )
    held: dict[tuple[int, str], list[tuple[str, str, str]]] = defaultdict(list)
    for user_id, name, role, questionnaire, region in db.session.execute(query):
        held[user_id, name].append((role, questionnaire, region))
    return [
        Collector(name, user_id=user_id, reach=reach_of(grants, Right.COLLECT))
        for (user_id, name), grants in held.items()
    ]


def _phones(questionnaire: str) -> list[Collector]:
    query = (
        select(Device.id, Device.name, Device.questionnaires)
        .where(Device.user_id.is_(None), Device.revoked_at.is_(None))
        .order_by(Device.name, Device.id)
    )
    everywhere = Reach(frozenset({EVERYWHERE}))
    return [
        Collector(row.name, device_id=row.id, reach=everywhere)
        for row in db.session.execute(query)
        if not row.questionnaires or questionnaire in row.questionnaires
    ]

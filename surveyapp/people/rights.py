"""Who may do what, and where: the one table of rights, and the one place where they are looked up.

A role is a set of rights (`OF_ROLE`). A person holds a role by grants, each for one questionnaire or all
and for one region or all. What somebody's grants give for one right is a `Reach`: pages ask it whether
they may be opened, and lists, counts and exports turn it into a condition on their rows. docs/rights.md
shows the table to people; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from surveyapp.extensions import db
from surveyapp.people.models import ALL, Grant, Role, User


class RoleName(StrEnum):
    """Who somebody is in the field work."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    DATA_STEWARD = "data_steward"
    SAFEGUARDING_OFFICER = "safeguarding_officer"
    INTERVIEWER = "interviewer"


class Right(StrEnum):
    """One thing that somebody may do."""

    #: fill in the questionnaires of the staff
    COLLECT = "collect"
    #: see how the field work goes: counts by day, region and interviewer
    WATCH = "watch"
    #: see answers, without those that point at a person and without sensitive ones
    READ = "read"
    #: see sensitive answers
    READ_SENSITIVE = "read_sensitive"
    #: see answers that point at a person, with a reason each time
    READ_IDENTITY = "read_identity"
    #: accept, return and comment on; decide what waits in quarantine
    REVIEW = "review"
    #: change answers, with a reason
    EDIT = "edit"
    #: delete and restore
    DELETE = "delete"
    #: take out data without identity and sensitive answers
    EXPORT = "export"
    #: take out everything, with a reason
    EXPORT_FULL = "export_full"
    #: agree to a full export that somebody else asks for
    APPROVE_FULL = "approve_full"
    #: send households and sites to interviewers' phones
    ASSIGN = "assign"
    #: phones of the field work: enrol, look after, revoke
    DEVICES = "devices"
    #: check, publish, open, close and retire questionnaires; invitations
    PUBLISH = "publish"
    #: carry out what a family asks of its data
    SUBJECTS = "subjects"
    #: cases of children in danger
    SAFEGUARD = "safeguard"
    #: accounts, roles and grants
    PEOPLE = "people"
    #: the audit log
    LOG = "log"


#: rights that are about the whole installation: only a grant for everything gives them
OF_EVERYTHING = frozenset({Right.PEOPLE, Right.LOG})
#: least privilege: nobody inherits anything; whoever shall do two things is given two roles
OF_ROLE: Mapping[str, frozenset[Right]] = {
    RoleName.ADMINISTRATOR: frozenset(
        {
            Right.COLLECT,
            Right.WATCH,
            Right.READ,
            Right.REVIEW,
            Right.DELETE,
            Right.EXPORT,
            Right.APPROVE_FULL,
            Right.ASSIGN,
            Right.DEVICES,
            Right.PUBLISH,
            Right.PEOPLE,
            Right.LOG,
        }
    ),
    RoleName.SUPERVISOR: frozenset(
        {Right.COLLECT, Right.WATCH, Right.READ, Right.REVIEW, Right.ASSIGN, Right.DEVICES}
    ),
    RoleName.REVIEWER: frozenset(
        {Right.WATCH, Right.READ, Right.READ_SENSITIVE, Right.REVIEW, Right.EDIT}
    ),
    RoleName.ANALYST: frozenset({Right.WATCH, Right.READ, Right.EXPORT}),
    RoleName.DATA_STEWARD: frozenset(
        {
            Right.WATCH,
            Right.READ,
            Right.READ_SENSITIVE,
            Right.READ_IDENTITY,
            Right.DELETE,
            Right.EXPORT,
            Right.EXPORT_FULL,
            Right.APPROVE_FULL,
            Right.SUBJECTS,
            Right.LOG,
        }
    ),
    RoleName.SAFEGUARDING_OFFICER: frozenset({Right.SAFEGUARD}),
    RoleName.INTERVIEWER: frozenset({Right.COLLECT}),
}


def roles_with(right: Right) -> list[RoleName]:
    """The roles that give a right."""
    return [RoleName(role) for role, rights in OF_ROLE.items() if right in rights]


class Place(NamedTuple):
    """What one grant is for; None: all of them."""

    questionnaire: str | None
    region: str | None


EVERYWHERE = Place(None, None)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody has a right. Empty (false): nowhere."""

    places: frozenset[Place] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.places)

    @property
    def is_everywhere(self) -> bool:
        """Whether it is for all questionnaires and regions."""
        return EVERYWHERE in self.places

    def touches(self, questionnaire: str) -> bool:
        """Whether it is for a questionnaire, in some region at least."""
        return any(place.questionnaire in {None, questionnaire} for place in self.places)

    def questionnaires(self) -> frozenset[str] | None:
        """The questionnaires within it, in some region at least; None: all of them."""
        named = {place.questionnaire for place in self.places}
        return None if None in named else frozenset(name for name in named if name is not None)

    def covers(self, questionnaire: str | None, region: str | None) -> bool:
        """Whether a record is within it; one without a region only where all regions are."""
        return any(
            place.questionnaire in {None, questionnaire} and place.region in {None, region}
            for place in self.places
        )

    def regions(self, questionnaire: str) -> frozenset[str] | None:
        """The regions of a questionnaire within it; None: all of them."""
        regions = {p.region for p in self.places if p.questionnaire in {None, questionnaire}}
        return None if None in regions else frozenset(region for region in regions if region is not None)

    def rows(
        self,
        questionnaire: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
        region: InstrumentedAttribute[str | None] | None = None,
    ) -> ColumnElement[bool]:
        """The condition on rows that are within it; without a column of regions, only of whole ones."""
        if self.is_everywhere:
            return true()
        found = [
            _condition(questionnaire, region, place)
            for place in sorted(self.places, key=str)
            if region is not None or place.region is None
        ]
        return or_(false(), *found)


def _condition(
    questionnaire: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    region: InstrumentedAttribute[str | None] | None,
    place: Place,
) -> ColumnElement[bool]:
    parts = []
    if place.questionnaire is not None:
        parts.append(questionnaire == place.questionnaire)
    if place.region is not None and region is not None:
        parts.append(region == place.region)
    return and_(true(), *parts)


def reach_of(grants: Iterable[tuple[str, str, str]], right: Right) -> Reach:
    """Where grants (role, questionnaire, region; `ALL` for all) give a right."""
    places = {
        Place(_or_all(questionnaire), _or_all(region))
        for role, questionnaire, region in grants
        if right in OF_ROLE.get(role, ())
    }
    if right in OF_EVERYTHING:
        places &= {EVERYWHERE}
    return Reach(frozenset(places))


def _or_all(name: str) -> str | None:
    return None if name == ALL else name


def reach_of_account(user_id: int | None, right: Right) -> Reach:
    """Where an account has a right, whoever asks; nowhere if it is not active.

    Reads on a connection of its own, as `tokens.holder_of` does.
    """
    query = (
        select(Role.name, Grant.questionnaire, Grant.region)
        .join(Role, Role.id == Grant.role_id)
        .join(User, User.id == Grant.user_id)
        .where(Grant.user_id == user_id, User.active.is_(True))
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = connection.execute(query).all()
    return reach_of([(row.name, row.questionnaire, row.region) for row in rows], right)

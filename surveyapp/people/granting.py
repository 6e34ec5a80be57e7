"""Giving people roles, for everything or for one questionnaire or region, and taking them. Commits."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.errors import BadGrant, NoSuchGrant
from surveyapp.people.models import ALL, Grant, User
from surveyapp.people.rights import OF_ROLE, Place, Right, RoleName
from surveyapp.people.service import keep_somebody_for_people, known_user, role_named

#: characters of a questionnaire's id or a region's code
LONGEST = 200


def give(name: str, role: RoleName, place: Place) -> bool:
    """Give somebody a role; whether it was new.

    Raises `UnknownUser` and `BadGrant`.
    """
    user = known_user(name)
    if _held(user, role, place):
        return False
    user.grants.append(new_grant(role, place))
    audit.record(audit.Action.ROLE_GRANTED, user.username, _details(role, place))
    try:
        db.session.commit()
    except IntegrityError:  # somebody else gave it in the same moment
        db.session.rollback()
        return False
    return True


def take(name: str, role: RoleName, place: Place) -> None:
    """Take a role from somebody, as it was given: taking the whole leaves what was given for a part.

    Raises `UnknownUser`, `NoSuchGrant`, `LastAdministrator`.
    """
    user = known_user(name)
    held = _held(user, role, place)
    if held is None:
        raise NoSuchGrant(user.username)
    user.grants.remove(held)
    if Right.PEOPLE in OF_ROLE[role]:
        keep_somebody_for_people()
    audit.record(audit.Action.ROLE_TAKEN, user.username, _details(role, place))
    db.session.commit()


def new_grant(role: RoleName, place: Place) -> Grant:
    """A grant that nobody has yet. Raises `BadGrant`."""
    questionnaire, region = _word(place.questionnaire), _word(place.region)
    return Grant(role=role_named(role), questionnaire=questionnaire, region=region)


def _held(user: User, role: RoleName, place: Place) -> Grant | None:
    wanted = (role, _word(place.questionnaire), _word(place.region))
    for grant in user.grants:
        if (grant.role.name, grant.questionnaire, grant.region) == wanted:
            return grant
    return None


def _word(name: str | None) -> str:
    """As it is kept. People do not know which questionnaires there will be: any name is taken."""
    if name is None:
        return ALL
    if name == ALL or len(name) > LONGEST or not name.isprintable():
        raise BadGrant(name)
    return name


def _details(role: RoleName, place: Place) -> dict[str, audit.Detail]:
    details: dict[str, audit.Detail] = {"roles": [str(role)]}
    if place.questionnaire is not None:
        details["questionnaire"] = place.questionnaire
    if place.region is not None:
        details["region"] = place.region
    return details

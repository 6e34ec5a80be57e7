"""Roles, what they are for, scopes and links, as people read them in their language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.i18n import current_language
from surveyapp.people.models import ALL
from surveyapp.people.rights import OF_EVERYTHING, OF_ROLE, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires import geography

ROLES: Mapping[str, LazyString] = {
    RoleName.ADMINISTRATOR: _l("administrator"),
    RoleName.SUPERVISOR: _l("supervisor"),
    RoleName.REVIEWER: _l("reviewer"),
    RoleName.ANALYST: _l("analyst"),
    RoleName.DATA_STEWARD: _l("data steward"),
    RoleName.SAFEGUARDING_OFFICER: _l("safeguarding officer"),
    RoleName.INTERVIEWER: _l("interviewer"),
}
#: what a role is there for, in a few words
DUTIES: Mapping[str, LazyString] = {
    RoleName.ADMINISTRATOR: _l("runs the survey: questionnaires, people, review, without identity"),
    RoleName.SUPERVISOR: _l("leads field work, reviews, looks after phones"),
    RoleName.REVIEWER: _l("reviews and corrects answers, sensitive ones too"),
    RoleName.ANALYST: _l("counts and exports, without identity and sensitive answers"),
    RoleName.DATA_STEWARD: _l("answers for the data: identity with a reason, full exports, the log"),
    RoleName.SAFEGUARDING_OFFICER: _l("cases of children in danger"),
    RoleName.INTERVIEWER: _l("fills in the questionnaires of the staff"),
}
SCOPES: Mapping[str, LazyString] = {
    Scope.SUBMIT: _l("send submissions"),
    Scope.EXPORT: _l("read and export"),
}


def region_names() -> dict[str, str]:
    """Code → name of every region of the country, in the reader's language and the order of codes."""
    language = current_language()
    return {place.code: place.names[language] for place in geography.regions()}


def place_in_words(questionnaire: str, region: str, titles: Mapping[str, str]) -> str:
    """What a role is for; `titles` are those of the questionnaires that there are."""
    what = _("all questionnaires") if questionnaire == ALL else titles.get(questionnaire, questionnaire)
    where = _("all regions") if region == ALL else region_names().get(region, region)
    return f"{what} · {where}"


def is_cut(role: str, questionnaire: str, region: str) -> bool:
    """Whether a role lacks, for a part, what only those who have it for everything get."""
    is_part = questionnaire != ALL or region != ALL
    return is_part and bool(OF_EVERYTHING & OF_ROLE.get(role, frozenset()))

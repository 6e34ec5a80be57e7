"""Phones made from rows of a list, each with the card that sets one up; for the command and the page.

What is made is in the session, not committed: whoever shows the cards commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import has_request_context, request

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.enrolling.interviewers import Interviewer, Known
from surveyapp.channels.enrolling.sheet import Card
from surveyapp.channels.openrosa.addresses import below
from surveyapp.channels.openrosa.collect_settings import collect_settings, packed
from surveyapp.database import utc_now
from surveyapp.days import day_of, end_of
from surveyapp.people import devices, enrolments
from surveyapp.people import service as accounts
from surveyapp.people.devices import Purpose
from surveyapp.people.enrolments import NewCode
from surveyapp.wiring import settings_of

#: where the field staff's program is; the code stands after `#`, which no server and no log sees
FIELD = "/field"


def everything_known() -> Known:
    """All that is there, for the command line, where nobody's rights are asked."""
    active = (device for device in devices.devices() if device.revoked_at is None)
    return Known(
        users=frozenset(user.username for user in accounts.users() if user.active),
        questionnaires=frozenset(entry.id for entry in catalogue.entries()),
        devices={device.name: device.id for device in active},
    )


def life_of(days: int) -> timedelta:
    """So many days from today on, to the end of the last one."""
    now, zone = utc_now(), settings_of().timezone
    return end_of(day_of(now, zone) + timedelta(days=days), zone) - now


def last_day_of(made: NewCode) -> date:
    """The last day on which a code is good."""
    return day_of(made.expires_at - timedelta(minutes=1), settings_of().timezone)


def link_of(made: NewCode) -> str:
    """The link that brings a code to the field staff's program."""
    return f"{_host()}{FIELD}#enrol={made.in_groups}"


def with_codes(rows: Sequence[Interviewer], life: timedelta) -> list[Card]:
    """Cards with one-time codes. Raises as `enrolments.enrol`."""
    return [
        card_of(
            enrolments.enrol(
                row.name,
                questionnaires=row.questionnaires,
                language=row.language,
                username=row.username,
                life=life,
            )
        )
        for row in rows
    ]


def card_of(made: NewCode) -> Card:
    """The card of a one-time code."""
    return Card(
        made.name,
        made.language,
        link_of(made),
        address=_host() + FIELD,
        code=made.in_groups,
        last_day=last_day_of(made),
    )


def for_collect(rows: Sequence[Interviewer]) -> list[Card]:
    """Cards with settings of ODK Collect, which hold a key. Raises as `devices.enrol`."""
    return [_collect_card(row) for row in rows]


def _collect_card(row: Interviewer) -> Card:
    device = devices.add(
        row.name, questionnaires=row.questionnaires, language=row.language, username=row.username
    )
    address = below(_host(), devices.new_key(device.id, Purpose.OPENROSA))
    project = settings_of().operator or "surveyapp"
    text = packed(collect_settings(address, project=project, language=row.language))
    return Card(row.name, row.language, text, address=address)


def _host() -> str:
    """By `PUBLIC_URL`, else as the request knows this server, else where it listens."""
    settings = settings_of()
    if settings.public_url:
        return settings.public_url
    if has_request_context():
        return request.host_url.rstrip("/")
    return f"http://{settings.host}:{settings.port}"

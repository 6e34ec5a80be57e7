"""Invitations: single-use, also when many try at once; nothing ties a code to answers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.people.audit import Action
from surveyapp.people.invitations import InvitationStatus
from surveyapp.people.models import AuditEntry, Invitation

FORM = "adolescent_selfreport"


def one_code(expires: datetime | None = None) -> str:
    return invitations.create(FORM, 1, expires)[0]


def used_up(code: str, questionnaire: str = FORM) -> bool:
    done = invitations.use(db.session, code, questionnaire)
    db.session.commit()
    return done


def test_codes_are_as_the_questionnaires_expect_them(app: Flask) -> None:
    codes = invitations.create(FORM, 200, None)
    assert len(set(codes)) == 200
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", code) for code in codes)


def test_a_code_is_good_once(app: Flask) -> None:
    code = one_code()
    assert invitations.check(code, FORM) is InvitationStatus.VALID
    assert used_up(code)
    assert invitations.check(code, FORM) is InvitationStatus.USED
    assert not used_up(code)


def test_looking_at_a_code_does_not_use_it_up(app: Flask) -> None:
    code = one_code()
    for _time in range(3):
        assert invitations.check(code, FORM) is InvitationStatus.VALID
    assert used_up(code)


def test_of_many_who_try_at_once_one_gets_in(app: Flask) -> None:
    code = one_code()
    together = Barrier(8)

    def attempt(_number: int) -> bool:
        with app.app_context():
            together.wait()
            return used_up(code)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [False] * 7 + [True]


def test_a_transaction_that_fails_makes_the_code_good_again(app: Flask) -> None:
    code = one_code()
    with db.engine.connect() as connection:
        assert invitations.use(connection, code, FORM)
        connection.rollback()
    assert invitations.check(code, FORM) is InvitationStatus.VALID


def test_a_code_is_good_until_its_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime(2099, 1, 1, tzinfo=UTC)
    code = one_code(ends)
    monkeypatch.setattr(invitations, "utc_now", lambda: ends - timedelta(seconds=1))
    assert invitations.check(code, FORM) is InvitationStatus.VALID
    monkeypatch.setattr(invitations, "utc_now", lambda: ends)
    assert invitations.check(code, FORM) is InvitationStatus.EXPIRED
    assert not used_up(code)


def test_a_code_opens_its_own_questionnaire_only(app: Flask) -> None:
    code = one_code()
    assert invitations.check(code, "family_survey") is InvitationStatus.UNKNOWN
    assert not used_up(code, "family_survey")


@pytest.mark.parametrize("typed", ["{lower}", " {code} ", "{half} {rest}", "{half}-{rest}"])
def test_a_code_may_be_typed_as_people_type(app: Flask, typed: str) -> None:
    code = one_code()
    written = typed.format(lower=code.lower(), code=code, half=code[:4], rest=code[4:])
    assert invitations.check(written, FORM) is InvitationStatus.VALID


@pytest.mark.parametrize("nonsense", ["", "ABCDEFGH", "\x00", "ӘӘӘӘӘӘӘӘ", "x" * 10_000])
def test_nonsense_is_unknown(app: Flask, nonsense: str) -> None:
    assert invitations.check(nonsense, FORM) is InvitationStatus.UNKNOWN
    assert not used_up(nonsense)


def test_only_a_keyed_hash_is_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    code = one_code()
    row = db.session.scalars(select(Invitation)).one()
    assert code not in str([getattr(row, c.key) for c in Invitation.__table__.columns])
    monkeypatch.setitem(app.extensions, "surveyapp-people-keys", lambda _purpose: b"another key" * 3)
    assert invitations.check(code, FORM) is InvitationStatus.UNKNOWN


def test_the_time_of_use_is_a_day_and_no_more(app: Flask) -> None:
    assert used_up(one_code())
    used_at = db.session.scalars(select(Invitation.used_at)).one()
    assert used_at is not None
    assert (used_at.hour, used_at.minute, used_at.second, used_at.microsecond) == (0, 0, 0, 0)


def test_making_codes_is_in_the_audit_log_without_the_codes(app: Flask) -> None:
    codes = invitations.create(FORM, 3, datetime(2027, 1, 1, tzinfo=UTC))
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == (Action.INVITATIONS_CREATED, FORM)
    assert entry.details == {"count": 3, "expires": "2027-01-01"}
    assert not any(code in str(entry.details) for code in codes)


def test_a_demonstrations_own_codes_do_not_fill_the_audit_log(app: Flask) -> None:
    [code] = invitations.create(FORM, 1, None, recorded=False)
    assert invitations.check(code, FORM) is InvitationStatus.VALID
    assert db.session.scalars(select(AuditEntry)).all() == []

"""One-time codes: each makes one phone a device, whatever happens on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices, enrolments
from surveyapp.people.devices import Purpose
from surveyapp.people.enrolments import BadCode, ExpiredCode, NewCode, Redeemed, RevokedCode, UsedCode
from surveyapp.people.errors import RevokedDevice
from surveyapp.people.models import Attempt, AuditEntry, DeviceKey, Enrolment

KEY = "made-up-by-the-phone"


@pytest.fixture
def code(app: Flask) -> NewCode:
    made = enrolments.enrol("Kostanay 7", questionnaires=["visit"], language="ru")
    db.session.commit()
    return made


def device_of(token: str) -> int | None:
    """The device that this token is good for at present."""
    holder = devices.holder_of(token, Purpose.API)
    return holder.device_id if holder and holder.revoked_at is None else None


def test_a_code_gives_the_device_and_its_token(code: NewCode) -> None:
    given = enrolments.redeem(code.code)
    assert (given.name, given.language, given.questionnaires) == ("Kostanay 7", "ru", ["visit"])
    assert device_of(given.token) == code.device_id
    assert devices.holder_of(given.token, Purpose.OPENROSA) is None


def test_neither_code_nor_token_is_in_the_database_or_the_audit_log(code: NewCode) -> None:
    token = enrolments.redeem(code.code, KEY).token
    enrolment = db.session.scalars(select(Enrolment)).one()
    kept = (enrolment.code_hash, enrolment.retry_hash, db.session.scalar(select(DeviceKey.key_hash)))
    assert [value and len(value) for value in kept] == [32, 32, 32]
    for secret in (code.code, token, KEY):
        assert all(secret.encode() not in value for value in kept if value)
    for entry in db.session.scalars(select(AuditEntry)):
        assert code.code not in str(entry.details) + entry.subject


def test_a_code_is_read_as_people_type_it(code: NewCode) -> None:
    typed = f" {code.in_groups.lower()} "
    assert enrolments.redeem(typed).device_id == code.device_id


def test_a_code_serves_once(code: NewCode) -> None:
    enrolments.redeem(code.code)
    with pytest.raises(UsedCode):
        enrolments.redeem(code.code)
    with pytest.raises(UsedCode):
        enrolments.redeem(code.code, KEY)


def test_a_phone_that_lost_the_answer_gets_the_same_one_for_a_day(code: NewCode) -> None:
    first = enrolments.redeem(code.code, KEY)
    assert enrolments.redeem(code.in_groups, KEY) == first
    with pytest.raises(UsedCode):
        enrolments.redeem(code.code, KEY + "!")
    db.session.execute(update(Enrolment).values(used_at=utc_now() - timedelta(days=1, minutes=1)))
    db.session.commit()
    with pytest.raises(UsedCode):
        enrolments.redeem(code.code, KEY)
    assert device_of(first.token) == code.device_id


def test_a_code_that_is_out_of_date_or_unknown_gives_nothing(code: NewCode) -> None:
    db.session.execute(update(Enrolment).values(expires_at=utc_now()))
    db.session.commit()
    with pytest.raises(ExpiredCode):
        enrolments.redeem(code.code)
    for unknown in ("", "A" * 12, "\x00", "код", code.code[:-1]):
        with pytest.raises(BadCode) as refused:
            enrolments.redeem(unknown)
        assert refused.type is BadCode
    assert db.session.scalars(select(DeviceKey)).all() == []


def test_the_code_of_a_revoked_device_gives_nothing_not_even_again(code: NewCode) -> None:
    other = enrolments.enrol("another")
    db.session.commit()
    enrolments.redeem(code.code, KEY)
    for number in (code.device_id, other.device_id):
        devices.revoke(number)
    for one in (code, other):
        with pytest.raises(RevokedCode):
            enrolments.redeem(one.code, KEY)


def test_another_code_takes_the_device_over(code: NewCode) -> None:
    first = enrolments.redeem(code.code, KEY)
    second = enrolments.another_code(code.device_id)
    third = enrolments.another_code(code.device_id)
    db.session.commit()
    with pytest.raises(ExpiredCode):
        enrolments.redeem(second.code)
    given = enrolments.redeem(third.code)
    assert device_of(given.token) == code.device_id
    assert device_of(first.token) is None
    before = devices.holder_of(first.token, Purpose.API)
    assert before and before.within_grace(utc_now()), "what the former phone holds still comes in"
    with pytest.raises(UsedCode):
        enrolments.redeem(code.code, KEY)


def test_a_revoked_device_gets_no_further_code(code: NewCode) -> None:
    devices.revoke(code.device_id)
    with pytest.raises(RevokedDevice):
        enrolments.another_code(code.device_id)


def at_once(app: Flask, code: str, keys: list[str | None]) -> list[Redeemed | None]:
    """Redeem a code by several phones at the same moment; None: it was refused."""
    barrier = Barrier(len(keys))

    def one(key: str | None) -> Redeemed | None:
        with app.app_context():
            barrier.wait()
            try:
                return enrolments.redeem(code, key)
            except UsedCode:
                return None

    db.session.rollback()
    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(one, keys))


def test_of_many_phones_one_gets_the_device(app: Flask, code: NewCode) -> None:
    keys: list[str | None] = [f"the made-up key {number}" for number in range(6)]
    got = [answer for answer in at_once(app, code.code, [*keys, None, None]) if answer]
    assert len(got) == 1
    assert device_of(got[0].token) == code.device_id
    assert len(db.session.scalars(select(DeviceKey)).all()) == 1


def test_a_phone_that_asks_several_times_at_once_gets_one_token(app: Flask, code: NewCode) -> None:
    got = at_once(app, code.code, [KEY] * 8)
    assert None not in got
    assert len({answer.token for answer in got if answer}) == 1


def test_only_codes_that_are_not_good_are_counted(code: NewCode) -> None:
    enrolments.redeem(code.code, KEY)
    assert db.session.scalars(select(Attempt)).all() == []
    with pytest.raises(BadCode):
        enrolments.redeem("A" * 12)
    assert len(db.session.scalars(select(Attempt)).all()) == 1


def test_codes_that_are_over_are_forgotten_after_a_while(code: NewCode) -> None:
    used, unused = (enrolments.enrol(name) for name in ("used", "unused"))
    db.session.commit()
    enrolments.redeem(used.code)
    over = utc_now() - enrolments.REMEMBERED + timedelta(minutes=1)
    for made, column in ((used, "used_at"), (unused, "expires_at")):
        db.session.execute(
            update(Enrolment).where(Enrolment.device_id == made.device_id).values({column: over})
        )
    db.session.commit()
    assert enrolments.forget(utc_now()) == 0
    assert enrolments.forget(utc_now() + timedelta(minutes=2)) == 2
    assert db.session.scalars(select(Enrolment.device_id)).all() == [code.device_id]
    with pytest.raises(BadCode) as refused:
        enrolments.redeem(used.code)
    assert type(refused.value) is BadCode

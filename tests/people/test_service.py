"""Accounts: argon2, no default password, names kept in one form, first administrator made once."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.errors import BadName, BadPassword, NameTaken, UnknownUser
from surveyapp.people.models import AuditEntry, Role, User
from surveyapp.people.passwords import made_up_password
from surveyapp.people.rights import RoleName
from tests.accounts import PASSWORD


def test_passwords_are_kept_as_argon2id_and_nothing_else(app: Flask) -> None:
    service.add_user("aigerim", [RoleName.ADMINISTRATOR], PASSWORD)
    kept = service.known_user("aigerim").password or ""
    assert re.match(r"\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$", kept)
    assert PASSWORD not in kept


def test_a_hash_is_as_costly_as_the_settings_say(settings: Settings) -> None:
    costly = dataclasses.replace(settings, password_memory=64, password_rounds=2)
    with create_app(costly).app_context():
        from flask_security.utils import hash_password

        assert "m=64,t=2" in hash_password("a long password")


def test_by_default_a_hash_takes_64_mebibytes_and_three_passes() -> None:
    settings = Settings.from_environment({})
    assert (settings.password_memory, settings.password_rounds) == (65536, 3)


def test_a_new_account_has_no_password_unless_one_is_given(app: Flask) -> None:
    service.add_user("aigerim", [RoleName.ADMINISTRATOR])
    assert service.known_user("aigerim").password is None


def test_a_made_up_password_is_long_and_different_each_time() -> None:
    first, second = made_up_password(), made_up_password()
    assert re.fullmatch(r"[a-km-np-z2-9]{5}(?:-[a-km-np-z2-9]{5}){3}", first)
    assert first != second


def test_a_name_is_kept_composed_and_in_lower_case(app: Flask) -> None:
    assert service.add_user(" И\u0306ван ", []) == "йван"
    assert service.find_user("ЙВАН") is not None


@pytest.mark.parametrize("name", ["", "x", "a b", "<b>", "a\x00b", "-a-", "a" * 65, "a/b", "a\nb"])
def test_a_name_that_cannot_be_typed_or_shown_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(BadName):
        service.add_user(name, [])
    assert service.find_user(name) is None


def test_a_name_belongs_to_one_person(app: Flask) -> None:
    service.add_user("aigerim", [RoleName.ADMINISTRATOR])
    with pytest.raises(NameTaken):
        service.add_user("Aigerim", [RoleName.ANALYST])
    assert len(db.session.scalars(select(User)).all()) == 1


@pytest.mark.parametrize("password", ["short", "x" * 129, "aigerim's password"])
def test_a_bad_password_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(BadPassword):
        service.add_user("aigerim", [], password)
    assert service.find_user("aigerim") is None


def test_a_role_is_shared_by_those_who_have_it(app: Flask) -> None:
    for name in ("aigerim", "erlan"):
        service.add_user(name, [RoleName.REVIEWER])
    assert len(db.session.scalars(select(Role)).all()) == 1


def test_the_first_administrator_is_made_once(app: Flask) -> None:
    made = service.ensure_first_administrator()
    assert made is not None
    assert made[0] == "administrator"
    assert service.ensure_first_administrator() is None
    roles = [role.name for role in service.known_user("administrator").roles]
    assert roles == list(service.FIRST_ROLES)


def test_servers_that_start_at_once_make_one_administrator(app: Flask) -> None:
    together = Barrier(4)

    def start(_number: int) -> tuple[str, str] | None:
        with app.app_context():
            together.wait()
            return service.ensure_first_administrator()

    with ThreadPoolExecutor(4) as pool:
        made = [administrator for administrator in pool.map(start, range(4)) if administrator]
    assert len(made) == 1
    assert len(db.session.scalars(select(User)).all()) == 1


def test_no_administrator_is_made_where_somebody_has_an_account_already(app: Flask) -> None:
    service.add_user("erlan", [RoleName.INTERVIEWER])
    service.deactivate("erlan")
    assert service.ensure_first_administrator() is None


def test_unknown_people_have_nothing_to_change(app: Flask) -> None:
    with pytest.raises(UnknownUser):
        service.set_password("nobody")
    with pytest.raises(UnknownUser):
        service.deactivate("nobody")


def test_what_is_done_to_accounts_is_in_the_audit_log_without_passwords(app: Flask) -> None:
    service.add_user("aigerim", [RoleName.REVIEWER], PASSWORD)
    reset = service.set_password("aigerim")
    service.deactivate("aigerim")
    service.activate("aigerim")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial)).all()
    assert [entry.action for entry in entries] == [
        "user_added",
        "password_changed",
        "user_deactivated",
        "user_activated",
    ]
    written = " ".join(f"{entry.subject} {entry.details}" for entry in entries)
    assert PASSWORD not in written
    assert reset.password not in written

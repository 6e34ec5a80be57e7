"""`surveyapp user …` at the command line."""

from __future__ import annotations

import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import service, tokens
from surveyapp.people.models import ApiToken, User
from tests.accounts import PASSWORD, browser, choose_password, is_signed_in, make_user, sign_in


def run(app: Flask, *words: str, typed: str | None = None) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["user", *words], input=typed)


@pytest.mark.parametrize("command", ["add", "reset"])
def test_the_link_that_is_printed_leads_to_a_password_of_ones_own(app: Flask, command: str) -> None:
    if command == "reset":
        make_user()
    words = ("--role", "administrator") if command == "add" else ()
    printed = run(app, command, "aigerim", *words).output
    link = re.search(r"Link  http://127.0.0.1:8000(\S+)", printed)
    assert link
    client = browser(app)
    choose_password(client, link[1], "quite another one")
    assert is_signed_in(client)
    assert sign_in(browser(app), password="quite another one").location == "/manage"


def test_sessions_are_ended_and_an_account_given_back_by_command(app: Flask) -> None:
    make_user()
    make_user("bolat")
    client = browser(app)
    sign_in(client)
    assert run(app, "sign-out", "aigerim").output == "1 sessions ended.\n"
    assert not is_signed_in(client)
    run(app, "deactivate", "aigerim")
    assert sign_in(browser(app)).location is None
    run(app, "activate", "aigerim")
    assert sign_in(browser(app)).location == "/manage"


def test_a_password_from_standard_input_is_not_printed(app: Flask) -> None:
    result = run(app, "add", "aigerim", "--password-stdin", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert sign_in(browser(app)).location == "/manage"


def test_a_new_password_replaces_the_old_one(app: Flask) -> None:
    run(app, "add", "aigerim", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    client = browser(app)
    sign_in(client)
    run(app, "password", "aigerim", "--password-stdin", typed="quite another one\n")
    assert not is_signed_in(client)
    assert sign_in(browser(app)).location is None
    assert sign_in(browser(app), password="quite another one").location == "/manage"


def test_somebody_deactivated_is_out_at_once(app: Flask) -> None:
    run(app, "add", "aigerim", "--role", "reviewer", "--password-stdin", typed=PASSWORD)
    client = browser(app)
    sign_in(client)
    assert is_signed_in(client)
    assert run(app, "deactivate", "aigerim").exit_code == 0
    assert not is_signed_in(client)


def test_a_token_is_printed_alone_so_that_scripts_can_take_it(app: Flask) -> None:
    run(app, "add", "erlan")
    result = run(app, "token", "erlan", "--scope", "submit", "--label", "tablet")
    holder = tokens.holder_of(result.stdout.strip())
    assert holder is not None
    owner = db.session.scalars(select(User.id).filter_by(username="erlan")).one()
    assert (holder.user_id, set(holder.scopes)) == (owner, {"submit"})


def test_a_tokens_last_day_is_a_day_of_the_settings_time_zone(app: Flask) -> None:
    run(app, "add", "erlan")
    run(app, "token", "erlan", "--scope", "submit", "--expires", "2026-12-31")
    ends = db.session.scalars(select(ApiToken.expires_at)).one()
    assert ends is not None
    assert ends.isoformat() == "2026-12-31T19:00:00+00:00"


def test_the_list_shows_roles_tokens_and_who_is_out_but_no_secrets(app: Flask) -> None:
    run(app, "add", "aigerim", "--role", "administrator", "--role", "reviewer")
    run(app, "add", "erlan")
    token = run(app, "token", "aigerim", "--scope", "submit", "--label", "tablet").stdout.strip()
    number = db.session.scalars(select(ApiToken.id)).one()
    run(app, "deactivate", "erlan")
    shown = run(app, "list").output
    assert "aigerim  administrator, reviewer  (no password yet)" in shown
    assert f"token {number}  tablet  submit" in shown
    assert "erlan  no role  (deactivated)" in shown
    assert token not in shown
    run(app, "revoke-token", str(number))
    assert f"token {number}  tablet  revoked" in run(app, "list").output


@pytest.mark.parametrize(
    "words",
    [
        ("password", "nobody"),
        ("deactivate", "nobody"),
        ("activate", "nobody"),
        ("reset", "nobody"),
        ("sign-out", "nobody"),
        ("token", "nobody", "--scope", "submit"),
        ("revoke-token", "4711"),
        ("add", "a b"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(app: Flask, words: tuple[str, ...]) -> None:
    result = run(app, *words)
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: .+\n", result.output)


def test_a_bad_password_is_refused_with_the_reason(app: Flask) -> None:
    result = run(app, "add", "aigerim", "--password-stdin", typed="short\n")
    assert result.exit_code == 1
    assert "at least 12 characters" in result.output
    assert service.find_user("aigerim") is None


@pytest.mark.parametrize(
    "command",
    [
        "add",
        "list",
        "password",
        "reset",
        "sign-out",
        "deactivate",
        "activate",
        "token",
        "revoke-token",
    ],
)
def test_help_shows_an_example(app: Flask, command: str) -> None:
    assert f"  surveyapp user {command}" in run(app, command, "--help").output

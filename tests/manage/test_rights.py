"""Every page behind the sign-in × every role: what docs/rights.md promises is what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.models import User
from surveyapp.people.rights import OF_ROLE, Place, Right, RoleName
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD, browser, make_user, post, sign_in
from tests.manage.rows import SITE, publish_site, quarantine, store
from tests.test_house_rules import address

TABLES = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")
#: pages of everybody who is signed in, or of anybody
WITHOUT_A_RIGHT = {
    "security.login",
    "security.logout",
    "security.change_password",
    "links.opened",
    "links.chosen",
    "me.account",
    "me.end_session",
    "me.end_sessions",
    "me.make_token",
    "me.revoke_token",
    "people.choose_language",
}
#: blueprints of such pages
OF_EVERYBODY = {"factors", "passkeys", "second_step", "single_sign_on"}


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table under a heading of docs/rights.md, without its first two lines."""
    section = TABLES.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def promised_rights() -> dict[str, set[str]]:
    """role → rights, as the document has them."""
    heading = TABLES.split("| right |")[1].splitlines()[0]
    promised: dict[str, set[str]] = {role: set() for role in re.findall(r"`(\w+)`", heading)}
    for right, *ticks in rows("Roles"):
        for role, tick in zip(promised, ticks, strict=False):
            promised[role] |= {right} if tick == "yes" else set()
    return promised


def promised_pages() -> dict[str, str]:
    """page (method and address) → right, as the document has them."""
    return {f"{method} {page}": right for method, page, right in rows("Pages")}


def pages(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, address as it is declared, and an address to try, of every page that wants a right."""
    for rule in app.url_map.iter_rules():
        free = rule.endpoint in WITHOUT_A_RIGHT or rule.endpoint.split(".")[0] in OF_EVERYBODY
        if rule.rule.startswith("/manage") and not free:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                tried = address(rule).replace("family_survey", SITE)
                yield method, rule.rule, tried


def test_the_document_has_every_role_and_every_right() -> None:
    assert promised_rights() == {role: {str(right) for right in OF_ROLE[role]} for role in RoleName}
    assert [right for right, *_ticks in rows("Roles")] == [str(right) for right in Right]


def test_the_document_has_every_page(app: Flask) -> None:
    assert sorted(promised_pages()) == sorted(f"{method} {rule}" for method, rule, _tried in pages(app))


@pytest.mark.parametrize("role", RoleName)
def test_a_role_opens_what_it_has_the_right_to_and_nothing_else(app: Flask, role: RoleName) -> None:
    publish_site()
    make_user("erlan", role)
    client = browser(app)
    sign_in(client, "erlan")
    may = promised_rights()[role]
    for method, rule, tried in pages(app):
        answer = client.get(tried) if method == "GET" else post(client, tried)
        # of the page where every way in ends, others are led to their own
        led_on = rule == "/manage" and answer.location == "/manage/me"
        refused = led_on or answer.status_code == HTTPStatus.FORBIDDEN
        assert refused != (promised_pages()[f"{method} {rule}"] in may), (method, rule, answer.status)


def test_each_role_is_led_to_a_page_that_it_may_open_and_shown_no_other(app: Flask) -> None:
    publish_site()
    for role in RoleName:
        make_user(role, role)
        client = browser(app)
        assert sign_in(client, role).location == "/manage"
        html = client.get("/manage", follow_redirects=True)
        assert html.status_code == HTTPStatus.OK, role
        menu = html.get_data(as_text=True).split('class="row"')
        # the safeguarding officer's pages come later
        found = set(re.findall(r'href="([^"]+)"', menu[1].split("</nav>")[0])) if menu[1:] else set()
        assert bool(found) == (role is not RoleName.SAFEGUARDING_OFFICER), role
        for page in found:
            assert client.get(page).status_code == HTTPStatus.OK, (role, page)


def test_an_interviewer_is_told_where_the_work_is(app: Flask) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    client = browser(app)
    sign_in(client, "erlan", **{"Accept-Language": "en"})
    html = client.get("/manage", follow_redirects=True, headers={"Accept-Language": "en"})
    for page in ("/en/field", "/manage/paper"):
        assert f'href="{page}"' in html.get_data(as_text=True)
        assert client.get(page).status_code == HTTPStatus.OK


# --- for one questionnaire, for one region ----------------------------------------------------------


def somebody(app: Flask, role: RoleName, place: Place) -> FlaskClient:
    """A browser of somebody who has a role at one place only."""
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", role, place)
    client = browser(app)
    sign_in(client, "dana", **{"Accept-Language": "en"})
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(client: FlaskClient, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == HTTPStatus.OK, page
    return answer.get_data(as_text=True)


def test_a_role_for_another_questionnaire_opens_nothing_of_this_one(app: Flask) -> None:
    publish_site()
    store(2)
    client = somebody(app, RoleName.ADMINISTRATOR, Place("family_survey", None))
    assert SITE not in text_of(client, "/manage")
    for page in (f"/manage/q/{SITE}", f"/manage/q/{SITE}/submissions", "/manage/log"):
        assert client.get(page).status_code == HTTPStatus.FORBIDDEN, page


def test_a_region_shows_its_own_records_only(app: Flask) -> None:
    publish_site()
    store(3)
    almaty, other, nowhere = db.session.query(Submission).all()
    almaty.region, other.region, nowhere.region = "750000000", "710000000", None
    seen, *unseen = [one.receipt_code for one in (almaty, other, nowhere)]
    db.session.commit()
    client = somebody(app, RoleName.SUPERVISOR, Place(None, "750000000"))
    page = text_of(client, f"/manage/q/{SITE}/submissions")
    assert seen in page
    assert not [code for code in unseen if code in page]
    counts = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", text_of(client, f"/manage/q/{SITE}"))
    assert dict(counts)["In all"] == "1"
    assert (
        dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", text_of(client, "/manage")))["In all"] == "1"
    )


def test_what_waits_belongs_to_no_region_and_so_to_who_has_them_all(app: Flask) -> None:
    publish_site()
    quarantine(1, questionnaire=SITE)
    quarantine(1, questionnaire="family_survey")
    regional = somebody(app, RoleName.REVIEWER, Place(SITE, "750000000"))
    assert "site_safety" not in text_of(regional, "/manage/quarantine")
    granting.give("dana", RoleName.REVIEWER, Place(SITE, None))
    page = text_of(regional, "/manage/quarantine")
    assert SITE in page
    assert "family_survey" not in page


def test_a_region_is_exported_alone(app: Flask) -> None:
    publish_site()
    store(2)
    first, second = db.session.query(Submission).all()
    first.region, second.region = "750000000", "710000000"
    mine, others = str(first.id), str(second.id)
    db.session.commit()
    client = somebody(app, RoleName.ANALYST, Place(SITE, "750000000"))
    form = {"what": "csv", "labels": "codes", "multiple": "joined", "separator": "comma"}
    table = post(client, f"/manage/q/{SITE}/download", form).get_data(as_text=True)
    assert mine in table
    assert others not in table


def test_names_are_not_for_who_may_take_out_the_rest(app: Flask) -> None:
    publish_site()
    client = somebody(app, RoleName.ANALYST, Place(SITE, None))
    assert 'name="identity"' not in text_of(client, f"/manage/q/{SITE}")
    form = {"what": "csv", "labels": "codes", "multiple": "joined", "separator": "comma"}
    for wish in ("identity", "sensitive"):
        asked = form | {wish: "y", "reason": "I am curious"}
        answer = post(client, f"/manage/q/{SITE}/download", asked)
        assert answer.status_code == HTTPStatus.FORBIDDEN, wish


def test_a_role_that_is_taken_is_gone_at_once(app: Flask) -> None:
    publish_site()
    client = somebody(app, RoleName.REVIEWER, Place(None, None))
    assert client.get("/manage/quarantine").status_code == HTTPStatus.OK
    granting.take("dana", RoleName.REVIEWER, Place(None, None))
    assert client.get("/manage/quarantine").status_code == HTTPStatus.FORBIDDEN
    assert db.session.query(User).filter_by(username="dana").one().roles == []

"""The second factor in Chromium: passkeys with a virtual authenticator, the app without scripts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect

from surveyapp.people import service
from tests.accounts import PASSWORD
from tests.browser.conftest import SMALL_PHONE, OpenPage
from tests.browser.test_whole_looks import cramped, dark, nameless, violations
from tests.people.second_factors import code_of

pytestmark = pytest.mark.chromium

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
#: a page with scripts at `localhost`, where passkeys can be used, with its DevTools
Opened: TypeAlias = tuple[Page, CDPSession]


@pytest.fixture
def name(demonstration: Flask) -> str:
    """A new administrator."""
    with demonstration.app_context():
        return service.add_user(f"a{uuid.uuid4().hex[:8]}", service.FIRST_ROLES, PASSWORD)


@pytest.fixture
def open_scripted(open_page: OpenPage, served: str) -> Callable[..., Opened]:
    def opened(language: str = "en") -> Opened:
        page = open_page(
            java_script_enabled=True,
            base_url=served.replace("127.0.0.1", "localhost"),
            locale=language,
        )
        return page, page.context.new_cdp_session(page)

    return opened


def authenticator(tools: CDPSession, **differently: Any) -> str:
    tools.send("WebAuthn.enable")
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS | differently})
    return str(made["authenticatorId"])


def sign_in(page: Page, name: str) -> None:
    page.goto("/manage/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()


def make_first_passkey(page: Page) -> None:
    make_passkey(page, "my phone")
    expect(page.locator(".spare-codes li")).to_have_count(10)


def make_passkey(page: Page, called: str) -> None:
    page.goto("/manage/second-factor/passkeys/new")
    page.get_by_label("Name of the passkey").fill(called)
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_made_and_signs_in(open_scripted: Callable[..., Opened], name: str) -> None:
    page, tools = open_scripted()
    authenticator(tools)
    sign_in(page, name)
    make_first_passkey(page)
    sign_out(page)
    sign_in(page, name)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto("/manage/second-factor")
    expect(page.get_by_text("my phone")).to_be_visible()
    expect(page.get_by_text("last used:")).to_be_visible()


def test_another_ones_passkey_does_not_sign_in(open_scripted: Callable[..., Opened], name: str) -> None:
    page, tools = open_scripted()
    first = authenticator(tools)
    sign_in(page, name)
    make_first_passkey(page)
    sign_out(page)
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    authenticator(tools)
    sign_in(page, name)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-problem=failed]")).to_be_visible()
    page.goto("/manage")
    expect(page.get_by_label("User name")).to_be_visible()


def test_a_copied_passkey_that_counts_is_found_out(
    open_scripted: Callable[..., Opened], name: str
) -> None:
    """The copy's counter is behind that of the original, which was used meanwhile."""
    page, tools = open_scripted()
    box = authenticator(tools)
    sign_in(page, name)
    make_first_passkey(page)
    credential = tools.send("WebAuthn.getCredentials", {"authenticatorId": box})["credentials"][0]
    sign_out(page)
    sign_in(page, name)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    sign_out(page)
    tools.send("WebAuthn.clearCredentials", {"authenticatorId": box})
    tools.send(
        "WebAuthn.addCredential", {"authenticatorId": box, "credential": credential | {"signCount": 0}}
    )
    sign_in(page, name)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("That did not work. Try once more.")).to_be_visible()


def test_the_same_passkey_is_not_registered_twice(
    open_scripted: Callable[..., Opened], name: str
) -> None:
    page, tools = open_scripted()
    authenticator(tools)
    sign_in(page, name)
    make_first_passkey(page)
    make_passkey(page, "once more")
    expect(page.locator("[data-problem=known]")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_enabled()


def test_an_old_answer_is_not_taken_again(open_scripted: Callable[..., Opened], name: str) -> None:
    page, tools = open_scripted()
    authenticator(tools)
    sign_in(page, name)
    make_first_passkey(page)
    sign_out(page)
    sign_in(page, name)
    with page.expect_request(lambda request: request.url.endswith("/sign-in/passkey")) as sent:
        page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    form = sent.value.post_data_json or {}
    sign_out(page)
    sign_in(page, name)
    token = page.locator("input[name=csrf_token]").first.input_value()
    again = page.request.post(
        "/manage/sign-in/passkey", form={"csrf_token": token, "credential": form["credential"]}
    )
    assert again.status == 422


def test_where_browsers_know_no_passkeys_the_page_says_so(open_page: OpenPage, name: str) -> None:
    page = open_page(java_script_enabled=True, locale="en")
    sign_in(page, name)
    page.goto("/manage/second-factor/passkeys/new")
    expect(page.get_by_text("Passkeys work only where this site is opened by its name")).to_be_visible()


def test_an_app_is_set_up_and_used_without_scripts(open_page: OpenPage, name: str) -> None:
    page = open_page(locale="en", viewport=SMALL_PHONE)
    sign_in(page, name)
    page.goto("/manage/second-factor")
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Six digits").fill(code_of(_bytes(secret)))
    page.get_by_role("button", name="Set up").click()
    page.locator(".spare-codes li").first.wait_for()
    spare = page.locator(".spare-codes li").all_inner_texts()
    sign_out(page)
    sign_in(page, name)
    page.get_by_label("Code from your authenticator app").fill(spare[4])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _bytes(secret: str) -> bytes:
    import base64

    return base64.b32decode(secret.replace(" ", ""))


def pages(page: Page, tools: CDPSession, name: str) -> Iterator[str]:
    """Every page of the second factor, one after the other; yields what it is."""
    submit = page.locator("main .button.main")
    page.goto("/manage/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    submit.click()
    page.goto("/manage/second-factor")
    yield "nothing is set up"
    page.goto("/manage/second-factor/app")
    yield "app"
    secret = _bytes(page.locator(".secret").inner_text())
    page.locator("#code").fill("000000")
    submit.click()
    yield "wrong code"
    page.locator("#code").fill(code_of(secret))
    submit.click()
    yield "recovery codes"
    page.goto("/manage/second-factor/passkeys/new")
    yield "new passkey"
    # a session of DevTools that ends, as that of `nameless`, takes the virtual authenticators with it
    authenticator(tools)
    page.locator("#name").fill("Қызғалдақ")
    submit.click()
    expect(page.locator(".card")).to_be_visible()
    page.locator("summary").first.click()
    yield "all is set up"
    page.goto("/manage/confirm")
    yield "confirm"
    page.locator(".out button").click()
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    submit.click()
    expect(page.locator("form[data-passkey]")).to_be_visible()
    yield "second step"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_is_for_everybody(
    open_scripted: Callable[..., Opened], name: str, language: str
) -> None:
    page, tools = open_scripted(language)
    found = {
        screen: wrong
        for screen in pages(page, tools, name)
        if (wrong := violations(page) + dark(page) + cramped(page) + nameless(page))
    }
    assert found == {}

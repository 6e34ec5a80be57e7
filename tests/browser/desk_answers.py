"""What the forms about accounts, questionnaires and the log answer: mistakes, what is shown once, what is refused.

Each step is a generator that names what the page shows now, as in `screens.py`. The browser's own checks are
switched off, so that those of the server are seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import Page

from tests.accounts import PASSWORD
from tests.browser.desk_furniture import APPROVER, COLLECTOR, STEWARD, Desk
from tests.browser.desk_workbook import VISIT, WORKBOOK

#: what is there to be looked at, by name
Screens: TypeAlias = Iterator[str]
OVER = "2020-01-01T10:00"
BROKEN = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | relevant |
| | text | name | Аты | Имя | ${nme} = '1' |
| | select_one missing | x | | Что? | |
| | begin_group | g | Топ | Группа | |
| settings |
| | form_id | version |
| | broken | 1 |
"""
_UNCHECKED = "for (const each of document.forms) each.noValidate = true"


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Through the form, from whatever page."""
    page.goto("/manage/sign-in")
    page.fill("#username", name)
    page.fill("#password", password)
    press(page, "main form button.main")


def press(page: Page, button: str) -> None:
    """Send a form as it is; all that is folded is opened before."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.evaluate(_UNCHECKED)
    page.locator(button).first.click()
    page.wait_for_load_state()


def walk(page: Page, desk: Desk, folder: Path) -> Screens:
    """All of them; who is signed in at the end is nobody."""
    sign_in(page, STEWARD, "nothing that is right")
    yield "sign-in refused"
    yield from _link(page, desk)
    sign_in(page, STEWARD)
    for part in (_people, _own, _questionnaires, _papers, _log, _exports):
        yield from part(page, desk)
    yield from _workbooks(page, folder)
    yield from _refusals(page)


def _link(page: Page, desk: Desk) -> Screens:
    page.goto(f"/manage/link?word={desk.examples['word']}")
    page.fill("#new_password", PASSWORD)
    page.fill("#new_password_confirm", "another one, and longer")
    press(page, "main form button.main")
    yield "passwords differ"
    page.goto("/manage/link?word=nothing")
    yield "link is good no more"


def _people(page: Page, desk: Desk) -> Screens:
    page.goto("/manage/people/new")
    press(page, "main form button.main")
    yield "nobody invited"
    # a name of its own in each language: one that is taken would be refused
    page.fill("#name", f"zhanna-{page.get_attribute('html', 'lang')}")
    page.check("input[value=reviewer]")
    press(page, "main form button.main")
    yield "link of an invitation"
    page.goto(f"/manage/people/{desk.examples['account_id']}")
    press(page, "form[action$=give] button.main")
    yield "no role chosen"
    page.goto(f"/manage/people/{desk.examples['account_id']}")
    press(page, "form[action$=deactivate] button")
    yield "deactivation not confirmed"
    press(page, "form[action$=link] button")
    yield "link of a reset"
    page.goto("/manage/people")
    page.locator("main form input[name=name]").fill("nobody at all")
    press(page, "main form .button:not(.main)")
    yield "nobody found"
    page.locator("main form input[name=name]").fill("")
    press(page, "main form .button:not(.main)")


def _own(page: Page, _desk: Desk) -> Screens:
    page.goto("/manage/me")
    press(page, "form[action$=tokens] button.main")
    yield "token without a name"
    page.fill("#label", "Сводка за месяц")
    page.locator("input[name=scopes]").first.check()
    press(page, "form[action$=tokens] button.main")
    yield "token shown once"
    page.goto("/manage/password")
    page.fill("#password", "not this one")
    page.fill("#new_password", "short")
    page.fill("#new_password_confirm", "other")
    press(page, "main form button.main")
    yield "password not changed"
    page.goto("/manage/second-factor/app")
    page.fill("main input[name=code]", "000000")
    press(page, "main form button.main")
    yield "code of an app refused"


def _questionnaires(page: Page, _desk: Desk) -> Screens:
    page.goto(f"/manage/q/{VISIT}/versions")
    page.fill("#opens", "2026-12-01T10:00")
    page.fill("#closes", OVER)
    press(page, "form[action$=access] button.main")
    yield "closes before it opens"
    page.goto(f"/manage/q/{VISIT}/versions")
    press(page, "form[action$=retire] button")
    yield "retiring not confirmed"
    page.goto(f"/manage/q/{VISIT}/trial")
    press(page, "form[action$=discard] button")
    yield "discarding not confirmed"
    page.goto(f"/manage/q/{VISIT}/invitations")
    page.fill("#count", "0")
    page.fill("#last_day", "2020-01-01")
    press(page, "button[name=cards]")
    yield "no links made"
    page.fill("#count", "2")
    page.fill("#last_day", "")
    page.fill("#label", "7-мектеп, 9 «А»")
    press(page, "button[name=cards]")
    yield "cards shown once"


def _papers(page: Page, desk: Desk) -> Screens:
    page.goto(f"/manage/q/{VISIT}/paper")
    page.fill("#code", "ABCD-EFGH")
    press(page, "main form button.main")
    yield "no code of a sheet"
    page.goto(f"/manage/q/{VISIT}/paper/{desk.examples['code']}/settle")
    press(page, "main form button.main")
    yield "differences not settled"
    page.goto(f"/manage/q/{VISIT}/paper")
    press(page, "form[action$=withdraw] button")
    yield "entry of a sheet thrown away"


def _log(page: Page, _desk: Desk) -> Screens:
    for query in ("subject=nothing", "subject=breach+1", f"subject={VISIT}"):
        page.goto(f"/manage/log?{query}")
        yield f"log, {query}"


def _exports(page: Page, _desk: Desk) -> Screens:
    page.goto("/manage/full-exports")
    yield "exports to agree to and to take"
    press(page, "form[action$=refuse] button")
    yield "export refused"


def _workbooks(page: Page, folder: Path) -> Screens:
    other = re.sub(r"\| integer \| rooms \|", "| text | rooms |", WORKBOOK.format(id=VISIT, version="9"))
    assert "| text | rooms |" in other
    for name, text in (("broken.md", BROKEN), ("other.md", other)):
        (folder / name).write_text(text, encoding="utf-8")
        page.goto("/manage/publish")
        page.set_input_files("#workbook", folder / name)
        press(page, "button[name=publish]")
        yield f"not published: {name}"
    page.goto("/manage/publish")
    press(page, "button[name=check]")
    yield "no workbook"


def _refusals(page: Page) -> Screens:
    page.goto("/manage/nothing-here")
    yield "no such page"
    page.locator("form.out button").click()
    page.wait_for_load_state()
    yield "signed out"
    for name, address in ((COLLECTOR, "/manage/people"), (APPROVER, "/manage/publish")):
        sign_in(page, name)
        yield f"first page of {name}"
        page.goto(address)
        yield f"not open to {name}"
        page.locator("form.out button").click()
        page.wait_for_load_state()

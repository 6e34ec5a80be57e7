"""What a page keeps on the phone, in Chromium's own IndexedDB: drafts, files, locks, the outbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.conftest import OpenPage
from tests.browser.keeping import KILL_ROUNDS, call, kill_browser_of, launch

pytestmark = pytest.mark.chromium

DRAFT = {"questionnaire": "family_survey", "version": "2026.1", "language": "kk", "name": "Жұмбақгүл"}
RECORD = {
    "questionnaire": "family_survey",
    "version": "2026.1",
    "language": "kk",
    "started_at": "2026-09-01T14:03:07+05:00",
    "finished_at": "2026-09-01T14:13:07+05:00",
    "answers": {"child": [{"picture": "wall.jpg"}]},
}
EVERYTHING_KEPT = """
async () => {
  const opened = indexedDB.open("surveyapp");
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(opened);
  const transaction = database.transaction([...database.objectStoreNames]);
  const texts = [];
  const text = (value) => {
    if (value instanceof ArrayBuffer) return new TextDecoder().decode(value);
    if (ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
    if (value && typeof value === "object") return Object.entries(value).flat().map(text).join(" ");
    return String(value);
  };
  for (const name of database.objectStoreNames) {
    texts.push(text(await done(transaction.objectStore(name).getAll())));
  }
  return [...texts, text({ ...sessionStorage }), text({ ...localStorage })].join("\\n");
}
"""


def begin(page: Page, door: str = "web", **fields: Any) -> Any:
    return call(page, "(keeper, fields) => keeper.begin(fields)", DRAFT | fields, door)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page(java_script_enabled=True)
    page.goto("/en/")
    return page


def test_a_draft_is_there_after_the_page_is_loaded_anew(page: Page) -> None:
    draft = begin(page)
    saved = draft | {"typed": {"child[1]/c_age": "семь"}, "place": {"section": "child[1]"}}
    call(page, "(keeper, draft) => keeper.save(draft)", saved)
    page.reload()
    read = call(page, "(keeper, id) => keeper.read(id)", draft["id"])
    assert read["changed_at"] >= draft["changed_at"]
    assert read | {"changed_at": ""} == saved | {"changed_at": ""}
    [listed] = call(page, "(keeper) => keeper.drafts()")
    assert (listed["id"], listed["name"], listed["answered"]) == (draft["id"], "Жұмбақгүл", True)


def test_a_draft_without_answers_says_so(page: Page) -> None:
    begin(page)
    assert [draft["answered"] for draft in call(page, "(keeper) => keeper.drafts()")] == [False]


def test_of_many_saves_at_once_the_last_one_stands(page: Page) -> None:
    draft = begin(page)
    many = """(keeper, draft) => {
      const saves = [];
      for (draft.place = 0; draft.place < 50; draft.place += 1) saves.push(keeper.save(draft));
      return Promise.all(saves).then(() => undefined);
    }"""
    call(page, many, draft)
    assert call(page, "(keeper, id) => keeper.read(id)", draft["id"])["place"] == 49


def test_files_are_kept_beside_the_draft_and_saves_lose_none(page: Page) -> None:
    draft = begin(page)
    add = """async (keeper, draft) => {
      const blob = new Blob(["a wall"], { type: "image/jpeg" });
      await keeper.addFile(draft.id, "child[1]/picture", blob, "wall.jpg");
      await keeper.save(draft); // made before the file came
      const kept = await keeper.file(draft.id, "child[1]/picture");
      return [(await keeper.read(draft.id)).files, await kept.text(), kept.type];
    }"""
    files, text, kind = call(page, add, draft)
    assert files == {"child[1]/picture": {"name": "wall.jpg", "type": "image/jpeg", "size": 6}}
    assert (text, kind) == ("a wall", "image/jpeg")
    remove = """async (keeper, id) => {
      await keeper.removeFile(id, "child[1]/picture");
      return [await keeper.file(id, "child[1]/picture"), (await keeper.read(id)).files];
    }"""
    assert call(page, remove, draft["id"]) == [None, {}]


def test_a_deleted_draft_is_gone_with_its_files_and_cannot_be_saved(page: Page) -> None:
    draft = begin(page)
    remove = """async (keeper, draft, codeOf) => {
      await keeper.addFile(draft.id, "p", new Blob(["a"]), "a.jpg");
      await keeper.remove(draft.id);
      const codes = [await codeOf(keeper.save(draft)), await codeOf(keeper.addFile(draft.id, "p", new Blob(["a"]), "a"))];
      return [codes, await keeper.read(draft.id), await keeper.file(draft.id, "p")];
    }"""
    assert call(page, remove, draft) == [["gone", "gone"], None, None]


def test_what_the_browser_threw_away_can_be_put_back_by_the_open_page(page: Page) -> None:
    draft = begin(page)
    put_back = """async (keeper, draft, codeOf) => {
      await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase("surveyapp");
        request.onsuccess = resolve;
      });
      const code = await codeOf(keeper.save(draft));
      await keeper.begin(draft);
      return [code, (await keeper.read(draft.id)).name, await codeOf(keeper.save(draft))];
    }"""
    assert call(page, put_back, draft) == ["gone", DRAFT["name"], "kept"]


def test_of_two_tabs_one_is_told(page: Page) -> None:
    draft = begin(page)
    hold = """(keeper, id) => keeper.hold(id, () => (window.told = true))"""
    assert call(page, hold, draft["id"]) is True
    other = page.context.new_page()
    other.goto("/en/")
    assert call(other, hold, draft["id"]) is False
    assert call(other, "(keeper, id) => keeper.take(id)", draft["id"]) is True
    page.wait_for_function("window.told")
    save = "(keeper, draft, codeOf) => codeOf(keeper.save(draft))"
    assert (call(page, save, draft), call(other, save, draft)) == ("gone", "kept")
    call(other, "(keeper, id) => keeper.release(id)", draft["id"])
    assert call(page, hold, draft["id"]) is True


def test_a_tab_that_holds_a_draft_is_told_when_another_deletes_it(page: Page) -> None:
    draft = begin(page)
    hold = """(keeper, id) => keeper.hold(id, () => (window.told = true))"""
    assert call(page, hold, draft["id"]) is True
    other = page.context.new_page()
    other.goto("/en/")
    call(other, "(keeper, id) => keeper.remove(id)", draft["id"])
    page.wait_for_function("window.told")
    assert call(page, "(keeper, draft, codeOf) => codeOf(keeper.save(draft))", draft) == "gone"
    assert call(page, "(keeper, id) => keeper.read(id)", draft["id"]) is None


def test_what_was_finished_is_not_brought_back_by_the_tab_that_held_it(page: Page) -> None:
    draft = begin(page)
    finish = """async (keeper, [draft, record], codeOf) => {
      await keeper.hold(draft.id);
      const finished = keeper.finish(draft.id, record);
      const during = await codeOf(keeper.save(draft).then(() => finished));
      await finished;
      return [during, await codeOf(keeper.save(draft)), await keeper.drafts()];
    }"""
    during, afterwards, drafts = call(page, finish, [draft, RECORD])
    assert during in {"kept", "gone"}
    assert (afterwards, drafts) == ("gone", [])


# --- what was left behind by a page that is left ------------------------------------------------------

LEFT = "Object.keys(localStorage).filter((key) => key.startsWith('surveyapp.left'))"
#: what the database of an open page is told to write is thrown away
_THROWN_AWAY = """
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (row) {
    const request = put.call(this, row);
    this.transaction.abort();
    return request;
  };
"""


def leave(page: Page, draft: Any, *, is_new: bool = False, **changed: Any) -> None:
    """A draft as a page that was left has left it behind."""
    row = {"id": draft["id"], "door": "web", "changed_at": draft["changed_at"], **changed}
    left = {"row": row | {"draft": draft | changed}, "isNew": is_new}
    page.evaluate(
        "([id, left]) => localStorage.setItem('surveyapp.left ' + id, JSON.stringify(left))",
        [draft["id"], left],
    )


def read_anew(page: Page, draft: Any) -> Any:
    page.goto("/en/")
    return call(page, "(keeper, id) => keeper.read(id)", draft["id"])


def test_what_was_left_before_is_not_put_over_what_was_kept_later(page: Page) -> None:
    draft = begin(page, name="later")
    leave(page, draft, changed_at="2026-09-01T14:03:07.000+05:00", name="before")
    assert read_anew(page, draft)["name"] == "later"
    assert page.evaluate(LEFT) == []


def test_what_was_left_before_goes_as_soon_as_it_is_kept(page: Page) -> None:
    draft = begin(page)
    leave(page, draft, changed_at="2026-09-01T14:03:07.000+05:00", name="before")
    call(page, "(keeper, draft) => keeper.save(draft)", draft)
    assert page.evaluate(LEFT) == []


def test_what_was_left_of_a_finished_draft_does_not_bring_it_back(page: Page) -> None:
    draft = begin(page)
    leave(page, draft, is_new=True)
    call(page, "(keeper, [id, record]) => keeper.finish(id, record)", [draft["id"], RECORD])
    assert page.evaluate(LEFT) == []
    assert read_anew(page, draft) is None


def test_nothing_is_left_of_a_draft_that_another_tab_finished(page: Page) -> None:
    draft = begin(page)
    assert call(page, "(keeper, id) => keeper.hold(id, () => (window.told = true))", draft["id"])
    other = page.context.new_page()
    other.goto("/en/")
    finish = """async (keeper, [id, record]) => {
      await keeper.take(id);
      await keeper.finish(id, record);
    }"""
    call(other, finish, [draft["id"], RECORD])
    page.wait_for_function("window.told")
    save = """(keeper, draft, codeOf) => {
      dispatchEvent(new Event("pagehide"));
      return codeOf(keeper.save(draft));
    }"""
    assert call(page, save, draft) == "gone"
    assert page.evaluate(LEFT) == []


def test_what_was_begun_and_saved_in_the_last_turn_is_there(page: Page) -> None:
    last = f"""async (keeper, draft, codeOf) => {{
      {_THROWN_AWAY}
      dispatchEvent(new Event("pagehide"));
      const begun = codeOf(keeper.begin(draft));
      const saved = codeOf(keeper.save({{ ...draft, name: "typed last" }}));
      return [await begun, await saved];
    }}"""
    draft = DRAFT | {"id": "0b7c0000-0000-4000-8000-000000000001", "started_at": "", "door": "web"}
    call(page, "() => undefined")
    assert "kept" not in call(page, last, draft)
    found = read_anew(page, draft)
    assert found is not None and found["name"] == "typed last"


def test_a_finished_draft_waits_in_the_outbox_with_its_files(page: Page) -> None:
    draft = begin(page)
    finish = """async (keeper, [draft, record], codeOf) => {
      await keeper.addFile(draft.id, "child[1]/picture", new Blob(["a wall"], { type: "image/jpeg" }), "wall.jpg");
      await keeper.addFile(draft.id, "child[2]/picture", new Blob(["unasked"]), "unasked.jpg");
      await keeper.finish(draft.id, record);
      await keeper.finish(draft.id, record);
      return [await keeper.outbox(), await keeper.drafts(), await codeOf(keeper.save(draft))];
    }"""
    [entry], drafts, code = call(page, finish, [draft, RECORD])
    assert (entry["id"], entry["state"], entry["size"], entry["sent"]) == (draft["id"], "ready", 6, 0)
    assert (entry["finished_at"], entry["name"]) == (RECORD["finished_at"], DRAFT["name"])
    assert (drafts, code) == ([], "gone")


def test_finishing_what_was_never_there_says_so(page: Page) -> None:
    finish = "(keeper, record, codeOf) => codeOf(keeper.finish(crypto.randomUUID(), record))"
    assert call(page, finish, RECORD) == "gone"


def test_practice_is_never_sent(page: Page) -> None:
    draft = begin(page, practice=True)
    finish = """async (keeper, [id, record]) => {
      await keeper.finish(id, record);
      return [await keeper.outbox(), await keeper.drafts()];
    }"""
    assert call(page, finish, [draft["id"], RECORD]) == [[], []]


def test_a_full_phone_is_told_of_and_what_was_kept_stays(page: Page, served: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": served, "quotaSize": 1_000_000})
    draft = begin(page)
    fill = """async (keeper, draft, codeOf) => {
      const letters = new Uint8Array(3_000_000).map(() => 97 + Math.random() * 26);
      const large = { ...draft, typed: { note: new TextDecoder().decode(letters) } };
      return [await codeOf(keeper.save(large)), await codeOf(keeper.addFile(draft.id, "p", new Blob([letters]), "p"))];
    }"""
    assert call(page, fill, draft) == ["full", "full"]
    assert call(page, "(keeper, id) => keeper.read(id)", draft["id"])["name"] == DRAFT["name"]
    # the browser counts what was refused as used until it has tidied up, which a busy machine puts off: so
    # somebody makes room, as the page asks for, and the browser asks anew before it refuses again
    session.send("Storage.overrideQuotaForOrigin", {"origin": served})
    assert call(page, "(keeper, draft, codeOf) => codeOf(keeper.save(draft))", draft) == "kept"


def test_an_open_page_goes_on_with_the_database_of_a_newer_edition(page: Page) -> None:
    draft = begin(page)
    newer = """async () => {
      const request = indexedDB.open("surveyapp", 7);
      request.onupgradeneeded = () => request.result.createObjectStore("later");
      await new Promise((resolve, reject) => Object.assign(request, { onsuccess: resolve, onblocked: reject }));
      request.result.close();
    }"""
    page.evaluate(newer)
    assert call(page, "(keeper, draft, codeOf) => codeOf(keeper.save(draft))", draft) == "kept"


# --- the PIN ----------------------------------------------------------------------------------------


def admit(page: Page, person: str = "7", pin: str = "135790") -> None:
    admitted = "(keeper, [person, pin]) => keeper.vault.admit(person, pin)"
    call(page, admitted, [person, pin], "field")


def unlock(page: Page, pin: str, person: str = "7") -> Any:
    tried = "(keeper, [person, pin]) => keeper.vault.unlock(person, pin)"
    return call(page, tried, [person, pin], "field")


def test_drafts_of_the_field_are_encrypted_where_they_lie(page: Page) -> None:
    admit(page)
    draft = begin(page, "field", typed={"x": "Қызғалдақ"})
    add = """(keeper, id) => keeper.addFile(id, "child[1]/picture", new Blob(["a wall"]), "house-of-asel.jpg")"""
    call(page, add, draft["id"], "field")
    kept = page.evaluate(EVERYTHING_KEPT)
    assert draft["id"] in kept
    for word in ("Қызғалдақ", "Жұмбақгүл", "family_survey", "a wall", "house-of-asel"):
        assert word not in kept
    [listed] = call(page, "(keeper) => keeper.drafts()", None, "field")
    assert listed["name"] == "Жұмбақгүл"
    file = """async (keeper, id) => (await keeper.file(id, "child[1]/picture")).text()"""
    assert call(page, file, draft["id"], "field") == "a wall"


def test_a_page_that_is_loaded_anew_asks_for_no_pin_but_another_tab_does(page: Page) -> None:
    admit(page)
    draft = begin(page, "field")
    page.reload()
    assert call(page, "(keeper, id) => keeper.read(id)", draft["id"], "field")["name"] == DRAFT["name"]
    other = page.context.new_page()
    other.goto("/en/")
    look = "(keeper, id, codeOf) => Promise.all([codeOf(keeper.read(id)), codeOf(keeper.drafts())])"
    assert call(other, look, draft["id"], "field") == ["locked", "locked"]


def test_only_the_right_pin_opens_and_wrong_ones_make_wait(page: Page) -> None:
    admit(page)
    draft = begin(page, "field")
    call(page, "(keeper) => keeper.vault.lock()", None, "field")
    save = "(keeper, draft, codeOf) => codeOf(keeper.save(draft))"
    assert call(page, save, draft, "field") == "locked"
    page.reload()
    assert call(page, save, draft, "field") == "locked"
    tries = [unlock(page, f"00000{digit}") for digit in range(6)]
    assert [tried["open"] for tried in tries] == [False] * 6
    assert tries[0]["wait"] == 0
    assert tries[5]["wait"] > 20
    assert unlock(page, "135790")["open"] is False
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 60_000; }")
    assert unlock(page, "135790") == {"open": True, "wait": 0}
    assert call(page, save, draft, "field") == "kept"


def test_after_a_while_without_work_an_open_page_loses_nothing_but_reads_nothing(page: Page) -> None:
    admit(page)
    draft = begin(page, "field")
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 16 * 60_000; }")
    look = """async (keeper, draft, codeOf) => {
      const stale = [keeper.vault.isStale, await codeOf(keeper.save(draft)), keeper.vault.isStale];
      const now = Date.now;
      Date.now = () => now() + 16 * 60_000;
      return [...stale, await codeOf(keeper.read(draft.id)), await codeOf(keeper.save(draft))];
    }"""
    assert call(page, look, draft, "field") == [True, "kept", False, "locked", "locked"]


def test_two_people_share_a_phone_and_see_their_own_drafts(page: Page) -> None:
    admit(page)
    begin(page, "field", name="hers")
    admit(page, "8", "246801")
    begin(page, "field", name="his")
    names = "async (keeper) => (await keeper.drafts()).map((draft) => draft.name)"
    assert call(page, names, None, "field") == ["his"]
    assert unlock(page, "135790")["open"]
    assert call(page, names, None, "field") == ["hers"]


def test_another_pin_opens_the_same_drafts(page: Page) -> None:
    admit(page)
    draft = begin(page, "field")
    change = "(keeper, pins) => keeper.vault.changePin(...pins)"
    assert call(page, change, ["999999", "111111"], "field") is False
    assert call(page, change, ["135790", "864202"], "field") is True
    call(page, "(keeper) => keeper.vault.lock()", None, "field")
    assert unlock(page, "135790")["open"] is False
    assert unlock(page, "864202")["open"] is True
    assert call(page, "(keeper, id) => keeper.read(id)", draft["id"], "field")["id"] == draft["id"]


# --- the browser is killed ---------------------------------------------------------------------------


@pytest.mark.parametrize("round_", KILL_ROUNDS)
def test_what_was_told_as_kept_survives_kill_9(
    driver: Playwright, served: str, tmp_path: Path, round_: int
) -> None:
    saving = """async (keeper, draft) => {
      window.kept = -1;
      const save = async (place) => {
        await keeper.save({ ...draft, place });
        window.kept = place;
        save(place + 1);
      };
      save(0);
    }"""
    context = launch(driver, tmp_path, served)
    page = context.new_page()
    page.goto("/en/")
    draft = begin(page)
    call(page, saving, draft)
    page.wait_for_timeout(200 + 97 * round_ % 600)
    kept = page.evaluate("window.kept")
    kill_browser_of(tmp_path)
    context = launch(driver, tmp_path, served)
    page = context.new_page()
    page.goto("/en/")
    read = call(page, "(keeper, id) => keeper.read(id)", draft["id"])
    context.close()
    assert kept > 0
    assert read["place"] >= kept

"""What waits on the phone reaches the server: whole, once, and whatever the network does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, Request, Route
from sqlalchemy import func, select

from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.submissions.models import Attachment, Submission, Upload
from tests.browser.conftest import demonstrating, serving
from tests.browser.keeping import KILL_ROUNDS, call, kill_browser_of, launch
from tests.collecting import QUESTIONNAIRE, answers, item, publish

pytestmark = pytest.mark.chromium

#: interviews with photos that wait at once; more by hand: `QUEUED=200`
QUEUED = int(os.environ.get("QUEUED", "20"))
SUBMISSIONS, UPLOADS = "**/api/v1/submissions", "**/api/v1/uploads**"
_FINISH = """
async (keeper, [fields, record, photo]) => {
  const draft = await keeper.begin(fields);
  if (photo) {
    const bytes = new Uint8Array(photo.size).map((_, at) => (at * 31 + photo.seed) % 251);
    await keeper.addFile(draft.id, "photo", new Blob([bytes], { type: "image/png" }), "wall.png");
  }
  await keeper.finish(draft.id, record);
  return draft.id;
}
"""
SEND_MEANWHILE = "(keeper) => { window.sent = keeper.sendAll({ all: true }); }"
_SEND = "(keeper, options) => keeper.sendAll(options)"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("outbox")) as app:
        with app.app_context():
            publish(access=Access.PUBLIC)
        yield app


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/en/")
    yield page
    context.close()


def finish(page: Page, *, door: str = "web", photo: int = 0, seed: int = 1) -> str:
    """Finish a record, perhaps with a photo of so many bytes; its id."""
    record = item()
    del record["id"]
    given = answers(photo="wall.png" if photo else None)
    file = {"size": photo, "seed": seed} if photo else None
    fields = {"questionnaire": QUESTIONNAIRE, "version": "1", "language": "kk", "name": "Әсел"}
    done: str = call(page, _FINISH, [fields, record | {"answers": given}, file], door)
    return done


def send(page: Page, door: str = "web", **options: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = call(page, _SEND, {"all": True} | options, door)
    return outcome


def outbox(page: Page) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = call(page, "(keeper) => keeper.outbox()")
    return entries


def receipts(page: Page) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = call(page, "(keeper) => keeper.receipts()")
    return kept


def stored(application: Flask, *ids: str) -> dict[str, int]:
    """How many files are held of each of these submissions that is stored."""
    with application.app_context():
        held = func.count(Attachment.address)
        query = select(Submission.id, held).join(Attachment, isouter=True).group_by(Submission.id)
        found = {str(id_): count for id_, count in db.session.execute(query)}
        db.session.remove()
    return {id_: found[id_] for id_ in ids if id_ in found}


def answering(
    status: int, body: str = "", *, times: int = 1_000_000, **headers: str
) -> Callable[[Route], None]:
    """Answers so many requests in the server's place."""
    left = [times]

    def answer(route: Route) -> None:
        if left[0] <= 0:
            return route.continue_()
        left[0] -= 1
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return route.fulfill(status=status, body=body, headers=named)

    return answer


# --- what leaves ------------------------------------------------------------------------------------


def test_a_record_leaves_only_with_a_receipt_that_is_complete(page: Page, application: Flask) -> None:
    id_ = finish(page)
    outcome = send(page)
    assert (outcome["busy"], outcome["waiting"]) == (False, 0)
    [receipt] = outcome["received"]
    assert (receipt["id"], receipt["status"], receipt["revision"]) == (id_, "stored", 1)
    assert receipt["receipt"] and receipt["complete"] and receipt["code"]
    assert (outbox(page), receipts(page)) == ([], [receipt])
    assert stored(application, id_) == {id_: 0}


def test_photos_follow_the_answers_of_all_records(page: Page, application: Flask) -> None:
    ids = [finish(page, photo=200_000 + seed, seed=seed) for seed in range(3)]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(_kind(request)))
    outcome = send(page)
    assert {receipt["id"] for receipt in outcome["received"]} == set(ids)
    assert stored(application, *ids) == dict.fromkeys(ids, 1)
    kinds = [kind for kind in asked if kind]
    assert kinds[:1] == ["answers"] and kinds[-1:] == ["answers"]
    assert kinds.count("answers") == 2


def _kind(request: Request) -> str:
    if "/uploads" in request.url:
        return "files"
    return "answers" if request.url.endswith("/submissions") else ""


def test_the_second_record_is_sealed_to_the_key_that_came_with_the_token(page: Page) -> None:
    finish(page)
    send(page)
    finish(page)
    with page.expect_request(SUBMISSIONS) as sent:
        send(page)
    assert sent.value.headers["content-encoding"] == "gzip"
    bodies = """async () => {
      const opened = indexedDB.open("surveyapp");
      await new Promise((resolve) => (opened.onsuccess = resolve));
      const all = opened.result.transaction("outbox").objectStore("outbox").getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      return all.result.map((row) => Object.keys(row.body));
    }"""
    finish(page)
    assert page.evaluate(bodies) == [["sealed"]]


def test_two_tabs_never_send_at_the_same_time(page: Page, application: Flask) -> None:
    ids = [finish(page) for _ in range(3)]
    other = page.context.new_page()
    other.goto("/en/")
    held_back: list[Route] = []

    def hold_back(route: Route) -> None:
        held_back.append(route)

    page.route(SUBMISSIONS, hold_back)
    call(page, SEND_MEANWHILE)
    while not held_back:
        page.wait_for_timeout(50)
    assert send(other, all=False)["busy"] is True
    call(other, SEND_MEANWHILE)  # waits for its turn
    held_back.pop().continue_()
    assert len(page.evaluate("() => window.sent")["received"]) == 3
    second = other.evaluate("() => window.sent")
    assert (second["busy"], second["received"], second["waiting"]) == (False, [], 0)
    assert stored(application, *ids) == dict.fromkeys(ids, 0)


def test_a_hundred_records_go_in_batches(page: Page, application: Flask) -> None:
    many = """async (keeper, [fields, record]) => {
      const ids = [];
      for (let number = 0; number < 100; number += 1) {
        const draft = await keeper.begin(fields);
        await keeper.finish(draft.id, record);
        ids.push(draft.id);
      }
      return ids;
    }"""
    fields = {"questionnaire": QUESTIONNAIRE, "version": "1", "language": "kk"}
    ids = call(page, many, [fields, item()])
    batches: list[str] = []
    page.on("request", lambda request: batches.append(_kind(request)))
    assert len(send(page)["received"]) == 100
    assert batches.count("answers") == 5
    assert len(stored(application, *ids)) == 100


def test_a_week_of_interviews_with_photos_goes_whole(page: Page, application: Flask) -> None:
    ids = [finish(page, photo=30_000, seed=seed) for seed in range(QUEUED)]
    assert {receipt["id"] for receipt in send(page)["received"]} == set(ids)
    assert stored(application, *ids) == dict.fromkeys(ids, 1)


# --- what the network does ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (
            answering(500, "<h1>Internal Server Error</h1>", Content_Type="text/html"),
            "waiting",
            "server",
        ),
        (answering(502, "", Content_Type="text/html"), "waiting", "server"),
        (answering(503, "{}", Content_Type="application/json", Retry_After="3000"), "waiting", "busy"),
        (answering(429, "{}", Content_Type="application/json"), "waiting", "portal"),
        (answering(200, "<h1>Welcome! Pay here</h1>", Content_Type="text/html"), "waiting", "portal"),
        (answering(200, '{"results": "none"}', Content_Type="application/json"), "waiting", "portal"),
        (answering(200, "{", Content_Type="application/json"), "waiting", "portal"),
        (answering(302, "", Location="http://portal.example/"), "waiting", "portal"),
        (answering(511, "sign in", Content_Type="text/html"), "waiting", "portal"),
        (answering(403, "blocked", Content_Type="text/html"), "waiting", "portal"),
        (answering(413, "", Content_Type="text/html"), "attention", "too_large"),
        (
            answering(401, '{"status": 401, "title": "No"}', Content_Type="application/problem+json"),
            "attention",
            "signed_out",
        ),
        (lambda route: route.abort(), "waiting", "network"),
    ],
    ids=[
        "500",
        "502",
        "503",
        "429",
        "portal",
        "no-results",
        "no-json",
        "redirect",
        "511",
        "403",
        "413",
        "401",
        "nothing",
    ],
)
def test_whatever_answers_instead_of_the_server_keeps_the_record(
    page: Page, application: Flask, answer: Callable[[Route], None], state: str, reason: str
) -> None:
    id_ = finish(page, photo=1000)
    page.route(SUBMISSIONS, answer)
    outcome = send(page)
    assert (outcome["received"], outcome["waiting"], outcome["reason"]) == ([], 1, reason)
    [entry] = outbox(page)
    assert (entry["state"], entry["reason"]) == (state, reason)
    assert entry["next_try"] > page.evaluate("Date.now()")
    assert send(page, all=False)["waiting"] == 1  # not yet due, so nobody is asked
    page.unroute(SUBMISSIONS)
    assert [receipt["id"] for receipt in send(page)["received"]] == [id_]
    assert stored(application, id_) == {id_: 1}


def test_a_sign_in_page_instead_of_an_upload_keeps_the_file(page: Page, application: Flask) -> None:
    id_ = finish(page, photo=1000)
    page.route(UPLOADS, answering(200, "<h1>Pay here</h1>", Content_Type="text/html"))
    outcome = send(page)
    assert (outcome["received"], outcome["reason"]) == ([], "portal")
    assert [(entry["id"], entry["sent"]) for entry in outbox(page)] == [(id_, 0)]
    page.unroute(UPLOADS)
    assert [receipt["id"] for receipt in send(page)["received"]] == [id_]
    assert stored(application, id_) == {id_: 1}


def test_work_goes_on_while_the_server_takes_its_time(page: Page, application: Flask) -> None:
    page.clock.install()
    page.reload()
    first = finish(page)
    held_back: list[Route] = []
    page.route(SUBMISSIONS, lambda route: held_back.append(route))  # noqa: PLW0108  # no builtin is taken
    call(page, SEND_MEANWHILE)
    while not held_back:
        page.wait_for_timeout(50)
    page.clock.fast_forward(20_000)
    second = finish(page)  # on the phone, whatever the network does
    assert {entry["id"] for entry in outbox(page)} == {first, second}
    assert send(page, all=False)["busy"] is True
    held_back.pop().continue_()
    page.unroute(SUBMISSIONS)
    assert [receipt["id"] for receipt in page.evaluate("() => window.sent")["received"]] == [first]
    assert [receipt["id"] for receipt in send(page)["received"]] == [second]
    assert stored(application, first, second) == {first: 0, second: 0}


@contextmanager
def trickling(application: Flask, go_on: threading.Event) -> Iterator[None]:
    """Meanwhile verdicts come byte by byte, the second one only when it may go on."""
    real = application.wsgi_app

    def slow(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = b"".join(real(environ, start))
        if not environ["PATH_INFO"].endswith("/submissions"):
            yield body
            return
        for at in range(len(body)):
            yield body[at : at + 1]
            go_on.wait(60)

    application.wsgi_app = slow  # type: ignore[method-assign, assignment]  # Flask documents replacing it
    yield
    go_on.set()
    application.wsgi_app = real  # type: ignore[method-assign]


def test_a_verdict_that_comes_byte_by_byte_counts_and_one_that_never_ends_holds_nobody_up(
    page: Page, application: Flask
) -> None:
    page.clock.install()
    page.reload()
    id_, go_on = finish(page), threading.Event()
    with trickling(application, go_on):
        with page.expect_response(SUBMISSIONS):  # its head has come
            call(page, SEND_MEANWHILE)
        page.clock.fast_forward(121_000)
        outcome = page.evaluate("() => window.sent")
        assert (outcome["received"], outcome["reason"]) == ([], "network")
        assert [entry["id"] for entry in outbox(page)] == [id_]
        go_on.set()
        [receipt] = send(page)["received"]
    assert (receipt["id"], receipt["status"]) == (id_, "duplicate")
    assert stored(application, id_) == {id_: 0}


def test_the_server_says_how_long_to_wait(page: Page) -> None:
    finish(page)
    page.route(SUBMISSIONS, answering(503, Retry_After="7200"))
    outcome = send(page)
    assert outcome["next_try"] - page.evaluate("Date.now()") > 7_000_000


def test_batches_halve_when_they_are_too_large(page: Page, application: Flask) -> None:
    finish(page)
    send(page)  # now the key is known, and what is sealed cannot be packed
    ids = [finish(page) for _ in range(9)]
    sizes: list[int] = []

    def limited(route: Route) -> None:
        sizes.append(len(route.request.post_data_buffer or b""))
        if sizes[-1] > 2000:
            return route.fulfill(status=413)
        return route.continue_()

    page.route(SUBMISSIONS, limited)
    assert len(send(page)["received"]) == 9
    assert len(sizes) > 3
    assert len(stored(application, *ids)) == 9


def test_one_record_that_breaks_the_server_holds_nobody_up(page: Page, application: Flask) -> None:
    ids = [finish(page, photo=500 if number == 2 else 0) for number in range(6)]
    call(
        page, "(keeper) => keeper.sendAll", None
    )  # the script is there before the requests are looked at
    poison = """(keeper, id) => {
      const send = window.fetch;
      window.fetch = async (address, options) => {
        const packed = String(address).endsWith("/submissions") && options.body;
        if (!packed) return send(address, options);
        const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
        const text = await new Response(stream).text();
        return text.includes(id) ? new Response("", { status: 500 }) : send(address, options);
      };
    }"""
    call(page, poison, ids[2])
    outcome = send(page)
    assert {receipt["id"] for receipt in outcome["received"]} == {*ids} - {ids[2]}
    assert [(entry["id"], entry["reason"]) for entry in outbox(page)] == [(ids[2], "server")]
    assert set(stored(application, *ids)) == {*ids} - {ids[2]}


def test_a_server_that_fails_is_not_asked_for_every_record(page: Page) -> None:
    for _ in range(12):
        finish(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(_kind(request)))
    page.route(SUBMISSIONS, answering(500))
    assert send(page)["waiting"] == 12
    assert asked.count("answers") < 9


def test_a_file_goes_on_at_the_byte_where_the_connection_broke(page: Page, application: Flask) -> None:
    id_ = finish(page, photo=400_000)
    sent: list[tuple[str, int, int]] = []

    def break_off(route: Route) -> None:
        request = route.request
        if request.method == "PATCH":
            begin, length = int(request.headers["upload-offset"]), len(request.post_data_buffer or b"")
            sent.append((request.method, begin, length))
            if len(sent) == 2:
                return route.abort()
        return route.continue_()

    page.route(UPLOADS, break_off)
    outcome = send(page)
    assert (outcome["received"], outcome["reason"]) == ([], "network")
    [entry] = outbox(page)
    assert 0 < entry["sent"] < entry["size"]
    assert stored(application, id_) == {id_: 0}
    page.reload()
    page.route(UPLOADS, break_off)
    assert [receipt["id"] for receipt in send(page)["received"]] == [id_]
    acknowledged = [part for number, part in enumerate(sent) if number != 1]
    covered = [(begin, begin + length) for _, begin, length in acknowledged]
    assert covered[0][0] == 0 and covered[-1][1] == 400_000
    assert all(before[1] == after[0] for before, after in pairwise(covered))


def test_an_upload_that_the_server_forgot_begins_anew(page: Page, application: Flask) -> None:
    id_ = finish(page, photo=300_000)
    page.route(UPLOADS, lambda route: route.abort() if _is_late(route) else route.continue_())
    send(page)
    page.unroute(UPLOADS)
    with application.app_context():
        for upload in db.session.scalars(select(Upload)):
            db.session.delete(upload)
        db.session.commit()
        db.session.remove()
    assert [receipt["id"] for receipt in send(page)["received"]] == [id_]


def _is_late(route: Route) -> bool:
    return int(route.request.headers.get("upload-offset", 0)) > 0


def test_a_start_token_that_is_over_is_replaced(page: Page) -> None:
    finish(page)
    send(page)
    id_ = finish(page)
    page.route(
        SUBMISSIONS, answering(401, '{"status": 401}', times=1, Content_Type="application/problem+json")
    )
    assert [receipt["id"] for receipt in send(page)["received"]] == [id_]


def test_what_is_no_record_needs_attention_with_the_servers_sentence(page: Page) -> None:
    call(
        page,
        _FINISH,
        [{"questionnaire": QUESTIONNAIRE, "version": "1", "language": "ru"}, {"language": "ru"}, None],
    )
    outcome = send(page)
    assert (outcome["attention"], outcome["reason"]) == (1, "malformed")
    [entry] = outbox(page)
    assert entry["errors"]


def test_a_wrong_clock_neither_stops_nor_starts_anything(page: Page) -> None:
    id_ = finish(page)
    page.route(SUBMISSIONS, answering(500))
    send(page)
    page.unroute(SUBMISSIONS)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() - 90 * 86_400_000; }")
    assert [receipt["id"] for receipt in send(page, all=False)["received"]] == [id_]


# --- killed while sending ----------------------------------------------------------------------------


@pytest.mark.parametrize("round_", KILL_ROUNDS)
def test_nothing_is_lost_or_doubled_when_the_browser_is_killed_while_it_sends(
    driver: Playwright, application: Flask, address: str, tmp_path: Path, round_: int
) -> None:
    context = launch(driver, tmp_path, address)
    page = context.new_page()
    page.goto("/en/")
    ids = [finish(page, photo=150_000, seed=seed + 10 * round_) for seed in range(4)]
    call(page, SEND_MEANWHILE)
    page.wait_for_timeout(137 * round_ % 1500)
    kill_browser_of(tmp_path)
    context = launch(driver, tmp_path, address)
    page = context.new_page()
    page.goto("/en/")
    before = {receipt["id"] for receipt in receipts(page)}
    assert before | {entry["id"] for entry in outbox(page)} == set(ids)
    send(page)
    assert {receipt["id"] for receipt in receipts(page)} == set(ids)
    assert outbox(page) == []
    context.close()
    assert stored(application, *ids) == dict.fromkeys(ids, 1)

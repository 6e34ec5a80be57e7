"""What lies on an administrator's desk after some weeks: something of everything that a page can show.

Real deeds by the program's own functions, so that pages look as they do in the field. `furnish` leaves the
values that stand in the addresses of the pages under /manage, by the name of the argument.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any, TypeAlias
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.models import Access
from surveyapp.database import utc_now
from surveyapp.exports import reporting
from surveyapp.exports.approval_models import FullExport
from surveyapp.exports.running import run_next
from surveyapp.extensions import db
from surveyapp.people import devices, granting, invitations, inviting, links, service, tokens
from surveyapp.people.collectors import Collector
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import (
    assigning,
    breaches,
    entering,
    measuring,
    reviewing,
    sheets,
    subject_finding,
    subject_requests,
)
from surveyapp.submissions import trials as answered
from surveyapp.submissions.assigning import Visit
from surveyapp.submissions.breaches import Window, Written
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.submissions.models import Quarantined
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.subject_models import Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import PASSWORD, browser, post, sign_in
from tests.browser.desk_workbook import VISIT, WORKBOOK, given
from tests.collecting import bring, envelope, item, send
from tests.files.pictures import jpeg
from tests.manage.test_download import UNTOUCHED

STEWARD, COLLECTOR, APPROVER = "aigerim", "erlan.seidakhmetov", "bolat"
ALMATY = "750000000"
#: values of the arguments of addresses, by name
Examples: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Desk:
    """Examples for all pages, and for single pages others, by endpoint; several of them are several pages."""

    examples: Examples
    others: Mapping[str, list[Examples]] = field(default_factory=dict)


def furnish(app: Flask) -> Desk:
    """Furnish the desk; who is signed in meanwhile is the steward."""
    with app.app_context():
        _people()
        _publish()
        records = _records()
        _demonstrate()
        measuring.catch_up()
        for questionnaire in (VISIT, "household_baseline"):
            reporting.ask(questionnaire)
            assert reporting.catch_up() > 0
        examples = {
            "questionnaire_id": VISIT,
            "submission_id": records["full"],
            "account_id": service.known_user(COLLECTOR).id,
            "work_number": _quarantined(records["full"]),
            "request_number": _requests(records),
            "breach_number": _breach(),
            "code": _sheet(differing=True),
            "version": "1",
            "lang": "ru",
            "word": links.make("newcomer").word,
        }
        _visits()
        _phones()
        invitations.create(VISIT, 3, utc_now() + timedelta(days=60), label="7-мектеп, 9 «Б» сыныбы")
        _trial()
        _by_hand(app)
        _full_exports(app)
        others = _others(examples, records)
        db.session.rollback()
    return Desk(examples, others)


def _others(examples: Examples, records: Mapping[str, UUID]) -> dict[str, list[Examples]]:
    """Further pages of some endpoints: other states, and what is empty."""
    empty = {"questionnaire_id": "site_safety"}
    baseline = {"questionnaire_id": "household_baseline"}
    return {
        "records.record": [{"submission_id": each} for each in records.values()],
        "revisions.differences": [{"submission_id": records["twice"]}],
        "record_rights.rule": [baseline],
        "accounts.account": [
            {"account_id": service.known_user(name).id} for name in (STEWARD, "newcomer")
        ],
        "paper.sheet": [{"code": sheets.new_code()}, {"code": _sheet(differing=False)}],
        "subjects.one": [{"request_number": examples["request_number"] - 1}],
        "desk.work": [{"work_number": examples["work_number"] - 1}],
        **{
            endpoint: [empty, baseline]
            for endpoint in (
                "manage.questionnaire",
                "listing.submissions",
                "progress.progress",
                "progress.quality",
                "progress.plan",
                "assignments.assignments",
                "households.repeated",
                "invitations.invitation_list",
                "paper.sheet_list",
                "exporting.choose",
                "exporting.files",
                "editions.versions",
                "languages.published",
                "reports.report",
            )
        },
    }


def _people() -> None:
    service.add_user(STEWARD, list(RoleName), PASSWORD)
    service.add_user(COLLECTOR, [RoleName.INTERVIEWER], PASSWORD)
    service.add_user(APPROVER, [RoleName.DATA_STEWARD], PASSWORD)
    granting.give(COLLECTOR, RoleName.SUPERVISOR, Place(VISIT, ALMATY))
    inviting.invite("newcomer", [RoleName.SUPERVISOR], EVERYWHERE, None)
    for name in (STEWARD, COLLECTOR):
        tokens.create_token(name, list(Scope), label="планшет № 7")


def _publish() -> None:
    for version in ("1", "2"):
        text = WORKBOOK.format(id=VISIT, version=version)
        compiled = compile_workbook(text.encode(), "home_visit.md")
        catalogue.publish(compiled, access=Access.STAFF, demonstration=True)


def _records() -> dict[str, UUID]:
    """Submissions in every state, by what is particular about them."""
    collector = Sender(user_id=service.known_user(COLLECTOR).id)
    sha256 = bring(jpeg(), collector)
    picture = {"sha256": sha256, "size": len(jpeg()), "type": "image/jpeg"}
    files = [{"name": "yard.jpg", **picture}, {"name": "face.jpg", **picture}]
    changes: dict[str, dict[str, Any]] = {
        "full": {"answers": given(photo="yard.jpg", portrait="face.jpg"), "attachments": files},
        "twice": {"answers": given(rooms=4)},
        "invalid": {"answers": given(code="044-002", age=41)},
        "foreign": {"answers": {**given(code="045-001"), "unheard_of": "1"}},
        "accepted": {"answers": given(code="012-008"), "language": "kk"},
        "rejected": {"answers": given(code="012-009")},
        "deleted": {"answers": given(code="012-010")},
        "blocked": {"answers": given(code="012-011")},
        "erased": {"answers": given(code="012-012")},
        "missing": {
            "answers": given(code="013-001", photo="late.jpg"),
            "attachments": [{"name": "late.jpg", **picture, "sha256": "ab" * 32}],
        },
    }
    found = {name: _send(collector, **each) for name, each in changes.items()}
    by = Reviewer(user_id=service.known_user(STEWARD).id)
    for name in ("full", "accepted", "blocked"):
        reviewing.accept(found[name], by)
    reviewing.return_to_collector(
        found["full"], {"": "Уточните возраст ребёнка.", "rooms": "Вместе с кухней?"}, by
    )
    reviewing.reject(found["rejected"], "Интервью было пробным.", by)
    reviewing.delete(found["deleted"], by)
    reviewing.block(found["blocked"], by)
    reviewing.erase(found["erased"], by)
    _send(collector, id=str(found["twice"]), answers=given(rooms=5, age=9), base_revision=1)
    return found


def _send(sender: Sender, **changes: Any) -> UUID:
    usual = {"questionnaire": VISIT, "version": "2", "language": "ru"}
    (result,) = send(envelope(**usual | changes), sender=sender)
    assert result.status in {Status.STORED, Status.QUARANTINED}, result
    return UUID(str(result.id))


def _demonstrate() -> None:
    editions = [catalogue.current("household_baseline")]
    made = Demonstration([each for each in editions if each], random.Random(7), utc_now())  # noqa: S311  # no secret
    for _results in made.send(24):
        pass


def _quarantined(full: UUID) -> int:
    """Two that wait: of a version nobody knows, and a record that is there with other answers."""
    collector = Sender(user_id=service.known_user(COLLECTOR).id)
    _send(collector, version="1999.1", answers=given())
    _send(collector, id=str(full), answers=given(rooms=8, age=17))
    db.session.rollback()
    last = select(Quarantined.serial).order_by(Quarantined.serial.desc()).limit(1)
    return db.session.scalars(last).one()


def _requests(records: Mapping[str, UUID]) -> int:
    """Requests of families: the number of the last one."""
    number = 0
    for name, wish in (("full", Wish.COPY), ("accepted", Wish.CORRECT), ("twice", Wish.WITHDRAW)):
        about = subject_finding.subject_of(records[name])
        assert about
        words = "Айгүл Серікқызы, 8 700 000 00 00: ответы записаны за соседку, прошу исправить."
        number = subject_requests.ask(Asked(about, wish, words)).serial
    return number


def _breach() -> int:
    window = Window(since=utc_now() - timedelta(days=9), until=utc_now())
    texts = {"happened": "Ноутбук остался в автобусе.", "contact": "8 700 000 00 00"}
    number = breaches.write(Written(noticed_at=utc_now(), window=window, texts=texts))
    return breaches.write(Written(noticed_at=utc_now(), window=window, texts=texts), number)


def _sheet(*, differing: bool) -> str:
    """A paper sheet that was typed by two, or by one so far."""
    code = sheets.new_code()
    typed = ((COLLECTOR, 3), (STEWARD, 8))
    for name, rooms in typed if differing else typed[:1]:
        entry = envelope(
            questionnaire=VISIT, version="2", language="ru", answers=given(rooms=rooms, code="050-001")
        )
        entering.enter(VISIT, code, entry, service.known_user(name).id)
    return code


def _visits() -> None:
    erlan = Collector(COLLECTOR, user_id=service.known_user(COLLECTOR).id)
    today = utc_now().date()
    visits = [
        Visit(collector=erlan, label=f"ул. Абая, {number}", region=ALMATY, due=due, key=str(number))
        for number, due in ((12, today - timedelta(days=3)), (14, today + timedelta(days=9)), (16, None))
    ]
    assigning.give_out(VISIT, visits, None)


def _phones() -> None:
    old = utc_now() - timedelta(hours=60)
    for name, unsent in (("Планшет № 3, Қарасай ауданы", 4), ("Redmi 9A", 0)):
        device = devices.add(name, username=COLLECTOR, language="kk")
        device.seen_at, device.unsent, device.app = utc_now(), unsent, "field/1.0"
        device.oldest_unsent_at = old if unsent else None
    revoked = devices.add("Утерянный телефон", username=None, language="ru")
    db.session.commit()
    devices.revoke(revoked.id)


def _trial() -> None:
    text = WORKBOOK.format(id=VISIT, version="3").replace("Комнаты", "Жилые комнаты")
    said = trials.Upload(name="home_visit-3.xlsx", access=Access.STAFF, demonstration=True)
    trial = trials.keep(compile_workbook(text.encode(), "home_visit.md"), said)
    for answers in (given(), given(age=77)):
        tried = item(questionnaire=VISIT, version=trial.version, language="ru", answers=answers)
        answered.keep(trial, envelope(**tried))


def _by_hand(app: Flask) -> None:
    """What the steward did on pages: a prepared export, one that waits, choices with a name, a view."""
    client = browser(app)
    sign_in(client, STEWARD)
    page = f"/manage/q/{VISIT}/export"
    for done in (True, False):
        post(client, f"{page}/prepare", {"format": "csv"})
        if done:
            assert run_next(Event())
    post(client, f"{page}/keep", {"format": "xlsx", "name": "Для отчёта за месяц", "shared": "y"})
    post(client, f"/manage/q/{VISIT}/submissions/views", {"name": "На проверке", "status": "stored"})
    rule = {"amount": "36", "unit": "months", "fate": "identity", "notice": "14", "sure": "y"}
    post(client, f"/manage/q/{VISIT}/retention", rule)
    plan = {
        "first": (utc_now() - timedelta(days=3)).date().isoformat(),
        "last": (utc_now() + timedelta(days=9)).date().isoformat(),
        "wanted": "120",
        f"region-{ALMATY}": "60",
    }
    post(client, f"/manage/q/{VISIT}/plan", plan)


def ask_for_everything(app: Flask, name: str) -> FlaskClient:
    """Somebody asks for a full export, which a second person has to agree to; their browser."""
    asked = {
        **UNTOUCHED,
        "identity": "y",
        "sensitive": "y",
        "reason": "Позвонить семьям, которые просили.",
    }
    client = browser(app)
    sign_in(client, name)
    post(client, f"/manage/q/{VISIT}/download", asked)
    db.session.rollback()
    return client


def _full_exports(app: Flask) -> None:
    """Full exports: one that the steward may take, one that waits for a word of theirs, one of their own."""
    for name in (STEWARD, APPROVER, STEWARD):
        client = ask_for_everything(app, name)
        if name == STEWARD:
            continue
        first = db.session.scalars(select(FullExport).order_by(FullExport.serial)).first()
        assert first
        post(client, f"/manage/full-exports/{first.id}/agree")

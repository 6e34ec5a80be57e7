"""`surveyapp device code|new-code|sheet|list|show`."""

from __future__ import annotations

import re
import resource
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from surveyapp.channels.enrolling import commands
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import contacts, devices, enrolments
from surveyapp.people.contacts import Report
from surveyapp.people.devices import Purpose
from surveyapp.people.models import Device, Enrolment
from tests.accounts import make_user
from tests.channels.openrosa.conftest import Phone
from tests.channels.openrosa.test_commands import unpacked
from tests.collecting import publish

CODE = re.compile(r"[A-HJ-NP-Z2-9]{4}(?:-[A-HJ-NP-Z2-9]{4}){2}")
LIST = "name;user;language;questionnaires\nАйгерім;;kk;\nЕрлан;erlan;ru;visit\nJohn <b>;;en;\n"


def run(app: Flask, *arguments: str) -> Result:
    outcome = app.test_cli_runner().invoke(args=["device", *arguments])
    db.session.rollback()
    return outcome


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found, text
    return found[0]


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    publish()
    make_user("erlan")
    path = tmp_path / "interviewers.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


# --- one phone --------------------------------------------------------------------------------------


def test_a_code_is_printed_with_its_link_and_works(app: Flask, tmp_path: Path) -> None:
    publish()
    png = tmp_path / "qr.png"
    told = run(app, "code", "Kostanay 7", "--questionnaire", "visit", "--days", "3", "--png", str(png))
    assert told.exit_code == 0, told.output
    code = code_in(told.output)
    assert f"http://127.0.0.1:8000/field#enrol={code}" in told.output
    assert png.read_bytes().startswith(b"\x89PNG")
    expires = db.session.scalars(select(Enrolment.expires_at)).one()
    assert timedelta(days=3) < expires - utc_now() <= timedelta(days=4)
    db.session.rollback()
    assert enrolments.redeem(code).questionnaires == ["visit"]


def test_a_new_code_is_for_the_same_device(app: Flask) -> None:
    first = code_in(run(app, "code", "phone").output)
    number = db.session.scalars(select(Device.id)).one()
    second = code_in(run(app, "new-code", str(number)).output)
    with pytest.raises(enrolments.ExpiredCode):
        enrolments.redeem(first)
    assert enrolments.redeem(second).device_id == number


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("code", "x", "--questionnaire", "nowhere"), "no questionnaire “nowhere”"),
        (("code", "x", "--user", "nobody"), "no user “nobody”"),
        (("code", " "), "cannot be a device's name"),
        (("new-code", "77"), "no device 77"),
        (("show", "77"), "no device 77"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    app: Flask, arguments: tuple[str, ...], said: str
) -> None:
    outcome = run(app, *arguments)
    assert outcome.exit_code == 1
    assert said in outcome.output
    assert db.session.scalars(select(Device)).all() == []


# --- a list -----------------------------------------------------------------------------------------


def test_a_list_becomes_a_sheet_of_codes_that_work(app: Flask, file: Path) -> None:
    output = file.with_name("sheet.html")
    told = run(app, "sheet", str(file), "--output", str(output))
    assert told.exit_code == 0, told.output
    html = output.read_text(encoding="utf-8")
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert html.count("<svg") == 3
    codes = CODE.findall(html)
    given = [enrolments.redeem(code) for code in codes]
    assert [(one.name, one.language, one.questionnaires) for one in given] == [
        ("Айгерім", "kk", None),
        ("Ерлан", "ru", ["visit"]),
        ("John <b>", "en", None),
    ]


def test_each_card_speaks_the_language_of_its_row_and_nothing_comes_from_elsewhere(
    app: Flask, file: Path
) -> None:
    output = file.with_name("sheet.html")
    run(app, "sheet", str(file), "--output", str(output), "--language", "ru")
    html = output.read_text(encoding="utf-8")
    kazakh, russian, english = re.findall(r'<li lang="(..)">.*?</li>', html, re.DOTALL)
    assert (kazakh, russian, english) == ("kk", "ru", "en")
    for words in ("Телефоны полевых", "Код бір телефонға", "Код действует", "The code serves one phone"):
        assert words in html
    assert "John &lt;b&gt;" in html
    assert not re.search(r"<(?:script|link|img|iframe)|url\(|@import|(?:src|href)=", html)


def test_for_collect_the_codes_hold_its_settings(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = segno.make_qr

    def remembering(text: str, **options: Any) -> Any:
        drawn.append(text)
        return real(text, **options)

    monkeypatch.setattr(segno, "make_qr", remembering)
    told = run(app, "sheet", str(file), "--output", str(file.with_name("sheet.html")), "--collect")
    assert told.exit_code == 0, told.output
    addresses = [unpacked(text)["general"]["server_url"] for text in drawn]
    path = addresses[1].removeprefix("http://127.0.0.1:8000")
    assert [form["formID"] for form in Phone(app, path).forms()] == ["visit"]
    assert len(set(addresses)) == 3


def test_one_mistake_and_nothing_is_made(app: Flask, file: Path) -> None:
    file.write_text(LIST + "Ерлан;nobody;;\n", encoding="utf-8")
    output = file.with_name("sheet.html")
    told = run(app, "sheet", str(file), "--output", str(output))
    assert told.exit_code == 1
    assert "row 5, name: this name is in row 3 already" in told.output
    assert "row 5, user: there is no user “nobody”" in told.output
    assert not output.exists()
    assert db.session.scalars(select(Device)).all() == []


def test_a_sheet_is_never_written_over_another(app: Flask, file: Path) -> None:
    output = file.with_name("sheet.html")
    output.write_text("codes of yesterday")
    told = run(app, "sheet", str(file), "--output", str(output))
    assert told.exit_code == 1
    assert "File exists" in told.output
    assert output.read_text() == "codes of yesterday"
    assert db.session.scalars(select(Device)).all() == []


def test_a_disk_that_fills_up_leaves_no_half_sheet(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, write = file.with_name("sheet.html"), commands._write_whole

    def write_on_a_full_disk(*sheet: Any) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            write(*sheet)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with monkeypatch.context() as patched:
        patched.setattr(commands, "_write_whole", write_on_a_full_disk)
        told = run(app, "sheet", str(file), "--output", str(output))
    assert (told.exit_code, "nothing was made" in told.output) == (1, True)
    assert list(file.parent.iterdir()) == [file]
    assert db.session.scalars(select(Device)).all() == []
    assert run(app, "sheet", str(file), "--output", str(output)).exit_code == 0
    assert list(file.parent.iterdir()) != [file]


def test_the_same_list_again_says_how_to_make_codes(app: Flask, file: Path) -> None:
    run(app, "sheet", str(file), "--output", str(file.with_name("one.html")))
    told = run(app, "sheet", str(file), "--output", str(file.with_name("two.html")))
    assert told.exit_code == 1
    assert told.output.count("make another code") == 3


# --- how they are -----------------------------------------------------------------------------------


def test_what_devices_told_is_listed_and_shown_by_day(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA, language="ru")
    now = utc_now()
    for installation, unsent in (("a", 3), ("b", 12)):
        holder = devices.holder_of(made.key, Purpose.OPENROSA)
        assert holder is not None
        report = Report(
            app="field/1.0",
            installation=installation,
            unsent=unsent,
            oldest_unsent=86400,
            free_storage=512_000_000,
            battery=64,
            clock=now - timedelta(hours=2, minutes=5, seconds=20),
        )
        contacts.note(holder, report, now)
    listed = run(app, "list").output
    assert f"{made.id}  phone  all  seen {now:%Y-%m-%d %H:%M}Z  12 unsent (oldest of " in listed
    assert "clock 2 h 5 min behind" in listed
    shown = run(app, "show", str(made.id)).output
    for fact in ("field/1.0", "512 MB", "64 %", "2 h 5 min behind (measured ", "Language      ru"):
        assert fact in shown
    assert "phone a  3 unsent" in shown
    assert "phone b  12 unsent" in shown

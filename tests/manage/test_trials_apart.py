"""What is answered to a trial version is in no list, count, export, interface or check of real data."""

from __future__ import annotations

import io
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.models import Access
from surveyapp.database import Base
from surveyapp.extensions import db
from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.trial_models import TrialAnswer
from tests.accounts import browser, make_user, post, sign_in
from tests.manage.test_rights import pages
from tests.manage.test_trials import XML, keep, record, version

CANARY = "zhumbaq"
PACKAGE = Path(__file__).parents[2] / "surveyapp"
OWN_TABLES = {"trial", "trial_file", "trial_answer"}
#: the only modules that may name the table: its own, the rotation of keys, and what asks for a lost key file
MAY_NAME_IT = {"trials.py", "trial_models.py", "rotation.py", "sealed_rows.py"}


def rows() -> dict[str, int]:
    """How many rows each table has, but those of trial versions."""
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in OWN_TABLES]
    return {each.name: db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def answer_it(app: Flask) -> None:
    """One answer from the page and one from ODK Collect, of a version that is published, too."""
    trial = keep()
    key = trials.key_of(trial)
    client = browser(app)
    assert client.post(f"/kk/test/{key}", json=record(trial)).status_code == HTTPStatus.OK
    xml = XML.format(version="1", rooms=3, remark=CANARY, id=uuid4()).encode()
    files = {
        "xml_submission_file": (io.BytesIO(xml), "submission.xml", "text/xml"),
        "a.jpg": (io.BytesIO(b"\xff\xd8\xff"), "a.jpg", "image/jpeg"),
    }
    sent = client.post(f"/openrosa/test/{key}/submission", data=files)
    assert sent.status_code == HTTPStatus.CREATED
    assert len(db.session.scalars(select(TrialAnswer)).all()) == 2


@pytest.fixture
def published(app: Flask) -> None:
    assert app
    compiled = compile_workbook(version(1).encode(), "home.md")
    catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)


@pytest.mark.usefixtures("published")
def test_no_other_table_gets_a_row_of_it(app: Flask, tmp_path: Path) -> None:
    keep()
    before, files = rows(), kept_files(app)
    answer_it(app)
    after = rows()
    # the second keeping of the trial version is a deed of the log; nothing else is written
    assert {name for name in after if after[name] != before[name]} == {"audit_entry", "audit_link"}
    assert kept_files(app) == files


def kept_files(app: Flask) -> set[Path]:
    folder = app.config["SETTINGS"].instance_path / "media"
    return {path for path in folder.rglob("*") if path.is_file()}


def test_no_other_module_names_the_table() -> None:
    naming = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"TrialAnswer|trial_answer\b", path.read_text(encoding="utf-8"))
        and path.parent.name == "submissions"
    }
    others = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if "TrialAnswer" in path.read_text(encoding="utf-8") and path.parent.name != "submissions"
    }
    assert naming - MAY_NAME_IT - {"sealing.py"} == set()
    assert others == set()


@pytest.mark.usefixtures("published")
def test_no_reader_shows_it(app: Flask) -> None:
    answer_it(app)
    make_user("erlan", *RoleName)
    client = browser(app)
    sign_in(client, "erlan")
    for method, rule, tried in pages(app):
        if method == "GET" and "/trial" not in rule:
            text = client.get(tried.replace("site_safety", "home")).get_data(as_text=True)
            assert CANARY not in text, rule
    counts = client.get("/manage/q/home").get_data(as_text=True)
    assert re.findall(r"<dd>(\d+)</dd>", counts)
    assert set(re.findall(r"<dd>(\d+)</dd>", counts)) == {"0"}
    for what in ("csv", "jsonl", "package"):
        form = {"what": what, "labels": "codes", "multiple": "joined", "separator": "comma"}
        full = form | {"identity": "y", "sensitive": "y", "reason": "to look for it"}
        content = post(client, "/manage/q/home/download", full).get_data()
        assert CANARY.encode() not in content, what


@pytest.mark.usefixtures("published")
def test_neither_the_interface_nor_a_command_tells_of_it(app: Flask) -> None:
    answer_it(app)
    make_user("erlan", RoleName.DATA_STEWARD)
    token = tokens.create_token("erlan", [Scope.EXPORT], label="reader")
    headers = {"Authorization": f"Bearer {token}"}
    feed = browser(app).get("/api/v1/questionnaires/home/submissions", headers=headers)
    assert feed.status_code == HTTPStatus.OK
    assert feed.get_json()["submissions"] == []
    for arguments in (["doctor"], ["quarantine", "list"], ["export", "home", "--format", "csv"]):
        output = run(app, arguments)
        assert CANARY not in output, arguments


def run(app: Flask, arguments: list[str]) -> str:
    result: Any = app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp")
    return str(result.output)

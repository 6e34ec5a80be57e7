"""`surveyapp export` as a process of its own, of which only a part of the program is loaded (0041).

The other tests of the command run where everything is loaded already.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.exports.choosing import read_request
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from surveyapp.people.service import known_user
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender, Status
from surveyapp.wiring import settings_of
from tests.accounts import make_user
from tests.collecting import bring, item
from tests.exports import visits
from tests.exports.visits import unzipped
from tests.files import pictures

_FORM = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) | calculation | bind::survey:identity | bind::survey:breakdown | bind::survey:releasable |
| | select_one region | region | Өңір | Region | | | region | |
| | select_one_from_file towns.csv | town | Қала | Town | | | | |
| | select_multiple_from_file towns.csv | towns | Қалалар | Towns | | | | |
| | text | family | Тегі | Family name | | yes | | |
| | text | kind | Түрі | Kind | | | | yes |
| | geopoint | place | Орны | Place | | | | |
| | date | day | Күн | Day | | | | |
| | image | view | Сурет | View | | | | |
| | calculate | older | | | date('2026-01-01') > ${{day}} | | | |
| | begin_repeat | child | Бала | Child | | | | |
| | integer | c_age | Жасы | Age | | | | |
| | end_repeat | | | | | | | |
| choices |
| | list_name | name | label::Қазақша (kk) | label::English (en) |
| | region | north | Солтүстік | North |
| | region | south | Оңтүстік | South |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | alone | {version} | Жеке | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""
_TOWNS = 'name,label\nala,Алматы\nast,"Астана, қала"\n'.encode()


@pytest.fixture
def filled(app: Flask) -> None:
    """A dozen records with pictures, of a retired version and of one that is not."""
    make_user("saule", RoleName.ADMINISTRATOR)
    sender = Sender(user_id=known_user("saule").id)
    for version in ("1", "2"):
        form = compile_workbook(_FORM.format(version=version).encode(), "alone.md")
        catalogue.publish(form, access=Access.STAFF, demonstration=True, files={"towns.csv": _TOWNS})
    db.session.commit()
    for number in range(12):
        picture = pictures.jpeg() + bytes([number])
        answers = _answers(number)
        files = [{"name": "v.jpg", "sha256": bring(picture, sender), "size": 1, "type": "image/jpeg"}]
        sent = item(
            questionnaire="alone",
            version=str(1 + number % 2),
            language="kk",
            answers=answers,
            attachments=files,
        )
        (result,) = receive([load_envelope(sent, Channel.API)], sender)
        assert result.status is Status.STORED, result
    catalogue.retire("alone", "1")


def _answers(number: int) -> dict[str, Any]:
    return {
        "region": "north" if number % 3 else "south",
        "town": ("ala", "ast")[number % 2],
        "towns": ["ala", "ast"][: number % 3] or None,
        "family": f"Жұмбақова{number}",
        "kind": f"=түр {number}",
        "place": {"lat": 43.2 + number, "lon": 76.9, "alt": None, "accuracy": 5.0},
        "day": f"2025-12-{number + 10}",
        "view": "v.jpg",
        "older": "true",
        "child": [{"c_age": number}] * (number % 3),
    }


@pytest.fixture
def environment(app: Flask) -> dict[str, str]:
    """The settings of the application under test, as a process has them."""
    settings = settings_of(app)
    url = db.engine.url.render_as_string(hide_password=False)
    return os.environ | {
        "INSTANCE_PATH": str(settings.instance_path),
        "DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
        "DEMONSTRATION": "yes",
        "SECOND_FACTOR": "optional",
    }


def alone(environment: dict[str, str], file: Path, *asked: str) -> bytes:
    """What the command writes."""
    program = str(Path(sys.executable).parent / "surveyapp")
    command = [program, "export", "alone", "--output", str(file), "--quiet", *asked]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return file.read_bytes()


def told(files: dict[str, bytes]) -> dict[str, str]:
    """The digests of a package's files, but for those that tell when they were made."""
    for name in [name for name in files if name.endswith(".xlsx")]:
        sheets = unzipped(files.pop(name))
        files |= {f"{name}/{part}": content for part, content in sheets.items()}
    return {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name.rpartition("/")[2] not in _MOVING
    }


_MOVING = frozenset({"manifest.json", "codebook.xml", "codebook.html", "core.xml"})
CHOICES = [
    {"format": "csv", "values": "both", "language": "kk", "multiple": "both"},
    {"format": "jsonl", "where": "${day} < '2026-01-01' and count(${child}) > 0"},
    # files of SPSS and Stata tell the minute in which they were made
    {"format": "parquet", "values": "labels", "language": "kk"},
    {"format": "xlsx", "rosters": "flat", "versions": "1", "where": "selected(${towns}, 'ast')"},
]


@pytest.mark.usefixtures("filled")
def test_a_process_of_its_own_writes_what_the_server_writes(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for number, choices in enumerate(CHOICES):  # whose submissions take longer to store than to export
        _compare(environment, tmp_path / f"{number}.zip", choices)


def _compare(environment: dict[str, str], file: Path, choices: dict[str, str]) -> None:
    request = read_request("alone", choices | {"package": "yes"}, settings_of().timezone)
    expected = unzipped(b"".join(export(request)))
    chosen = [f"--choose={name}={value}" for name, value in choices.items() if name not in _OPTIONS]
    options = [f"--{name}={value}" for name, value in choices.items() if name in _OPTIONS]
    made = unzipped(alone(environment, file, *options, *chosen))
    assert made.keys() == expected.keys()
    assert told(made) == told(expected), choices


#: what `--choose` does not take
_OPTIONS = frozenset({"format", "where"})


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("format_", ["csv", "media"])
def test_it_opens_what_is_sealed_as_the_server_does(
    environment: dict[str, str], tmp_path: Path, format_: str
) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{visits.PASSWORD}\n")
    asked = {
        "format": format_,
        "package": "yes",
        "profile": "full",
        "identity": "yes",
        "sensitive": "yes",
    }
    plain = read_request("alone", asked | {"reason": "a test"}, settings_of().timezone)
    request: ExportRequest = replace(plain, approved_by="saule", password=visits.PASSWORD)
    expected = unzipped(visits.opened(b"".join(export(request)), request))
    options = ["--profile=full", "--reason=a test", "--approved-by=saule", f"--password-file={secret}"]
    made = alone(environment, tmp_path / "alone.zip", f"--format={format_}", *options)
    opened = unzipped(visits.opened(made, request))
    assert told(opened) == told(expected)
    assert len(opened) >= (12 if format_ == "media" else 5)
    if format_ == "csv":
        assert "Жұмбақова11".encode() in opened["submissions.csv"]

"""A small questionnaire with every kind of column, in two versions, and how to get its export."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from functools import cache
from typing import Any
from unittest.mock import patch

import pyzipper

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.request import ExportRequest, Profile
from surveyapp.exports.service import export
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook

ID = "visits"
PASSWORD = "a password that nobody guesses"  # of tests
#: what a full export needs
FULL: dict[str, Any] = {
    "profile": Profile.FULL,
    "reason": "a test of columns",
    "approved_by": "saule",
    "password": PASSWORD,
}

_COLUMNS = (
    "| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) "
    "| bind::survey:identity | bind::survey:sensitive | calculation |"
)
_FIRST = """
| survey |
{columns}
| | start | started_at |
| | begin_group | visit | Келу | Визит | Visit |
| | select_one yesno | agreed | Келісесіз бе? | Вы согласны? | Do you agree? |
| | integer | size | Қанша адам? | Сколько человек? | How many people? |
| | decimal | weight | Салмағы | Вес | Weight |
| | date | born | Туған күні | День рождения | Birthday |
| | dateTime | called | Қоңырау | Звонок | Call |
| | time | hour | Сағат | Час | Hour |
| | text | remark | Ескерту | Замечание | Remark |
| | select_multiple help | helps | Қандай көмек? | Какая помощь? | What help? |
| | geopoint | place | Орны | Место | Place |
| | note | thanks | Рақмет | Спасибо | Thank you |
| | text | family | Тегі | Фамилия | Family name | yes |
| | text | worry | Уайым | Тревога | Worry | | yes |
| | calculate | double | | | | | | ${{size}} * 2 |
| | end_group | visit |
| | begin_repeat | child | Бала | Ребёнок | Child |
| | text | c_name | Аты | Имя | Name | yes |
| | integer | c_age | Жасы | Возраст | Age |
| | begin_repeat | toy | Ойыншық | Игрушка | Toy |
| | text | t_name | Атауы | Название | Title |
| | end_repeat | toy |
| | end_repeat | child |
"""
_CHOICES = """
| choices |
| | list_name | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) |
| | yesno | yes | Иә | Да | Yes |
| | yesno | no | Жоқ | Нет | No |
| | help | food | Тамақ, азық | Еда | Food |
| | help | none | Ешқандай | Никакая | None |
"""
_SETTINGS = """
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | visits | {version} | Келулер | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""


def _second(first: str) -> str:
    """The next version: a new question, one less, one of another type, a new choice, a better label."""
    return (
        first.replace("| | integer | size |", "| | date | phoned | Т | З | P |\n| | text | size |")
        .replace("| | time | hour | Сағат | Час | Hour |\n", "")
        .replace("${size} * 2", "string-length(${size})")
    )


@cache
def compiled(version: str) -> CompiledWorkbook:
    """One of the two versions, `1` or `2`."""
    survey = _FIRST.format(columns=_COLUMNS)
    choices = _CHOICES
    if version == "2":
        survey = _second(survey)
        choices = choices.replace("| Тамақ, азық | Еда | Food |", "| Тамақ | Продукты | Groceries |")
        choices += "| | help | money | Ақша | Деньги | Money |\n"
    return compile_workbook((survey + choices + _SETTINGS.format(version=version)).encode(), "visits.md")


@cache
def definition(version: str) -> Questionnaire:
    """The parsed definition of a version."""
    return xform.parse(compiled(version).xform)


def publish(*versions: str) -> None:
    """Publish these versions, in this order, as editions did that took another type under a name."""
    for version in versions:
        with patch.object(catalogue, "changed_types", return_value=[]):
            catalogue.publish(compiled(version), demonstration=False)


def exported(**asked: Any) -> bytes:
    """The bytes of an export of it, opened; a full one unless another profile is asked for.

    So a test of columns sees answers as they were given; tests/exports/test_profiles.py is about the rest.
    """
    request = ExportRequest(questionnaire=ID, **FULL | asked)
    content = b"".join(export(request))
    return opened(content, request) if request.confidential else content


def opened(content: bytes, request: ExportRequest) -> bytes:
    """What an encrypted archive holds: a bare table, or the package as a plain `.zip`."""
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(request.password.encode())
        files = {name: archive.read(name) for name in archive.namelist()}
    if not request.package:
        (table,) = files.values()
        return bytes(table)
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as packed:
        for name, file in files.items():
            packed.writestr(name, file)
    return plain.getvalue()


def rows_of(content: bytes, **dialect: Any) -> list[dict[str, str]]:
    """The rows of a CSV file as Python's own reader sees them."""
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True, **dialect))


def lines_of(content: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in content.splitlines()]


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a package, each checked against its CRC."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}

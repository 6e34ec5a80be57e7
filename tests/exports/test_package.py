"""The package: complete, checkable, explained, and a stream that can be seen to be cut off."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from surveyapp.exports.archive import ArchiveStream
from surveyapp.exports.request import CsvOptions, ExportRequest, Missing, Selection, TableOptions
from surveyapp.exports.service import export
from surveyapp.exports.spool import CHUNK, SealedSpool
from tests.exports import visits
from tests.exports.conftest import CANARY
from tests.exports.visits import compiled, exported, rows_of, unzipped
from tests.factories import RECEIVED_AT

pytestmark = pytest.mark.usefixtures("stored")


def manifest_of(content: bytes) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(unzipped(content)["manifest.json"])
    return manifest


def test_it_holds_a_file_for_each_table_and_what_explains_them() -> None:
    assert list(unzipped(exported(package=True))) == [
        "submissions.csv",
        "child.csv",
        "toy.csv",
        "codebook.csv",
        "codebook.html",
        "codebook.xml",
        "README.txt",
        "manifest.json",
    ]


def test_the_manifest_has_the_digest_and_the_rows_of_every_other_file() -> None:
    content = exported(package=True)
    files = unzipped(content)
    told = {file["name"]: file for file in manifest_of(content)["files"]}
    assert set(told) == set(files) - {"manifest.json"}
    for name, file in told.items():
        assert file["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert file["size"] == len(files[name])
    rows = {name: file["rows"] for name, file in told.items() if "rows" in file}
    assert rows == {"submissions.csv": 2, "child.csv": 2, "toy.csv": 2}


def test_the_manifest_says_what_was_asked_for_and_what_came_of_it() -> None:
    told = manifest_of(
        exported(
            package=True,
            selection=Selection(since=RECEIVED_AT, language="kk", synthetic=False),
            tables=TableOptions(labels="ru", split_multiple=True, include_sensitive=True),
            csv=CsvOptions(separator=";"),
            reason="analysis",
        )
    )
    assert told["questionnaire"] == visits.ID
    assert told["time_zone"] == "Asia/Almaty"
    assert told["selection"] == {
        "since": "2026-09-01T20:30:15+00:00",
        "before": None,
        "language": "kk",
        "synthetic": False,
        "rejected": False,
    }
    assert told["options"] == {
        "labels": "ru",
        "select_multiple": "split",
        "separator": ";",
        "byte_order_mark": False,
        "decimal_comma": False,
    }
    assert (told["identity"], told["sensitive"]) == ("left out", "included")
    assert told["left_out"] == [
        {"path": "visit/family", "because": ["identity"]},
        {"path": "child/c_name", "because": ["identity"]},
    ]
    assert (told["submissions"], told["synthetic"]) == (1, 0)


def test_the_manifest_names_the_versions_and_counts_what_was_made_up() -> None:
    told = manifest_of(exported(package=True))
    (version,) = told["versions"]
    assert version["version"] == "1"
    assert version["sha256"] == hashlib.sha256(compiled("1").xform).hexdigest()
    assert (told["submissions"], told["synthetic"]) == (2, 1)


def test_the_codebook_explains_every_column_in_three_languages() -> None:
    files = unzipped(exported(package=True))
    rows = rows_of(files["codebook.csv"])
    for table in ("submissions", "child", "toy"):
        columns = [row["column"] for row in rows if row["table"] == table and not row["choice"]]
        assert columns == list(header_of(files[f"{table}.csv"]))
    assert all(
        row[f"label_{language}"] for row in rows for language in ("kk", "ru", "en") if not exempt(row)
    )


def exempt(row: dict[str, str]) -> bool:
    """A calculation has no label."""
    return row["column"] == "double"


def header_of(content: bytes) -> list[str]:
    return content.decode().split("\r\n", 1)[0].split(",")


def test_the_codebook_has_a_row_for_each_choice() -> None:
    rows = rows_of(unzipped(exported(package=True))["codebook.csv"])
    assert [row for row in rows if row["column"] == "agreed"] == [
        {
            "table": "submissions",
            "column": "agreed",
            "choice": "",
            "path": "visit/agreed",
            "type": "select_one",
            "identity": "0",
            "sensitive": "0",
            "versions": "1",
            "label_kk": "Келісесіз бе?",
            "label_ru": "Вы согласны?",
            "label_en": "Do you agree?",
        },
        *(
            {
                "table": "submissions",
                "column": "agreed",
                "choice": code,
                "path": "",
                "type": "",
                "identity": "",
                "sensitive": "",
                "versions": "",
                "label_kk": kazakh,
                "label_ru": russian,
                "label_en": english,
            }
            for code, kazakh, russian, english in (
                ("yes", "Иә", "Да", "Yes"),
                ("no", "Жоқ", "Нет", "No"),
            )
        ),
    ]


def test_the_codebook_tells_a_split_column_s_choice() -> None:
    split = unzipped(exported(package=True, tables=TableOptions(split_multiple=True)))
    (row,) = (row for row in rows_of(split["codebook.csv"]) if row["column"] == "helps/none")
    assert (row["choice"], row["type"], row["label_ru"]) == ("none", "integer", "Какая помощь?: Никакая")


def test_the_readme_speaks_all_three_languages_and_says_how_identity_was_treated() -> None:
    plain = unzipped(exported(package=True))["README.txt"].decode()
    confidential = unzipped(
        exported(package=True, tables=TableOptions(include_identity=True), reason="r")
    )["README.txt"].decode()
    for name in ("ҚАЗАҚША", "РУССКИЙ", "ENGLISH"):
        assert name in plain
    assert "Answers that point at a person were left out." in plain
    assert "ANSWERS THAT POINT AT A PERSON ARE INCLUDED" in confidential
    assert "made up by the program: 1" in plain
    assert "\r\n" in plain


@pytest.mark.parametrize(
    ("format_", "missing", "told"),
    [
        ("csv", Missing.BLANK, "Codes such as dk and ref are answers."),
        ("csv", Missing.MARKED, ".e was left empty, .r refused"),
        ("dta", Missing.MARKED, ".e was left empty, .r refused"),
        ("sav", Missing.MARKED, "left empty is -77 in questions with choices"),
        ("sav", Missing.BLANK, "Empty means not asked or left empty.\r\n"),
    ],
)
def test_the_readme_says_what_stands_where_there_is_no_answer(
    format_: str, missing: Missing, told: str
) -> None:
    made = exported(format=format_, package=True, tables=TableOptions(missing=missing))
    assert told in unzipped(made)["README.txt"].decode()


def test_an_archive_that_was_cut_off_anywhere_is_no_archive() -> None:
    content = exported(package=True)
    for length in (len(content) - 1, len(content) - 30, len(content) // 2):
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO(content[:length]))


def test_it_comes_in_pieces_and_can_be_left_in_the_middle() -> None:
    made = export(ExportRequest(questionnaire=visits.ID, package=True))
    assert next(made).startswith(b"PK")
    made.close()
    with pytest.raises(StopIteration):
        next(made)


def test_a_file_may_pass_four_gibibytes() -> None:
    archive = ArchiveStream(RECEIVED_AT)
    content = b"".join([*archive.file("a.csv", [b"x" * 1000]), *archive.end()])
    # version needed to extract of the local header: 4.5 is Zip64 (APPNOTE 4.4.3)
    assert int.from_bytes(content[4:6], "little") == 45
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.read("a.csv") == b"x" * 1000


def test_what_waits_on_disk_cannot_be_read_there_but_here() -> None:
    content = CANARY.encode() * 10_000
    with SealedSpool() as spool:
        spool.write(content)
        spool.write(content)
        on_disk = Path(f"/proc/self/fd/{spool.fileno()}").read_bytes()
        chunks = list(spool.chunks())
    assert len(on_disk) == 2 * len(content)
    assert CANARY.encode() not in on_disk
    assert b"".join(chunks) == 2 * content
    assert max(map(len, chunks)) <= CHUNK

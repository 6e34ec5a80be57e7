"""`surveyapp export`, as an administrator types it."""

from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.exports.choosing import read_request
from surveyapp.exports.errors import FileRefused
from surveyapp.exports.request import Profile
from surveyapp.exports.saving import save
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from surveyapp.wiring import settings_of
from tests.accounts import make_user
from tests.exports import visits
from tests.exports.command import run
from tests.exports.conftest import CANARY, FIRST, SECOND
from tests.exports.visits import exported, lines_of, rows_of, unzipped
from tests.factories import store_submission


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the exports go."""
    made = tmp_path / "exports"
    made.mkdir()
    return made


def refusal(result: Result) -> str:
    """What a refused command says; it must be one plain line and no traceback."""
    assert result.exit_code in {1, 2}
    assert isinstance(result.exception, SystemExit)
    return result.stderr


@pytest.mark.usefixtures("stored")
def test_a_csv_file_is_the_bare_table_of_submissions(app: Flask, folder: Path) -> None:
    file = folder / "visits.csv"
    result = run(app, visits.ID, "--format", "csv", "--output", file)
    assert result.exit_code == 0, result.output
    assert file.read_bytes() == exported(profile=Profile.DE_IDENTIFIED)
    assert result.stdout == f"2 submissions in {file}\n"


@pytest.mark.usefixtures("stored")
def test_a_jsonl_file_has_a_line_for_each_submission(app: Flask, folder: Path) -> None:
    file = folder / "visits.jsonl"
    assert run(app, visits.ID, "--format", "jsonl", "--output", file).exit_code == 0
    assert [line["id"] for line in lines_of(file.read_bytes())] == [str(FIRST), str(SECOND)]


@pytest.mark.usefixtures("stored")
def test_a_zip_file_is_the_package(app: Flask, folder: Path) -> None:
    file = folder / "visits.zip"
    assert run(app, visits.ID, "--output", file).exit_code == 0
    assert {"submissions.csv", "child.csv", "manifest.json"} < set(unzipped(file.read_bytes()))


@pytest.mark.usefixtures("stored")
def test_the_options_reach_the_file(app: Flask, folder: Path) -> None:
    file = folder / "v.csv"
    result = run(
        app,
        visits.ID,
        *("--output", file, "--labels", "ru", "--split-multiple", "--bom", "--separator", ";"),
        *("--decimal-comma", "--language", "kk"),
    )
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    (row,) = rows_of(file.read_bytes(), delimiter=";")
    assert (row["agreed"], row["helps/food"], row["weight"]) == ("Да", "1", "3,5")
    assert "worry" not in row
    assert "family" not in row


@pytest.mark.usefixtures("stored")
def test_tab_is_a_separator_that_can_be_typed(app: Flask, folder: Path) -> None:
    file = folder / "v.csv"
    assert run(app, visits.ID, "--output", file, "--separator", "tab").exit_code == 0
    assert file.read_bytes().startswith(b"id\trevision\t")


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--since", "2026-09-02"], [FIRST, SECOND]),  # 2026-09-01 20:30 UTC is the next day in Almaty
        (["--since", "2026-09-03"], []),
        (["--until", "2026-09-02"], [FIRST, SECOND]),
        (["--until", "2026-09-01"], []),
        (["--without-synthetic"], [FIRST]),
        (["--language", "ru"], [SECOND]),
    ],
)
def test_the_submissions_can_be_selected(
    app: Flask, folder: Path, options: list[str], ids: list[str]
) -> None:
    file = folder / "v.csv"
    assert run(app, visits.ID, "--output", file, *options).exit_code == 0
    assert [row["id"] for row in rows_of(file.read_bytes())] == [str(each) for each in ids]


@pytest.mark.usefixtures("stored")
def test_identity_comes_along_with_a_reason_only(app: Flask, folder: Path) -> None:
    file = folder / "v.zip"
    make_user("saule", RoleName.ADMINISTRATOR)
    secret = folder.parent / "password"
    secret.write_text(f"{visits.PASSWORD}\n")
    asked = [visits.ID, "--output", file, "--include-identity"]
    assert "need a reason" in refusal(run(app, *asked))
    asked += ["--reason", "call back"]
    assert "only with the profile full" in refusal(run(app, *asked))
    asked += ["--profile", "full", "--password-file", secret]
    assert "second person" in refusal(run(app, *asked))
    assert "has no account" in refusal(run(app, *asked, "--approved-by", "nobody"))
    assert not file.exists()
    done = run(app, *asked, "--approved-by", "saule")
    assert done.exit_code == 0, done.output
    assert CANARY.encode() not in file.read_bytes()
    checked = app.test_cli_runner().invoke(
        args=["export-verify", str(file), "--password-file", str(secret)]
    )
    assert "is whole: visits, full, 2 submissions" in checked.output


@pytest.mark.usefixtures("stored")
def test_nobody_but_its_owner_may_read_the_file(app: Flask, folder: Path) -> None:
    file = folder / "v.csv"
    run(app, visits.ID, "--output", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.usefixtures("stored")
def test_the_bar_on_standard_error_can_be_silenced(app: Flask, folder: Path) -> None:
    shown = run(app, visits.ID, "--output", folder / "1.csv")
    silent = run(app, visits.ID, "--output", folder / "2.csv", "--quiet")
    assert "2/2" in shown.stderr
    assert "submissions" in shown.stderr
    assert silent.stderr == ""


@pytest.mark.usefixtures("published")
def test_an_unknown_questionnaire_is_said_in_plain_words(app: Flask, folder: Path) -> None:
    assert "there is no questionnaire “nothing”" in refusal(
        run(app, "nothing", "--output", folder / "nothing.csv")
    )
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("stored")
def test_a_file_that_is_there_is_replaced_only_by_force(app: Flask, folder: Path) -> None:
    file = folder / "v.csv"
    file.write_text("precious")
    assert "--force" in refusal(run(app, visits.ID, "--output", file))
    assert file.read_text() == "precious"
    assert run(app, visits.ID, "--output", file, "--force").exit_code == 0
    assert file.read_bytes() == exported(profile=Profile.DE_IDENTIFIED)


@pytest.mark.usefixtures("published")
def test_a_file_that_cannot_be_written_is_said_in_plain_words(app: Flask, folder: Path) -> None:
    assert "there is no folder" in refusal(run(app, visits.ID, "--output", folder / "no" / "v.csv"))
    (folder / "v.csv").mkdir()
    assert "that is a folder" in refusal(run(app, visits.ID, "--output", folder / "v.csv"))
    long_name = folder / f"{'x' * 300}.csv"
    assert "cannot be written" in refusal(run(app, visits.ID, "--output", long_name))


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", ["v", "v.xlsx", "v.jsonl", "csv"])
def test_the_file_ends_as_its_format_says(app: Flask, folder: Path, name: str) -> None:
    asked = [visits.ID, "--format", "csv", "--output", folder / name]
    assert ".csv, or in .zip" in refusal(run(app, *asked))


@pytest.mark.usefixtures("stored")
def test_the_format_can_be_left_to_the_file_s_ending(app: Flask, folder: Path) -> None:
    for name in ("v.csv", "v.jsonl", "v.zip"):
        assert run(app, visits.ID, "--output", folder / name).exit_code == 0
    assert (folder / "v.csv").read_bytes() == exported(profile=Profile.DE_IDENTIFIED)
    assert (folder / "v.jsonl").read_bytes() == exported(format="jsonl", profile=Profile.DE_IDENTIFIED)
    assert "submissions.csv" in unzipped((folder / "v.zip").read_bytes())


@pytest.mark.usefixtures("published")
def test_options_for_tables_are_refused_for_json_lines(app: Flask, folder: Path) -> None:
    asked = ["--format", "jsonl", "--output", folder / "v.jsonl", "--bom"]
    assert "keeps answers nested" in refusal(run(app, visits.ID, *asked))


@pytest.mark.usefixtures("published")
def test_a_day_that_is_none_is_refused(app: Flask, folder: Path) -> None:
    asked = ["--output", folder / "v.csv", "--since", "yesterday"]
    assert "--since" in refusal(run(app, visits.ID, *asked))


@pytest.mark.usefixtures("published")
def test_an_export_that_fails_on_the_way_leaves_nothing(app: Flask, folder: Path) -> None:
    file = folder / "v.zip"
    file.write_text("the one of last week")
    make_user("saule", RoleName.ADMINISTRATOR)
    secret = folder.parent / "password"
    secret.write_text(visits.PASSWORD)
    store_submission(visits.ID, {"visit": {}}, identity={"visit/family": CANARY}, key_id="lost")
    asked = ["--output", file, "--force", "--profile", "full", "--reason", "r"]
    asked += ["--approved-by", "saule", "--password-file", secret]
    assert "wrapping key lost" in refusal(run(app, visits.ID, *asked))
    assert [(each.name, each.read_text()) for each in folder.iterdir()] == [
        ("v.zip", "the one of last week")
    ]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_export_leaves_nothing(folder: Path, interruption: type[BaseException]) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise interruption

    with pytest.raises(interruption):
        save(chunks(), folder / "v.csv")
    assert list(folder.iterdir()) == []


def test_a_disk_that_takes_no_more_is_said_in_plain_words(folder: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(FileRefused, match=r"v\.csv cannot be written: File too large"):
            save([b"x" * 10_000], folder / "v.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(folder.iterdir()) == []


def test_a_database_that_is_not_set_up_is_said_in_plain_words(tmp_path: Path) -> None:
    bare = create_app(Settings.from_environment({"INSTANCE_PATH": str(tmp_path)}))
    said = refusal(run(bare, "visits", "--output", tmp_path / "v.csv"))
    with bare.app_context():
        db.engine.dispose()
    assert "surveyapp db upgrade" in said


def test_the_help_has_examples(app: Flask) -> None:
    text = run(app, "--help").output
    assert "surveyapp export household_baseline --output households.zip" in text
    for option in ("--labels", "--since", "--split-multiple", "--include-identity", "--reason"):
        assert option in text


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--where", "${nothing} > 1"], "There is no question “nothing” here"),
        (["--where", "${size} >"], "Something is missing at the end"),
        (["--choose", "group-region=x"], "group-region: There is no such choice"),
        (["--choose", "rosters=deep"], "rosters: There is only: linked, flat"),
    ],
)
def test_what_is_refused_is_told_in_the_command_s_own_language(
    app: Flask, folder: Path, asked: list[str], told: str
) -> None:
    result = run(app, visits.ID, "--output", folder / "visits.csv", *asked)
    assert told in refusal(result)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("format_", ["csv", "xlsx", "jsonl"])
def test_the_command_s_package_is_the_server_s(app: Flask, folder: Path, format_: str) -> None:
    """Although it is made by another application, in another language."""
    file = folder / "visits.zip"
    asked = ["--format", format_, "--choose", "language=kk"]
    assert run(app, visits.ID, "--output", file, *asked).exit_code == 0
    request = read_request(
        visits.ID, {"format": format_, "package": "yes", "language": "kk"}, settings_of().timezone
    )
    made, expected = unzipped(file.read_bytes()), unzipped(b"".join(export(request)))
    if format_ == "xlsx":  # its own archive tells when its parts were written
        made |= unzipped(made.pop("submissions.xlsx"))
        expected |= unzipped(expected.pop("submissions.xlsx"))
    moving = ["manifest.json", "codebook.xml", "codebook.html"]  # these tell when they were made
    assert {n: c for n, c in made.items() if n not in moving} == {
        n: c for n, c in expected.items() if n not in moving
    }
    assert made.keys() == expected.keys()

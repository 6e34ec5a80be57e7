"""What the `surveyapp` command says when it cannot work: one line of plain words, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask.cli import ScriptInfo

from surveyapp.cli import FOR_DEVELOPERS, cli


def surveyapp(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody at a terminal would."""
    return subprocess.run(
        [sys.executable, "-m", "surveyapp", *arguments],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "arguments", [("user", "list"), ("questionnaire", "list"), ("quarantine", "list")]
)
def test_a_database_without_tables_is_named_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = surveyapp(*arguments, INSTANCE_PATH=str(tmp_path), DATABASE_URL="")
    assert ended.returncode == 1
    assert "surveyapp db upgrade" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_instance_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = surveyapp("user", "list", INSTANCE_PATH=str(tmp_path / "file" / "below"), DATABASE_URL="")
    assert ended.returncode == 1
    assert ended.stderr.startswith("surveyapp: INSTANCE_PATH: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "revoke-token", "9" * 20),
        ("quarantine", "show", "9" * 20),
        ("invitation", "create", "\udcff"),
        ("export", "visits\udcff", "--output", "visits.csv"),
    ],
)
def test_wrong_arguments_end_in_a_plain_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = surveyapp(*arguments, INSTANCE_PATH=str(tmp_path), DATABASE_URL="")
    assert ended.returncode in {1, 2}
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(("Error: ", "surveyapp: "))


def listed(
    group: click.Group, context: click.Context, above: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Every command that `--help` leads to: how it is called, and its help."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = (*above, name)
        inner = click.Context(command, context, info_name=name)
        if isinstance(command, click.Group):
            yield from listed(command, inner, words)
        else:
            yield " ".join(words), command.get_help(inner)


def test_every_listed_command_has_a_help_with_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    with click.Context(cli, info_name="surveyapp", obj=ScriptInfo(create_app=cli.create_app)) as context:
        helps = dict(listed(cli, context, ("surveyapp",)))
    assert not FOR_DEVELOPERS & {words.split()[1] for words in helps}
    assert "surveyapp db upgrade" in helps
    for words, said in helps.items():
        _about, _word, examples = said.partition("Example")
        assert words in examples, words


def test_a_database_is_brought_up_to_date_by_command(tmp_path: Path) -> None:
    for _time in range(2):
        made = surveyapp("db", "upgrade", INSTANCE_PATH=str(tmp_path), DATABASE_URL="")
        assert (made.returncode, made.stdout) == (0, "the database is up to date\n")
    assert surveyapp("user", "list", INSTANCE_PATH=str(tmp_path), DATABASE_URL="").returncode == 0

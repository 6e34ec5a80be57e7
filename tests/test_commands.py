"""What the `surveyapp` command says when it cannot work: one line of plain words, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


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

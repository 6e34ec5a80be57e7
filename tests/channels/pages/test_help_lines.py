"""Whom to call: the operator's own words, by language and region, or 111 and 112."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from surveyapp import create_app
from surveyapp.channels.pages.help_lines import HelpLines, read_help_lines
from surveyapp.config import BadSetting, Settings
from surveyapp.page_frame import with_phone_links

OWN = {"kk": "150 — жедел желі", "ru": "150 — линия", "en": "150: a line"}
ABAI = {"kk": "Абай: 151", "ru": "Абай: 151", "en": "Abai: 151"}


def written(tmp_path: Path, content: object) -> str:
    path = tmp_path / "help.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_without_a_file_everybody_is_told_111_and_112(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert "111" in HelpLines().text("en")
        assert "112" in HelpLines().text("en")


def test_a_region_has_its_own_line_and_the_others_the_one_for_everywhere(tmp_path: Path) -> None:
    lines = read_help_lines(written(tmp_path, OWN | {"regions": {"100000000": ABAI}}))
    assert lines.text("ru", "100000000") == "Абай: 151"
    assert lines.text("ru", "750000000") == "150 — линия"
    assert lines.text("kk") == "150 — жедел желі"


@pytest.mark.parametrize(
    "content",
    [[], {"kk": "150"}, OWN | {"regions": []}, OWN | {"regions": {"1": {"kk": "x"}}}, OWN | {"en": " "}],
)
def test_a_file_that_leaves_a_language_out_stops_the_start(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadSetting, match="HELP_LINES_FILE"):
        read_help_lines(written(tmp_path, content))


def test_a_missing_file_stops_the_start_by_the_setting_s_name(tmp_path: Path) -> None:
    environment = {"INSTANCE_PATH": str(tmp_path), "HELP_LINES_FILE": str(tmp_path / "none.json")}
    with pytest.raises(BadSetting, match="HELP_LINES_FILE"):
        create_app(Settings.from_environment(environment))


def test_numbers_in_the_text_can_be_called_by_touching_them() -> None:
    html = with_phone_links("<Call> 111 or +7 (727) 300-10-20, 24 hours")
    assert '<a href="tel:111">111</a>' in html
    assert '<a href="tel:+77273001020">+7 (727) 300-10-20</a>' in html
    assert html.startswith("&lt;Call&gt;")
    assert 'tel:24"' not in html

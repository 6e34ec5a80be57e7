"""Rules that hold on every route: who may open it; nothing is cached, framed or fetched elsewhere."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from surveyapp import create_app
from surveyapp.config import BadSetting, Settings
from surveyapp.logs import WithoutValues
from surveyapp.people.access import rule_of

TREE = Path(__file__).parent.parent
#: routes that may be kept by a browser, and why
CACHED_ON_PURPOSE = {
    "script": "the program's modules, joined",
    "static": "files of the program",
    "api.version": "an immutable published version, revalidated by its ETag",
}
CANARY = "zhumbaq7391"
SAMPLE_ARGUMENTS = {
    "lang": "ru",
    "questionnaire": "family_survey",
    "questionnaire_id": "family_survey",
    "version": "2026.1",
    "submission_id": str(uuid4()),
    "assignment_id": str(uuid4()),
    "request_id": str(uuid4()),
    "preset_id": str(uuid4()),
    "job_id": str(uuid4()),
    "filename": "nothing.css",
    "name": "nothing",
    "page": "1",
}


def address(rule: Rule) -> str:
    """An address of the route, with sample values for its variables."""
    path = rule.rule
    for argument in rule.arguments:
        value = str(SAMPLE_ARGUMENTS.get(argument, "1"))
        path = re.sub(rf"<(?:[^:<>]+:)?{argument}>", value, path)
    return path


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    assert [r.endpoint for r in routes(app) if rule_of(app, r.endpoint) is None] == []


def test_nothing_is_cached_unless_on_purpose(app: Flask, client: FlaskClient) -> None:
    cached = {}
    for rule in routes(app):
        for method in (rule.methods or set()) & {"GET", "POST"}:
            response = client.open(address(rule), method=method)
            directives = response.headers.get("Cache-Control", "").split(", ")
            if "no-store" not in directives:
                cached[rule.endpoint] = response.headers.get("Cache-Control")
    assert set(cached) - set(CACHED_ON_PURPOSE) == set()


def test_every_page_forbids_scripts_styles_and_origins_that_are_not_ours(
    app: Flask, client: FlaskClient
) -> None:
    for rule in routes(app):
        if "GET" in (rule.methods or set()):
            response = client.get(address(rule))
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"https?:|\*", policy)
            if response.mimetype == "text/html":
                assert_only_own_parts(response.get_data(as_text=True))


def assert_only_own_parts(html: str) -> None:
    for tag in re.findall(r"<(?:script|link|img|iframe|form)\b[^>]*>", html):
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', tag), tag
    assert not re.search(r"<script(?![^>]*\bsrc=)", html), "an inline script"
    assert not re.search(r"<style|\sstyle=|\son\w+=", html), "an inline style or handler"


def test_no_route_answers_a_stranger_with_a_server_error(app: Flask, client: FlaskClient) -> None:
    for rule in routes(app):
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert client.open(address(rule), method=method).status_code < 500, rule


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged while the test runs, in the program's own format."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutValues("%(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_answer_token_or_query_string_reaches_a_log(
    app: Flask, client: FlaskClient, log: io.StringIO
) -> None:
    for rule in routes(app):
        for method in (rule.methods or set()) & {"GET", "POST"}:
            client.open(
                f"{address(rule)}?{CANARY}={CANARY}",
                method=method,
                data={"b_wish": CANARY, "password": CANARY} if method == "POST" else None,
                headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"draft={CANARY}"},
            )
    assert log.getvalue()
    assert CANARY not in log.getvalue()


def test_an_exception_is_logged_without_what_it_quotes(log: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("surveyapp").exception("something failed")
    assert "builtins.ValueError" in log.getvalue()
    assert CANARY not in log.getvalue().replace("int(CANARY)", "")


def test_autoescape_is_on_for_every_page(app: Flask) -> None:
    for name in app.jinja_env.list_templates(extensions=["html"]):
        assert app.select_jinja_autoescape(name), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_WORKERS", "0"),
        ("WEB_THREADS", "1_0"),
        ("MAX_BATCH", "-1"),
        ("INSTANCE_PATH", __file__),
        ("LIMITS_URL", "nowhere://x"),
        ("QUEUE_URL", "nowhere://x"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "postgresql://user@host:port/survey"),
        ("PUBLIC_URL", "https://survey.example.kz?x=1"),
        ("PUBLIC_URL", "https://survey.example.kz:99999"),
        ("PORT", "eighty"),
        ("TIMEZONE", "Mars/Base"),
        ("DEMONSTRATION", "maybe"),
        ("PUBLIC_URL", "x"),
    ],
)
def test_a_bad_setting_fails_at_boot_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=name):
        create_app(Settings.from_environment({"INSTANCE_PATH": str(tmp_path), name: value}))


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("PORT", "eighty", "must be a whole number, 0 or more"),
        ("RETENTION_UNTIL", "soon", "must be a day, such as 2031-12-31"),
    ],
)
def test_a_bad_setting_is_told_what_would_be_right(name: str, value: str, right: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: {right}$"):
        Settings.from_environment({name: value})


def test_the_readme_lists_every_setting_with_its_default() -> None:
    readme = (TREE / "README.md").read_text(encoding="utf-8")
    for setting in fields(Settings):
        default = setting.metadata["default"]
        shown = f"`{default}`" if default else "–"
        assert f"| `{setting.name.upper()}` | {shown} |" in readme, setting.name


@pytest.mark.parametrize(
    ("settings", "headers", "secure"),
    [
        ({"PUBLIC_URL": "https://survey.example.kz"}, {}, True),
        ({"PUBLIC_URL": "http://survey.local"}, {}, False),
        ({}, {}, False),
        ({}, {"X-Forwarded-Proto": "https"}, False),
        ({"TRUSTED_PROXIES": "1"}, {"X-Forwarded-Proto": "https"}, True),
    ],
)
def test_cookies_are_secure_exactly_under_https(
    settings: dict[str, str], headers: dict[str, str], secure: bool, tmp_path: Path
) -> None:
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(tmp_path), **settings}))
    app.secret_key = "only for this test"
    app.before_request_funcs[None] = [lambda: session.update(seen=True)]
    cookie = app.test_client().get("/healthz", headers=headers).headers["Set-Cookie"]
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie

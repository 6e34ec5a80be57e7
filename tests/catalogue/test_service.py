"""Publishing, finding, opening and closing questionnaires, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from surveyapp.catalogue import service
from surveyapp.catalogue.errors import (
    SafeguardingContactMissing,
    UnknownQuestionnaire,
    UnknownVersion,
    VersionTaken,
)
from surveyapp.catalogue.models import Access, PublishedVersion
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.questionnaires.xlsform import WorkbookError, compile_workbook

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) |
| | integer | age | {label} | How old? |
| settings |
| | form_title | form_id | version | default_language |
| | Ages | ages | {version} | Қазақша (kk) |
"""


def workbook(version: str = "1", label: str = "Жасы?") -> bytes:
    return WORKBOOK.format(version=version, label=label).encode()


def publish(
    version: str = "1",
    label: str = "Жасы?",
    access: Access | None = None,
    demonstration: bool = False,
) -> service.Edition:
    compiled = compile_workbook(workbook(version, label), "ages.md")
    return service.publish(compiled, access=access, demonstration=demonstration)


@pytest.fixture
def serious(app: Flask) -> Iterator[Settings]:
    """The same installation after its demonstration has ended."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, demonstration=False)
    yield app.config["SETTINGS"]
    app.config["SETTINGS"] = before


def test_a_published_version_is_kept_byte_for_byte(app: Flask) -> None:
    compiled = compile_workbook(workbook(), "ages.md")
    service.publish(compiled, name="ages.md")
    stored = db.session.scalars(select(PublishedVersion)).one()
    assert (stored.xform, stored.workbook) == (compiled.xform, compiled.workbook)


def test_publishing_the_same_again_changes_nothing(app: Flask) -> None:
    first, second = publish(), publish()
    assert first.version.serial == second.version.serial
    assert db.session.scalar(select(func.count()).select_from(PublishedVersion)) == 1


def test_a_version_cannot_get_other_content(app: Flask) -> None:
    publish()
    with pytest.raises(VersionTaken):
        publish(label="Жасыңыз?")


def test_the_newest_version_is_the_current_one_and_the_old_stays_valid(app: Flask) -> None:
    publish("1")
    publish("2", "Жасыңыз?")
    current, old = service.current("ages"), service.edition("ages", "1")
    assert current is not None
    assert current.version.version == "2"
    assert old is not None
    assert old.definition.version == "1"


def test_a_retired_version_is_not_offered_but_still_judges(app: Flask) -> None:
    publish("1")
    publish("2", "Жасыңыз?")
    service.retire("ages", "2")
    current = service.current("ages")
    assert current is not None
    assert current.version.version == "1"
    assert service.edition("ages", "2") is not None


def test_what_nobody_published_is_unknown(app: Flask) -> None:
    assert service.current("ages") is None
    assert service.edition("ages", "1") is None
    with pytest.raises(UnknownQuestionnaire):
        service.close("ages")
    publish()
    with pytest.raises(UnknownVersion):
        service.retire("ages", "9")


def test_a_definition_is_parsed_once_for_its_content(app: Flask) -> None:
    publish()
    first, second = service.edition("ages", "1"), service.edition("ages", "1")
    assert first is not None
    assert second is not None
    assert first.definition is second.definition


def test_finding_a_known_version_does_not_load_its_xform(app: Flask) -> None:
    publish()
    service.edition("ages", "1")
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    db.session.expire_all()
    event.listen(db.engine, "before_cursor_execute", note)
    service.edition("ages", "1")
    event.remove(db.engine, "before_cursor_execute", note)
    assert statements
    assert not any("xform" in statement for statement in statements)


def test_a_demonstration_offers_all_four_built_in_questionnaires(app: Flask, settings: Settings) -> None:
    service.publish_built_in(settings)
    assert {edition.entry.id for edition in service.offered()} == {
        "household_baseline",
        "family_survey",
        "adolescent_selfreport",
        "site_safety",
    }


def test_publishing_what_is_built_in_twice_changes_nothing(app: Flask, settings: Settings) -> None:
    before = [edition.version.serial for edition in service.publish_built_in(settings)]
    assert [edition.version.serial for edition in service.publish_built_in(settings)] == before


def test_after_the_demonstration_its_versions_are_not_offered(app: Flask, serious: Settings) -> None:
    publish(access=Access.PUBLIC, demonstration=True)
    assert service.offered() == []
    assert service.current("ages") is None


def test_a_version_published_again_in_earnest_is_offered(app: Flask, serious: Settings) -> None:
    publish(access=Access.PUBLIC, demonstration=True)
    publish()
    assert [edition.version.version for edition in service.offered()] == ["1"]


def test_outside_a_demonstration_only_public_ones_are_open_to_anybody(
    app: Flask, serious: Settings
) -> None:
    publish(access=Access.STAFF)
    assert service.offered() == []
    service.set_access("ages", Access.PUBLIC)
    assert [service.answerable_by_anyone(edition) for edition in service.offered()] == [True]


def test_an_invitation_is_asked_for_where_access_says_so(app: Flask) -> None:
    edition = publish(access=Access.INVITATION)
    assert service.needs_invitation(edition)
    assert not service.answerable_by_anyone(edition)


def test_a_closed_questionnaire_is_not_offered_and_remembers_since_when(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    entry = service.close("ages")
    assert entry.closed_at is not None
    assert service.offered() == []
    assert service.set_access("ages", Access.PUBLIC).closed_at is None


def test_consent_texts_without_their_settings_are_refused(app: Flask, serious: Settings) -> None:
    with pytest.raises(WorkbookError, match="placeholder_unset"):
        service.publish_built_in(serious)


def test_what_may_disclose_danger_is_not_opened_while_nobody_would_act(
    app: Flask, serious: Settings
) -> None:
    named = replace(
        serious, operator="A", operator_bin="1", operator_contact="B", retention_until=date(2031, 1, 1)
    )
    app.config["SETTINGS"] = named
    service.publish_built_in(named)
    with pytest.raises(SafeguardingContactMissing):
        service.set_access("adolescent_selfreport", Access.INVITATION)
    app.config["SETTINGS"] = replace(named, safeguarding_contact="officer")
    entry = service.set_access("adolescent_selfreport", Access.INVITATION)
    assert entry.access == Access.INVITATION

"""Publishing, finding, opening and closing questionnaires. The one place that knows what is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, selectinload

from surveyapp.catalogue import media
from surveyapp.catalogue.definitions import definition_of
from surveyapp.catalogue.errors import (
    SafeguardingContactMissing,
    TypesChanged,
    UnknownQuestionnaire,
    UnknownVersion,
    VersionTaken,
)
from surveyapp.catalogue.models import Access, CatalogueEntry, PublishedVersion, VersionMedia
from surveyapp.catalogue.windows import Window
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.questionnaires import definition_json, library, xform
from surveyapp.questionnaires.definition import Questionnaire, Valued
from surveyapp.questionnaires.differences import changed_types
from surveyapp.questionnaires.files import without_files
from surveyapp.wiring import settings_of

if TYPE_CHECKING:  # what compiles workbooks is large, and a server does not do it
    from surveyapp.questionnaires.xlsform import CompiledWorkbook

NO_FILES: Mapping[str, bytes] = MappingProxyType({})
#: what the consent texts of a demonstration name instead of a real operator
DEMONSTRATION_TEXTS: dict[str, dict[str, str]] = {
    "operator": {
        "kk": "сынақ нұсқасы (нақты ұйым емес)",
        "ru": "демонстрация (не настоящая организация)",
        "en": "a demonstration (not a real organisation)",
    },
    "bin": {"kk": "000000000000", "ru": "000000000000", "en": "000000000000"},
    "contact": {
        "kk": "сынақ нұсқасында байланыс дерегі жоқ",
        "ru": "в демонстрации контакта нет",
        "en": "there is no contact in a demonstration",
    },
    "retention": {"kk": "31.12.2030", "ru": "31.12.2030", "en": "31.12.2030"},
}


@dataclass(frozen=True, slots=True)
class Edition:
    """One published version together with its questionnaire's entry and its parsed definition."""

    entry: CatalogueEntry
    version: PublishedVersion
    definition: Questionnaire


# --- publishing ---------------------------------------------------------------------------------


def publish(
    compiled: CompiledWorkbook,
    *,
    name: str | None = None,
    access: Access | None = None,
    demonstration: bool = False,
    files: Mapping[str, bytes] = NO_FILES,
) -> Edition:
    """Publish a compiled workbook as an immutable version; the same content again changes nothing.

    `name` is the workbook's file name; `access` applies to a questionnaire that is new (default:
    staff). `files` are looked through for those that the version refers to. Raises `VersionTaken`
    when the version exists with other content or files, `TypesChanged` when a question has another type
    than in the newest version, and `xform.XFormError` when the XForm or a file cannot be parsed.
    """
    given = {**compiled.files, **files}
    definition = xform.parse(compiled.xform, given)
    kept = media.kept(definition, given)
    try:
        entry = _entry_for(definition, access)
        existing = _version(definition.id, definition.version)
        if existing is not None:
            return _published_before(entry, existing, compiled, kept, demonstration=demonstration)
        refuse_changed_types(definition)
        published = _row(compiled, definition, name=name, demonstration=demonstration)
        published.media = kept
        db.session.add(published)
        audit.record(Action.QUESTIONNAIRE_PUBLISHED, entry.id, {"version": published.version})
        db.session.commit()
    except IntegrityError:
        # another server published it at the same moment: now it is there, and can be compared
        db.session.rollback()
        return publish(compiled, name=name, access=access, demonstration=demonstration, files=files)
    return Edition(entry, published, definition)


def publish_built_in(settings: Settings) -> list[Edition]:
    """Publish the four built-in questionnaires with the texts of the settings (or a demonstration's).

    Raises `xlsform.WorkbookError` when a consent text needs a setting that is empty.
    """
    from surveyapp.questionnaires.xlsform import compile_workbook

    texts = placeholder_texts(settings)
    editions = []
    for built_in in library.BUILT_IN:
        compiled = compile_workbook(
            library.workbook(built_in.id), built_in.file, placeholders=texts, strict=True
        )
        access = Access(built_in.access)
        if not settings.demonstration and _needs_contact(xform.parse(compiled.xform), access, settings):
            access = Access.CLOSED
        editions.append(
            publish(
                compiled,
                name=built_in.file,
                access=access,
                demonstration=settings.demonstration,
            )
        )
    return editions


def placeholder_texts(settings: Settings) -> dict[str, dict[str, str]]:
    """What `{operator}`, `{bin}`, `{contact}` and `{retention}` stand for; unset ones are left out."""
    if settings.demonstration:
        return DEMONSTRATION_TEXTS
    day = settings.retention_until
    given = {
        "operator": settings.operator,
        "bin": settings.operator_bin,
        "contact": settings.operator_contact,
        "retention": f"{day:%d.%m.%Y}" if day else "",
    }
    return {name: dict.fromkeys(("kk", "ru", "en"), value) for name, value in given.items() if value}


# --- finding ------------------------------------------------------------------------------------


def current(questionnaire_id: str) -> Edition | None:
    """The newest version that is not retired, whoever may answer it; None if there is none."""
    published = db.session.scalars(
        _offered_versions()
        .where(PublishedVersion.questionnaire_id == questionnaire_id)
        .order_by(PublishedVersion.serial.desc())
        .limit(1)
    ).first()
    return _edition(published)


def newest(questionnaire_id: str) -> Edition | None:
    """The newest version, retired or not; None if the questionnaire is new."""
    published = db.session.scalars(
        select(PublishedVersion)
        .filter_by(questionnaire_id=questionnaire_id)
        .order_by(PublishedVersion.serial.desc())
        .limit(1)
    ).one_or_none()
    return _edition(published)


def edition(questionnaire_id: str, version: str) -> Edition | None:
    """Any published version, retired or not: a phone is judged by the version it was given."""
    return _edition(_version(questionnaire_id, version))


def open_versions() -> list[PublishedVersion]:
    """As `unclosed_versions`, of those questionnaires only that may be begun now."""
    return [each for each in unclosed_versions() if each.entry.window.has(utc_now())]


def unclosed_versions() -> list[PublishedVersion]:
    """The current version of every questionnaire that is not closed, by id; no definition is loaded."""
    last = (
        _offered_versions()
        .with_only_columns(func.max(PublishedVersion.serial))
        .group_by(PublishedVersion.questionnaire_id)
    )
    query = (
        select(PublishedVersion)
        .join(CatalogueEntry)
        .where(PublishedVersion.serial.in_(last), CatalogueEntry.closed_at.is_(None))
        .options(selectinload(PublishedVersion.media), contains_eager(PublishedVersion.entry))
        .order_by(PublishedVersion.questionnaire_id)
    )
    return list(db.session.scalars(query))


def all_editions(questionnaire_id: str) -> list[Edition]:
    """Every version ever published, oldest first. Raises `UnknownQuestionnaire`."""
    entry = db.session.get(CatalogueEntry, questionnaire_id)
    if entry is None:
        raise UnknownQuestionnaire(questionnaire_id)
    return [Edition(entry, version, definition_of(version)) for version in entry.versions]


def retired_versions() -> Sequence[PublishedVersion]:
    """The versions with which nothing new is begun, in the order of publishing."""
    retired = PublishedVersion.retired_at.is_not(None)
    query = select(PublishedVersion).where(retired).order_by(PublishedVersion.serial)
    return db.session.scalars(query).all()


def entries() -> list[CatalogueEntry]:
    """Every questionnaire, in the order of their first publication."""
    return list(db.session.scalars(select(CatalogueEntry).order_by(CatalogueEntry.created_at)))


def offered() -> list[Edition]:
    """Current editions that a visitor without an account may begin now."""
    editions = (current(entry.id) for entry in entries() if entry.window.has(utc_now()))
    return [
        found for found in editions if found and (answerable_by_anyone(found) or needs_invitation(found))
    ]


def answerable_by_anyone(found: Edition) -> bool:
    """Whether it may be begun without an account or an invitation (in a demonstration: all but C)."""
    return is_for_anyone(Access(found.entry.access), found.definition)


def is_for_anyone(access: Access, definition: Questionnaire) -> bool:
    """The same, of a version of which only this is at hand."""
    settings = settings_of()
    if access is Access.CLOSED or _is_by_invitation(access, definition):
        return False
    if settings.demonstration:
        return True
    return access is Access.PUBLIC and not _needs_contact(definition, access, settings)


def needs_invitation(found: Edition) -> bool:
    """Whether a single-use code is asked for, and the questionnaire may be opened at all."""
    return _is_by_invitation(Access(found.entry.access), found.definition)


def _is_by_invitation(access: Access, definition: Questionnaire) -> bool:
    return access is Access.INVITATION and not _needs_contact(definition, access, settings_of())


# --- opening and closing ------------------------------------------------------------------------


def set_access(questionnaire_id: str, access: Access, window: Window | None = None) -> CatalogueEntry:
    """Say who may answer, and from when to when (None: as before).

    Raises `UnknownQuestionnaire`, `SafeguardingContactMissing`.
    """
    entry = _known_entry(questionnaire_id)
    offered_now = current(questionnaire_id)
    if offered_now and _needs_contact(offered_now.definition, access, settings_of()):
        raise SafeguardingContactMissing(questionnaire_id)
    entry.access = access
    entry.closed_at = utc_now() if access == Access.CLOSED else None
    if window is not None:
        entry.opens_at, entry.closes_at = window.opens_at, window.closes_at
    audit.record(Action.QUESTIONNAIRE_ACCESS, entry.id, {"access": access.value, **_told(entry.window)})
    db.session.commit()
    return entry


def _told(window: Window) -> dict[str, audit.Detail]:
    ends = {"since": window.opens_at, "expires": window.closes_at}
    return {name: moment.isoformat(timespec="minutes") for name, moment in ends.items() if moment}


def close(questionnaire_id: str) -> CatalogueEntry:
    """Take nothing that is begun from now on; what was begun before is still judged and stored."""
    return set_access(questionnaire_id, Access.CLOSED)


def retire(questionnaire_id: str, version: str) -> PublishedVersion:
    """Offer a version no longer. Raises `UnknownQuestionnaire`, `UnknownVersion`."""
    _known_entry(questionnaire_id)
    published = _version(questionnaire_id, version)
    if published is None:
        raise UnknownVersion(questionnaire_id, version)
    published.retired_at = published.retired_at or utc_now()
    audit.record(Action.VERSION_RETIRED, questionnaire_id, {"version": version})
    db.session.commit()
    return published


# --- inside -------------------------------------------------------------------------------------


def _published_before(
    entry: CatalogueEntry,
    existing: PublishedVersion,
    compiled: CompiledWorkbook,
    kept: list[VersionMedia],
    *,
    demonstration: bool,
) -> Edition:
    same = existing.xform == compiled.xform
    # the same workbook made into another XForm by a newer converter: what is published stays
    if not same and existing.workbook != compiled.workbook:
        raise VersionTaken(entry.id, existing.version)
    if media.differs(existing, kept):
        raise VersionTaken(entry.id, existing.version)
    if existing.demonstration and not demonstration:
        # it names no operator, so the demonstration's edition is the real one
        existing.demonstration = False
        db.session.commit()
    return Edition(entry, existing, definition_of(existing))


def refuse_changed_types(definition: Questionnaire) -> None:
    """Raise `TypesChanged` when a question has another type of answer than in the newest version."""
    before = newest(definition.id)
    changed = changed_types(before.definition, definition) if before else []
    if changed:
        db.session.rollback()
        raise TypesChanged(definition.id, [each.path for each in changed])


def _row(
    compiled: CompiledWorkbook, definition: Questionnaire, *, name: str | None, demonstration: bool
) -> PublishedVersion:
    return PublishedVersion(
        questionnaire_id=definition.id,
        version=definition.version,
        xform=compiled.xform,
        workbook=compiled.workbook,
        workbook_name=name,
        hash=definition.hash,
        definition=definition_json.write(without_files(definition)),
        title=titles_of(definition),
        languages=list(definition.languages),
        default_language=definition.default_language,
        demonstration=demonstration,
    )


def _edition(version: PublishedVersion | None) -> Edition | None:
    if version is None:
        return None
    return Edition(version.entry, version, definition_of(version))


def _version(questionnaire_id: str, version: str) -> PublishedVersion | None:
    return db.session.scalars(
        select(PublishedVersion).filter_by(questionnaire_id=questionnaire_id, version=version)
    ).one_or_none()


def _offered_versions() -> Select[PublishedVersion]:
    query = select(PublishedVersion).where(PublishedVersion.retired_at.is_(None))
    if settings_of().demonstration:
        return query
    return query.where(PublishedVersion.demonstration.is_(False))


def _known_entry(questionnaire_id: str) -> CatalogueEntry:
    entry = db.session.get(CatalogueEntry, questionnaire_id)
    if entry is None:
        raise UnknownQuestionnaire(questionnaire_id)
    return entry


def _entry_for(definition: Questionnaire, access: Access | None) -> CatalogueEntry:
    entry = db.session.get(CatalogueEntry, definition.id)
    if entry is None:
        entry = CatalogueEntry(id=definition.id, access=access or Access.STAFF)
        if entry.access == Access.CLOSED:
            entry.closed_at = utc_now()
        db.session.add(entry)
        db.session.flush()
    return entry


def _needs_contact(definition: Questionnaire, access: Access, settings: Settings) -> bool:
    if settings.demonstration or settings.safeguarding_contact:
        return False
    return access in {Access.PUBLIC, Access.INVITATION} and any(
        isinstance(item, Valued) and item.disclosure for item in definition.walk()
    )


def titles_of(definition: Questionnaire) -> dict[str, str]:
    """The title by language, without what an expression fills in."""
    return {language: _plain(definition, language) for language in definition.languages}


def _plain(definition: Questionnaire, language: str) -> str:
    wording = definition.title.wordings.get(language) or definition.title.wordings.get(
        definition.default_language, ()
    )
    return "".join(piece for piece in wording if isinstance(piece, str))

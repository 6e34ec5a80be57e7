"""A small questionnaire with all that receiving must mind, and envelopes to send for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access, VersionMedia
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.submissions import kept_files
from surveyapp.submissions.envelope import Envelope, load_envelope
from surveyapp.submissions.models import Attachment, Channel, KeptFile, UploadPart
from surveyapp.submissions.receive import receive
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdicts import Result, Sender

QUESTIONNAIRE = "visit"
INVITED = "diary"
#: nobody has such a name, so wherever it turns up, it leaked
CANARY = "Жұмбақгүл7391"

_SETTINGS = """
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | {title} | {id} | {version} | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""
_VISIT = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) | required | constraint | constraint_message::Қазақша (kk) | constraint_message::English (en) | relevant | calculation | bind::survey:identity | bind::survey:sensitive | bind::survey:breakdown | bind::survey:coarsen | bind::survey:disclosure | bind::survey:disclosure_level |
| | begin_group | place | Орны | Place | | | | | | | | | | | | |
| | select_one region | region | Өңір | Region | yes | | | | | | | | region | | | |
| | geopoint | gps | Орналасуы | Location | | | | | | | yes | | | 1000 | | |
| | end_group | | | | | | | | | | | | | | | |
| | begin_repeat | child | Бала | Child | | | | | | | | | | | | |
| | text | name | Аты | Name | | | | | | | yes | | | | | |
| | integer | age | Жасы | Age | | . >= 0 and . <= 17 | 0 мен 17 арасы | From 0 to 17 | | | | | | | | |
| | end_repeat | | | | | | | | | | | | | | | |
| | select_multiple worry | worries | Алаңдату | Worries | | | | | | | | yes | | | selected(., 'danger') | red |
| | text | note | Ескертпе | Note | | | | | ${{worries}} != '' | | | | | | | |
| | image | photo | Сурет | Photo | | | | | | | | | | | | |
| | integer | rooms | Бөлмелер | Rooms | | | | | | | | | | | | |
| | calculate | twice | | | | | | | | ${{rooms}} * 2 | | | | | | |
| choices |
| | list_name | name | label::Қазақша (kk) | label::English (en) |
| | region | 75 | Алматы | Almaty |
| | region | 71 | Астана | Astana |
| | worry | none | Жоқ | None |
| | worry | danger | Қауіп | Danger |
"""
_DIARY = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) | required | bind::survey:invitation |
| | begin_group | start | Бастау | Start | | |
| | text | code | Код | Code | yes | yes |
| | end_group | | | | | |
| | text | day | Күнің | Your day | | |
"""


@cache
def compiled(questionnaire: str = QUESTIONNAIRE, version: str = "1") -> CompiledWorkbook:
    """One of the two questionnaires, compiled once for all tests."""
    sheets = {QUESTIONNAIRE: _VISIT, INVITED: _DIARY}[questionnaire]
    workbook = (sheets + _SETTINGS).format(title="T", id=questionnaire, version=version)
    return compile_workbook(workbook.encode(), f"{questionnaire}.md")


def publish(
    questionnaire: str = QUESTIONNAIRE, version: str = "1", access: Access = Access.STAFF
) -> None:
    """Publish a version of one of the two questionnaires."""
    catalogue.publish(compiled(questionnaire, version), access=access, demonstration=True)


def answers(**changes: Any) -> dict[str, Any]:
    """Answers to the visit that keep every rule, with some answers changed or added."""
    return {
        "place": {"region": "75", "gps": None},
        "child": [{"name": CANARY, "age": 7}, {"name": None, "age": 12}],
        "worries": ["none"],
        "rooms": 3,
        "twice": "6",
    } | changes


def item(**changes: Any) -> dict[str, Any]:
    """One submission as the JSON API has it."""
    return {
        "id": str(uuid4()),
        "questionnaire": QUESTIONNAIRE,
        "version": "1",
        "language": "kk",
        "started_at": "2026-09-01T13:20:00+05:00",
        "finished_at": "2026-09-01T14:03:07+05:00",
        "answers": answers(),
    } | changes


def envelope(**changes: Any) -> Envelope:
    """The envelope of such a submission."""
    return load_envelope(item(**changes), Channel.API)


def send(*envelopes: Envelope, sender: Sender | None = None) -> Sequence[Result]:
    """Have a batch received from anybody."""
    return receive(envelopes, sender or Sender())


def bring(content: bytes, sender: Sender | None = None) -> str:
    """Have a file come from somebody before what names it; returns its SHA-256."""
    db.session.commit()  # on SQLite an open look would be in the way
    owner = kept_files.owner_of_sender(sender or Sender())
    brought = kept_files.put([content])
    kept = in_one_transaction(partial(kept_files.keep, owner=owner, brought=[brought]))
    kept_files.discard({brought.address} - {kept[brought.sha256].address})
    return brought.sha256


def untold() -> set[str]:
    """Addresses of the media store of which no row tells; those of earlier tests too."""
    db.session.rollback()
    listed = {stored.address for stored in media_store().listed()}
    columns = (Attachment.address, KeptFile.address, UploadPart.address, VersionMedia.sha256)
    told = {address for column in columns for address in db.session.scalars(select(column))}
    db.session.rollback()
    return listed - told

"""What a record was judged by beside its answers, asked once more where it is inserted.

A device, its key, and who may answer a questionnaire, are looked up once and then remembered. The
insert itself asks whether all of it is still so, at the moment at which the row comes to be: a key that
was revoked or a questionnaire that was closed meanwhile leaves nothing inserted, and the record goes the
general way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, exists

from surveyapp.catalogue.models import CatalogueEntry
from surveyapp.people.models import Device, DeviceKey

_PREFIX = "standing_"


class Standing(NamedTuple):
    """A device that is not revoked, by its key, and a questionnaire's access."""

    key_hash: bytes
    purpose: str
    device_id: int
    user_id: int | None
    language: str
    #: as the device has them
    questionnaires: list[Any]
    questionnaire: str
    access: str
    closed_at: datetime | None

    def values(self) -> dict[str, Any]:
        """The values that `still_stands` asks for."""
        return {_PREFIX + name: value for name, value in self._asdict().items()}


def still_stands() -> ColumnElement[bool]:
    """Whether all of it is as it was."""
    columns = {
        "key_hash": DeviceKey.key_hash,
        "purpose": DeviceKey.purpose,
        "device_id": Device.id,
        "user_id": Device.user_id,
        "language": Device.language,
        "questionnaires": Device.questionnaires,
        "questionnaire": CatalogueEntry.id,
        "access": CatalogueEntry.access,
        "closed_at": CatalogueEntry.closed_at,
    }
    may_be_null = {"user_id", "closed_at"}
    same = [
        column.is_not_distinct_from(bindparam(_PREFIX + name, type_=column.type))
        if name in may_be_null
        else column == bindparam(_PREFIX + name, type_=column.type)
        for name, column in columns.items()
    ]
    alive = [
        DeviceKey.device_id == Device.id,
        DeviceKey.revoked_at.is_(None),
        Device.revoked_at.is_(None),
    ]
    return exists().where(*same, *alive)

"""Entity sets: one for the submissions, one for each roster; and CSDL, the XML that describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from surveyapp.exports.plan import Plan
from surveyapp.exports.tables import SUBMISSIONS, Column, Table
from surveyapp.questionnaires.definition import DataType

NAMESPACE = "survey"
CONTAINER = "Container"
#: characters that an OData name may have, as far as every client knows them
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_]")
LONGEST = 128
_EDM: Mapping[DataType, str] = {
    DataType.INTEGER: "Edm.Int64",
    DataType.DECIMAL: "Edm.Double",
    DataType.DATE: "Edm.Date",
    DataType.DATETIME: "Edm.DateTimeOffset",
}


@dataclass(frozen=True, slots=True)
class Property:
    """A column under a name that OData allows."""

    name: str
    edm: str
    column: Column


@dataclass(frozen=True, slots=True)
class EntitySet:
    """A table under a name that OData allows; the key of each is `id`."""

    name: str
    table: Table
    properties: tuple[Property, ...]

    @property
    def is_submissions(self) -> bool:
        """Whether a row is a submission, not an instance of a roster."""
        return self.table.name == SUBMISSIONS


def entity_sets(plan: Plan) -> Mapping[str, EntitySet]:
    """The entity sets of a plan, by name, that of the submissions first."""
    names = _safe(table.name for table in plan.tables)
    return {
        name: EntitySet(name, table, tuple(_properties(table.columns)))
        for name, table in zip(names, plan.tables, strict=True)
    }


def _properties(columns: Sequence[Column]) -> Iterator[Property]:
    for name, column in zip(_safe(column.name for column in columns), columns, strict=True):
        yield Property(name, _EDM.get(column.type, "Edm.String"), column)


def _safe(names: Iterable[str]) -> list[str]:
    """A name for each, no two the same, upper and lower case alike."""
    taken: set[str] = set()
    found = []
    for name in names:
        plain = _FORBIDDEN.sub("_", name)[: LONGEST - 8]
        plain = plain if plain[:1].isalpha() or plain.startswith("_") else f"_{plain}"
        free = plain
        number = 2
        while free.casefold() in taken:
            free, number = f"{plain}_{number}", number + 1
        taken.add(free.casefold())
        found.append(free)
    return found


# --- values -----------------------------------------------------------------------------------------


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else str(cell)


def _whole(cell: Any) -> int | None:
    return int(cell) if isinstance(cell, int) else None


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _day(cell: Any) -> str | None:
    return cell.isoformat() if isinstance(cell, date) and not isinstance(cell, datetime) else None


def _moment(cell: Any) -> str | None:
    if not isinstance(cell, datetime) or cell.tzinfo is None:
        return None
    return cell.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


#: how JSON has the values of a type; what is not of the type (an answer as it was said) is null
VALUES: Mapping[str, Callable[[Any], Any]] = {
    "Edm.String": _text,
    "Edm.Int64": _whole,
    "Edm.Double": _number,
    "Edm.Date": _day,
    "Edm.DateTimeOffset": _moment,
}


# --- what describes it ------------------------------------------------------------------------------


def service_document(root: str, sets: Iterable[EntitySet]) -> dict[str, Any]:
    """What there is; `root` is the address of the service, ending in `/`."""
    listed = [{"name": each.name, "kind": "EntitySet", "url": each.name} for each in sets]
    return {"@odata.context": f"{root}$metadata", "value": listed}


def metadata(sets: Sequence[EntitySet]) -> str:
    """The service's description in CSDL (OASIS, OData CSDL XML 4.0)."""
    types = "\n".join(_entity_type(each) for each in sets)
    entities = "\n".join(
        f"<EntitySet Name={quoteattr(each.name)} EntityType={quoteattr(f'{NAMESPACE}.{each.name}')}/>"
        for each in sets
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">\n'
        "<edmx:DataServices>\n"
        f'<Schema Namespace="{NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">\n'
        f'{types}\n<EntityContainer Name="{CONTAINER}">\n{entities}\n</EntityContainer>\n'
        "</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n"
    )


_KEY = ' Nullable="false"'


def _entity_type(entity_set: EntitySet) -> str:
    properties = "\n".join(
        f"<Property Name={quoteattr(each.name)} Type={quoteattr(each.edm)}"
        f"{_KEY if each.name == 'id' else ''}/>"
        for each in entity_set.properties
    )
    return (
        f"<EntityType Name={quoteattr(entity_set.name)}>\n"
        f'<Key><PropertyRef Name="id"/></Key>\n{properties}\n</EntityType>'
    )

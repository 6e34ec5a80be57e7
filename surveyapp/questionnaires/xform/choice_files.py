"""Files that a form reads choices and data from: CSV, GeoJSON and XML, as JavaRosa reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from sys import intern
from typing import Any

from surveyapp.questionnaires.definition import Instance, Table
from surveyapp.questionnaires.xform.document import MAX_BYTES, read
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.tabular import instance_of

MAX_ROWS = 200_000
MAX_COLUMNS = 500


def read_file(name: str, content: bytes, attributes: Collection[str] = ()) -> Instance:
    """What a file holds, by the suffix of its name; of XML, these attributes. Raises `XFormError`."""
    reader = _READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise XFormError("media_type", file=name)
    if len(content) > MAX_BYTES:
        raise XFormError("media_large", file=name, limit=MAX_BYTES)
    return reader(name, content, attributes)


# ---------------------------------------------------------------- CSV


def _read_csv(name: str, content: bytes, _: Collection[str]) -> Table:
    """Columns by the first row; separated by `;` if that has one, else by `,`."""
    text = _text(name, content)
    separator = ";" if ";" in text.partition("\n")[0] else ","
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise XFormError("media_broken", file=name, detail=str(error)) from None
    if not lines:
        return Table((), ())
    return table(name, lines[0], filter(None, lines[1:]))


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise XFormError("media_encoding", file=name, position=error.start) from None


def table(name: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> Table:
    """Rows filled up to the header; cells that occur often are kept once."""
    columns = tuple(header)
    if len(columns) > MAX_COLUMNS:
        raise XFormError("media_columns", file=name, limit=MAX_COLUMNS)
    rows: list[tuple[str, ...]] = []
    for line in lines:
        if len(rows) == MAX_ROWS:
            raise XFormError("media_rows", file=name, limit=MAX_ROWS)
        cells = [intern(cell) for cell in line[: len(columns)]]
        rows.append((*cells, *("" for _ in range(len(columns) - len(cells)))))
    return Table(columns, tuple(rows))


# ---------------------------------------------------------------- GeoJSON


def _read_geojson(name: str, content: bytes, _: Collection[str]) -> Table:
    """A row for each feature: `geometry` as an answer would have it, `id`, and the properties."""
    features = [
        _feature(name, number, feature)
        for number, feature in enumerate(_features(name, _json(name, content)), 1)
    ]
    columns = list(dict.fromkeys(column for feature in features for column in feature))
    return _of_features(name, columns, features)


def _of_features(name: str, columns: list[str], features: list[dict[str, str]]) -> Table:
    whole = table(name, columns, ([each.get(c, "") for c in columns] for each in features))
    # a property that a feature has not got is no empty cell
    rows = tuple(
        tuple(cell if column in feature else None for column, cell in zip(columns, row, strict=True))
        for feature, row in zip(features, whole.rows, strict=True)
    )
    return Table(whole.columns, rows)


def _json(name: str, content: bytes) -> Any:
    """What a file holds; numbers stay as they are written: 1.50 is no 1.5."""
    try:
        return json.loads(_text(name, content), parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise XFormError("media_json", file=name, line=error.lineno) from None
    except RecursionError:
        raise XFormError("media_geojson", file=name) from None


def _features(name: str, collection: Any) -> list[Any]:
    match collection:
        case {"type": "FeatureCollection", "features": [*features]}:
            return features
    raise XFormError("media_geojson", file=name)


def _feature(name: str, number: int, feature: Any) -> dict[str, str]:
    try:
        cells = {"geometry": _geometry(feature["geometry"])}
        properties = dict(feature.get("properties") or {})
    except (ValueError, TypeError, LookupError, AttributeError):
        raise XFormError("media_feature", file=name, number=number) from None
    if "id" in feature:
        cells["id"] = _cell(feature["id"])
    return cells | {key: _cell(value) for key, value in properties.items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _geometry(geometry: Mapping[str, Any]) -> str:
    return "; ".join(map(_point, _GEOMETRIES[geometry["type"]](geometry["coordinates"])))


_GEOMETRIES: Mapping[str, Callable[[Any], Iterable[Any]]] = {
    "Point": lambda point: [point],
    "LineString": lambda line: line,
    "Polygon": lambda rings: rings[0],
}


def _point(place: Sequence[str]) -> str:
    longitude, latitude = place[0], place[1]
    return f"{latitude} {longitude} 0 0"


# ---------------------------------------------------------------- XML


def _read_xml(name: str, content: bytes, attributes: Collection[str]) -> Instance:
    try:
        root = read(content)
    except XFormError:
        raise XFormError("media_xml", file=name) from None
    return instance_of(root, attributes)


_READERS: Mapping[str, Callable[[str, bytes, Collection[str]], Instance]] = {
    ".csv": _read_csv,
    ".geojson": _read_geojson,
    ".json": _read_geojson,
    ".xml": _read_xml,
}

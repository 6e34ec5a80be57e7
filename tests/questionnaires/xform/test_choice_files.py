"""Files that choices and expressions read: CSV, GeoJSON and XML."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import Element, Table
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xform.choice_files import MAX_COLUMNS, MAX_ROWS, read_file
from surveyapp.questionnaires.xform.document import MAX_BYTES


def table(name: str, content: bytes | str) -> Table:
    """What a file holds, which is a table."""
    found = read_file(name, content.encode() if isinstance(content, str) else content)
    assert isinstance(found, Table)
    return found


def features(*found: dict[str, Any]) -> bytes:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def point(longitude: float, latitude: float, **further: Any) -> dict[str, Any]:
    """A feature that is a point."""
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": geometry, "properties": {}} | further


def test_a_csv_file_has_a_column_for_each_header() -> None:
    found = table("villages.csv", 'name,label\nv1,"Aq, bulaq"\n\nv2\nv3,Kök,further\n')
    assert found.columns == ("name", "label")
    assert found.rows == (("v1", "Aq, bulaq"), ("v2", ""), ("v3", "Kök"))


def test_a_csv_file_with_a_mark_and_semicolons_is_read() -> None:
    found = table("villages.csv", b"\xef\xbb\xbfname;label\nv1;One, and more\n")
    assert (found.columns, found.rows) == (("name", "label"), (("v1", "One, and more"),))


def test_a_line_without_anything_is_no_row_one_of_separators_is_as_in_javarosa() -> None:
    assert table("f.csv", "name,label\n\nx,X\n,\n").rows == (("x", "X"), ("", ""))


def test_an_empty_csv_file_has_no_rows() -> None:
    assert table("villages.csv", "").rows == ()
    assert table("villages.csv", "name,label\n").rows == ()


CELL = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), max_size=20))
def test_what_is_written_as_csv_is_read_again(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([("name", "label"), *rows])
    assert table("f.csv", written.getvalue()).rows == tuple(rows)


def test_a_feature_is_a_row_with_its_place_its_id_and_its_properties() -> None:
    found = table(
        "wells.geojson",
        features(
            point(71.5, 51.25, id="w1", properties={"title": "Deep", "metres": 12, "dry": None}),
            point(70, 50, properties={"id": "w2", "open": True}),
        ),
    )
    assert found.columns == ("geometry", "id", "title", "metres", "dry", "open")
    assert found.rows == (
        ("51.25 71.5 0 0", "w1", "Deep", "12", "", None),
        ("50 70 0 0", "w2", None, None, None, "true"),
    )


def test_a_number_of_a_feature_stays_as_it_is_written() -> None:
    content = features(point(1, 2, properties={"share": 0})).replace(b'"share": 0', b'"share": 1.50')
    assert table("f.geojson", content).rows == (("2 1 0 0", "1.50"),)


@pytest.mark.parametrize(
    ("kind", "coordinates", "text"),
    [
        ("LineString", [[1, 2], [3, 4]], "2 1 0 0; 4 3 0 0"),
        ("Polygon", [[[1, 2], [3, 4], [1, 2]]], "2 1 0 0; 4 3 0 0; 2 1 0 0"),
    ],
)
def test_lines_and_areas_are_texts_as_answers_are(kind: str, coordinates: Any, text: str) -> None:
    feature = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}}
    assert table("f.geojson", features(feature)).rows == ((text,),)


def test_an_xml_file_is_a_table_if_its_rows_are_alike_and_else_a_tree() -> None:
    flat = table("f.xml", "<root><item><name>a</name></item><item><size>2</size></item></root>")
    assert (flat.columns, flat.rows) == (("name", "size"), (("a", None), (None, "2")))
    deep = read_file("f.xml", b"<towns><town><name>a</name><mayor><name>b</name></mayor></town></towns>")
    assert deep == Element(
        "towns",
        children=(
            Element(
                "town",
                children=(Element("name", "a"), Element("mayor", children=(Element("name", "b"),))),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("f.ods", b"", "media_type"),
        ("f", b"", "media_type"),
        ("f.csv", b"name\n\xff\n", "media_encoding"),
        ("f.csv", b'name\n"' + b"x" * 200_000 + b'"\n', "media_broken"),
        ("f.csv", b"x" * (MAX_BYTES + 1), "media_large"),
        ("f.csv", b"," * MAX_COLUMNS + b"\n", "media_columns"),
        ("f.csv", b"a\n" * (MAX_ROWS + 2), "media_rows"),
        ("f.geojson", b"{", "media_json"),
        ("f.geojson", b"[]", "media_geojson"),
        ("f.geojson", b'{"type": "FeatureCollection"}', "media_geojson"),
        ("f.geojson", b'{"type": "Feature"}', "media_geojson"),
        ("f.geojson", b"[" * 100_000, "media_geojson"),
        ("f.geojson", features({"geometry": None}), "media_feature"),
        ("f.geojson", features({"geometry": {"type": "Point", "coordinates": [1]}}), "media_feature"),
        ("f.geojson", features({"geometry": {"type": "Cube", "coordinates": []}}), "media_feature"),
        ("f.xml", b"<root>", "media_xml"),
        ("f.xml", b'<!DOCTYPE r [<!ENTITY e "x">]><root>&e;</root>', "media_xml"),
        ("f.xml", b"<a>" * 100 + b"</a>" * 100, "media_xml"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes, code: str) -> None:
    with pytest.raises(XFormError) as refusal:
        read_file(name, content)
    assert refusal.value.code == code
    assert refusal.value.params["file"] == name


@given(st.sampled_from(["f.csv", "f.geojson", "f.xml"]), st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    try:
        read_file(name, content)
    except XFormError as error:
        assert error.code in XFormError.CODES

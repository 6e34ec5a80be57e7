"""GeoJSON: longitude first, closed rings, and no place that was left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.errors import NoPlaces, PlacesLeftOut
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import reviewing
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, WORRY
from tests.exports.visits import exported
from tests.factories import store_submission


def place(lat: float, lon: float, alt: float | None = None) -> dict[str, Any]:
    return {"lat": lat, "lon": lon, "alt": alt, "accuracy": 4.0}


def publish(*questions: str, column: str = "") -> None:
    rows = "\n".join(questions)
    header = "| | type | name | label |" + (f" {column} |" if column else "")
    catalogue.publish(
        compile_workbook(
            f"| survey |\n{header}\n{rows}\n"
            "| settings |\n| | form_id | version | form_title | namespaces |\n"
            '| | map | 1 | Карта | survey="https://surveyapp.example/xmlns/survey" |\n'.encode(),
            "map.md",
        ),
        demonstration=False,
    )


def features(**asked: Any) -> list[dict[str, Any]]:
    request = ExportRequest(questionnaire="map", format="geojson", **visits.FULL | asked)
    collection = json.loads(visits.opened(b"".join(export(request)), request))
    assert collection["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = collection["features"]
    return found


@pytest.mark.usefixtures("stored")
def test_a_submission_stands_at_its_place_with_its_columns() -> None:
    content = exported(format="geojson")
    (feature,) = json.loads(content)["features"]
    assert feature["id"] == str(FIRST)
    assert feature["geometry"] == {"type": "Point", "coordinates": [-76.9, 43.25]}
    assert feature["properties"]["remark"] == 'Ол "жақсы",\r\nдеді 🙂; осылай'
    assert feature["properties"]["place_of"] == "place"
    assert CANARY.encode() not in content
    assert WORRY.encode() not in content


@pytest.mark.usefixtures("published")
def test_without_any_place_known_the_collection_is_empty() -> None:
    store_submission(visits.ID, {"visit": {"place": None}})
    assert json.loads(exported(format="geojson"))["features"] == []


def test_lines_and_areas(app: Flask) -> None:
    publish("| | geotrace | way | Жол |", "| | geoshape | yard | Аула |")
    store_submission("map", {"way": [place(43, 76, 700), place(44, 77)]})
    clockwise = [place(0, 0), place(1, 0), place(1, 1)]
    store_submission("map", {"yard": clockwise})
    store_submission("map", {"yard": [place(0, 0), place(0, 1), place(1, 1), place(0, 0)]})
    line, turned, kept = (feature["geometry"] for feature in features())
    assert line == {"type": "LineString", "coordinates": [[76, 43, 700], [77, 44]]}
    assert turned == {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [0, 0]]]}
    assert kept == {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def test_the_first_place_that_was_answered_counts(app: Flask) -> None:
    publish("| | geopoint | home | Үй |", "| | geopoint | school | Мектеп |")
    store_submission("map", {"home": None, "school": place(43, 76, 0.0)})
    store_submission("map", {"home": place(50, 70), "school": place(43, 76)})
    assert [feature["properties"]["place_of"] for feature in features()] == ["school", "home"]


def test_a_questionnaire_without_places_has_no_map(app: Flask) -> None:
    publish("| | text | remark | Ескерту |")
    with pytest.raises(NoPlaces):
        features()


def test_a_de_identified_map_has_no_ways_and_coarse_places(app: Flask) -> None:
    publish("| | geotrace | way | Жол |", "| | geopoint | home | Үй |")
    store_submission("map", {"way": [place(43, 76, 700), place(44, 77)], "home": None})
    store_submission("map", {"way": None, "home": place(43.23891, 76.88971, 800.0)})
    content = b"".join(export(ExportRequest(questionnaire="map", format="geojson")))
    (feature,) = json.loads(content)["features"]
    lon, lat = feature["geometry"]["coordinates"]
    assert (lat, lon) == (pytest.approx(43.24, abs=0.06), pytest.approx(76.89, abs=0.07))
    assert (lat, lon) != (43.23891, 76.88971)
    assert b"way" not in content


def test_ways_alone_make_no_de_identified_map(app: Flask) -> None:
    publish("| | geotrace | way | Жол |")
    with pytest.raises(PlacesLeftOut):
        export(ExportRequest(questionnaire="map", format="geojson"))


@pytest.mark.parametrize("column", ["bind::survey:identity", "bind::survey:sensitive"])
def test_places_that_are_left_out_make_no_map(app: Flask, column: str) -> None:
    publish("| | geopoint | home | Үй | yes |", column=column)
    store_submission("map", {})
    with pytest.raises(PlacesLeftOut):
        features()
    with pytest.raises(PlacesLeftOut):
        features(package=True)


ROSTER_OF_PLACES = (
    "| | begin_repeat | well | Well |",
    "| | geopoint | spot | Spot |",
    "| | end_repeat | |",
)


def test_places_in_rosters_are_features_of_their_own(app: Flask) -> None:
    publish("| | geopoint | home | Home |", *ROSTER_OF_PLACES)
    wells = [{"spot": place(1.0, 2.0)}, {"spot": None}, {"spot": place(3.0, 4.0)}]
    id_ = store_submission("map", {"home": place(5.0, 6.0), "well": wells})
    store_submission("map", {"well": [{}]})
    found = [(f["id"], f["geometry"]["coordinates"], f["properties"]["place_in"]) for f in features()]
    assert found == [
        (str(id_), [6.0, 5.0], "submissions"),
        (f"{id_}/well[1]", [2.0, 1.0], "well"),
        (f"{id_}/well[3]", [4.0, 3.0], "well"),
    ]
    assert features()[1]["properties"]["submission_id"] == str(id_)


def test_places_in_rosters_alone_make_a_map_and_are_coarse_where_all_are(app: Flask) -> None:
    publish(*ROSTER_OF_PLACES)
    store_submission("map", {"well": [{"spot": place(43.23891, 76.88971)}]})
    (exact,) = features()
    assert exact["geometry"]["coordinates"] == [76.88971, 43.23891]
    (coarse,) = json.loads(b"".join(export(ExportRequest(questionnaire="map", format="geojson"))))[
        "features"
    ]
    lon, lat = coarse["geometry"]["coordinates"]
    assert (lon, lat) != (76.88971, 43.23891)
    assert abs(lon - 76.88971) < 0.2
    assert abs(lat - 43.23891) < 0.2


def _changed(since: str) -> tuple[dict[str, tuple[Any, Any]], str]:
    """id → change and whether it has a place, as de-identified GeoJSON tells it; and the next cursor."""
    made = export(ExportRequest(questionnaire="map", format="geojson", since=since))
    collection = json.loads(b"".join(made))
    told = {
        each["id"]: (each["properties"]["change"], each["geometry"] is not None)
        for each in collection["features"]
    }
    assert len(told) == len(collection["features"])
    return told, made.cursor or ""


def test_changes_tell_what_is_gone_and_what_has_no_place(app: Flask) -> None:
    publish("| | geopoint | home | Үй |")
    placed, bare = (store_submission("map", {"home": each}) for each in (place(43, 76), None))
    told, cursor = _changed("beginning")
    assert told == {str(placed): ("new", True), str(bare): ("new", False)}
    reviewing.delete(placed)
    told, cursor = _changed(cursor)
    assert told == {str(placed): ("deleted", False)}
    assert _changed(cursor)[0] == {}


def test_of_what_is_gone_there_is_nothing_but_that(app: Flask) -> None:
    publish("| | geopoint | home | Үй |")
    placed = store_submission("map", {"home": place(43, 76)})
    reviewing.delete(placed)
    made = export(ExportRequest(questionnaire="map", format="geojson", since="beginning"))
    (feature,) = json.loads(b"".join(made))["features"]
    given = {name: value for name, value in feature["properties"].items() if value is not None}
    assert given == {
        "change": "deleted",
        "id": str(placed),
        "revision": 1,
        "questionnaire": "map",
        "place_in": "submissions",
    }

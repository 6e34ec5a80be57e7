"""The places of Kazakhstan."""

from __future__ import annotations

import re
from collections import Counter

from surveyapp.questionnaires.geography import LANGUAGES, districts, places, regions

CITIES_THAT_ARE_REGIONS = {"710000000": 6, "750000000": 8, "790000000": 5}


def test_there_are_20_regions() -> None:
    assert len(regions()) == 20
    assert all(region.parent is None for region in regions())


def test_there_are_209_districts_and_19_boroughs() -> None:
    boroughs = Counter(place.parent for place in districts() if place.parent in CITIES_THAT_ARE_REGIONS)
    assert boroughs == CITIES_THAT_ARE_REGIONS
    assert len(districts()) == 209 + 19


def test_every_region_has_districts_and_every_district_a_region() -> None:
    assert {place.parent for place in districts()} == {region.code for region in regions()}


def test_codes_are_nine_digits_used_once_in_ascending_order() -> None:
    codes = [place.code for place in places()]
    assert all(re.fullmatch("[0-9]{9}", code) for code in codes)
    assert codes == sorted(set(codes))


def test_every_place_is_named_in_every_language() -> None:
    assert all(set(place.names) == set(LANGUAGES) and all(place.names.values()) for place in places())


def test_a_region_is_known_by_its_code_in_three_languages() -> None:
    abai = regions()[0]
    assert abai.code == "100000000"
    assert dict(abai.names) == {"kk": "Абай облысы", "ru": "область Абай", "en": "Abai Region"}

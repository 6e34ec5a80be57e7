"""Paths of nodes, written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.paths import (
    BadPath,
    Step,
    format_path,
    is_below,
    item_path,
    join,
    parse_path,
)

STEPS = st.builds(
    Step,
    name=st.from_regex(r"[A-Za-z_][\w.-]{0,9}", fullmatch=True),
    position=st.none() | st.integers(1, 999),
)


def test_a_path_says_names_and_positions() -> None:
    assert parse_path("hh/child[2]/c_age") == (Step("hh"), Step("child", 2), Step("c_age"))


def test_the_root_is_the_empty_path() -> None:
    assert parse_path("") == ()
    assert format_path(()) == ""


@given(st.lists(STEPS).map(tuple))
def test_what_is_written_is_read_again(steps: tuple[Step, ...]) -> None:
    assert parse_path(format_path(steps)) == steps


@pytest.mark.parametrize(
    "text", ["/a", "a/", "a//b", "a[0]", "a[x]", "a[1", "a]", "a b", "[1]", "a[1][2]"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        parse_path(text)


def test_the_item_of_a_node_has_no_positions() -> None:
    assert item_path("hh/child[2]/toy[10]/name") == "hh/child/toy/name"


def test_paths_are_joined_with_the_root_left_out() -> None:
    assert join("", "child", 2) == "child[2]"
    assert join("child[2]", "c_age") == "child[2]/c_age"


@pytest.mark.parametrize(
    ("path", "ancestor", "below"),
    [
        ("child[2]/c_age", "", True),
        ("child[2]/c_age", "child", True),
        ("child[2]/c_age", "child[2]", True),
        ("child[2]/c_age", "child[2]/c_age", True),
        ("child[12]/c_age", "child[1]", False),
        ("children", "child", False),
        ("child", "child[2]", False),
    ],
)
def test_a_node_is_below_what_contains_it(path: str, ancestor: str, *, below: bool) -> None:
    assert is_below(path, ancestor) is below

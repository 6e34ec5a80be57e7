"""What an expression depends on."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.expressions import (
    functions,
    instances,
    is_volatile,
    parse,
    references,
    unknown_to_collect,
)

IN_CHILD = "/data/child/c_age"
READ = {
    "/data/a + /data/b": {"/data/a", "/data/b"},
    "../c_sex = 1": {"/data/child/c_sex"},
    ". > 5": {"/data/child/c_age"},
    "current()/../c_sex": {"/data/child/c_sex"},
    "count(../../child)": {"/data/child"},
    "sum(/data/child[c_sex = /data/head]/c_age)": {
        "/data/child/c_age",
        "/data/child/c_sex",
        "/data/head",
    },
    "count(/data/child[toy[price > 1]/name = current()/../c_name])": {
        "/data/child",
        "/data/child/toy/price",
        "/data/child/toy/name",
        "/data/child/c_name",
    },
    "instance('x')/root/item[name = current()/../c_sex]/label": {"/data/child/c_sex"},
    "jr:choice-name(/data/s, '/data/t')": {"/data/s", "/data/t"},
    "indexed-repeat(/data/child/c_age, /data/child, 1)": {"/data/child/c_age", "/data/child"},
    "if(1, concat('x', -../c_sex), today())": {"/data/child/c_sex"},
    "count(/data/*)": {"/data/*"},
}


@pytest.mark.parametrize("source", READ)
def test_an_expression_reads_these_paths(source: str) -> None:
    assert references(parse(source), IN_CHILD) == READ[source]


def test_without_a_context_relative_paths_are_left_out() -> None:
    assert references(parse("/data/a + ../b")) == {"/data/a"}


def test_in_a_choice_filter_only_the_questions_own_surroundings_are_read() -> None:
    filter_ = parse("district = current()/../region and kind = /data/kind")
    assert references(filter_, None, "/data/visit/area") == {"/data/visit/region", "/data/kind"}


@pytest.mark.parametrize(
    "source", ["random()", "1 + uuid()", "a[b = today()]", "once(now())", "randomize(a)"]
)
def test_chance_and_the_clock_are_volatile(source: str) -> None:
    assert is_volatile(parse(source))


@pytest.mark.parametrize("source", ["1", "/data/today", "'random()'", "randomize(a, 42)"])
def test_what_depends_on_answers_only_is_not_volatile(source: str) -> None:
    assert not is_volatile(parse(source))


def test_the_functions_that_collect_lacks_are_found() -> None:
    tree = parse("if(floor(a[upper-case(b) = 'X']) > 1, round(a), 2)")
    assert functions(tree) == {"if", "floor", "upper-case", "round"}
    assert unknown_to_collect(tree) == {"floor", "upper-case"}


def test_the_lists_and_files_that_are_read_are_found() -> None:
    tree = parse("concat(instance('a')/root/item[x = 1]/y, pulldata('b.csv', 'x', 'y', 'z'))")
    assert instances(tree) == {"a", "b"}

"""Bodies are unpacked within limits and read strictly; what is wrong in one item is told of it alone."""

from __future__ import annotations

import gc
import gzip
import io
import json
from http import HTTPStatus
from typing import Any

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from surveyapp.channels.api.body import Batch, UnreadableBody, read_batch, read_body, unpacked

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def read(body: bytes, *, items: int = 3, depth: int = 8) -> Batch:
    return read_batch(body, most_items=items, most_depth=depth)


def refusal(body: bytes) -> tuple[str, int]:
    with pytest.raises(UnreadableBody) as refused:
        read(body)
    return refused.value.code, refused.value.status


@given(values=st.lists(JSON, max_size=3), other=JSON, indent=st.sampled_from([None, 1, "\t"]))
def test_what_json_writes_is_read_item_by_item(values: list[Any], other: Any, indent: Any) -> None:
    body = json.dumps({"other": other, "submissions": values}, indent=indent).encode()
    batch = read(body, depth=99)
    assert [item.value for item in batch.items] == values
    assert [json.loads(item.raw) for item in batch.items] == values
    assert batch.others == {"other": other}
    assert not any(item.errors for item in batch.items)


def test_each_item_brings_its_bytes_as_they_came() -> None:
    batch = read('{"submissions": [ {"a": 1.50,"ә":"\\u04d9"} , 7]}'.encode())
    assert [item.raw for item in batch.items] == ['{"a": 1.50,"ә":"\\u04d9"}'.encode(), b"7"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (b'{"a": NaN}', "decimal"),
        (b"[-Infinity]", "decimal"),
        (b"[1e999]", "decimal"),
        (b"9" * 5000, "decimal"),
        (b'{"a": 1, "a": 2}', "repeated"),
        (b"[" * 9 + b"]" * 9, "too_deep"),
    ],
)
def test_a_bad_item_does_not_hurt_its_neighbours(item: bytes, code: str) -> None:
    batch = read(b'{"submissions": [{"good": 1}, ' + item + b', {"good": 2}]}')
    assert [[error.code for error in found.errors] for found in batch.items] == [[], [code], []]
    assert batch.items[2].value == {"good": 2}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (
            b'{"answers": {"visit": {"n": NaN}, "child": [{}, {"age": 1e999}]}}',
            ["visit/n", "child[2]/age"],
        ),
        (b'{"answers": {"a": {"x": 1, "x": 2}}, "paradata": {"t": -Infinity}}', ["a", "paradata/t"]),
        (b'{"answers": {"a": 1, "a": 2}}', ["answers"]),
        (b'{"answers": {"\\ud800 ": {"a": NaN}}}', ["a"]),
        (b'{"answers": {"line": [' + b"NaN," * 99 + b"0]}}", [f"line[{n}]" for n in range(1, 21)]),
    ],
)
def test_what_is_wrong_in_an_item_is_told_with_its_place(item: bytes, told: list[str]) -> None:
    (found,) = read(b'{"submissions": [' + item + b"]}").items
    assert [error.path for error in found.errors] == told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json"),
        (b"hello", "json"),
        (b"[]", "json"),
        (b"null", "json"),
        (b"{}", "submissions"),
        (b'{"submissions": {}}', "submissions"),
        (b'{"submissions": [{}', "json"),
        (b'{"submissions": [{},]}', "json"),
        (b'{"submissions": [{} {}]}', "json"),
        (b'{"submissions": []} x', "json"),
        (b'{"submissions": [], "submissions": []}', "json"),
        (b"{'submissions': []}", "json"),
        (b"{submissions: []}", "json"),
        (b'{1: 2, "submissions": []}', "json"),
        (b'{"submissions" []}', "json"),
        (b'{"x": NaN, "submissions": []}', "json"),
        (b'{"submissions": [' + b"[" * 200_000 + b"]}", "json"),
        ('{"submissions": ["ә"]}'.encode("windows-1251", "replace") + b"\xff", "utf-8"),
        ('{"submissions": ["\ud800"]}'.encode("utf-8", "surrogatepass"), "utf-8"),
        ('{"submissions": []}'.encode("utf-16"), "utf-8"),
    ],
)
def test_what_is_no_batch_is_refused_whole(body: bytes, code: str) -> None:
    assert refusal(body) == (code, HTTPStatus.BAD_REQUEST)


def test_too_many_items_are_refused_before_the_rest_is_read() -> None:
    assert refusal(b'{"submissions": [1,2,3,4,') == ("too_many", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@given(cut=st.integers(0, 60))
def test_a_truncated_body_is_never_taken_for_a_shorter_batch(cut: int) -> None:
    body = b'{"device_time": null, "submissions": [{"id": "x"}, {"id": "y"}]}'
    if cut < len(body):
        assert refusal(body[:cut]) in {
            ("json", HTTPStatus.BAD_REQUEST),
            ("utf-8", HTTPStatus.BAD_REQUEST),
        }


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b'\xef\xbb\xbf{"submissions": []}').items == ()


@given(parts=st.lists(st.binary(max_size=200), min_size=1, max_size=3))
def test_gzip_is_unpacked_all_of_it(parts: list[bytes]) -> None:
    assert unpacked(b"".join(map(gzip.compress, parts)), 1000) == b"".join(parts)


@pytest.mark.parametrize(
    "packed",
    [b"not gzip", gzip.compress(b"x" * 99, mtime=0)[:-3], gzip.compress(b"x", mtime=0) + b"junk"],
)
def test_damaged_gzip_is_refused(packed: bytes) -> None:
    with pytest.raises(UnreadableBody, match="gzip"):
        unpacked(packed, 1000)


def test_a_bomb_is_defused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000, mtime=0)
    with pytest.raises(UnreadableBody) as refused:
        unpacked(bomb, 100_000)
    assert refused.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert unpacked(gzip.compress(b"0" * 100_000, mtime=0), 100_000) == b"0" * 100_000


def test_a_bomb_of_many_members_is_defused_too() -> None:
    with pytest.raises(UnreadableBody, match="too_large"):
        unpacked(gzip.compress(b"0" * 60_000, mtime=0) * 2, 100_000)


def test_a_bomb_of_endless_members_costs_no_time() -> None:
    with pytest.raises(UnreadableBody, match="gzip"):
        unpacked(gzip.compress(b"", mtime=0) * 1_000_000, 100_000)


def test_a_body_in_chunks_over_the_limit_is_too_large_not_broken() -> None:
    environment = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(b'{"submissions": []' + b" " * 200 + b"}"),
        "wsgi.input_terminated": True,
    }
    request = Request(environment)
    request.max_content_length = 100
    with pytest.raises(RequestEntityTooLarge):
        read_body(request, 100)


def test_a_body_that_was_read_leaves_nothing_to_the_garbage_collector() -> None:
    body = json.dumps({"submissions": [{"note": "а" * 1000}]}).encode()
    for _ in range(20):  # what earlier tests left may leave something in its turn
        if not gc.collect():
            break
    gc.disable()
    try:
        read(body)
        assert gc.collect() == 0
    finally:
        gc.enable()

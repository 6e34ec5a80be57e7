"""The envelope is read strictly, keeps what it does not know, and forgets the invitation's code."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveyapp.submissions.envelope import BadEnvelope, as_item, load_envelope
from surveyapp.submissions.envelope_schema import EnvelopeSchema, SealedEnvelopeSchema
from surveyapp.submissions.models import Channel

ID = "0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10"
ITEM: dict[str, Any] = {
    "id": ID,
    "questionnaire": "household_baseline",
    "version": "2026.1-a1b2c3",
    "language": "kk",
    "started_at": "2026-09-01T13:20:00+05:00",
    "finished_at": "2026-09-01T14:03:07+05:00",
    "base_revision": None,
    "app": "field/1.0",
    "assignment": None,
    "invitation": None,
    "answers": {"visit": {"a_region": "100000000"}, "child": [{"c_age": 7}]},
    "answer_languages": {"visit/a_region": "kk"},
    "paradata": {"seconds": {"visit": 41}},
    "consent": {
        "text_version": "3",
        "language": "kk",
        "at": "2026-09-01T13:21:00+05:00",
        "how": "read aloud",
    },
    "attachments": [{"name": "site.jpg", "sha256": "AB" * 32, "size": 81233, "type": "image/jpeg"}],
}


def errors_of(item: object) -> list[tuple[str, str]]:
    with pytest.raises(BadEnvelope) as refused:
        load_envelope(item, Channel.API)
    return [(error.path, error.code) for error in refused.value.errors]


def test_an_envelope_is_read_with_its_times_in_the_device_s_own_offset() -> None:
    envelope = load_envelope(ITEM, Channel.API)
    assert envelope.id == UUID(ID)
    assert envelope.finished_at is not None
    assert envelope.finished_at.utcoffset() == timedelta(hours=5)
    assert envelope.utc_offset == 300
    assert envelope.attachments[0].sha256 == "ab" * 32
    assert envelope.answers == ITEM["answers"]
    assert envelope.foreign == {}


def test_only_what_is_needed_must_be_there() -> None:
    needed = {name: ITEM[name] for name in ("id", "questionnaire", "version", "language", "answers")}
    envelope = load_envelope(needed, Channel.WEB)
    assert (envelope.finished_at, envelope.utc_offset, envelope.attachments) == (None, None, ())
    assert load_envelope({**dict.fromkeys(ITEM), **needed}, Channel.WEB) == envelope


@pytest.mark.parametrize("name", ["id", "questionnaire", "version", "language", "answers"])
def test_what_is_missing_is_told_by_its_name(name: str) -> None:
    assert errors_of({key: value for key, value in ITEM.items() if key != name}) == [(name, "missing")]


@pytest.mark.parametrize("item", [None, 5, "x", [], [ITEM], True])
def test_what_is_no_object_is_no_envelope(item: object) -> None:
    assert errors_of(item) == [("", "object")]


BAD: list[tuple[str, object, str]] = [
    ("id", "0b7c2f6e4a1f4a559d0b2f1c8f6f2a10", "uuid"),
    ("id", f"{{{ID}}}", "uuid"),
    ("id", 7, "uuid"),
    ("questionnaire", "", "invalid"),
    ("questionnaire", "house hold", "invalid"),
    ("questionnaire", "../etc", "invalid"),
    ("questionnaire", "q\x00", "invalid"),
    ("questionnaire", "q" * 101, "too_long"),
    ("version", 2026.1, "text"),
    ("version", "v" * 101, "too_long"),
    ("language", "ққ", "invalid"),
    ("language", ["kk"], "text"),
    ("started_at", "2026-09-01T13:20:00", "dateTime"),
    ("finished_at", "2026-02-30T13:20:00+05:00", "dateTime"),
    ("finished_at", "0001-01-01T00:00:00+05:00", "dateTime"),
    ("finished_at", 1788000000, "dateTime"),
    ("base_revision", -1, "range"),
    ("base_revision", True, "integer"),
    ("base_revision", 1.0, "integer"),
    ("base_revision", 2**31, "range"),
    ("app", "a" * 201, "too_long"),
    ("answers", [], "object"),
    ("answers", "x", "object"),
    ("answer_languages", [], "object"),
    ("paradata", "x", "object"),
    ("consent", "yes", "object"),
    ("attachments", {}, "list"),
]


@pytest.mark.parametrize(("name", "value", "code"), BAD)
def test_a_bad_field_is_told_by_its_path(name: str, value: object, code: str) -> None:
    assert errors_of(ITEM | {name: value}) == [(name, code)]


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"name": "../x.jpg"}, "attachments[1]/name", "invalid"),
        ({"name": "."}, "attachments[1]/name", "invalid"),
        ({"name": None}, "attachments[1]/name", "missing"),
        ({"sha256": "ab"}, "attachments[1]/sha256", "invalid"),
        ({"size": -1}, "attachments[1]/size", "range"),
        ({"size": 2**60}, "attachments[1]/size", "range"),
    ],
)
def test_a_bad_attachment_is_told_by_its_position(change: dict[str, Any], path: str, code: str) -> None:
    assert errors_of(ITEM | {"attachments": [ITEM["attachments"][0] | change]}) == [(path, code)]


def test_two_files_of_one_name_are_refused_also_when_only_their_spelling_differs() -> None:
    file = ITEM["attachments"][0]
    pair = [file | {"name": "й.jpg"}, file | {"name": "и\u0306.jpg"}]
    assert errors_of(ITEM | {"attachments": pair}) == [("attachments", "repeated")]


def test_every_bad_field_is_told_at_once() -> None:
    assert set(errors_of(ITEM | {"id": 1, "version": 2})) == {("id", "uuid"), ("version", "text")}


def test_fields_that_nobody_knows_are_kept() -> None:
    file = ITEM["attachments"][0] | {"width": 640}
    envelope = load_envelope(ITEM | {"battery": 41, "attachments": [file]}, Channel.API)
    assert envelope.foreign == {"battery": 41, "attachments[1]/width": 640}


def test_the_code_of_an_invitation_is_in_no_bytes_and_no_print_of_the_envelope() -> None:
    item = ITEM | {"invitation": "K7PM2XQA"}
    envelope = load_envelope(item, Channel.API, json.dumps(item).encode())
    assert envelope.invitation == "K7PM2XQA"
    assert b"K7PM2XQA" not in envelope.as_bytes()
    assert "K7PM2XQA" not in repr(envelope)


def test_the_bytes_are_those_that_came() -> None:
    raw = b'  {"as": "it came"} '
    assert load_envelope(ITEM, Channel.API, raw).as_bytes() == raw


def test_an_envelope_written_out_is_read_as_the_same() -> None:
    envelope = load_envelope(ITEM | {"battery": 41}, Channel.API)
    assert load_envelope(as_item(envelope), Channel.API) == envelope
    assert load_envelope(json.loads(envelope.as_bytes()), Channel.API) == envelope


def test_a_sealed_envelope_says_nothing_but_its_id() -> None:
    envelope = load_envelope({"id": ID, "sealed": "b64…"}, Channel.FIELD)
    assert (envelope.id, envelope.sealed, envelope.questionnaire) == (UUID(ID), "b64…", "")
    assert load_envelope(json.loads(envelope.as_bytes()), Channel.FIELD) == envelope
    assert errors_of({"id": ID, "sealed": 5}) == [("sealed", "text")]


FIELDS = sorted({*EnvelopeSchema().fields, *SealedEnvelopeSchema().fields})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "sha256", "size", "type", "at", "how"]), inner)
    ),
    max_leaves=8,
)


@given(changes=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
@example(changes={"attachments": [None]})
def test_whatever_stands_in_its_fields_an_envelope_is_read_or_refused_with_codes(
    changes: dict[str, Any],
) -> None:
    try:
        load_envelope(ITEM | changes, Channel.API)
    except BadEnvelope as refused:
        assert all(error.code and error.path.split("[")[0].split("/")[0] for error in refused.errors)

"""The built-in questionnaires, filled in by nobody, received by the one door, and taken out again."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from random import Random
from typing import Any

import pandas
import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.exports.request import ExportRequest, TableOptions
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.questionnaires import library
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import identity_of
from tests.exports.visits import FULL, lines_of, opened, unzipped
from tests.questionnaires.compiled import built_in

EACH = 6
IDS = [str(form.id) for form in library.BUILT_IN]


@pytest.fixture
def filled(app: Flask, settings: Settings) -> None:
    """Some submissions of each."""
    editions = [
        catalogue.publish(built_in(form.id), access=Access(form.access), demonstration=True)
        for form in library.BUILT_IN
    ]
    now = datetime(2026, 9, 30, 12, tzinfo=settings.timezone)
    for _batch in Demonstration(editions, Random(4), now).send(EACH * len(editions)):  # noqa: S311
        pass


def taken(questionnaire: str, **asked: Any) -> bytes:
    return b"".join(export(ExportRequest(questionnaire=questionnaire, **asked)))


def whole(questionnaire: str, **asked: Any) -> bytes:
    """As answered: small groups have lost nothing."""
    request = ExportRequest(questionnaire=questionnaire, **FULL | asked)
    return opened(b"".join(export(request)), request)


def stored(questionnaire: str) -> list[Submission]:
    query = select(Submission).filter_by(questionnaire=questionnaire).order_by(Submission.serial)
    return list(db.session.scalars(query))


def leaves(answers: Mapping[str, Any]) -> Iterator[Any]:
    """Every answer, however deep."""
    for answer in answers.values():
        if isinstance(answer, Mapping) and "lat" not in answer:
            yield from leaves(answer)
        elif isinstance(answer, list) and answer and isinstance(answer[0], Mapping):
            for instance in answer:
                yield from leaves(instance)
        else:
            yield answer


@pytest.mark.usefixtures("filled")
def test_every_table_is_read_by_pandas_and_marked_as_synthetic() -> None:
    for questionnaire in IDS:
        files = unzipped(taken(questionnaire, package=True))
        tables = {name for name in files if name.endswith(".csv") and name != "codebook.csv"}
        frames = {name: pandas.read_csv(io.BytesIO(files[name]), dtype=str) for name in tables}
        assert len(frames["submissions.csv"]) == EACH
        for name, frame in frames.items():
            assert set(frame["synthetic"]) <= {"1"}, name


@pytest.mark.usefixtures("filled")
def test_each_child_stands_in_the_table_of_children_with_its_age() -> None:
    files = unzipped(whole("household_baseline", package=True))
    frame = pandas.read_csv(io.BytesIO(files["child.csv"]))
    expected = [
        (f"{submission.id}", child.get("c_age"))
        for submission in stored("household_baseline")
        for child in submission.answers.get("child", [])
    ]
    assert list(zip(frame["submission_id"], frame["c_age"], strict=True)) == expected
    assert expected


@pytest.mark.usefixtures("filled")
def test_no_child_of_so_few_households_is_told_apart_in_a_default_export() -> None:
    files = unzipped(taken("household_baseline", package=True))
    frame = pandas.read_csv(io.BytesIO(files["child.csv"]), dtype=str)
    assert len(frame)
    for name in ("c_sex", "c_age", "c_fd", "f_see", "f_emo", "c_support"):
        assert not frame[name].notna().any(), name
    assert frame["c_health"].notna().any()


@pytest.mark.usefixtures("filled")
def test_no_identity_answer_is_in_a_default_export() -> None:
    """What was sealed is looked for in every cell, texts only: a number may stand there by chance."""
    seen = 0
    for questionnaire in IDS:
        files = unzipped(taken(questionnaire, package=True))
        cells = set()
        for name in files:
            if name.endswith(".csv") and name != "codebook.csv":
                frame = pandas.read_csv(io.BytesIO(files[name]), dtype=str, keep_default_na=False)
                cells |= set(frame.to_numpy().ravel())
        for submission in stored(questionnaire):
            sealed = [v for v in identity_of(keys_of(), submission).values() if isinstance(v, str)]
            seen += len(sealed)
            assert not cells & set(sealed)
    assert seen


@pytest.mark.usefixtures("filled")
def test_with_identity_and_sensitive_answers_nothing_that_was_sent_is_missing() -> None:
    everything = TableOptions(include_identity=True, include_sensitive=True)
    for questionnaire in IDS:
        lines = lines_of(whole(questionnaire, format="jsonl", tables=everything))
        for line, submission in zip(lines, stored(questionnaire), strict=True):
            identity = identity_of(keys_of(), submission)
            sent = [*leaves(submission.answers), *identity.values()]
            assert sorted(map(repr, leaves(line["answers"]))) == sorted(map(repr, sent))


@pytest.mark.usefixtures("filled")
def test_labels_leave_no_code_of_a_region_behind() -> None:
    codes = whole("household_baseline")
    for language in ("kk", "ru", "en"):
        labelled = whole("household_baseline", tables=TableOptions(labels=language))
        frame = pandas.read_csv(io.BytesIO(labelled), dtype=str)
        assert frame["a_region"].notna().all()
        assert not frame["a_region"].str.isdigit().any()
    assert pandas.read_csv(io.BytesIO(codes), dtype=str)["a_region"].str.isdigit().all()

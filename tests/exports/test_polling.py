"""`since=` asked every minute of some simulated hours, while two writers do all that happens to submissions.

A whole day by hand: `POLLED_MINUTES=1440` (seven minutes on both databases, mostly waiting for the disk).

One reader sees everything, one sees one region. Whatever both keep as their copies must be what there is:
nothing lost, nothing told twice, and nothing kept of what was erased or went to another region.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.incremental import BEGINNING
from surveyapp.exports.request import ExportRequest, Selection
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.submissions import reviewing
from surveyapp.submissions.changes import changes
from surveyapp.submissions.models import State, Submission, SubmissionRevision
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.verdicts import Sender, Status
from tests.collecting import QUESTIONNAIRE, answers, envelope, publish, send

MINUTES = int(os.environ.get("POLLED_MINUTES", "180"))
BEGUN = datetime(2026, 9, 1, tzinfo=UTC)
#: of the minutes, those in which something happens; nights are quiet
BUSY = 0.2
REGIONS = ("75", "71")
HERE = REGIONS[0]
EDITOR = Sender(edits_others=True)


@dataclass
class Reader:
    """Somebody with a copy of what they may see, and the cursor of their last poll."""

    regions: frozenset[str] | None = None
    cursor: str = BEGINNING
    #: id → revision and status
    copy: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    told: Counter[UUID] = field(default_factory=Counter)

    def poll(self) -> int:
        """Ask what changed, and do what docs/exports.md says; how many states were told."""
        selection = Selection(regions=self.regions, rejected=True)
        made = export(
            ExportRequest(
                questionnaire=QUESTIONNAIRE, format="jsonl", selection=selection, since=self.cursor
            )
        )
        lines = [json.loads(line) for line in b"".join(made).splitlines()]
        ids = [UUID(line["id"]) for line in lines]
        assert len(ids) == len(set(ids))
        for id_, line in zip(ids, lines, strict=True):
            self.told[id_] += 1
            if line["change"] == "deleted":
                assert set(line) == {"change", "id", "revision"}
                self.copy.pop(id_, None)
            else:
                self.copy[id_] = (line["revision"], line["status"])
        self.cursor = made.cursor or ""
        return len(lines)


@dataclass
class Writer:
    """Does to its own submissions what people do, one deed at a time."""

    app: Flask
    luck: random.Random
    mine: list[UUID] = field(default_factory=list)
    revisions: dict[UUID, int] = field(default_factory=dict)
    writes: Counter[UUID] = field(default_factory=Counter)

    def act(self, minute: int) -> None:
        with self.app.app_context():
            if not self.mine or self.luck.random() < 0.3:
                self._sends(minute)
            else:
                self._acts(self.luck.choice(self.mine))
            db.session.remove()

    def _sends(self, minute: int) -> None:
        at = (BEGUN + timedelta(minutes=minute)).isoformat()
        answered = answers(place={"region": self.luck.choice(REGIONS), "gps": None})
        sent = envelope(finished_at=at, answers=answered)
        (result,) = send(sent)
        assert result.status == Status.STORED
        self.mine.append(sent.id)
        self.revisions[sent.id] = 1
        self.writes[sent.id] += 1

    def _acts(self, id_: UUID) -> None:
        deeds: list[Callable[[UUID], None]] = [
            *(self._edits, self._edits, self._moves, self._moves),
            *(reviewing.accept, reviewing.delete, reviewing.restore, reviewing.undo, reviewing.erase),
        ]
        try:
            self.luck.choice(deeds)(id_)
        except Refused:
            return  # not possible in the state that it is in
        self.writes[id_] += 1

    def _edits(self, id_: UUID) -> None:
        self._revise(id_, rooms=self.luck.randrange(9))

    def _moves(self, id_: UUID) -> None:
        self._revise(id_, place={"region": self.luck.choice(REGIONS), "gps": None})

    def _revise(self, id_: UUID, **changed: object) -> None:
        edit = envelope(id=str(id_), base_revision=self.revisions[id_], answers=answers(**changed))
        (result,) = send(edit, sender=EDITOR)
        if result.status == Status.STORED:
            self.revisions[id_] += 1


def there(regions: frozenset[str] | None) -> dict[UUID, tuple[int, str]]:
    """What a reader's copy should be."""
    gone = [state for state in State if state.is_gone]
    query = select(Submission.id, Submission.revision, Submission.status).where(
        Submission.status.not_in(gone)
    )
    if regions is not None:
        query = query.where(Submission.region.in_(regions))
    found = {id_: (revision, status) for id_, revision, status in db.session.execute(query)}
    db.session.rollback()
    return found


def test_asking_every_minute_loses_and_repeats_nothing(app: Flask) -> None:
    publish()
    db.session.commit()
    luck, *others = (random.Random(number) for number in range(3))  # noqa: S311  # the same day each time
    writers = [Writer(app, other) for other in others]
    was_busy = True
    readers = [Reader(), Reader(regions=frozenset({HERE}))]
    with ThreadPoolExecutor(max_workers=len(writers)) as pool:
        for minute in range(MINUTES):
            deeds = [pool.submit(w.act, minute) for w in writers] if luck.random() < BUSY else []
            # who sees one region asks less often: each reader has a cursor of their own
            told = [reader.poll() for reader in readers[: 1 + (minute % 6 == 0)]]
            for deed in deeds:
                deed.result()
            if not deeds and not was_busy:
                assert told[0] == 0
            was_busy = bool(deeds)
    for reader in readers:
        reader.poll()
        assert reader.copy == there(reader.regions)
        assert reader.poll() == 0
    writes = writers[0].writes + writers[1].writes
    assert all(readers[0].told[id_] <= number for id_, number in writes.items())
    assert sum(writes.values()) > MINUTES * BUSY
    query = select(func.count()).select_from(SubmissionRevision)
    assert (db.session.scalar(query) or 0) > MINUTES * BUSY / 4  # edits went through


def test_a_region_hears_that_a_submission_went_elsewhere_or_was_erased(app: Flask) -> None:
    publish()
    moved, erased, elsewhere = (envelope(), envelope(), envelope(answers=_in("71")))
    send(moved, erased, elsewhere)
    reader = Reader(regions=frozenset({HERE}))
    reader.poll()
    assert set(reader.copy) == {moved.id, erased.id}
    _edit(moved.id, 1, "71")
    _edit(elsewhere.id, 1, "71", rooms=1)
    reviewing.erase(erased.id)
    reader.poll()
    assert reader.copy == {}
    # what was never of the region is not told of, however often it is edited
    assert elsewhere.id not in reader.told
    _edit(moved.id, 2, HERE)
    reader.poll()
    assert reader.copy == {moved.id: (3, "stored")}


def test_the_feed_tells_a_region_of_what_was_erased(app: Flask) -> None:
    publish()
    gone = envelope()
    send(gone)
    cursor = str(changes(QUESTIONNAIRE, None, limit=9, regions=[HERE]).cursor)
    reviewing.erase(gone.id)
    (row,) = changes(QUESTIONNAIRE, cursor, limit=9, regions=[HERE]).rows
    assert (row.id, row.status, row.answers) == (gone.id, State.ERASED, {})


def _told(cursor: str | None) -> tuple[list[tuple[UUID, int, str | None]], str]:
    """What the feed has for a reader of one region: id, revision, region; and the next cursor."""
    definitions = [each.definition for each in catalogue.all_editions(QUESTIONNAIRE)]
    db.session.rollback()
    page = changes(QUESTIONNAIRE, cursor, limit=99, regions=[HERE], definitions=definitions)
    return [(row.id, row.revision, row.region) for row in page.rows], str(page.cursor)


def test_the_feed_tells_a_region_of_what_went_elsewhere(app: Flask) -> None:
    publish()
    moved, elsewhere = envelope(), envelope(answers=_in("71"))
    send(moved, elsewhere)
    told, cursor = _told(None)
    assert told == [(moved.id, 1, HERE)]
    _edit(moved.id, 1, "71")
    _edit(elsewhere.id, 1, "71", rooms=1)
    told, cursor = _told(cursor)
    assert told == [(moved.id, 2, "71")]
    _edit(moved.id, 2, HERE)
    told, cursor = _told(cursor)
    assert told == [(moved.id, 3, HERE)]
    assert _told(cursor) == ([], cursor)


def _edit(id_: UUID, revision: int, region: str, **changed: object) -> None:
    edit = envelope(id=str(id_), base_revision=revision, answers=_in(region) | changed)
    (result,) = send(edit, sender=EDITOR)
    assert result.status == Status.STORED


def _in(region: str) -> dict[str, object]:
    return answers(place={"region": region, "gps": None})

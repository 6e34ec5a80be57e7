"""Publishes real questionnaires as they are, fills them, and reads every export back; by hand, not by pytest.

    python -m tests.exports.real_forms FOLDER [--submissions 40] [--only PART] [--database URL]

FOLDER holds XLSForms and XForms of other people (`*.xlsx`, `*.xls`, `*.md`, `*.xml`): those that other
programs of this field bring along, for instance. They are read where they are, and no part of this project.
Each is checked and published as `surveyapp questionnaire publish` does it, gets invented submissions, and
is exported in every format; of what else can be chosen each questionnaire takes its turn. What comes out is
opened by the libraries that analysts use and compared with the stored answers (`reading_back`).

A form that is refused with a sentence is listed with it. The exit status is 1 if anything went wrong:
a traceback, a file that cannot be read, a row or an answer that is not as it was stored.
"""

from __future__ import annotations

import argparse
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.cli import _compile
from surveyapp.catalogue.errors import CatalogueError
from surveyapp.catalogue.problems import explain
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.exports.errors import ExportError
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.request import (
    ExportRequest,
    Missing,
    Profile,
    Rosters,
    TableOptions,
    Times,
)
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.xlsform import WorkbookError
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.submissions.verdicts import Status
from surveyapp.wiring import settings_of
from tests.conftest import without_triggers
from tests.exports import visits
from tests.exports.reading_back import Stored, read_back, stored

SUFFIXES = frozenset({".xlsx", ".xls", ".xlsm", ".md", ".xml", ".csv"})
FORMS_APART = 7
#: of a questionnaire and a format, out of all combinations of choices
TURNS = 4
#: codes, labels, both
VALUES: Sequence[dict[str, Any]] = ({}, {"labels": "kk"}, {"labels": "ru", "codes": True})
#: what else can be chosen for tables: choice → option → value
MORE: Sequence[dict[str, dict[str, Any]]] = (
    {},
    {"multiple": {"split_multiple": True}, "times": {"times": Times.UTC}},
    {"missing": {"missing": Missing.MARKED}, "language": {"language": "en"}},
    {
        "multiple": {"split_multiple": True, "joined_multiple": True},
        "missing": {"missing": Missing.MARKED},
    },
)
CHOICES = list(product((True, False), VALUES, Rosters, (Profile.FULL, Profile.DE_IDENTIFIED)))


class Refused(Exception):
    """The form cannot be published, and its author is told why."""


@dataclass
class Tally:
    """What came of the forms."""

    published: int = 0
    submissions: int = 0
    exports: Counter[str] = field(default_factory=Counter)
    cells: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    #: each with how often it came
    faults: Counter[str] = field(default_factory=Counter)

    def fault(self, name: str, where: str) -> None:
        """Note what was raised just now."""
        told = traceback.format_exc(limit=-4)
        kind = f"{name}: {told.splitlines()[-1]}"
        if not self.faults[kind]:
            print(f"FAULT {name} {where}\n{told}", flush=True)
        self.faults[kind] += 1


def main() -> None:
    """All forms of a folder, one after the other."""
    arguments = _arguments()
    files = sorted(each for each in arguments.folder.iterdir() if each.suffix.lower() in SUFFIXES)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder, _application(folder, arguments.database) as app:
        for number, file in enumerate(each for each in files if arguments.only in each.name):
            try:
                _one(file, number, arguments.submissions, tally)
            except Refused as refused:
                tally.refused[file.name] = str(refused)
            except Exception:  # whatever it is: the next form is another one
                tally.fault(file.name, "as a whole")
            _empty(app)
    _tell(tally)
    raise SystemExit(bool(tally.faults))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--only", default="", help="files in whose name this is")
    parser.add_argument("--database", default="", help="of PostgreSQL, empty; all in it is deleted")
    return parser.parse_args()


@contextmanager
def _application(folder: str, database: str) -> Iterator[Flask]:
    environment = {"INSTANCE_PATH": folder, "DEMONSTRATION": "yes", "DATABASE_URL": database}
    app = create_app(Settings.from_environment(environment))
    with app.app_context():
        upgrade_database()
        yield app


def _empty(app: Flask) -> None:
    db.session.remove()
    with db.engine.begin() as connection, without_triggers(connection):
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())


def _tell(tally: Tally) -> None:
    for name, sentence in tally.refused.items():
        print(f"refused  {name}: {sentence}")
    for name, sentence in tally.quarantined.items():
        print(f"quarantined  {name}: {sentence}")
    for told, count in tally.faults.items():
        print(f"fault  {count} times  {told}")
    print(
        f"{tally.published} published, {len(tally.refused)} refused, {tally.submissions} submissions, "
        f"exports {dict(tally.exports)}, {tally.cells} cells alike, {tally.faults.total()} faults"
    )


# --- one form ---------------------------------------------------------------------------------------


def _one(file: Path, number: int, submissions: int, tally: Tally) -> None:
    edition = _published(file)
    tally.published += 1
    random = Random(number)  # noqa: S311  # no secret is drawn
    for results in Demonstration([edition], random, datetime.now(settings_of().timezone)).send(
        submissions
    ):
        for result in results:
            if result.status is not Status.STORED:
                tally.quarantined[file.name] = f"{result.status} {result.errors[:2]}"
    there = stored(edition.definition)
    tally.submissions += len(there.answers)
    for name in FORMATS:
        for request in _asked(edition, name, number):
            _checked(file.name, request, there, tally)


def _published(file: Path) -> Edition:
    content = file.read_bytes()
    texts = catalogue.DEMONSTRATION_TEXTS
    report = check(content, file.name, placeholders=texts, strict=False, media=None)
    if report.errors:
        raise Refused(explain(report.errors[0], "en").replace("\n", " "))
    try:
        return catalogue.publish(
            _compile(content, file.name, strict=False), name=file.name, demonstration=True
        )
    except WorkbookError as error:
        raise Refused(explain(error.problems[0], "en")) from None
    except (xform.XFormError, CatalogueError) as error:
        raise Refused(str(error)) from None


def _asked(edition: Edition, format_: str, number: int) -> Iterator[ExportRequest]:
    """Always what can be compared answer by answer; of the rest each questionnaire takes other turns."""
    questionnaire = edition.entry.id
    plain = ExportRequest(questionnaire=questionnaire, format=format_, package=True, **visits.FULL)
    yield plain
    if format_ == "csv":
        for package in (True, False):
            yield ExportRequest(questionnaire=questionnaire, package=package, profile=Profile.AGGREGATE)
    known = FORMATS[format_].choices
    for turn in range(TURNS):
        package, values, rosters, profile = CHOICES[(number * TURNS + turn) * FORMS_APART % len(CHOICES)]
        chosen = values if "values" in known else {}
        if "rosters" in known:
            chosen = chosen | {"rosters": rosters}
        for name, options in MORE[(number + turn) % len(MORE)].items():
            chosen = chosen | (options if name in known else {})
        if profile is Profile.FULL and turn % 2:
            chosen = chosen | {"include_identity": True, "include_sensitive": True}
        guarded = visits.FULL if profile is Profile.FULL else {"profile": profile}
        yield ExportRequest(
            questionnaire=questionnaire,
            format=format_,
            package=package or FORMATS[format_].media,
            tables=TableOptions(**chosen),
            **guarded,
        )


def _checked(name: str, request: ExportRequest, there: Stored, tally: Tally) -> None:
    told = (
        f"{request.format} {request.profile} {'package' if request.package else 'bare'} {request.tables}"
    )
    try:
        content = b"".join(export(request))
        if request.confidential:
            content = visits.opened(content, request)
        tally.cells += read_back(content, request, there)
        tally.exports[request.format] += 1
    except ExportError as error:  # a sentence for whoever asked
        tally.exports[f"{request.format} refused: {type(error).__name__}"] += 1
    except Exception:
        tally.fault(name, told)


if __name__ == "__main__":
    main()

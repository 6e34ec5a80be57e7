"""How fast administrators' pages are: `python -m tests.performance.manage --held 10000 1000000`.

Not a test. Sets up an installation of its own with synthetic records of the household survey, copies them until so many are
held (spread over a year, regions, interviewers, channels and reviews), signs in as somebody with every right
of looking, and asks each page in turn. One line of figures for each page and number of records:

    first    milliseconds of the first answer
    middle   of the others, in the middle
    cpu      milliseconds of the server's and the database's processes for one answer
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import unescape
from http.cookiejar import CookieJar
from random import Random
from statistics import median
from time import perf_counter
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from sqlalchemy import text

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from surveyapp.people.service import add_user
from surveyapp.submissions import households, judging
from surveyapp.submissions.changes import current_epoch
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.wiring import settings_of
from tests.accounts import PASSWORD, SIGN_IN
from tests.performance import held_rows
from tests.performance.installation import Installation, durability, installed
from tests.performance.processes import cpu_seconds

QUESTIONNAIRE = "household_baseline"
#: records that are received, of which the others are copies
RECEIVED = 200
INTERVIEWERS = 200
ROLES = (RoleName.ADMINISTRATOR, RoleName.REVIEWER, RoleName.DATA_STEWARD)
ASKED = 9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=int, nargs="+", default=[10_000, 1_000_000])
    chosen = parser.parse_args()
    os.environ["SECOND_FACTOR"] = "optional"  # the server's, too
    with installed("postgresql", {"SECOND_FACTOR": "optional"}) as installation:
        print(json.dumps({"database": "postgresql", **durability()}))
        _begin()
        looker = _Looker(installation)
        for held in chosen.held:
            _fill(held)
            for name, path in _pages():
                print(
                    json.dumps({"held": held, "page": name, **_asked(installation, looker, path)}),
                    flush=True,
                )


# --- records ----------------------------------------------------------------------------------------


def _begin() -> None:
    """People, and records that come in by the door."""
    add_user("looker", ROLES, PASSWORD)
    for number in range(INTERVIEWERS):
        add_user(f"interviewer-{number}", [RoleName.INTERVIEWER])
    edition = catalogue.current(QUESTIONNAIRE)
    assert edition is not None
    until = datetime.now(settings_of().timezone)
    current_epoch()
    for _results in Demonstration([edition], Random(1), until).send(RECEIVED):  # noqa: S311
        pass
    db.session.remove()


def _fill(held: int) -> None:
    """Copies, spread over a year, ten regions, people and reviews; and what the worker reckons of them."""
    held_rows.fill(held)
    named = "\n".join(households.naming(QUESTIONNAIRE))
    db.session.rollback()
    values = {"questionnaire": QUESTIONNAIRE, "people": INTERVIEWERS, "household": named}
    for statement in _STATEMENTS:
        with db.engine.begin() as connection:
            connection.execute(text(statement), values)
    with db.engine.begin() as connection:
        judging.judge(connection, QUESTIONNAIRE, [f"user {number}" for number in _interviewers()])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _interviewers() -> Sequence[int]:
    with db.engine.connect().execution_options(reads=True) as connection:
        query = text("SELECT id FROM \"user\" WHERE username LIKE 'interviewer-%'")
        return list(connection.scalars(query))


_AGO = "interval '1 day' * (serial % 365) + interval '1 second' * (serial % 36000)"
_STATEMENTS = (
    f"""
    UPDATE submission SET received_at = now() - ({_AGO}), first_received_at = now() - ({_AGO}),
        sender_id = (SELECT min(id) FROM "user" WHERE username LIKE 'interviewer-%') + serial % :people,
        status = (ARRAY['stored', 'stored', 'accepted', 'accepted', 'accepted', 'returned', 'rejected',
            'deleted'])[1 + serial % 8]
    WHERE questionnaire = :questionnaire
    """,  # noqa: S608  # our own words only
    "DELETE FROM measure",
    "DELETE FROM tally",
    "DELETE FROM measuring",
    """
    INSERT INTO measure (submission_id, questionnaire, received_at, day, region, collector, result, seconds,
        asked, missing, runs, straight, night, lat, lon, flagged,
        synthetic, consent, digest, household)
    SELECT id, questionnaire, received_at, (received_at AT TIME ZONE 'Asia/Almaty')::date, coalesce(region, ''),
        'user ' || sender_id, (ARRAY['completed', 'refused', 'nobody'])[1 + serial % 3], 600 + serial % 1800,
        60, serial % 9, 4, serial % 3, serial % 50 = 0, 43 + random(), 76 + random(), flags <> '[]',
        synthetic, (ARRAY['agreed', '', ''])[1 + serial % 3], sha256(id::text::bytea),
        sha256((serial / 2)::text::bytea)
    FROM submission WHERE questionnaire = :questionnaire AND status <> 'deleted'
    """,
    """
    INSERT INTO tally (questionnaire, day, region, collector, result, count, flagged, synthetic,
        agreed, declined)
    SELECT questionnaire, day, region, collector, result, count(*),
        sum(flagged::int), sum(synthetic::int), sum((consent = 'agreed')::int), sum((consent = 'declined')::int)
    FROM measure GROUP BY 1, 2, 3, 4, 5
    """,
    """
    INSERT INTO tally (questionnaire, day, region, collector, result, count, flagged, synthetic,
        agreed, declined)
    SELECT questionnaire, date '0001-01-01', region, collector, result, count(*),
        sum(flagged::int), sum(synthetic::int), sum((consent = 'agreed')::int), sum((consent = 'declined')::int)
    FROM measure GROUP BY 1, 3, 4, 5
    """,
    """
    INSERT INTO measuring (questionnaire, epoch, changed, serial, household, at)
    SELECT :questionnaire, (SELECT id FROM epoch), max(changed), max(serial), :household, now() FROM submission
    """,
)


# --- pages ------------------------------------------------------------------------------------------


def _pages() -> Iterator[tuple[str, str]]:
    """Names and addresses, of filters that find much, little and nothing too."""
    base = f"/manage/q/{QUESTIONNAIRE}"
    listed = f"{base}/submissions"
    with db.engine.connect().execution_options(reads=True) as connection:
        chosen = text(
            "SELECT id, receipt_code, region, sender_id FROM submission WHERE questionnaire = :questionnaire "
            "AND status = 'accepted' ORDER BY serial LIMIT 1 OFFSET 100"
        )
        one = connection.execute(chosen, {"questionnaire": QUESTIONNAIRE}).one()
    yield "questionnaires", "/manage"
    yield "questionnaire", base
    yield "list", listed
    yield "list: a region", f"{listed}?region={one.region}"
    yield "list: returned", f"{listed}?status=returned"
    yield "list: a region, returned", f"{listed}?region={one.region}&status=returned"
    yield "list: an interviewer", f"{listed}?by={one.sender_id}"
    yield "list: a day", f"{listed}?since=2026-09-01&until=2026-09-01"
    yield "list: flagged", f"{listed}?flag=any"
    yield "list: deleted", f"{listed}?status=deleted"
    yield "list: by receipt code", f"{listed}?find={one.receipt_code}"
    yield "list: nothing found", f"{listed}?status=returned&channel=api"
    yield "list: in the middle", f"{listed}?after={_middle()}"
    yield "one submission", f"{base}/s/{one.id}"
    yield "progress", f"{base}/progress"
    yield "quality", f"{base}/quality"
    yield "its changes", f"{base}/s/{one.id}/changes"
    yield "its household", f"{base}/s/{one.id}/household"
    yield "correcting it", f"{base}/s/{one.id}/edit"
    yield "destroying who is meant", f"{base}/s/{one.id}/identity/destroy"
    yield "households", f"{base}/households"
    yield "plan", f"{base}/plan"
    yield "visits", f"{base}/assignments"
    yield "retention", f"{base}/retention"
    yield "export", f"{base}/export"
    yield "quarantine", "/manage/quarantine"
    yield "requests", "/manage/requests"
    yield "a request about it", f"/manage/requests/about/{one.id}"
    yield "breaches", "/manage/breaches"
    yield "log", "/manage/log"
    yield "devices", "/manage/devices"
    yield "people", "/manage/people"


def _middle() -> str:
    with db.engine.connect().execution_options(reads=True) as connection:
        return str(
            connection.scalar(
                text(
                    "SELECT (extract(epoch FROM received_at) * 1000000)::bigint || '-' || serial FROM submission "
                    "WHERE questionnaire = :questionnaire AND received_at < now() - interval '180 days' "
                    "ORDER BY received_at DESC, serial DESC LIMIT 1"
                ),
                {"questionnaire": QUESTIONNAIRE},
            )
        )


class _Looker:
    """Somebody in front of a browser who may see everything."""

    def __init__(self, installation: Installation) -> None:
        self._base = f"http://127.0.0.1:{installation.settings.port}"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(SIGN_IN).decode())
        assert found, "no form to sign in"
        form = {"csrf_token": unescape(found[1]), "username": "looker", "password": PASSWORD}
        with self._opener.open(self._base + SIGN_IN, urlencode(form).encode()):
            pass

    def get(self, path: str) -> bytes:
        """The page at an address; raises HTTPError where it is none."""
        with self._opener.open(self._base + path) as answer:
            assert answer.url == self._base + path, f"led from {path} to {answer.url}"
            return bytes(answer.read())


def _asked(installation: Installation, looker: _Looker, path: str) -> dict[str, float]:
    """Ask for a page some times, as one person does."""
    times, used = [], _cpu(installation)
    for _n in range(ASKED):
        begun = perf_counter()
        body = looker.get(path)
        times.append((perf_counter() - begun) * 1000)
    used = _cpu(installation) - used
    return {
        "first": round(times[0], 1),
        "middle": round(median(times[1:]), 1),
        "cpu": round(used * 1000 / ASKED, 1),
        "bytes": len(body),
    }


def _cpu(installation: Installation) -> float:
    database = cpu_seconds(installation.database) if installation.database else 0.0
    return cpu_seconds(installation.server) + database


if __name__ == "__main__":
    main()

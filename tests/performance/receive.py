"""How fast a real server receives: `python -m tests.performance.receive records`.

Not a test. Sets up an installation of its own (PostgreSQL with fsync, or SQLite), serves it with gunicorn, sends
from here over loopback, and prints one line of figures each:

    records    new records of sixty questions, as ODK Collect posts them, one a request
    copies     one of them again and again
    batches    new records through the JSON API, fifty a request
    list       the list of forms          (with --questionnaires 100)
    unchanged  the same, asked with the ETag of the last one
    photos     new records with a photo of about 200 KB, as ODK Collect posts both at once
    uploads    the same by the JSON API and tus: three requests each, timed together

`cpu` is milliseconds of the server's and the database's processes for each record or request: it means
something also where others use the machine. `other` is how many cores they used meanwhile.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.performance import held_rows, photos
from tests.performance.household import Household
from tests.performance.installation import Installation, durability, installed
from tests.performance.load import Load, drive, request, submission
from tests.performance.processes import busy_seconds, cpu_seconds, megabytes, resident_megabytes

BATCH = 50
#: requests before the clock starts: every thread has its connections and definitions then
WARMING = 400


@dataclass(frozen=True, slots=True)
class Work:
    """Requests, and how many records each of them brings."""

    requests: Sequence[bytes]
    each: int = 1
    #: for what is no single request: sends all of it over so many connections
    drive: Callable[[int], Load] | None = None


def main() -> None:
    """Measure and print."""
    chosen = _arguments()
    environment = {"WEB_WORKERS": str(chosen.workers)}
    if chosen.threads:
        environment["WEB_THREADS"] = str(chosen.threads)
    with installed(chosen.database, environment, questionnaires=chosen.questionnaires) as installation:
        print(json.dumps({"database": chosen.database, **durability()}))
        _warm(installation, chosen.connections)
        for held in chosen.held:
            held_rows.fill(held)
            for what in chosen.what:
                for n in range(chosen.rounds):
                    _measure(installation, what, chosen, seed=time.time_ns() + n)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="+", choices=sorted(_WORK))
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--held", type=int, nargs="+", default=[40_000], help="submissions in it before")
    parser.add_argument("--count", type=int, default=6000, help="requests in each round")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--questionnaires", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int)
    return parser.parse_args()


def _warm(installation: Installation, connections: int) -> None:
    work = _records(installation, WARMING, 1)
    drive(installation.settings.port, work.requests, connections)


def _measure(installation: Installation, what: str, chosen: argparse.Namespace, seed: int) -> None:
    work = _WORK[what](installation, chosen.count, seed)
    held, busy, before = held_rows.held(), busy_seconds(), _cpu(installation)
    own = time.process_time()
    port, connections = installation.settings.port, chosen.connections
    load = work.drive(connections) if work.drive else drive(port, work.requests, connections)
    own = time.process_time() - own
    used = [after - earlier for after, earlier in zip(_cpu(installation), before, strict=True)]
    others = (busy_seconds() - busy - own - sum(used)) / load.seconds
    print(
        json.dumps(
            {
                "what": what,
                "held": held,
                "connections": chosen.connections,
                **_figures(load, work),
                "cpu": round(sum(used) * 1000 / _records_of(load, work), 3),
                "cpu_server": round(used[0] * 1000 / _records_of(load, work), 3),
                "cpu_database": round(used[1] * 1000 / _records_of(load, work), 3),
                "other": round(others, 2),
                **_memory(installation),
            }
        ),
        flush=True,
    )


def _figures(load: Load, work: Work) -> dict[str, object]:
    quantiles = {f"p{share}": round(load.quantile(share / 100), 1) for share in (50, 95, 99)}
    return {
        "per_s": round(load.per_second * work.each),
        **quantiles,
        "statuses": {str(status): n for status, n in sorted(load.statuses.items())},
    }


def _records_of(load: Load, work: Work) -> int:
    return len(load.latencies) * work.each


def _cpu(installation: Installation) -> tuple[float, float]:
    """Seconds of the server's processes, and of the database's."""
    database = installation.database
    return cpu_seconds(installation.server), cpu_seconds(database) if database else 0.0


def _memory(installation: Installation) -> dict[str, int]:
    server = installation.server
    return {"mb": round(megabytes(server)), "rss_mb": round(resident_megabytes(server))}


# --- requests ---------------------------------------------------------------------------------------


def _records(installation: Installation, count: int, seed: int) -> Work:
    made = Household(installation.definition, seed)
    return Work([submission(installation.openrosa, made.xml()) for _n in range(count)])


def _copies(installation: Installation, count: int, seed: int) -> Work:
    one = submission(installation.openrosa, Household(installation.definition, seed).xml())
    return Work([one] * count)


def _batches(installation: Installation, count: int, seed: int) -> Work:
    made = Household(installation.definition, seed)
    headers = [f"Authorization: Bearer {installation.token}", "Content-Type: application/json"]
    requests = [
        request(
            "POST",
            "/api/v1/submissions",
            headers,
            json.dumps({"submissions": [made.item() for _item in range(BATCH)]}).encode(),
        )
        for _n in range(max(1, count // BATCH))
    ]
    return Work(requests, each=BATCH)


def _photos(installation: Installation, count: int, seed: int) -> Work:
    made = photos.Photos(seed)
    return Work([photos.posted(installation.openrosa, made) for _n in range(count)])


def _uploads(installation: Installation, count: int, seed: int) -> Work:
    made = photos.Photos(seed)
    records = [(made.item(), made.photo) for _n in range(count)]
    port, token = installation.settings.port, installation.token
    return Work([], drive=lambda connections: photos.bring(port, token, records, connections))


def _list(installation: Installation, count: int, _seed: int) -> Work:
    return Work([_list_request(installation)] * count)


def _unchanged(installation: Installation, count: int, _seed: int) -> Work:
    etag = _etag_of_list(installation)
    return Work([_list_request(installation, f"If-None-Match: {etag}")] * count)


def _list_request(installation: Installation, *headers: str) -> bytes:
    return request("GET", f"{installation.openrosa}/formList", ["X-OpenRosa-Version: 1.0", *headers])


def _etag_of_list(installation: Installation) -> str:
    from urllib.request import urlopen

    address = f"http://127.0.0.1:{installation.settings.port}{installation.openrosa}/formList"
    with urlopen(address) as answer:  # our own server on loopback
        return str(answer.headers["ETag"])


_WORK: Mapping[str, Callable[[Installation, int, int], Work]] = {
    "records": _records,
    "copies": _copies,
    "batches": _batches,
    "list": _list,
    "unchanged": _unchanged,
    "photos": _photos,
    "uploads": _uploads,
}


if __name__ == "__main__":
    main()

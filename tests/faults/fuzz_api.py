"""Bad requests to the JSON API: batches, packed bodies, sealed items, addresses, methods, headers.

python -m tests.faults.fuzz_api --rounds 100000 --seed 1
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from tests.faults import mangling, smuggling, wire
from tests.faults.fuzz_openrosa import one_line, quoted
from tests.faults.fuzzing import Make, run
from tests.faults.records import Draw, as_json
from tests.faults.scenes import Scene
from tests.faults.wire import Request

_HOST = "survey.example"
_BATCHES = "/api/v1/submissions"
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY")
_HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "X-Requested-With",
)
#: 20 MB of blanks, packed, and a packed file of nothing
_BOMB, _NOTHING = gzip.compress(b" " * 20_000_000, mtime=0), gzip.compress(b"", mtime=0)
#: values that no schema expects where they are put
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    2**63,
    float("nan"),
    float("-inf"),
    1e308,
    "",
    "\0",
    "\ud800",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30",
    "x" * 20_000,
    "\u0301" * 3000,
    [],
    {},
    [[]] * 300,
    {"": {"": {}}},
    {"__class__": "x", "constructor": "y", "__proto__": {}},
)


def maker(set_up: Scene) -> Make:
    """Requests with one person's token, and about another's records."""
    line = wire.Line(set_up.address)
    others = [Draw(seed).record() for seed in range(5000, 5005)]
    line.ask(wire.batch(set_up.other, others))
    line.close()
    return Api(set_up.token, [str(record.id) for record in others]).request


class Api:
    """Makes requests with one token."""

    def __init__(self, token: str, others: Sequence[str]) -> None:
        self._token, self._others = token, others
        self._kinds: Sequence[Callable[[Random], bytes]] = (
            self._damaged,
            self._strange,
            self._strange,
            self._packed,
            self._many,
            self._nested,
            self._sealed,
            self._addresses,
            self._headers,
            self._smuggled,
        )

    def request(self, random: Random) -> bytes:
        """One of some kind."""
        return random.choice(self._kinds)(random)

    def _ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): one_line(value) for name, value in headers.items()}
        return Request(method, path, sent, body).as_bytes(_HOST, is_kept=True)

    def _batch(self, *items: Any, **others: Any) -> bytes:
        body = json.dumps({**others, "submissions": items}).encode()
        return self._ask("POST", _BATCHES, body)

    def _item(self, random: Random) -> dict[str, Any]:
        return as_json(Draw(random.getrandbits(32)).record(photo=random.random() < 0.2))

    def _damaged(self, random: Random) -> bytes:
        body = json.dumps({"submissions": [self._item(random)]}, ensure_ascii=False).encode()
        return self._ask("POST", _BATCHES, mangling.damaged(random, body))

    def _strange(self, random: Random) -> bytes:
        """One value of a good record is another, or one too many."""
        item = self._item(random)
        for _blow in range(random.randrange(1, 3)):
            _put(random, item)
        others = {"device_time": random.choice(_VALUES)} if random.random() < 0.2 else {}
        return self._batch(item, **others)

    def _packed(self, random: Random) -> bytes:
        body = json.dumps({"submissions": [self._item(random)]}).encode()
        whole = gzip.compress(body, 1, mtime=0)
        packed = random.choice(
            (
                whole[: -random.randrange(1, 20)],
                _BOMB,
                _NOTHING * random.choice((2, 200)) + whole,
                mangling.damaged(random, whole),
                body,
            )
        )
        coding = random.choice(("gzip", "gzip", "x-gzip", "br", "deflate", "gzip, gzip"))
        return self._ask("POST", _BATCHES, packed, Content_Encoding=coding)

    def _many(self, random: Random) -> bytes:
        """Too many items, most of them nothing."""
        return self._batch(*[random.choice(_VALUES[:4])] * random.choice((0, 50, 51, 201, 5000)))

    def _nested(self, random: Random) -> bytes:
        sign, depth = random.choice(("[]", '{"a":')), random.choice((20, 33, 1000, 50_000))
        body = sign[0] * depth if sign == "[]" else sign * depth
        return self._ask("POST", _BATCHES, b'{"submissions":[%s' % body.encode())

    def _sealed(self, random: Random) -> bytes:
        told = base64.urlsafe_b64encode(b"\x04" + random.randbytes(random.randrange(400))).decode()
        item = {"id": self._item(random)["id"], "sealed": random.choice((told, told + "=", "???", ""))}
        return self._batch(item | ({"answers": {}} if random.random() < 0.2 else {}))

    def _addresses(self, random: Random) -> bytes:
        some = random.choice(
            (*self._others, quoted(mangling.word(random)), quoted(mangling.path(random)))
        )
        rest = random.choice(
            (
                f"submissions/{some}",
                f"submissions/{some}/revisions",
                f"submissions/{some}/missing",
                f"submissions/{some}/attachments",
                f"submissions/{some}/attachments/{quoted(mangling.path(random))}",
                f"questionnaires/{some}/versions/{quoted(mangling.word(random))}",
                f"questionnaires/visit/submissions?since={quoted(mangling.word(random))}",
                f"questionnaires/{some}/export?format={quoted(mangling.word(random))}",
                f"inbox?since={quoted(mangling.word(random))}",
                f"questionnaires?device={quoted(mangling.word(random))}",
                "enrolments/redeem",
                "starts",
                some,
            )
        )
        body = random.choice((b"", b"{}", b"[]", b"null", b'{"code":"\\ud800"}', b"\xff"))
        return self._ask(random.choice(_METHODS), f"/api/v1/{rest}", body)

    def _headers(self, random: Random) -> bytes:
        headers = {
            random.choice(_HEADERS).replace("-", "_"): mangling.word(random) for _each in range(3)
        }
        if random.random() < 0.3:
            headers["Authorization"] = random.choice(("Bearer", "Basic Og==", mangling.word(random)))
        body = json.dumps({"submissions": [self._item(random)]}).encode()
        return self._ask("POST", _BATCHES, body, **headers)

    def _smuggled(self, random: Random) -> bytes:
        return smuggling.request(random, _BATCHES)


def _put(random: Random, item: dict[str, Any]) -> None:
    """Put a strange value into some object of an item."""
    place: Any = item
    while inner := [value for value in _inner(place) if isinstance(value, dict | list)]:
        if random.random() < 0.4:
            break
        place = random.choice(inner)
    value = deepcopy(random.choice(_VALUES))
    if isinstance(place, list):
        place.append(value)
    else:
        place[random.choice((*place, mangling.word(random)))] = value


def _inner(place: Any) -> list[Any]:
    return list(place.values()) if isinstance(place, dict) else list(place)


if __name__ == "__main__":
    run(maker, rounds=100_000)

"""Bad requests to the routes of uploads (tus): lengths, offsets, digests, other people's uploads.

Each is drawn by itself, so few of them get far; `upload_journeys` is for those that do.

python -m tests.faults.fuzz_uploads --rounds 100000 --seed 1
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from random import Random

from tests.faults import mangling, smuggling, wire
from tests.faults.fuzz_openrosa import one_line, quoted
from tests.faults.fuzzing import Make, run
from tests.faults.records import Draw
from tests.faults.scenes import Scene
from tests.faults.wire import TUS, Line, Request

_HOST = "survey.example"
_BODY = {"Content-Type": "application/offset+octet-stream"}
#: without DELETE, after which all further requests would be about what is not there
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS")


def maker(set_up: Scene) -> Make:
    """Requests about uploads of the phone's own and of somebody else's."""
    line = Line(set_up.address)
    own, others = (
        [_begun(line, token) for _upload in range(5)] for token in (set_up.token, set_up.other)
    )
    line.close()
    return Uploads(set_up.token, own, others).request


def _begun(line: Line, token: str) -> str:
    """The address of an upload that has begun."""
    return line.ask(wire.upload(token, Draw(hash(token) % 2**32).photo())).headers["location"]


class Uploads:
    """Makes requests with one token."""

    def __init__(self, token: str, own: Sequence[str], others: Sequence[str]) -> None:
        self._token = {"Authorization": f"Bearer {token}"}
        self._own, self._others = own, others
        self._kinds: Sequence[Callable[[Random], bytes]] = (
            self._create,
            self._append,
            self._append_elsewhere,
            self._look,
            self._headers,
            self._smuggled,
        )

    def request(self, random: Random) -> bytes:
        """One of some kind."""
        return random.choice(self._kinds)(random)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        safe = {name: one_line(value) for name, value in {**self._token, **TUS, **headers}.items()}
        return Request(method, path, safe, body).as_bytes(_HOST, is_kept=True)

    def _create(self, random: Random) -> bytes:
        sha256 = random.choice(("0" * 64, f"{random.getrandbits(256):064x}", mangling.word(random)))
        told = base64.b64encode(sha256.encode("utf-8", "replace")).decode()
        metadata = random.choice(
            (f"sha256 {told}", f"name {told},sha256 {told}", mangling.word(random), "sha256")
        )
        headers = {"Upload-Length": _number(random), "Upload-Metadata": metadata}
        return self._ask("POST", "/api/v1/uploads", headers, random.randbytes(random.randrange(50)))

    def _append(self, random: Random) -> bytes:
        headers = {"Upload-Offset": random.choice(("0", "1", _number(random))), **_BODY}
        if random.random() < 0.5:
            digest = random.choice(
                (base64.b64encode(random.randbytes(32)).decode(), mangling.word(random))
            )
            headers["Upload-Checksum"] = f"{random.choice(('sha256', 'sha1', 'md5', ''))} {digest}"
        body = random.randbytes(random.choice((0, 1, 100, 2000, 100_000)))
        return self._ask("PATCH", random.choice(self._own), headers, body)

    def _append_elsewhere(self, random: Random) -> bytes:
        """To somebody else's: it must be as if there were none."""
        headers = {"Upload-Offset": "0", **_BODY}
        method = random.choice(("PATCH", "HEAD", "DELETE"))
        return self._ask(method, random.choice(self._others), headers, b"x")

    def _look(self, random: Random) -> bytes:
        where = random.choice(
            (random.choice(self._own), f"/api/v1/uploads/{quoted(mangling.word(random))}")
        )
        methods = _METHODS if where in self._own else (*_METHODS, "DELETE")
        return self._ask(random.choice(methods), where, {})

    def _headers(self, random: Random) -> bytes:
        headers = {
            "Tus-Resumable": random.choice(("1.0.0", "0.2.2", mangling.word(random))),
            "Content-Type": random.choice((_BODY["Content-Type"], mangling.word(random))),
            "Authorization": random.choice(
                (self._token["Authorization"], f"Bearer {mangling.word(random)}")
            ),
            "Accept-Language": mangling.word(random),
            "Upload-Offset": _number(random),
            "Upload-Length": _number(random),
        }
        where = random.choice((*self._own, "/api/v1/uploads"))
        return self._ask(random.choice(_METHODS), where, headers, random.randbytes(20))

    def _smuggled(self, random: Random) -> bytes:
        return smuggling.request(random, random.choice((*self._own, "/api/v1/uploads")))


def _number(random: Random) -> str:
    return random.choice(
        (
            "0",
            "1",
            "-1",
            "1e3",
            "١٢",
            "9" * 16,
            "9" * 400,
            "0x10",
            " 5",
            "5 ",
            "",
            str(random.getrandbits(40)),
            mangling.word(random),
        )
    )


if __name__ == "__main__":
    run(maker, rounds=100_000)

"""Bad requests to OpenRosa's routes: records, parts, names of files, bombs, headers, addresses.

python -m tests.faults.fuzz_openrosa --rounds 100000 --seed 1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.faults import mangling, smuggling, wire
from tests.faults.fuzzing import Make, run
from tests.faults.records import Draw, as_xml
from tests.faults.scenes import Scene
from tests.faults.wire import BOUNDARY, Request

_HOST = "survey.example"
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY")
_HEADERS = (
    "Accept-Language",
    "Authorization",
    "Content-Encoding",
    "Cookie",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "X-OpenRosa-Version",
    "Expect",
    "Accept-Encoding",
)
#: around the limit, and far beyond it
_TOO_MANY = (199, 201, 211, 1000, 5000)


def maker(set_up: Scene) -> Make:
    """Requests to a phone's address, and to people's."""
    return Openrosa(set_up.key).request


class Openrosa:
    """Makes requests for one phone's key."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._kinds: Sequence[Callable[[Random], bytes]] = (
            self._damaged_record,
            self._damaged_parts,
            self._bomb,
            self._names,
            self._many_parts,
            self._headers,
            self._addresses,
            self._people,
            self._smuggled,
        )

    def request(self, random: Random) -> bytes:
        """One of some kind."""
        return random.choice(self._kinds)(random)

    def _post(self, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        whole = wire.multipart(self._key, body)
        made = Request("POST", whole.path, {**whole.headers, **(headers or {})}, body)
        return made.as_bytes(_HOST, is_kept=True)

    def _damaged_record(self, random: Random) -> bytes:
        xml = as_xml(Draw(random.getrandbits(32)).record())
        return self._post(parts(("xml_submission_file", "s.xml", mangling.damaged(random, xml))))

    def _damaged_parts(self, random: Random) -> bytes:
        draw = Draw(random.getrandbits(32))
        record = draw.record(photo=True)
        assert record.photo is not None
        return self._post(mangling.damaged(random, wire.post(self._key, record, [record.photo]).body))

    def _bomb(self, random: Random) -> bytes:
        return self._post(parts(("xml_submission_file", "s.xml", mangling.bomb(random))))

    def _names(self, random: Random) -> bytes:
        xml = as_xml(Draw(random.getrandbits(32)).record())
        files = [
            (mangling.path(random), mangling.path(random), random.randbytes(9)) for _file in range(3)
        ]
        return self._post(parts(("xml_submission_file", mangling.path(random), xml), *files))

    def _many_parts(self, random: Random) -> bytes:
        # two hundred files are two hundred times on disk before anything can be said of them: seconds
        number = random.choice((0, 1, 2, 9)) if random.random() < 0.9 else random.choice(_TOO_MANY)
        name = random.choice(("xml_submission_file", "*isIncomplete*", "", "a.jpg"))
        return self._post(parts(*[(name, f"{n}.jpg", b"x") for n in range(number)]))

    def _headers(self, random: Random) -> bytes:
        headers = {random.choice(_HEADERS): mangling.word(random) for _header in range(3)}
        boundary = random.choice((mangling.word(random), BOUNDARY, "x" * 300, '"' + BOUNDARY + '"', "é"))
        kind = random.choice(
            ("multipart/form-data", "multipart/mixed", "text/xml", mangling.word(random))
        )
        headers |= {"Content-Type": f"{kind}; boundary={boundary}; charset={mangling.word(random)}"}
        body = parts(("xml_submission_file", "s.xml", as_xml(Draw(1).record())))
        safe = {name: one_line(value) for name, value in headers.items()}
        return self._post(body, safe)

    def _addresses(self, random: Random) -> bytes:
        rest = random.choice(
            (
                f"formList?formID={quoted(mangling.word(random))}",
                f"forms/{quoted(mangling.word(random))}/manifest",
                f"forms/1/media/{quoted(mangling.path(random))}",
                f"forms/{random.getrandbits(random.randrange(1, 90))}/form.xml",
                quoted(mangling.word(random)),
                "submission",
            )
        )
        key = random.choice((self._key, self._key[:-1], quoted(mangling.word(random))))
        method = random.choice(_METHODS)
        return Request(method, f"/openrosa/{key}/{rest}", {}, b"").as_bytes(_HOST, is_kept=True)

    def _people(self, random: Random) -> bytes:
        scheme = random.choice(("Digest", "Basic", "Bearer", ""))
        told = random.choice(
            (
                mangling.word(random),
                f'username="{mangling.word(random)}", realm="x", nonce="{mangling.word(random)}", uri="/", response="0"',
                "Og==",
                "/" * 100,
            )
        )
        path = random.choice(("/openrosa/formList", "/openrosa/submission"))
        headers = {"Authorization": one_line(f"{scheme} {told}")}
        return Request(random.choice(_METHODS), path, headers, b"").as_bytes(_HOST, is_kept=True)

    def _smuggled(self, random: Random) -> bytes:
        return smuggling.request(random, f"/openrosa/{self._key}/submission")


def parts(*named: tuple[str, str, bytes]) -> bytes:
    """A body of parts: field, file name, content; names are written as they are."""
    written = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode(
            "utf-8", "surrogatepass"
        )
        + content
        + b"\r\n"
        for field, name, content in named
    ]
    return b"".join(written) + f"--{BOUNDARY}--\r\n".encode()


def one_line(value: str) -> str:
    """What a header's value can be at all."""
    return "".join(letter if " " <= letter <= "ÿ" else "?" for letter in value)


def quoted(value: str) -> str:
    """What an address's path can be at all: no blanks, only ASCII."""
    return "".join(letter if "!" <= letter <= "~" and letter not in "?#" else "%25" for letter in value)


if __name__ == "__main__":
    run(maker, rounds=100_000)

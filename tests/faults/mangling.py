"""Bad input, drawn from a seed: what is damaged, what is too much, and what others have broken in by."""

from __future__ import annotations

from random import Random

#: pieces that have made parsers fail
_PIECES = (
    b"\0",
    b"\r\n\r\n",
    b"\r\n--",
    b"--",
    b'"',
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"&#0;",
    b"&#xD800;",
    b"]]>",
    b"<![CDATA[",
    b"<?xml version='1.1' encoding='utf-7'?>",
    b"<a xmlns:b='urn:b' b:c='",
    b"%s%n%00",
    b"9" * 400,
    b"-1",
    b"\xf0\x9f\x98\x80" * 50,
)
_PATHS = (
    "../../../../etc/passwd",
    "..\\..\\keys.json",
    "/etc/passwd",
    "C:\\x.jpg",
    "....//....//keys.json",
    "%2e%2e%2fkeys.json",
    "a/../../b.jpg",
    ".",
    "..",
    "",
    " ",
    "a\0.jpg",
    "CON",
    "a.jpg:stream",
    "\u202egpj.exe",
    "~/.ssh/id_rsa",
    "x" * 5000,
    "incoming",
    ".uploads",
    "a\r\nX-Injected: yes",
    'a"; filename="b',
)


def damaged(random: Random, content: bytes) -> bytes:
    """Bytes with pieces cut out, doubled, flipped or put in."""
    for _blow in range(random.randrange(1, 5)):
        start = random.randrange(len(content) + 1)
        end = min(len(content), start + random.randrange(80))
        middle = random.choice(
            (b"", content[start:end] * 2, random.choice(_PIECES), random.randbytes(random.randrange(12)))
        )
        content = content[:start] + middle + content[end:]
    return content


def word(random: Random) -> str:
    """A short text that may stand in a header or an address."""
    letters = "".join(chr(random.randrange(32, 127)) for _letter in range(random.randrange(30)))
    return random.choice((letters, path(random), str(random.getrandbits(70)), "-1", "1e9", "NaN", ""))


def path(random: Random) -> str:
    """A file's name that leads somewhere else."""
    return random.choice(_PATHS)


def bomb(random: Random) -> bytes:
    """XML that is small and becomes large, or asks for files, or is nested, wide or long."""
    return random.choice((_laughs, _quadratic, _external, _parameter, _deep, _wide, _attributes))(
        random.randrange(2, 4000)
    )


def _laughs(size: int) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE data [<!ENTITY l0 "{"h" * min(size, 99)}">{entities}]><data id="visit">&l11;</data>'.encode()


def _quadratic(size: int) -> bytes:
    return f'<!DOCTYPE d [<!ENTITY a "{"a" * size}">]><d id="visit">{"&a;" * size}</d>'.encode()


def _external(size: int) -> bytes:
    address = ("file:///etc/passwd", "http://127.0.0.1:1/x", "file:///dev/random", "keys.json")[size % 4]
    return f'<!DOCTYPE d [<!ENTITY a SYSTEM "{address}">]><d id="visit" version="1">&a;</d>'.encode()


def _parameter(_size: int) -> bytes:
    return b'<!DOCTYPE d [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]><d id="visit"/>'


def _deep(size: int) -> bytes:
    return b'<d id="visit" version="1">' + b"<a>" * size + b"</a>" * size + b"</d>"


def _wide(size: int) -> bytes:
    return b'<data id="visit" version="1">' + b"<child><age>1</age></child>" * size + b"</data>"


def _attributes(size: int) -> bytes:
    many = " ".join(f'a{n}="{n}"' for n in range(size))
    return f'<data id="visit" version="1" {many}/>'.encode()

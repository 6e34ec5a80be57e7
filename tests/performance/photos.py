"""Records with a photo of about 200 KB, as phones take them: to be sent by OpenRosa, or by the API and tus."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from random import Random

from PIL import Image

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.questionnaires.definition import Questionnaire
from tests.faults import wire
from tests.faults.records import Photo
from tests.files.pictures import exif
from tests.performance import household
from tests.performance.household import Household
from tests.performance.load import Load
from tests.performance.load import submission as written_post

QUESTIONNAIRE = "household_photo"
_PIXELS = (1280, 960)
#: brings a picture of so many pixels to some 200 KB
_QUALITY = 52


@cache
def definition() -> Questionnaire:
    """The household survey with one question more, for a photo; published."""
    text = household.WORKBOOK.read_text(encoding="utf-8").replace(household.QUESTIONNAIRE, QUESTIONNAIRE)
    asked = "| | image | photo | Сурет | Фото | Photo |  |  |  |\n| choices |"
    compiled = household.compiled_text(text.replace("| choices |", asked))
    return catalogue.publish(compiled, access=Access.STAFF, demonstration=True).definition


class Photos(Household):
    """Makes such records, each with a photo of its own; `photo` is that of the last one."""

    def __init__(self, seed: int) -> None:
        super().__init__(definition(), seed)
        self.photo = Photo("", b"")

    def _answers(self) -> dict[str, object]:
        mark = self.random.randbytes(16)
        self.photo = Photo(f"{mark.hex()}.jpg", _marked(mark))
        return super()._answers() | {"photo": self.photo.name}


@cache
def _picture() -> bytes:
    """A JPEG of a noisy scene, with EXIF and a place in it."""
    random = Random(1)  # noqa: S311  # a made-up picture
    small = Image.frombytes("RGB", (160, 120), random.randbytes(160 * 120 * 3))
    target = io.BytesIO()
    small.resize(_PIXELS, Image.Resampling.BICUBIC).save(target, "JPEG", quality=_QUALITY, exif=exif())
    return target.getvalue()


def _marked(mark: bytes) -> bytes:
    """The picture with a comment, so that no two are alike."""
    picture = _picture()
    return picture[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2) + mark + picture[2:]


def posted(path: str, made: Photos) -> bytes:
    """Record and photo in one post, as ODK Collect sends them."""
    return written_post(path, made.xml(), [(made.photo.name, "image/jpeg", made.photo.content)])


#: asks for one thing, and gives what came
Ask = Callable[[wire.Request], wire.Answer]


def brought(ask: Ask, token: str, item: dict[str, object], photo: Photo) -> int:
    """Record first, then its photo by tus, as our own program does; the last status that came."""
    named = {
        "name": photo.name,
        "sha256": photo.sha256,
        "size": len(photo.content),
        "type": "image/jpeg",
    }
    sent = ask(wire.batch_of(token, [json.dumps(item | {"attachments": [named]}).encode()]))
    if sent.json()["results"][0]["missing_attachments"] != [photo.sha256]:
        return 0
    begun = ask(wire.upload(token, photo))
    return ask(wire.piece(token, begun.headers["location"], 0, photo.content)).status


def bring(
    port: int, token: str, records: Sequence[tuple[dict[str, object], Photo]], senders: int
) -> Load:
    """Bring records with their photos over some kept connections; the time of each is that of all its requests."""
    load, left = Load(), iter(records)
    start = time.perf_counter()
    with ThreadPoolExecutor(senders) as threads:
        for sender in [threads.submit(_send, port, token, left, load) for _sender in range(senders)]:
            sender.result()
    load.seconds = time.perf_counter() - start
    return load


def _send(port: int, token: str, left: Iterator[tuple[dict[str, object], Photo]], load: Load) -> None:
    line = wire.Line(f"http://127.0.0.1:{port}")
    for item, photo in left:  # threads may share an iterator over a list
        began = time.perf_counter()
        load.statuses[brought(line.ask, token, item, photo)] += 1
        load.latencies.append((time.perf_counter() - began) * 1000)
    line.close()

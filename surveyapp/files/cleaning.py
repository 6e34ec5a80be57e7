"""Taking the places out of a file's metadata, by its kind; the picture itself is not coded anew."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import IO

from surveyapp.files import boxes, chunks, films, jpeg, tiff
from surveyapp.files.editing import Edit, Unreadable

#: kinds that are read whole
_PICTURES: Mapping[str, Callable[[bytes], Iterable[Edit]]] = {
    "image/jpeg": jpeg.edits,
    "image/png": chunks.png_edits,
    "image/webp": chunks.webp_edits,
    "image/gif": chunks.gif_edits,
    "image/tiff": tiff.edits,
}
#: kinds of which only the boxes are read
_BOXED: Mapping[str, Callable[[IO[bytes]], Iterable[Edit]]] = {
    "image/heic": boxes.picture_edits,
    "image/avif": boxes.picture_edits,
    "video/mp4": films.film_edits,
    "video/3gpp": films.film_edits,
    "video/quicktime": films.film_edits,
    "audio/mp4": films.film_edits,
}


class CannotClean(ValueError):
    """It may hold places, and they cannot be taken out: damaged, too large, or a kind unknown here."""


def without_places(source: IO[bytes], kind: str, *, most_bytes: int) -> list[Edit]:
    """The edits that take the places out; none for kinds that are neither picture nor film.

    Pictures up to `most_bytes` are read whole. Raises `CannotClean`.
    """
    try:
        return sorted(_edits(source, kind, most_bytes))
    except (Unreadable, LookupError, ArithmeticError, struct.error) as error:
        raise CannotClean(str(error)) from None


def _edits(source: IO[bytes], kind: str, most_bytes: int) -> Iterable[Edit]:
    if kind in _BOXED:
        return _BOXED[kind](source)
    if kind not in _PICTURES:
        if kind.startswith("image/"):
            raise CannotClean(kind)
        return ()
    source.seek(0)
    content = source.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise CannotClean("too large")
    return list(_PICTURES[kind](content))

"""The package: a `.zip` with every file of a format, what explains them, and a manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from surveyapp.exports.archive import ArchiveStream, Packed
from surveyapp.exports.records import Record
from surveyapp.exports.spool import SealedSpool
from surveyapp.exports.writing import ExportFile, ending

MANIFEST = "manifest.json"

#: Makes the manifest from what was packed, which is known only at the end.
Manifest = Callable[[Sequence[Packed]], Mapping[str, Any]]


def package(
    files: Sequence[ExportFile],
    batches: Iterable[Sequence[Record]],
    explanations: Mapping[str, bytes],
    manifest: Manifest,
    archive: ArchiveStream,
) -> Iterator[bytes]:
    """The bytes of the archive.

    Submissions are read once, so that all tables tell of the same state: while the first file goes out,
    the others wait in sealed spools. The manifest comes last, with the digests of all before it.
    """
    first, *others = files
    with ExitStack() as stack:
        spools = [stack.enter_context(SealedSpool()) for _ in others]
        yield from archive.file(
            first.name, _first(first, list(zip(others, spools, strict=True)), batches)
        )
        for file, spool in zip(others, spools, strict=True):
            yield from archive.file(file.name, spool.chunks())
    for name, content in explanations.items():
        yield from archive.file(name, [content])
    yield from archive.file(MANIFEST, [as_json(manifest(archive.packed))])
    yield from archive.end()


def _first(
    first: ExportFile,
    others: Sequence[tuple[ExportFile, SealedSpool]],
    batches: Iterable[Sequence[Record]],
) -> Iterator[bytes]:
    """The first file's bytes; the others' go to their spools on the way."""
    for file, spool in others:
        spool.write(file.begin())
    yield first.begin()
    for batch in batches:
        for file, spool in others:
            spool.write(b"".join(map(file.add, batch)))
        yield b"".join(map(first.add, batch))
    for file, spool in others:
        for piece in ending(file):
            spool.write(piece)
    yield from ending(first)


def as_json(content: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"

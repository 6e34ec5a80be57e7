"""How much comes from one address without an account: what is past the ceiling waits for a person.

Whole schools, and an operator's customers, share one address, so the ceiling is high, and nothing is
turned away for it: the records behind it are quarantined. What one start token may do is told in
`channels/api/callers.py`.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerHour

from surveyapp.limiting import limiter
from surveyapp.wiring import settings_of

#: bits of an IPv6 address that are one customer's (RFC 6177): the others are theirs to choose
_NETWORK = 64


def is_past_ceiling(records: int) -> bool:
    """Count records of the calling address; whether these are more than it may send in an hour."""
    return not _counted("anonymous records", settings_of().max_address_records, records)


def may_bring_file() -> bool:
    """Count a file of the calling address; whether it may still be brought in this hour.

    A file cannot wait in quarantine by itself: it stays on the phone.
    """
    return _counted("anonymous files", settings_of().max_address_records, 1)


def _counted(kind: str, most: int, number: int) -> bool:
    address = network_of(get_remote_address())
    return limiter.limiter.hit(RateLimitItemPerHour(most), kind, address, cost=max(1, number))


def network_of(address: str) -> str:
    """The address; of IPv6 what its owner cannot choose."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a proxy's own word
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return f"{IPv6Address(int(parsed) >> _NETWORK << _NETWORK)}/{_NETWORK}"

"""Passkeys (WebAuthn) as a second factor: what the browser is asked, and whether its answer holds.

The browser is told a challenge, which the session keeps for one answer. A passkey belongs to one host
name, that of `PUBLIC_URL` where it is set; browsers know passkeys of names under https and of
`localhost`, never of bare addresses.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request, session
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import factors
from surveyapp.people.errors import BadPasskey, KnownPasskey, TooManyPasskeys
from surveyapp.people.factors import Factor
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import Passkey, User
from surveyapp.wiring import settings_of

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

#: of one account
MOST = 20
_WITHIN = timedelta(minutes=5)
_CHALLENGE = "passkey_challenge"
_SITE = "surveyapp"


def can_be_used() -> bool:
    """Whether browsers know passkeys at the address of this request."""
    parts = urlsplit(_origin())
    return parts.hostname == "localhost" or (parts.scheme == "https" and not _is_bare(_host()))


def making_options(user: User) -> str:
    """What `navigator.credentials.create` is asked, as JSON."""
    import webauthn
    from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement

    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=settings_of().operator or _SITE,
        user_id=keyed_hash("passkey owner", str(user.id)),
        user_name=user.username,
        timeout=_milliseconds(_WITHIN),
        exclude_credentials=_known(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED
        ),
    )
    _expect(options.challenge)
    return webauthn.options_to_json(options)


def add(user: User, name: str, answer: str) -> list[str]:
    """Keep the passkey that the browser made; the recovery codes, if it is the first second factor.

    Commits. Raises `BadPasskey`, `KnownPasskey`, `TooManyPasskeys`.
    """
    import webauthn

    challenge = _expected()
    if len(factors.passkeys(user)) >= MOST:
        raise TooManyPasskeys(MOST)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
        )
        transports = webauthn.helpers.parse_registration_credential_json(answer).response.transports
    except Exception:  # whatever may be wrong in what somebody sends, parsers included
        raise BadPasskey from None
    db.session.add(
        Passkey(
            user_id=user.id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=[transport.value for transport in transports or []],
        )
    )
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise KnownPasskey from None
    return factors.note_added(user, Factor.PASSKEY)


def using_options(user: User) -> str:
    """What `navigator.credentials.get` is asked, as JSON."""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=_host(), timeout=_milliseconds(_WITHIN), allow_credentials=_known(user)
    )
    _expect(options.challenge)
    return webauthn.options_to_json(options)


def proves(user: User, answer: str) -> bool:
    """Whether the answer was made by one of somebody's passkeys, for this challenge. Commits."""
    import webauthn

    try:
        challenge = _expected()
        shown = webauthn.helpers.parse_authentication_credential_json(answer).raw_id
        query = select(Passkey).where(Passkey.credential_id == shown, Passkey.user_id == user.id)
        passkey = db.session.scalars(query.with_for_update()).one()
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            # a copy of a key that counts is behind: the answer is then refused
            credential_current_sign_count=passkey.sign_count,
        )
    except Exception:  # as above
        db.session.rollback()
        return False
    passkey.sign_count, passkey.used_at = used.new_sign_count, utc_now()
    db.session.commit()
    return True


# --- challenges -----------------------------------------------------------------------------------


def _expect(challenge: bytes) -> None:
    at = int(utc_now().timestamp())
    session[_CHALLENGE] = [base64.b64encode(challenge).decode("ascii"), at]


def _expected() -> bytes:
    """The challenge that was told last, once. Raises `BadPasskey` when there is none, or it is old."""
    kept, at = session.pop(_CHALLENGE, ["", 0])
    if not kept or utc_now().timestamp() - at > _WITHIN.total_seconds():
        raise BadPasskey
    return base64.b64decode(kept)


# --- where ----------------------------------------------------------------------------------------


def _origin() -> str:
    return settings_of().public_url or request.host_url.rstrip("/")


def _host() -> str:
    return urlsplit(_origin()).hostname or ""


def _is_bare(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(word) for word in passkey.transports],
        )
        for passkey in factors.passkeys(user)
    ]


def _milliseconds(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)

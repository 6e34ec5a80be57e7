"""Single sign-on by OpenID Connect: the provider is asked with Authlib (code flow, PKCE, state, nonce).

What the provider says is believed only as its signed ID token says it: who (issuer, subject), when they
signed in there, and by what. The access token is thrown away: nothing is asked with it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, request, session
from werkzeug.wrappers import Response

from surveyapp.config import BadSetting, Settings
from surveyapp.wiring import settings_of

logger = logging.getLogger("surveyapp.single_sign_on")
_EXTENSION = "surveyapp-oidc"
_NAME = "provider"
#: seconds that the provider may take to answer this server
_PATIENCE = 10
#: signatures that only the provider can make; not `none`, and none under the secret that we know too
_SIGNATURES = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"}
)
#: RFC 8176: what stands for something that one has, beside a password or PIN that one knows
_HAD = frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "fpt", "face"})
_KNOWN = frozenset({"pwd", "pin", "kba"})


class ProviderRefused(Exception):
    """The provider says no, or the person broke off there."""


class ProviderUnreachable(Exception):
    """The provider does not answer as it should: not at all, or no document that can be used."""


class NotOurs(Exception):
    """What came back does not belong to a sign-in that this browser began here, or is not signed so."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody as the provider knows them."""

    issuer: str
    subject: str
    #: what the provider calls them; shown, never compared
    name: str
    #: whether it saw a second factor
    second_factor: bool
    #: when they signed in there, in seconds since 1970; 0: it does not say
    at: float


def is_configured() -> bool:
    """Whether there is a provider."""
    return bool(settings_of().oidc_issuer)


def label() -> str:
    """What people call the provider."""
    settings = settings_of()
    return settings.oidc_label or urlsplit(settings.oidc_issuer).netloc


def go_there(return_to: str, **more: str) -> Response:
    """Lead the browser to the provider, which leads it back. Raises `ProviderUnreachable`."""
    _forget_what_was_begun()
    provider = _provider()
    try:
        answer: Response = provider.authorize_redirect(return_to, **more)
    except Exception as error:  # network, certificates, JSON: each library has its own
        raise _unreachable(error) from None
    return answer


def come_back() -> Stranger:
    """Whom the provider means who has led the browser back with this request.

    Raises `ProviderRefused`, `ProviderUnreachable`, `NotOurs`.
    """
    from authlib.integrations.base_client import MismatchingStateError, OAuthError
    from joserfc.errors import JoseError

    if (
        "error" in request.args
    ):  # nothing is believed of it, so it needs no `state`, which some leave out
        logger.warning("the provider refused: %s", _plain(request.args["error"]))
        _forget_what_was_begun()
        raise ProviderRefused
    if request.args.get("iss", settings_of().oidc_issuer) != settings_of().oidc_issuer:  # RFC 9207
        raise NotOurs
    if f"_state_{_NAME}_{request.args.get('state', '')}" not in session:
        raise NotOurs
    provider = _provider()
    try:
        token = provider.authorize_access_token()
    except MismatchingStateError:
        raise NotOurs from None
    except OAuthError as error:
        logger.warning("the provider refused: %s", _plain(error.error))
        raise ProviderRefused from None
    except (JoseError, ValueError) as error:
        logger.warning("an ID token does not hold: %s", type(error).__name__)
        raise NotOurs from None
    except Exception as error:
        raise _unreachable(error) from None
    finally:
        _forget_what_was_begun()
    return _stranger(token.get("userinfo"))


def way_out(return_to: str) -> str | None:
    """Where one signs out at the provider; None: it has no such page, or does not answer."""
    try:
        end = _provider().server_metadata.get("end_session_endpoint")
    except ProviderUnreachable:
        return None
    if not isinstance(end, str) or urlsplit(end).scheme not in {"http", "https"}:
        return None
    arguments = {"client_id": settings_of().oidc_client_id, "post_logout_redirect_uri": return_to}
    return f"{end}{'&' if '?' in end else '?'}{urlencode(arguments)}"


def _stranger(claims: Mapping[str, Any] | None) -> Stranger:
    subject = claims.get("sub") if claims else None
    if claims is None or not isinstance(subject, str) or not subject:
        raise NotOurs
    names = (claims.get(key) for key in ("name", "preferred_username", "email"))
    name = next((name for name in names if isinstance(name, str) and name), subject)
    at = claims.get("auth_time")
    return Stranger(
        issuer=settings_of().oidc_issuer,
        subject=subject,
        name=name[:100],
        second_factor=_saw_second_factor(claims.get("amr")),
        at=float(at) if isinstance(at, int | float) else 0.0,
    )


def _saw_second_factor(methods: object) -> bool:
    """By `amr` (RFC 8176): said outright, or something known beside something had."""
    said = {word for word in methods if isinstance(word, str)} if isinstance(methods, list) else set()
    return "mfa" in said or bool(said & _HAD and said & _KNOWN)


def _provider() -> Any:
    """The client, with the provider's own description of itself loaded. Raises `ProviderUnreachable`."""
    client = current_app.extensions[_EXTENSION]
    try:
        metadata = client.load_server_metadata()
    except Exception as error:
        raise _unreachable(error) from None
    if metadata.get("issuer") != settings_of().oidc_issuer:
        logger.error("the provider calls itself by another name than OIDC_ISSUER")
        raise ProviderUnreachable
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _SIGNATURES]
    return client


def _unreachable(error: Exception) -> ProviderUnreachable:
    logger.warning("the provider cannot be used: %s", type(error).__name__)
    return ProviderUnreachable()


def _plain(code: object) -> str:
    """An error code of OAuth for the log; whatever else stands there is not repeated."""
    word = str(code)
    return word if word.replace("_", "").isalpha() and len(word) < 50 else "unknown"


def _forget_what_was_begun() -> None:
    """What Authlib keeps of a sign-in under way: abandoned ones would fill the cookie."""
    for key in [key for key in session if key.startswith(f"_state_{_NAME}_")]:
        session.pop(key)


def register_oidc(app: Flask, settings: Settings) -> None:
    """Make the client, where there is a provider. Raises `BadSetting`."""
    if not settings.oidc_issuer:
        return
    if not settings.oidc_client_id:
        raise BadSetting("OIDC_CLIENT_ID: must be set where OIDC_ISSUER is")
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError:
        raise BadSetting("OIDC_ISSUER: needs the packages of surveyapp[sso]") from None
    oauth = OAuth(app)
    app.extensions[_EXTENSION] = oauth.register(
        _NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": _PATIENCE,
            **({} if settings.oidc_client_secret else {"token_endpoint_auth_method": "none"}),
        },
    )

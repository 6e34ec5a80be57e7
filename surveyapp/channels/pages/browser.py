"""The browser's side of a draft: its cookie, and forms that come from our own pages only."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from flask import Response, abort, request

from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.drafts import DraftSecret, OpenDraft
from surveyapp.cookies import came_over_https
from surveyapp.wiring import settings_of

_PREFIX = "draft_"
#: asked for by a phone that keeps a page for when there is no network, and answered in kind
FOR_NOBODY = "Survey-For-Nobody"
_LEADING_TO_QUESTIONNAIRES = frozenset({"pages.front", "pages.home", "pages.start"})


def is_for_nobody() -> bool:
    """Whether a page is wanted that is the same for everybody: a phone keeps it, others may see it."""
    return request.headers.get(FOR_NOBODY) == "yes" and not request.cookies


def tell_for_nobody(response: Response) -> Response:
    """Say of a page that leads to questionnaires that it was made for nobody in particular."""
    if is_for_nobody() and request.endpoint in _LEADING_TO_QUESTIONNAIRES:
        response.headers[FOR_NOBODY] = "yes"
    return response


def cookie_name(questionnaire: str) -> str:
    """Name of the draft's cookie of a questionnaire. It tells nobody which one that is."""
    return _PREFIX + hashlib.sha256(questionnaire.encode()).hexdigest()[:10]


def secret_for(questionnaire: str) -> DraftSecret | None:
    """The secret that this browser has for a questionnaire."""
    return DraftSecret.from_cookie(request.cookies.get(cookie_name(questionnaire), ""))


def draft_for(questionnaire: str) -> OpenDraft | None:
    """The draft of a questionnaire that this browser can open."""
    secret = secret_for(questionnaire)
    draft = drafts.open_draft(secret) if secret else None
    return draft if draft and draft.state.questionnaire == questionnaire and _is_own(draft) else None


def drafts_here() -> list[OpenDraft]:
    """Every draft that this browser can open."""
    secrets = (
        DraftSecret.from_cookie(value)
        for name, value in request.cookies.items()
        if name.startswith(_PREFIX)
    )
    opened = (drafts.open_draft(secret) for secret in secrets if secret)
    return [draft for draft in opened if draft and _is_own(draft)]


def _is_own(draft: OpenDraft) -> bool:
    """Whether it is somebody's own answers, whose cookie was not put under another name."""
    return draft.state.correcting is None and draft.state.apart is None


def give_cookie(response: Response, draft: OpenDraft) -> Response:
    """Let the browser keep the draft's key: on a shared phone for the session only."""
    state = draft.state
    response.set_cookie(
        cookie_name(state.questionnaire),
        draft.secret.cookie,
        max_age=None if state.shared else drafts.lifetime(state),
        secure=came_over_https(),
        httponly=True,
        samesite="Lax",
    )
    return response


def take_cookie(response: Response, questionnaire: str) -> Response:
    """Let the browser forget a draft's key."""
    response.delete_cookie(
        cookie_name(questionnaire), secure=came_over_https(), httponly=True, samesite="Lax"
    )
    return response


def is_from_another_site() -> bool:
    """Whether another site's page made the browser send this request.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; those that say nothing send no
    `SameSite` cookie along with another site's form, or are no browsers.
    """
    told = request.headers.get("Sec-Fetch-Site")
    if told is not None:
        return told not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc not in _our_hosts()


def _our_hosts() -> set[str]:
    return {request.host, urlsplit(settings_of().public_url).netloc} - {""}


def refuse_other_sites() -> None:
    """403 for a form that another site's page sends."""
    if is_from_another_site():
        abort(403)


def is_preview() -> bool:
    """Whether the browser only looks ahead, and nobody has followed the link yet."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)

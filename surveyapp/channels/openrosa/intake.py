"""From a POST to its answer: read it, keep its files, have it received."""

from __future__ import annotations

from flask import Request, Response

from surveyapp.channels.openrosa import replies
from surveyapp.channels.openrosa.callers import Caller, tell_clock
from surveyapp.channels.openrosa.posts import Post, UnreadablePost
from surveyapp.database import utc_now
from surveyapp.media_store import media_store
from surveyapp.questionnaires.instance_xml import InstanceError
from surveyapp.submissions.instance_envelopes import NoForm, envelope_of_instance
from surveyapp.submissions.receive import NotStored, receive
from surveyapp.wiring import settings_of


def take(request: Request, caller: Caller) -> Response:
    """Receive what a request brings and answer for it; nothing is kept of what cannot be read."""
    try:
        return _take(request, caller)
    except UnreadablePost as unreadable:
        return replies.refusal(unreadable.code)
    except InstanceError as error:
        return replies.refusal(error.code)
    except NoForm:
        return replies.refusal("no_form")
    except NotStored:
        return replies.not_stored()


def _take(request: Request, caller: Caller) -> Response:
    settings, now, app = settings_of(), utc_now(), request.user_agent.string
    with Post(media_store()) as post:
        post.read(request, most_bytes=settings.max_openrosa_bytes, most_files=settings.max_attachments)
        envelope = envelope_of_instance(
            bytes(post.xml),
            language=caller.language,
            files=post.files(),
            app=app,
            sent_by=caller.tag,
        )
        post.keep_files()
    [result] = receive([envelope], caller.sender, now=now)
    tell_clock(envelope.finished_at, now)
    return replies.of_result(result)

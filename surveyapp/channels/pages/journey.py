"""From one page to the next: what each button of a page does (docs/decisions/0008)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from surveyapp.channels.pages import instances
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.taking import Form, Taker, Upload
from surveyapp.i18n import LANGUAGES
from surveyapp.people.attempts import Limit, claim
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.interview import CountedRoster, UnknownPath

#: wrong invitation codes before a draft has to wait, and before an address has to: whole schools share
#: one, and 40 bits hold out against this many
CODE_TRIES = Limit("invitation", 10, timedelta(hours=1))
CODE_TRIES_OF_ADDRESS = Limit("invitation from address", 1000, timedelta(hours=1))

START, REVIEW = "start", "review"
NEXT = "next"
#: the names of our own fields in a form of questions; no question’s name begins with `@`
BUTTON, MADE_FROM = "@go", "@revision"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a button leads: a page's key, `start` or `review`; in which language; to which part."""

    to: str
    language: str
    fragment: str = ""


def step(
    sitting: Sitting, page: Page, button: str, form: Form, files: Mapping[str, Upload]
) -> Destination:
    """Take what a page's form holds, and do what its button says; an unknown one changes nothing.

    Raises `people.attempts.TooManyAttempts` after too many wrong invitation codes.
    """
    asked = sitting.walk.asked(page)
    if not _is_stale(sitting, page, form):
        Taker(sitting).take(page, form, files)
    elif Taker(sitting).merge(page, form, files):
        sitting.state.notice = "conflict"
        return _here(sitting, page)
    if button == NEXT and set(sitting.walk.asked(page)) - set(asked):
        sitting.state.notice = "more_questions"
        return _here(sitting, page)
    name, _, argument = button.partition("-")
    return _BUTTONS.get(name, _stay)(sitting, page, argument)


def is_review_stale(sitting: Sitting, form: Form) -> bool:
    """Whether answers were changed after the review was made that `form` comes from."""
    return _revision(form) < max(sitting.state.changed.values(), default=0)


def leave_review(sitting: Sitting, button: str, argument: str) -> Destination:
    """What the review page's buttons other than “send” do."""
    if button == "language" and argument in LANGUAGES:
        return Destination(REVIEW, argument)
    last = next(reversed(sitting.walk.open_pages()), None)
    if button == "back" and last:
        return Destination(last.key, sitting.language)
    return Destination(REVIEW, sitting.language)


def _is_stale(sitting: Sitting, page: Page, form: Form) -> bool:
    """Whether the page's answers were changed after the form was made."""
    return _revision(form) < sitting.state.changed.get(page.key, 0)


def _revision(form: Form) -> int:
    """The draft's revision that a form was made from; 0 if it does not say."""
    made_from = (form.get(MADE_FROM) or [""])[0]
    return int(made_from) if made_from.isdecimal() and len(made_from) < 10 else 0


def _forward(sitting: Sitting, page: Page, _argument: str) -> Destination:
    problems = _problems_counting_tries(sitting, page)
    doubts = sitting.new_doubts(page)
    sitting.note_doubts(page)
    tried = sitting.state.tried
    if problems or doubts:
        if page.key not in tried:
            tried.append(page.key)
        return _here(sitting, page, "problems")
    if page.key in tried:
        tried.remove(page.key)
    following = sitting.walk.after(page)
    return Destination(following.key if following else REVIEW, sitting.language)


def _problems_counting_tries(sitting: Sitting, page: Page) -> list[AnswerError]:
    """What must be mended; a wrong invitation code counts against the limit of tries."""
    if sitting.code_question(page) is None:
        return sitting.problems(page)
    draft = str(sitting.draft.secret.id)
    attempt = claim([(CODE_TRIES, draft), (CODE_TRIES_OF_ADDRESS, sitting.caller)])
    problems = sitting.problems(page)
    if not any(problem.code.startswith("code_") for problem in problems):
        attempt.forgive()
    return problems


def _back(sitting: Sitting, page: Page, _argument: str) -> Destination:
    earlier = sitting.walk.before(page)
    return Destination(earlier.key if earlier else START, sitting.language)


def _language(sitting: Sitting, page: Page, code: str) -> Destination:
    return Destination(page.key, code if code in LANGUAGES else sitting.language)


def _add(sitting: Sitting, page: Page, _argument: str) -> Destination:
    if page.planned.lists is None or not instances.room_for_more(sitting, page):
        return _here(sitting, page)
    return _here(sitting, instances.add(sitting, page))


def _remove(sitting: Sitting, page: Page, position: str) -> Destination:
    """Remove the instance that the page belongs to, or the one that its list names."""
    if page.planned.lists is not None:
        instance = f"{page.listed}[{position}]"
    elif page.instance is not None:
        instance = page.instance
    else:
        return _here(sitting, page)
    earlier = page if page.planned.lists else _page_before_instance(sitting, page)
    try:
        instances.remove(sitting, page, instance)
    except (CountedRoster, UnknownPath, ValueError):
        return _here(sitting, page)
    return _here(sitting, earlier) if earlier else Destination(START, sitting.language)


def _page_before_instance(sitting: Sitting, page: Page) -> Page | None:
    before: Page | None = page
    while before and before.instance == page.instance:
        before = sitting.walk.before(before)
    return before


def _contents(sitting: Sitting, _page: Page, _argument: str) -> Destination:
    return Destination(START, sitting.language)


def _stay(sitting: Sitting, page: Page, _argument: str) -> Destination:
    return _here(sitting, page)


def _here(sitting: Sitting, page: Page, fragment: str = "") -> Destination:
    return Destination(page.key, sitting.language, fragment)


_BUTTONS: dict[str, Callable[[Sitting, Page, str], Destination]] = {
    NEXT: _forward,
    "back": _back,
    "language": _language,
    "add": _add,
    "remove": _remove,
    #: where the start page is a table of contents: when a stored record is corrected
    "contents": _contents,
}

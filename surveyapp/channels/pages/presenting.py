"""What the templates of an interview show: pages of questions, the review, the start and the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.channels.pages import instances
from surveyapp.channels.pages.help_lines import help_text
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.phrases import Wording, wording
from surveyapp.channels.pages.pictures import AddressOf
from surveyapp.channels.pages.questions import QuestionView, QuestionViews, Remarks, field_id
from surveyapp.channels.pages.shown_answers import shown_answer
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.tables import Run, runs
from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    Container,
    DataType,
    Question,
    Questionnaire,
    Roster,
)
from surveyapp.questionnaires.xform.texts import UNNAMED

#: audiences that answer for themselves, perhaps beside somebody whom they fear
SELF_ADMINISTERED = frozenset({"family", "adolescent"})
REVIEW = "review"

#: what is told once, after something happened
NOTICES: dict[str, LazyString] = {
    "more_questions": _l("Because of these answers there is more to ask on this page."),
    "conflict": _l(
        "This page was changed in another window meanwhile. Please look at the marked answers."
    ),
    "review_changed": _l(
        "The answers were changed in another window meanwhile. Please check them once more."
    ),
    "not_sent": _l("Not sent. The answers are kept; please try again in a few minutes."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all pages of a questionnaire share. `failed` puts “Error” into the title."""

    title: str
    quick_exit: bool
    help_text: str = ""
    notice: str = ""
    revision: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A line in the list of problems."""

    label: Wording
    message: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page of questions."""

    number: int
    total: int
    heading: Wording
    caption: str
    runs: tuple[Run[QuestionView], ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    surplus: bool
    removable: bool
    untranslated: str


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance in the list of a roster."""

    caption: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterView:
    """The list of a roster's instances."""

    number: int
    total: int
    heading: Wording
    instances: tuple[InstanceView, ...]
    room: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A question and its answer, on the review page."""

    label: Wording
    answer: str
    missing: bool
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section, or an instance of a roster, on the review page."""

    heading: Wording
    caption: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The review page."""

    parts: tuple[Part, ...]
    errors: tuple[Problem, ...]


def is_self_administered(questionnaire: Questionnaire) -> bool:
    """Whether its pages need the quick exit, the help box and a title that says nothing."""
    return questionnaire.audience in SELF_ADMINISTERED


def neutral_frame(questionnaire: Questionnaire, language: str, *, at_the_end: bool = False) -> Frame:
    """The frame of the start page and (with help for everybody) of the last one."""
    apart = is_self_administered(questionnaire)
    title = wording(questionnaire.title, language, questionnaire.default_language).text
    return Frame(
        title=_("Survey") if apart else title,
        quick_exit=apart,
        help_text=help_text(language) if apart or at_the_end else "",
    )


class Presenter:
    """Makes the views of one sitting; `files` as in `pictures.media_of`."""

    def __init__(self, sitting: Sitting, files: AddressOf | None = None) -> None:
        self.sitting = sitting
        self.questionnaire = sitting.questionnaire
        self.views = QuestionViews(sitting, files)

    # ------------------------------------------------------------ frames

    def frame(self, heading: Wording, *, failed: bool = False) -> Frame:
        """The frame of a page with this heading."""
        apart = is_self_administered(self.questionnaire)
        notice = NOTICES.get(self.sitting.state.notice)
        return Frame(
            title=_("Survey") if apart else heading.text,
            quick_exit=apart,
            help_text=help_text(self.sitting.language, self.sitting.region) if apart else "",
            notice=str(notice) if notice else "",
            revision=self.sitting.draft.revision,
            failed=failed,
        )

    # ------------------------------------------------------------ pages

    def page(self, page: Page) -> PageView:
        """A page of questions, with what is wrong and what is doubtful if going on was tried."""
        remarks = self._remarks(page)
        views = tuple(
            self.views.view(path, item, remarks)
            for path, item in page.shown()
            if self.sitting.interview.relevant(path)
        )
        shown = [view for view in views if says_something(view)]
        return PageView(
            number=self._number(page),
            total=len(self.sitting.walk.pages),
            heading=self.heading(page),
            caption=self.caption(page),
            runs=tuple(runs(shown, lambda view: view)),
            errors=tuple(self._problems(remarks.errors)),
            warnings=tuple(self._problems(remarks.doubts)),
            surplus=instances.is_surplus(self.sitting, page),
            removable=instances.is_removable(self.sitting, page),
            untranslated=self._untranslated(views),
        )

    def _remarks(self, page: Page) -> Remarks:
        if page.key not in self.sitting.state.tried:
            return Remarks({}, {})
        return Remarks(
            {error.path: error for error in self.sitting.problems(page)},
            {doubt.path: doubt for doubt in self.sitting.doubts(page)},
        )

    def _problems(self, found: dict[str, AnswerError], page: str = "") -> Iterator[Problem]:
        for path, error in found.items():
            label = self.views.phrase(self.sitting.walk.question(path).label, path)
            yield Problem(label, self.views.message(error), f"{page}#{field_id(path)}")

    def _untranslated(self, views: tuple[QuestionView, ...]) -> str:
        """A word about texts that are shown in another language than the page's."""
        texts = [text for view in views for text in (view.label, view.hint, view.guidance)]
        known = {self.sitting.language, UNNAMED}
        other = next((t.language for t in texts if t.text and t.language not in known), None)
        return untranslated(other) if other else ""

    def _number(self, page: Page) -> int:
        return self.sitting.walk.pages.index(page) + 1

    def heading(self, page: Page) -> Wording:
        """The heading of a page: its section's, else that of the nearest one around it that has any."""
        container: Container = page.planned.lists or page.planned.container
        labels = (item.label for item in self._around(container))
        label = next((label for label in labels if label), self.questionnaire.title)
        return self.views.phrase(label, page.instance or "")

    def _around(self, container: Container) -> Iterator[Container]:
        by_path = {item.path: item for item in self.questionnaire.walk()}
        path = container.path
        while path:
            item = by_path[path]
            if isinstance(item, Container):
                yield item
            path = path.rpartition("/")[0]

    def caption(self, page: Page) -> str:
        """Which instance of its roster a page is about: “Child 2 of 3 · Aigerim”."""
        if page.instance is None:
            return ""
        roster = page.planned.rosters[-1]
        total = self.sitting.interview.instances(page.instance.rpartition("[")[0])
        return self._instance_caption(roster, page.instance, page.positions[-1], total)

    def _instance_caption(self, roster: Roster, instance: str, n: int, total: int) -> str:
        if roster.name == "child":
            counted = _("Child %(n)s of %(total)s", n=n, total=total)
        else:
            counted = _("%(n)s of %(total)s", n=n, total=total)
        name = self._name_of(roster, instance)
        return f"{counted} · {name}" if name else counted

    def _name_of(self, roster: Roster, instance: str) -> str:
        """What tells an instance from the others: the answer to its first question, if it is a text."""
        first = next((item for item in roster.items if isinstance(item, Question)), None)
        if first is None or first.type is not DataType.TEXT:
            return ""
        return self.sitting.interview.value(f"{instance}/{first.name}") or ""

    # ------------------------------------------------------------ rosters

    def roster(self, page: Page) -> RosterView:
        """The list of a roster's instances."""
        return RosterView(
            number=self._number(page),
            total=len(self.sitting.walk.pages),
            heading=self.heading(page),
            instances=tuple(self._instances(page)),
            room=instances.room_for_more(self.sitting, page),
        )

    def _instances(self, page: Page) -> Iterator[InstanceView]:
        roster = page.planned.lists
        if roster is None:
            return
        whole = page.listed
        total = self.sitting.interview.instances(whole)
        for n in range(1, total + 1):
            caption = self._instance_caption(roster, f"{whole}[{n}]", n, total)
            first = instances.first_page(self.sitting, page, n)
            yield InstanceView(caption, self.address(first.key))

    # ------------------------------------------------------------ review

    def review(self) -> ReviewView:
        """Everything that was asked, with the answers; what is wrong if sending was tried."""
        tried = REVIEW in self.sitting.state.tried
        errors = self.sitting.problems() if tried else []
        problems = [
            problem
            for error in errors
            for problem in self._problems({error.path: error}, self._address_of(error.path))
        ]
        return ReviewView(tuple(self._parts()), tuple(problems))

    def _parts(self) -> Iterator[Part]:
        pages = [page for page in self.sitting.walk.open_pages() if page.planned.lists is None]
        for _key, run in groupby(pages, lambda page: (page.planned.container.path, page.positions)):
            together = list(run)
            rows = tuple(row for page in together for row in self._rows(page))
            if rows:
                yield Part(self.heading(together[0]), self.caption(together[0]), rows)

    def _rows(self, page: Page) -> Iterator[Row]:
        for path, item in page.nodes():
            if isinstance(item, Question) and self.sitting.interview.relevant(path):
                answer = shown_answer(self.sitting, path)
                label = self.views.phrase(item.label, path)
                address = f"{self.address(page.key)}#{field_id(path)}"
                yield Row(label, answer or _("No answer"), not answer, address)

    def _address_of(self, path: str) -> str:
        page = self.sitting.walk.page_of(path)
        return self.address(page.key) if page else ""

    def address(self, key: str) -> str:
        """Address of a page of this interview."""
        return page_address(self.questionnaire.id, key, self.sitting.language)

    def needs_upload(self, page: Page) -> bool:
        """Whether a page's form must carry files."""
        return any(
            self.sitting.walk.question(path).type in ATTACHMENT_TYPES
            for path in self.sitting.walk.asked(page)
        )


def says_something(view: QuestionView) -> bool:
    """Whether it is there to be seen: pyxform makes heads of tables without a word."""
    return view.control != "heading" or bool(view.label.text.strip())


def untranslated(language: str) -> str:
    """A word about a questionnaire, or a part, that is shown in another language."""
    name = LANGUAGE_NAMES.get(language, language)
    return str(
        _("There is no translation of some of this yet. It is shown in: %(language)s", language=name)
    )


def page_address(questionnaire: str, key: str, language: str) -> str:
    """Address of a page by its key; `start`, `review` and `thanks` are keys too."""
    if key in {"start", "review", "thanks"}:
        return url_for(f"pages.{key}", lang=language, questionnaire=questionnaire)
    return url_for("pages.page", lang=language, questionnaire=questionnaire, page=key)

"""What the template of a whole page shows: every page of the plan, before anything is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from surveyapp.channels.pages.drafts import DraftSecret, DraftState, OpenDraft
from surveyapp.channels.pages.fields import Raw, ends_of_range
from surveyapp.channels.pages.paging import Page, PlannedPage, is_heading, paging_of
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.pictures import unkept_address
from surveyapp.channels.pages.presenting import Presenter, says_something
from surveyapp.channels.pages.questions import (
    MOST_ROWS,
    NOTHING,
    ChoiceView,
    QuestionView,
    QuestionViews,
    Remarks,
)
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.tables import Run, runs
from surveyapp.channels.pages.walk import Walk
from surveyapp.channels.pages.whole_logic import MOST_IN_THE_PAGE, is_made_by_the_page
from surveyapp.config import Settings
from surveyapp.questionnaires.definition import (
    CONSENT_LISTS,
    SELECT_TYPES,
    Container,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
)
from surveyapp.questionnaires.interview import Interview

#: any fixed moment: what depends on the clock is worked out by the modules
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
#: stands for what an expression will fill in
TO_BE_FILLED = "…"


@dataclass(frozen=True, slots=True)
class Shown:
    """A question or a note of a page, and what the modules have to know of it besides its logic."""

    view: QuestionView
    relevant: bool
    #: values of attributes `data-…`
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePart:
    """One page of the plan. Within rosters it is a template of what each instance gets.

    `rosters` are item paths with blanks between, outermost first; `lists` is the roster whose instances
    it lists, and `container` the section whose label its heading is, empty for the title.
    """

    number: int
    rosters: str
    lists: str
    container: str
    section: str
    heading: Wording
    runs: tuple[Run[Shown], ...]
    #: whether it is what an interview begins with: of a roster, in its first instance
    is_first: bool

    @property
    def is_template(self) -> bool:
        """Whether it is shown as often as a roster has instances, and not at once."""
        return bool(self.rosters) and not self.is_first


class Blank(Sitting):
    """A sitting of nobody: nothing is answered, nothing shown that anybody could have answered."""

    def __init__(self, questionnaire: Questionnaire, settings: Settings, language: str) -> None:
        state = DraftState(
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            submission="",
            language=language,
            shared=False,
            started_at=_NO_TIME.isoformat(),
            snapshot=_one_of_each(questionnaire.root),
            finished_at=_NO_TIME.isoformat(),
        )
        super().__init__(
            OpenDraft(DraftSecret.new(), 0, state), questionnaire, settings, language=language
        )

    def shown(self, _path: str) -> Raw:
        """Nothing: defaults are filled in by the modules, some of them anew every time."""
        return {}


def _one_of_each(container: Container) -> dict[str, Any]:
    """A snapshot in which every roster has one instance."""
    found: dict[str, Any] = {}
    for item in container.items:
        if isinstance(item, Roster):
            found[item.name] = [_one_of_each(item)]
        elif isinstance(item, Section):
            found[item.name] = _one_of_each(item)
    return found


class WholeViews(QuestionViews):
    """Views of questions whose texts stand there before any expression in them has a value.

    `files` are the addresses under which a version's files are kept, by name.
    """

    def __init__(self, sitting: Sitting, files: Mapping[str, str]) -> None:
        unkept = unkept_address(sitting.questionnaire)
        super().__init__(sitting, lambda name: files.get(name) or unkept(name))

    def view(self, path: str, item: Item, remarks: Remarks) -> QuestionView:
        """The view of one item; an answer that the form computes is shown by the modules."""
        if not isinstance(item, Question) or is_heading(item):
            return super().view(path, item, remarks)
        if item.calculation is not None:
            return self._base(path, item, "given")
        return self._question(path, item, remarks)

    def phrase(self, text: Text, path: str) -> Wording:
        """A text in the nearest language that it has, with “…” where something is filled in."""
        sitting = self.sitting
        wanted = (sitting.language, sitting.questionnaire.default_language, *text.wordings)
        chosen = next((each for each in wanted if text.wordings.get(each)), None)
        if chosen is None:
            return NOTHING
        pieces = (p if isinstance(p, str) else TO_BE_FILLED for p in text.wordings[chosen])
        return Wording("".join(pieces), chosen)

    def _choices(
        self, path: str, question: Question, raw: Raw
    ) -> tuple[tuple[ChoiceView, ...], tuple[ChoiceView, ...]]:
        if self.is_made(question):
            return (), ()
        return super()._choices(path, question, raw)

    def _question(self, path: str, question: Question, remarks: Remarks) -> QuestionView:
        view = super()._question(path, question, remarks)
        if self.is_made(question) and view.control == "radios":
            whole = len(self._list(question))
            many = whole > MOST_ROWS or (question.choices is not None and question.choices.search)
            return replace(view, control="dropdown" if many else "radios")
        return view

    def is_made(self, question: Question) -> bool:
        """Whether its choices are put there by the modules."""
        if question.type not in SELECT_TYPES or question.choices is None:
            return False
        return is_made_by_the_page(question.choices) or len(self._list(question)) > MOST_IN_THE_PAGE

    def _list(self, question: Question) -> tuple[Any, ...]:
        source = question.choices
        lists = self.sitting.questionnaire.choice_lists
        return lists.get(source.list_name, ()) if source else ()


class WholePresenter(Presenter):
    """Makes the parts of one whole page."""

    def __init__(self, sitting: Blank, files: Mapping[str, str]) -> None:
        super().__init__(sitting)
        self.views: WholeViews = WholeViews(sitting, files)

    def parts(self) -> list[WholePart]:
        """Every page of the plan, in order."""
        first, pages = self._first(), paging_of(self.questionnaire).pages
        return [self._part(planned, is_first=planned is first) for planned in pages]

    def _first(self) -> PlannedPage | None:
        """The page that asks something when nothing is answered yet."""
        interview = Interview(self.questionnaire, language=self.sitting.language, now=_NO_TIME)
        return next((page.planned for page in Walk(interview).open_pages()), None)

    def untranslated_of(self, parts: Iterable[WholePart]) -> str:
        """A word about questions that are shown in another language than the page's."""
        return self._untranslated(
            tuple(each.view for part in parts for run in part.runs for each in run.shown)
        )

    def _part(self, planned: PlannedPage, *, is_first: bool) -> WholePart:
        page = Page(planned, tuple(1 for _roster in planned.rosters))
        shown = (self._shown(path, item, is_first=is_first) for path, item in page.shown())
        seen = (each for each in shown if says_something(each.view))
        return WholePart(
            number=planned.number,
            rosters=" ".join(roster.path for roster in planned.rosters),
            lists=planned.lists.path if planned.lists else "",
            container=self._labelled(planned.lists or planned.container),
            section=planned.container.path,
            heading=self.heading(page),
            runs=tuple(runs(seen, lambda each: each.view)),
            is_first=is_first,
        )

    def _labelled(self, container: Container) -> str:
        labelled = (item for item in self._around(container) if item.label)
        return next((item.path for item in labelled), "")

    def _shown(self, path: str, item: Item, *, is_first: bool) -> Shown:
        view = self.views.view(path, item, Remarks({}, {}))
        told = tuple(self._told(item)) if isinstance(item, Question) else ()
        if is_heading(item):
            told = (("heading", "yes"),)
        # of a roster's other pages the modules say what is relevant, for each instance
        is_relevant = ("[" in path and not is_first) or self.sitting.interview.relevant(path)
        return Shown(view, is_relevant, told)

    def _told(self, question: Question) -> Iterator[tuple[str, str]]:
        if question.type in SELECT_TYPES and self.views.is_made(question):
            yield "made", "yes"
        if question.coarsen:
            yield "coarsen", str(question.coarsen)
        if question.invitation:
            yield "invitation", "yes"
        if question.choices is not None and question.choices.list_name in CONSENT_LISTS:
            yield "consent", "yes"
        if "max-pixels" in question.parameters:
            yield "pixels", question.parameters["max-pixels"]
        if ends := ends_of_range(question):
            yield "ends", " ".join(ends)
        yield from _appearances(question)


#: appearances that the modules show a control for
_KNOWN = ("signature", "draw", "annotate", "new", "likert", "autocomplete", "month-year", "year")


def _appearances(question: Question) -> Iterator[tuple[str, str]]:
    found = [word for word in _KNOWN if word in question.appearance]
    if found:
        yield "looks", " ".join(found)

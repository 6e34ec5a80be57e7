"""`/manage/q/<id>/paper-form/<lang>`: the questionnaire to be printed, each copy with its own code.

A trial version is shown so too, without a code: all its questions on one page, without scripts.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.config import Settings
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires.definition import Expression, Item, Questionnaire, Text
from surveyapp.questionnaires.paper import Compared, Condition, Joined, Paper
from surveyapp.submissions import sheets

blueprint = Blueprint("papers", __name__, url_prefix="/manage/q/<questionnaire_id>")
MOST_COPIES, MOST_BLOCKS = 20, 10
_BLOCKS = 3


class Speaker:
    """Says the texts of a printed questionnaire in one language."""

    def __init__(self, questionnaire: Questionnaire, paper: Paper, language: str) -> None:
        self._questionnaire, self._paper, self._language = questionnaire, paper, language

    def text(self, text: Text, at: Item | None = None) -> str:
        """A text; what an answer would be put in is told by its question's number."""
        wanted = (self._language, self._questionnaire.default_language, *text.wordings)
        chosen = next((each for each in wanted if text.wordings.get(each)), None)
        pieces = text.wordings[chosen] if chosen else ()
        return "".join(each if isinstance(each, str) else self._filled(each, at) for each in pieces)

    def condition(self, condition: Condition) -> str:
        """When something is asked: “Only if 3 = Yes”."""
        if isinstance(condition, Compared | Joined):
            return str(_("Only if %(condition)s", condition=self._said(condition, is_outer=True)))
        return str(_("Only if the program says so: %(condition)s", condition=condition.source))

    def _said(self, condition: Condition, *, is_outer: bool = False) -> str:
        if isinstance(condition, Compared) and not condition.value:
            return self._answered(condition)
        if isinstance(condition, Compared):
            value = condition.value
            words = self.text(value) if isinstance(value, Text) else value
            return f"{condition.number} {condition.sign} {words}"
        if isinstance(condition, Joined):
            word = _("and") if condition.word == "and" else _("or")
            text = f" {word} ".join(self._said(part) for part in condition.parts)
            return text if is_outer else f"({text})"
        return condition.source

    def _answered(self, condition: Compared) -> str:
        if condition.sign == "=":
            return str(_("nothing is answered to %(number)s", number=condition.number))
        return str(_("something is answered to %(number)s", number=condition.number))

    def _filled(self, expression: Expression, at: Item | None) -> str:
        number = self._paper.number_of(expression, at) if at else None
        return f"[{number}]" if number else "…"


@blueprint.get("/paper-form/<any(kk,ru,en):lang>")
@allow(needs(Right.COLLECT))
def paper_form(questionnaire_id: str, lang: str) -> str:
    """The sheets in the language of the address, ready to be printed; the form above them is not."""
    found = catalogue.current(questionnaire_id) if questionnaire_id.isprintable() else None
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    blocks, copies = _number("blocks", _BLOCKS, MOST_BLOCKS), _number("copies", 1, MOST_COPIES)
    definition = found.definition
    paper = Paper(definition, blocks)
    speaker = Speaker(definition, paper, lang)
    codes = [sheets.new_code() for _copy in range(copies)]
    return render_template(
        "manage/paper_form.html",
        edition=found,
        definition=definition,
        pieces=paper.pieces(),
        say=speaker.text,
        when=speaker.condition,
        codes=[(code, sheets.record_of(questionnaire_id, code)) for code in codes],
        blocks=blocks,
        copies=copies,
        most_blocks=MOST_BLOCKS,
        most_copies=MOST_COPIES,
    )


@blueprint.get("/trial/paper-form/<any(kk,ru,en):lang>")
@allow(needs(Right.PUBLISH))
def trial_form(questionnaire_id: str, lang: str) -> str:
    """All questions of the trial version on one page, in the language of the address."""
    found = trials.find(questionnaire_id) if questionnaire_id.isprintable() else None
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    definition = trials.definition_of(found)
    paper = Paper(definition, blocks=1)
    speaker = Speaker(definition, paper, lang)
    return render_template(
        "manage/trial_paper.html",
        trial=found,
        definition=definition,
        pieces=paper.pieces(),
        say=speaker.text,
        when=speaker.condition,
    )


def _number(name: str, usual: int, most: int) -> int:
    asked = request.args.get(name, usual, type=int)
    return asked if 1 <= asked <= most else usual


def register_papers(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)

"""What somebody may see of a record: of its answers, and of the answers that are put into its texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.definition import (
    Expression,
    Item,
    Question,
    Questionnaire,
    Text,
    Valued,
)
from surveyapp.questionnaires.expressions import references
from surveyapp.questionnaires.expressions.references import functions
from surveyapp.questionnaires.interview import Interview, Phrase

#: stands in a text for an answer that is not shown
WITHHELD = "…"


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees beside what everybody sees who reads the record at all."""

    sensitive: bool = False
    identity: bool = False

    def hides(self, item: Item) -> bool:
        """Whether an item's answer is not for these eyes."""
        if not isinstance(item, Valued):
            return False
        return (item.identity and not self.identity) or (item.sensitive and not self.sensitive)


class Speaker:
    """Says a questionnaire's texts with the answers put in that somebody may see."""

    def __init__(self, interview: Interview, sight: Sight) -> None:
        self._interview, self._sight = interview, sight
        self.questionnaire: Questionnaire = interview.questionnaire

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Paths of the items whose answers are not shown."""
        return frozenset(item.path for item in self.questionnaire.walk() if self._sight.hides(item))

    def phrase(self, text: Text, path: str, language: str) -> Phrase:
        """A text of the item at a node, in a language or the nearest that it has.

        Raises `interview.UnknownPath`.
        """
        default = self.questionnaire.default_language
        known = (language, default, *text.wordings)
        chosen = next((each for each in known if text.wordings.get(each)), language)
        pieces = (self._piece(each, path, chosen) for each in text.wordings.get(chosen, ()))
        return Phrase("".join(pieces), chosen)

    def _piece(self, piece: str | Expression, path: str, language: str) -> str:
        if isinstance(piece, str):
            return piece
        if self.withholds(piece, path):
            return WITHHELD
        return self._interview.text(Text({language: (piece,)}), path, language).text

    def withholds(self, expression: Expression, path: str) -> bool:
        """Whether the value of an expression at a node tells of an answer that is not shown."""
        if not self.hidden:
            return False
        own = f"/{self.questionnaire.root_name}/{paths.item_path(path) if path else ''}".rstrip("/")
        read = references(expression.tree, own)
        if self.questionnaire.outputs and "jr:itext" in functions(expression.tree):
            read = read.union(*(references(each.tree, own) for each in self.questionnaire.outputs))
        return self._is_any_hidden(read)

    def withholds_choices(self, item: Question) -> bool:
        """Whether a question's choices are answers that are not shown (`select_one ${c_name}`)."""
        source = item.choices
        if source is None or not self.hidden:
            return False
        if source.roster is not None:
            of_instance = (source.roster.name, source.roster.label)
            return any(paths.join(source.roster.path, name) in self.hidden for name in of_instance)
        if source.nodes is None:
            return False
        own = f"/{self.questionnaire.root_name}/{item.path}"
        return self._is_any_hidden(references(source.nodes.tree, own))

    def _is_any_hidden(self, read: Iterable[str]) -> bool:
        """Whether one of the places is a hidden answer, or has one below it."""
        root = f"/{self.questionnaire.root_name}"
        places = {place.removeprefix(root).strip("/") for place in read}
        return any(
            "*" in place or not place or path == place or path.startswith(f"{place}/")
            for place in places
            for path in self.hidden
        )

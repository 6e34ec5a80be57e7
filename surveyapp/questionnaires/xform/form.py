"""What the readers of one XForm share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from surveyapp.questionnaires.definition import Expression
from surveyapp.questionnaires.xform.document import Document
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.texts import Express, Texts

#: item path, attribute, source → expression; None if the source is empty
ExpressAt = Callable[[str, str, str | None], Expression | None]


@dataclass(frozen=True, slots=True)
class Form:
    """A document, its translations, and how its expressions are parsed."""

    document: Document
    texts: Texts
    express: ExpressAt

    def output(self, path: str) -> Express:
        """How expressions whose values are put into the texts of one item are parsed."""
        return partial(self._output, path)

    def _output(self, path: str, source: str) -> Expression:
        expression = self.express(path, "label", source)
        if expression is None:
            raise XFormError("expression", path=path, attribute="label", source="", reason="empty")
        return expression

"""What each problem is called, and what to do about it; `%(name)s` are the problem's facts."""

from __future__ import annotations

from collections.abc import Mapping

from surveyapp.catalogue.sentences.choices import CHOICES
from surveyapp.catalogue.sentences.expressions import EXPRESSIONS
from surveyapp.catalogue.sentences.files import FILES, WHOLE
from surveyapp.catalogue.sentences.parameters import PARAMETERS
from surveyapp.catalogue.sentences.questions import GROUPS, NAMES
from surveyapp.catalogue.sentences.said import Said
from surveyapp.catalogue.sentences.sheets import SHEETS
from surveyapp.catalogue.sentences.texts import TEXTS
from surveyapp.catalogue.sentences.xforms import ENTITIES, XFORMS

__all__ = ["SENTENCES", "Said"]

#: code → sentences
SENTENCES: Mapping[str, Said] = {
    **FILES,
    **WHOLE,
    **SHEETS,
    **TEXTS,
    **NAMES,
    **GROUPS,
    **CHOICES,
    **EXPRESSIONS,
    **PARAMETERS,
    **ENTITIES,
    **XFORMS,
}

"""The files that a questionnaire names, as they lie in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePath

from surveyapp.questionnaires.checking.xforms import problem_of_xform
from surveyapp.questionnaires.definition import Questionnaire, Table
from surveyapp.questionnaires.files import READ_SUFFIXES, names, with_files
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xform.choice_files import read_file


def media_problems(definition: Questionnaire | None, media: Path) -> Iterator[Problem]:
    """What is wrong with them: missing, not to be read, or not as Collect wants them."""
    if definition is None:
        return
    there: dict[str, bytes] = {}
    for name in sorted(names(definition)):
        file = media / name
        if not file.is_file():
            yield Problem(None, None, None, "missing_file", {"file": name, "list": PurePath(name).stem})
        elif file.suffix.lower() in READ_SUFFIXES:
            there[name] = file.read_bytes()
    for name, content in there.items():
        try:
            with_files(definition, {name: content})
        except XFormError as error:
            yield problem_of_xform(error)
        else:
            yield from _columns_twice(name, content)


def _columns_twice(name: str, content: bytes) -> Iterator[Problem]:
    """Collect does not load a form with such a file; two columns without a name are such, too."""
    instance = read_file(name, content) if name.lower().endswith(".csv") else None
    columns = Counter(instance.columns if isinstance(instance, Table) else ())
    for column, number in columns.items():
        if number > 1:
            facts = {"file": name, "column": column or "—"}
            yield Problem(None, None, None, "media_column_twice", facts)

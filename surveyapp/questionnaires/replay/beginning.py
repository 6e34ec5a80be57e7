"""How an interview of a replay begins: of which form, when, in which language, with which answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.checking.xforms import problem_of_xform
from surveyapp.questionnaires.instance_xml import InstanceError, read_instance
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.replay.engine import Beginning, EngineOf
from surveyapp.questionnaires.replay.form import Form, load_form
from surveyapp.questionnaires.replay.interview import ReplayedInterview, refuse_language
from surveyapp.questionnaires.replay.remarks import Refused
from surveyapp.questionnaires.replay.steps import Step
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xlsform import WorkbookError

#: what the device says of itself, as long as a step does not say otherwise
PROPERTIES: Mapping[str, str] = {
    "deviceid": "oracle-device",
    "username": "oracle",
    "email": "oracle@example.invalid",
    "phonenumber": "000",
    "subscriberid": "sub",
    "simserial": "sim",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a load step may leave out: a moment without an offset is in `zone`."""

    now: str | None = None
    zone: tzinfo = UTC
    media: Path | None = None
    language: str | None = None

    def moment(self) -> datetime:
        """The interview's moment, aware. Raises `Refused`."""
        if self.now is None:
            return datetime.now(self.zone)
        try:
            moment = datetime.fromisoformat(self.now.strip())
        except ValueError as error:
            raise Refused("no_moment", text=self.now) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


def begin(step: Step, engine_of: EngineOf, options: Options) -> ReplayedInterview:
    """The interview that a load step begins. Raises `Refused`."""
    media = Path(step["media"]) if step.get("media") else options.media
    form = _loaded(Path(str(step["load"])), media)
    options = replace(
        options, now=step.get("now", options.now), language=step.get("lang", options.language)
    )
    language = options.language or form.default_language
    refuse_language(form, options.language)
    code = language_code(language) if language else form.questionnaire.default_language
    moment = options.moment()
    answers = _old_answers(form, step["instance"]) if step.get("instance") else None
    engine = engine_of(form, Beginning(now=moment, language=code, answers=answers))
    interview = ReplayedInterview(form, engine, language, moment.tzinfo or UTC)
    if answers is None:
        interview.fill_properties({**PROPERTIES, **(step.get("properties") or {})})
    return interview


def _old_answers(form: Form, given: str) -> Answers:
    """The answers of an old submission: its XML, or the path of a file with it."""
    try:
        xml = given.encode() if given.lstrip().startswith("<") else Path(given).read_bytes()
        return read_instance(form.questionnaire, xml).answers
    except OSError as error:
        raise Refused("no_instance", file=given) from error
    except InstanceError as error:
        raise Refused("wrong_instance", reason=error.code, details=dict(error.params)) from error


def _loaded(file: Path, media: Path | None) -> Form:
    try:
        return load_form(file, media)
    except OSError as error:
        raise Refused("no_file", file=str(file)) from error
    except WorkbookError as error:
        raise Refused("no_form", problems=error.problems) from error
    except XFormError as error:
        raise Refused("no_form", problems=(problem_of_xform(error),)) from error

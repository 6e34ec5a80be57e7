"""What is kept of an envelope that fits its version: normalised, parted, made coarse, committed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.partition import FileUse
from surveyapp.submissions.digests import Commitments, content_digest, stored_name
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The content of a submission in its parts, and the keyed digests that stand for it."""

    #: without identity
    answers: Answers = field(repr=False)
    #: node path → answer
    identity: Mapping[str, Any] = field(repr=False)
    #: answers that nobody knows, by path
    foreign: Mapping[str, Any] = field(repr=False)
    breakdowns: Mapping[str, str]
    #: the files that the answers name, by name
    file_uses: Mapping[str, FileUse]
    #: names of files → what tells them in the open: a digest where they may point at a person
    stored_names: Mapping[str, str]
    commitments: Commitments
    digest: bytes

    @property
    def file_names(self) -> frozenset[str]:
        """Names of the files that the answers name."""
        return frozenset(self.file_uses)

    def stored_name(self, name: str) -> str:
        """What tells a file of this name in the open."""
        return self.stored_names.get(name, name)


def content_of(
    keys: Keys,
    definition: Questionnaire,
    envelope: Envelope,
    answers: Answers,
    foreign: Mapping[str, Any],
) -> Content:
    """Part the normalised answers of an envelope and commit to each part.

    An exact place that its question wants coarse, and an invitation's code, are in no part.
    """
    kept = partition.drop(definition, answers, partition.is_invitation)
    open_answers, identity = partition.split_identity(definition, partition.coarsen(definition, kept))
    uses = partition.file_uses(definition, kept)
    commitments = Commitments.to(keys, envelope.id, open_answers, identity, foreign)
    return Content(
        answers=open_answers,
        identity=identity,
        foreign=foreign,
        breakdowns=partition.breakdowns(definition, open_answers),
        file_uses=uses,
        stored_names={
            name: stored_name(keys, envelope.id, name)
            for name in {*uses, *(file.name for file in envelope.attachments)}
            if name not in uses or uses[name].identity
        },
        commitments=commitments,
        digest=content_digest(keys, envelope, commitments),
    )

"""Synthetic submissions in bulk: through the one door, marked, spread over the last weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.people import invitations
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Result, Sender

#: how far back the first ones lie
SPREAD = timedelta(weeks=6)
#: most in one transaction; few of them make several batches all the same, each with its own day
BATCH = 50
FEWEST_BATCHES = 40
#: how often each language is answered in, against the others
LANGUAGES: Mapping[str, float] = {"kk": 11, "ru": 8, "en": 1}
#: hours between finishing and arriving: at once with a network, days later without
ON_THE_WAY: Mapping[Channel, float] = {Channel.WEB: 0.01, Channel.FIELD: 18}
#: hours in which people answer
MORNING, EVENING = timedelta(hours=9), timedelta(hours=20)
#: minutes an interview takes
MINUTES = (6, 40)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Makes up submissions for some editions, in turn; the same `random` makes the same ones."""

    editions: Sequence[Edition]
    random: Random
    #: when the last of them arrive, aware
    until: datetime

    def send(self, count: int) -> Iterator[list[Result]]:
        """Make and receive `count` submissions, oldest first; the verdicts of each batch."""
        sender = Sender(is_command=True)
        size = max(1, min(BATCH, count // FEWEST_BATCHES))
        starts = range(0, count, size)
        for number, start in enumerate(starts, 1):
            received_at = self.by_day(self.until - SPREAD * (1 - number / len(starts)))
            turns = range(start, min(start + size, count))
            editions = [self.editions[turn % len(self.editions)] for turn in turns]
            yield receive(self.envelopes(editions, received_at), sender, now=received_at)

    def envelopes(self, editions: Sequence[Edition], received_at: datetime) -> list[Envelope]:
        """One envelope for each edition, on their way to arrive at `received_at`."""
        wanted = Counter(each.entry.id for each in editions if each.entry.access == Access.INVITATION)
        # real invitations, used up like all others
        codes = {name: invitations.create(name, count, expires=None) for name, count in wanted.items()}
        return [
            self.envelope(edition, received_at, codes[edition.entry.id].pop())
            if edition.entry.id in codes
            else self.envelope(edition, received_at)
            for edition in editions
        ]

    def envelope(self, edition: Edition, received_at: datetime, code: str | None = None) -> Envelope:
        """A filled questionnaire of nobody, let in by an invitation's code where it needs one."""
        definition = edition.definition
        channel = Channel.FIELD if definition.audience == "field" else Channel.WEB
        finished_at = self.earlier(received_at, hours=ON_THE_WAY[channel])
        minutes, language = self.random.randint(*MINUTES), self.language(definition.languages)
        answers = synthesise(
            definition, self.random, language=language, finished_at=finished_at, minutes=minutes
        )
        return Envelope(
            id=UUID(int=self.random.getrandbits(128), version=4),
            questionnaire=definition.id,
            version=definition.version,
            language=language,
            answers=partition.drop(definition, answers, partition.is_invitation) if code else answers,
            channel=channel,
            started_at=finished_at - timedelta(minutes=minutes),
            finished_at=finished_at,
            app="demo",
            invitation=code,
            synthetic=True,
        )

    def by_day(self, moment: datetime) -> datetime:
        """A moment moved into the hours of the day, in the same order; not after the end."""
        midnight = _midnight(moment)
        share = (moment - midnight) / timedelta(days=1)
        return min(self.until, midnight + MORNING + share * (EVENING - MORNING))

    def earlier(self, moment: datetime, *, hours: float) -> datetime:
        """A moment by day before another one, most of them soon before."""
        earlier = moment - timedelta(hours=self.random.expovariate(1 / hours))
        midnight = _midnight(earlier)
        if not MORNING <= earlier - midnight < EVENING:
            day = midnight if earlier - midnight >= EVENING else midnight - timedelta(days=1)
            earlier = day + MORNING + self.random.random() * (EVENING - MORNING)
        return earlier.replace(microsecond=0)

    def language(self, languages: Sequence[str]) -> str:
        """One of a questionnaire's languages, as often as it is spoken."""
        weights = [LANGUAGES.get(language, 1.0) for language in languages]
        return self.random.choices(languages, weights)[0]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)

"""Events as monitoring gets them when a case goes the whole road, as records off Kafka."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from contracts.messages.documenten import Bron, Urgentie
from contracts.messages.envelope import CloudEvent, Gebeurtenis, encode, source_urn
from contracts.messages.handover import (
    Kanaal,
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtOpgepakt,
    Overdrachtsoort,
)
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import TOPIC_OF
from contracts.messages.triage import Besluit, MeldingOntvangen, Ontvanger, TriagebesluitGenomen
from contracts.messages.verzegeld import Verzegeld
from services.runtime.settings import TEST_OIN
from services.runtime.unit.decision import Record

REGIO = "west-brabant"
GEMEENTE = "GM0758"
_SEALED = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA." + 800 * "A" + ".AAAAAAAAAAAAAAAAAAAAAA"
"""As long as that of an ordinary household, and opening with no key."""

_numbers = count(1)


class Levensloop:
    """One case from melding to taken up; each step an event."""

    def __init__(self, begun_at: datetime) -> None:
        self.casus_id = CasusId(uuid4())
        self._melding_id = uuid4()
        self._overdracht_id = uuid4()
        self._begun_at = begun_at

    def steps(self) -> tuple[Callable[[], Gebeurtenis], ...]:
        return (self._melding, self._besluit, self._aangemaakt, self._afgeleverd, self._bevestigd, self._opgepakt)

    def record(self, step: int) -> Record:
        """The event of this step, as it lies on its topic."""
        return as_record(self.casus_id, self.steps()[step](), at=self._at(step))

    def _at(self, step: int) -> datetime:
        return self._begun_at + timedelta(minutes=step)

    def _melding(self) -> Gebeurtenis:
        return MeldingOntvangen(
            melding_id=self._melding_id,
            regio=REGIO,
            gemeente=GEMEENTE,
            bron=Bron.POLITIE,
            urgentie=Urgentie.REGULIER,
            ontvangen_op=self._at(0),
            melder_anoniem=False,
            aantal_betrokkenen=3,
            minderjarigen_betrokken=True,
            persoonsgegevens=Verzegeld(_SEALED),
        )

    def _besluit(self) -> Gebeurtenis:
        return TriagebesluitGenomen(
            triagebesluit_id=uuid4(),
            melding_id=self._melding_id,
            regio=REGIO,
            gemeente=GEMEENTE,
            melding_ontvangen_op=self._at(0),
            besluit=Besluit.DIRECTE_OVERDRACHT,
            genomen_op=self._at(1),
            genomen_door=Verzegeld(_SEALED),
            functie="triagist",
            wijkt_af_van_advies=False,
            ontvangers=(Ontvanger(gemeente=GEMEENTE),),
            overdrachtsdocument=Verzegeld(_SEALED),
        )

    def _aangemaakt(self) -> Gebeurtenis:
        return OverdrachtAangemaakt(
            **self._overdracht(),
            melding_id=self._melding_id,
            overdrachtsoort=Overdrachtsoort.DIRECT,
            kanaal=Kanaal.REST,
            aangemaakt_op=self._at(2),
        )

    def _afgeleverd(self) -> Gebeurtenis:
        return OverdrachtAfgeleverd(
            **self._overdracht(),
            overdrachtsoort=Overdrachtsoort.DIRECT,
            kanaal=Kanaal.REST,
            afgeleverd_op=self._at(3),
            pogingen=1,
        )

    def _bevestigd(self) -> Gebeurtenis:
        return OntvangstBevestigd(**self._overdracht(), bevestigd_op=self._at(4), bevestigd_door=GEMEENTE)

    def _opgepakt(self) -> Gebeurtenis:
        return OverdrachtOpgepakt(**self._overdracht(), opgepakt_op=self._at(5), opgepakt_door=GEMEENTE)

    def _overdracht(self) -> dict[str, Any]:
        return {
            "overdracht_id": self._overdracht_id,
            "regio": REGIO,
            "gemeente": GEMEENTE,
            "melding_ontvangen_op": self._at(0),
        }


STEPS = 6


def levenslopen(number: int, *, begun_at: datetime) -> Iterator[Levensloop]:
    """So many cases that began at this moment."""
    return (Levensloop(begun_at) for _ in range(number))


def as_record(casus_id: CasusId, event: Gebeurtenis, *, at: datetime) -> Record:
    """An event as it lies on its topic."""
    topic = TOPIC_OF[type(event)]
    number = next(_numbers)
    sent = CloudEvent(str(uuid4()), source_urn(TEST_OIN, topic.owner), casus_id, at, None, event)
    return Record(topic.name, casus_id.int % 4, number, encode(sent))

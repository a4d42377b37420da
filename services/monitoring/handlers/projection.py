"""The read rows of a case: what the API and the board show. Derived from the state, nothing is kept here alone."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.documenten import Urgentie
from contracts.messages.identifiers import CasusId, derived_id, short_reference
from contracts.messages.monitoring import Sluitreden
from services.monitoring.domain import (
    Escalatie,
    Feit,
    Monitormoment,
    Overdrachtbeeld,
    Overgang,
    Termijn,
    Toezicht,
    readers_of,
    timeline,
)
from services.monitoring.domain.signalen import Signaal
from services.runtime.unit.decision import RowValues, ViewRow


def project(casus_id: CasusId, toezicht: Toezicht) -> Iterator[ViewRow]:
    """Give every row of this case; none while it is unknown which case it is."""
    seen = toezicht.zicht or toezicht.termijnen or toezicht.signaal
    if toezicht.regio is None or toezicht.gemeente is None or not seen:
        return
    standing = timeline(toezicht.zicht)
    yield ViewRow("casus", casus_id, _casus, casus_id, _Kern.of(toezicht, standing))
    for termijn in toezicht.termijnen.values():
        yield ViewRow("termijn", termijn.id, _termijn, casus_id, toezicht.regio, termijn)
    yield from _zicht(casus_id, toezicht, standing)
    for escalatie in toezicht.escalaties.values():
        yield ViewRow("escalatie", escalatie.id, _escalatie, casus_id, toezicht.regio, escalatie)
    for moment in toezicht.momenten.values():
        yield ViewRow("monitormoment", moment.id, _moment, casus_id, toezicht, moment)
    if toezicht.signaal is not None:
        yield ViewRow("signaal", toezicht.signaal.id, _signaal, casus_id, toezicht, toezicht.signaal)
    for beeld in toezicht.overdrachten.values():
        yield ViewRow("overdracht", beeld.overdracht_id, _overdracht, casus_id, toezicht, beeld)


class _Kern(NamedTuple):
    """What a case is in one row; most of what happens to it changes none of this."""

    regio: str | None
    gemeente: str | None
    melding_id: UUID | None
    peilmoment: datetime | None
    bron: str | None
    urgentie: Urgentie | None
    sluitreden: Sluitreden | None
    is_signaal: bool
    feiten: tuple[Feit, ...]
    bears: Overgang | None
    betrokken_partijen: frozenset[str]
    lezers: frozenset[str]
    staat_stil_bij: tuple[str, ...]

    @classmethod
    def of(cls, toezicht: Toezicht, standing: Sequence[Overgang]) -> "_Kern":
        return cls(
            toezicht.regio,
            toezicht.gemeente,
            toezicht.melding_id,
            toezicht.peilmoment,
            toezicht.bron,
            toezicht.urgentie,
            toezicht.sluitreden,
            toezicht.signaal is not None,
            toezicht.feiten,
            standing[-1] if standing else None,
            toezicht.betrokken_partijen,
            readers_of(toezicht),
            tuple(sorted({item.service for item in toezicht.stilstand.values()})),
        )


def _casus(casus_id: UUID, kern: _Kern) -> RowValues:
    bears, involved = kern.bears, sorted(kern.betrokken_partijen)
    closed = next((feit.op for feit in kern.feiten if feit.anker is Anker.CASUS_GESLOTEN), None)
    return {
        "casus_id": casus_id,
        "referentie": short_reference(casus_id),
        "regio": kern.regio,
        "gemeente": kern.gemeente,
        "gemeenten": [code for code in involved if code.startswith("GM")],
        "partijen": [*involved],
        "lezers": [*sorted(kern.lezers)],
        "staat_stil_bij": [*kern.staat_stil_bij],
        "melding_id": kern.melding_id,
        "melding_ontvangen_op": kern.peilmoment,
        "bron": kern.bron,
        "urgentie": None if kern.urgentie is None else kern.urgentie.value,
        "afspraken_versie": None if bears is None else bears.afspraken_versie,
        "zicht_drager": None if bears is None or bears.drager is None else bears.drager.value,
        "zicht_partij": None if bears is None else bears.partij,
        "zicht_vanaf": None if bears is None else bears.vanaf,
        "zicht_regel": None if bears is None else bears.regel_id,
        "gesloten_op": closed,
        "sluitreden": None if kern.sluitreden is None else kern.sluitreden.value,
        "soort": "signaal" if kern.is_signaal else "casus",
    }


def _termijn(casus_id: UUID, regio: str, termijn: Termijn) -> RowValues:
    return {
        "casus_id": casus_id,
        "regio": regio,
        "gemeente": termijn.gemeente,
        "team": termijn.team,
        "partij": termijn.partij,
        "regel_id": termijn.regel_id,
        "afspraken_versie": termijn.afspraken_versie,
        "label": termijn.label,
        "onderwerp_id": termijn.onderwerp_id,
        "verantwoordelijke": termijn.verantwoordelijke.value,
        "begint_op": termijn.begint_op,
        "nadert_op": termijn.nadert_op,
        "eindigt_op": termijn.eindigt_op,
        "status": termijn.status.value,
        "gehaald_op": termijn.gehaald_op,
        "gehaald_door": None if termijn.gehaald_door is None else termijn.gehaald_door.value,
        "vervangen_door": termijn.vervangen_door,
    }


def _zicht(casus_id: UUID, toezicht: Toezicht, standing: Sequence[Overgang]) -> Iterator[ViewRow]:
    """One row per line of the ledger; `geldt_tot` and `vervangen` say what is left of it in the present reading."""
    rest = deque(standing)
    place = (casus_id, toezicht.regio, toezicht.gemeente)
    for number, line in enumerate(toezicht.zicht, start=1):
        stands = bool(rest) and rest[0] is line
        if stands:
            rest.popleft()
        left = _Left(rest[0].vanaf if stands and rest else None, replaced=not stands)
        yield ViewRow("zicht", _zicht_id(casus_id, number), _line, place, number, line, left)


class _Left(NamedTuple):
    """What is left of a line of the ledger."""

    until: datetime | None
    replaced: bool


@lru_cache(maxsize=1000)
def _zicht_id(casus_id: UUID, number: int) -> UUID:
    return derived_id("zicht", str(casus_id), str(number))


def _line(place: tuple[UUID, str | None, str | None], number: int, line: Overgang, left: _Left) -> RowValues:
    casus_id, regio, gemeente = place
    return {
        "casus_id": casus_id,
        "regio": regio,
        "gemeente": gemeente,
        "volgnummer": number,
        "drager": None if line.drager is None else line.drager.value,
        "partij": line.partij,
        "vanaf": line.vanaf,
        "geldt_tot": left.until,
        "vervangen": left.replaced,
        "regel_id": line.regel_id,
        "afspraken_versie": line.afspraken_versie,
        "handeling": line.handeling,
        "vastgesteld_op": line.vastgesteld_op,
    }


def _escalatie(casus_id: UUID, regio: str, escalatie: Escalatie) -> RowValues:
    return {
        "casus_id": casus_id,
        "regio": regio,
        "gemeente": escalatie.gemeente,
        "team": escalatie.team,
        "partij": escalatie.partij,
        "regel_id": escalatie.regel_id,
        "ladder_id": escalatie.ladder_id,
        "afspraken_versie": escalatie.afspraken_versie,
        "termijn_id": escalatie.termijn_id,
        "onderwerp_id": escalatie.onderwerp_id,
        "trede": escalatie.trede + 1,
        "rol": escalatie.rol,
        "bij": escalatie.bij,
        "status": escalatie.status.value,
        "gestart_op": escalatie.gestart_op,
        "trede_op": escalatie.trede_op,
        "volgende_op": escalatie.volgende_op,
        "opgepakt_op": escalatie.opgepakt_op,
        "opgepakt_door": escalatie.opgepakt_door,
        "afgehandeld_op": escalatie.afgehandeld_op,
        "resultaat": escalatie.resultaat,
    }


def _overdracht(casus_id: UUID, toezicht: Toezicht, beeld: Overdrachtbeeld) -> RowValues:
    earliest: dict[Anker, datetime] = {}
    for feit in toezicht.feiten:
        if feit.onderwerp_id == beeld.overdracht_id:
            earliest[feit.anker] = min(feit.op, earliest.get(feit.anker, feit.op))
    moment = earliest.get
    return {
        "casus_id": casus_id,
        "regio": toezicht.regio,
        "gemeente": beeld.gemeente,
        "team": beeld.team,
        "partij": beeld.partij,
        "overdrachtsoort": beeld.soort,
        "kanaal": beeld.kanaal,
        "aangemaakt_op": moment(Anker.OVERDRACHT_AANGEMAAKT),
        "afgeleverd_op": moment(Anker.OVERDRACHT_AFGELEVERD),
        "ontvangen_op": moment(Anker.ONTVANGST_BEVESTIGD),
        "opgepakt_op": moment(Anker.OVERDRACHT_OPGEPAKT),
        "teruggekoppeld_op": moment(Anker.OVERDRACHT_TERUGGEKOPPELD),
        "geweigerd_op": moment(Anker.OVERDRACHT_GEWEIGERD),
        "ingetrokken_op": moment(Anker.OVERDRACHT_INGETROKKEN),
        "gestagneerd_op": beeld.gestagneerd_op,
    }


def _moment(casus_id: UUID, toezicht: Toezicht, moment: Monitormoment) -> RowValues:
    termijn = toezicht.current(moment.id)
    return {
        "casus_id": casus_id,
        "regio": toezicht.regio,
        "gemeente": toezicht.gemeente,
        "partij": None if termijn is None else termijn.partij,
        "regel_id": moment.regel_id,
        "label": moment.label,
        "status": None if termijn is None else termijn.status.value,
        "gepland_op": moment.gepland_op,
        "gehouden_op": moment.gehouden_op,
        "wijze": None if moment.wijze is None else moment.wijze.value,
        "kinderen": None if moment.kinderen is None else moment.kinderen.value,
        "stabiel_en_veilig": moment.stabiel_en_veilig,
    }


def _signaal(casus_id: UUID, toezicht: Toezicht, signaal: Signaal) -> RowValues:
    ends = [termijn for termijn in toezicht.termijnen.values() if termijn.vervangen_door is None]
    return {
        "casus_id": casus_id,
        "regio": toezicht.regio,
        "gemeente": toezicht.gemeente,
        "over": signaal.over,
        "drager": signaal.drager.value,
        "meldt": signaal.meldt,
        "regel_id": signaal.regel_id,
        "afspraken_versie": signaal.afspraken_versie,
        "aantal": signaal.aantal,
        "sinds": signaal.sinds,
        "afgegeven_op": signaal.afgegeven_op,
        "antwoord_voor": ends[0].eindigt_op if ends else None,
        "maatregel": None if signaal.maatregel is None else signaal.maatregel.value,
        "beantwoord_op": signaal.beantwoord_op,
    }

"""The read rows of a case: what the API and the board show. Derived from the state, nothing is kept here alone."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from contracts.afspraken import AMSTERDAM, Anker, Termijnstatus
from contracts.messages.documenten import Urgentie
from contracts.messages.identifiers import CasusId, derived_id, short_reference
from contracts.messages.monitoring import Sluitreden
from services.monitoring.domain.relaties import called_of, readers_of, relaties_of
from services.monitoring.domain.signalen import Misser, Signaal
from services.monitoring.domain.toestand import (
    Escalatie,
    Feit,
    Monitormoment,
    Overdrachtbeeld,
    Overgang,
    Termijn,
    Toezicht,
)
from services.monitoring.domain.werk import Werk, find_werk
from services.monitoring.domain.zicht import timeline
from services.monitoring.handlers.signalen import answer_due
from services.monitoring.ports import rows
from services.runtime.unit.decision import ViewRow
from services.runtime.unit.rows import row_of

_NEVER = datetime.max.replace(tzinfo=UTC)


def project(casus_id: CasusId, toezicht: Toezicht) -> Iterator[ViewRow]:
    """Give every row of this case; none while it is unknown which case it is."""
    seen = toezicht.zicht or toezicht.termijnen or toezicht.signaal
    if toezicht.regio is None or toezicht.gemeente is None or not seen:
        return
    standing, relaties = timeline(toezicht.zicht), relaties_of(toezicht)
    readers = readers_of(relaties)
    kern = _Kern.of(toezicht, standing, lezers=readers, geroepenen=called_of(relaties))
    yield ViewRow(rows.Casusregel, casus_id, _casus, casus_id, kern)
    for termijn in toezicht.termijnen.values():
        yield ViewRow(rows.Termijn, termijn.id, _termijn, casus_id, toezicht.regio, termijn)
    yield from _zicht(casus_id, toezicht, standing)
    for escalatie in toezicht.escalaties.values():
        yield ViewRow(rows.Escalatie, escalatie.id, _escalatie, casus_id, toezicht.regio, escalatie)
    for moment in toezicht.momenten.values():
        yield ViewRow(rows.Monitormoment, moment.id, _moment, casus_id, toezicht, moment)
    if toezicht.signaal is not None:
        yield ViewRow(rows.Signaal, toezicht.signaal.id, _signaal, casus_id, toezicht, toezicht.signaal)
    for beeld in toezicht.overdrachten.values():
        yield ViewRow(rows.Overdracht, beeld.overdracht_id, _overdracht, casus_id, toezicht, beeld)
    for werk in find_werk(casus_id, toezicht, standing, readers):
        yield ViewRow(rows.Werk, werk.id, _werk, casus_id, toezicht.regio, werk)


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
    geroepenen: frozenset[str]
    staat_stil_bij: tuple[str, ...]
    eerste_einde: datetime

    @classmethod
    def of(
        cls, toezicht: Toezicht, standing: Sequence[Overgang], *, lezers: frozenset[str], geroepenen: frozenset[str]
    ) -> "_Kern":
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
            lezers,
            geroepenen,
            tuple(sorted({item.service for item in toezicht.stilstand.values()})),
            _first_end(toezicht),
        )


def _casus(casus_id: UUID, kern: _Kern) -> rows.Casusregel:
    bears, involved = kern.bears, sorted(kern.betrokken_partijen)
    return row_of(
        rows.Casusregel,
        kern,
        id=casus_id,
        casus_id=casus_id,
        referentie=short_reference(casus_id),
        gemeenten=tuple(code for code in involved if code.startswith("GM")),
        partijen=tuple(involved),
        lezers=tuple(sorted(kern.lezers)),
        geroepenen=tuple(sorted(kern.geroepenen)),
        staat_stil_bij=tuple(kern.staat_stil_bij),
        melding_ontvangen_op=kern.peilmoment,
        afspraken_versie=bears and bears.afspraken_versie,
        zicht_drager=bears and bears.drager,
        zicht_partij=bears and bears.partij,
        zicht_vanaf=bears and bears.vanaf,
        zicht_regel=bears and bears.regel_id,
        gesloten_op=next((feit.op for feit in kern.feiten if feit.anker is Anker.CASUS_GESLOTEN), None),
        soort="signaal" if kern.is_signaal else "casus",
    )


def _first_end(toezicht: Toezicht) -> datetime:
    """When the first term ends, or ended, that somebody still has to keep; after all time where there is none."""
    if any(feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten):
        return _NEVER
    open_ones = {Termijnstatus.LOPEND, Termijnstatus.VERSTREKEN}
    terms = (termijn for termijn in toezicht.termijnen.values() if termijn.vervangen_door is None)
    return min((termijn.eindigt_op for termijn in terms if termijn.status in open_ones), default=_NEVER)


def _werk(casus_id: UUID, regio: str, werk: Werk) -> rows.Werk:
    reference, verder = short_reference(casus_id), werk.verder and werk.verder.jwe
    return row_of(rows.Werk, werk, casus_id=casus_id, regio=regio, referentie=reference, verder=verder)


def _termijn(casus_id: UUID, regio: str, termijn: Termijn) -> rows.Termijn:
    return row_of(rows.Termijn, termijn, casus_id=casus_id, regio=regio)


def _zicht(casus_id: UUID, toezicht: Toezicht, standing: Sequence[Overgang]) -> Iterator[ViewRow]:
    """One row per line of the ledger; `geldt_tot` and `vervangen` say what is left of it in the present reading."""
    rest = deque(standing)
    place = (casus_id, toezicht.regio, toezicht.gemeente)
    for number, line in enumerate(toezicht.zicht, start=1):
        stands = bool(rest) and rest[0] is line
        if stands:
            rest.popleft()
        left = _Left(rest[0].vanaf if stands and rest else None, replaced=not stands)
        yield ViewRow(rows.Zichtregel, _zicht_id(casus_id, number), _line, place, number, line, left)


class _Left(NamedTuple):
    """What is left of a line of the ledger."""

    until: datetime | None
    replaced: bool


@lru_cache(maxsize=1000)
def _zicht_id(casus_id: UUID, number: int) -> UUID:
    return derived_id("zicht", str(casus_id), str(number))


def _line(place: tuple[UUID, str | None, str | None], number: int, line: Overgang, left: _Left) -> rows.Zichtregel:
    casus_id, regio, gemeente = place
    return row_of(
        rows.Zichtregel,
        line,
        id=_zicht_id(casus_id, number),
        casus_id=casus_id,
        regio=regio,
        gemeente=gemeente,
        volgnummer=number,
        geldt_tot=left.until,
        vervangen=left.replaced,
    )


def _escalatie(casus_id: UUID, regio: str, escalatie: Escalatie) -> rows.Escalatie:
    return row_of(rows.Escalatie, escalatie, casus_id=casus_id, regio=regio, trede=escalatie.trede + 1)


def _overdracht(casus_id: UUID, toezicht: Toezicht, beeld: Overdrachtbeeld) -> rows.Overdracht:
    earliest: dict[Anker, datetime] = {}
    for feit in toezicht.feiten:
        if feit.onderwerp_id == beeld.overdracht_id:
            earliest[feit.anker] = min(feit.op, earliest.get(feit.anker, feit.op))
    return row_of(
        rows.Overdracht,
        beeld,
        id=beeld.overdracht_id,
        casus_id=casus_id,
        regio=toezicht.regio,
        overdrachtsoort=beeld.soort,
        **{column: earliest.get(anker) for column, anker in _MOMENTS.items()},
    )


_MOMENTS = {
    "aangemaakt_op": Anker.OVERDRACHT_AANGEMAAKT,
    "afgeleverd_op": Anker.OVERDRACHT_AFGELEVERD,
    "ontvangen_op": Anker.ONTVANGST_BEVESTIGD,
    "opgepakt_op": Anker.OVERDRACHT_OPGEPAKT,
    "teruggekoppeld_op": Anker.OVERDRACHT_TERUGGEKOPPELD,
    "geweigerd_op": Anker.OVERDRACHT_GEWEIGERD,
    "ingetrokken_op": Anker.OVERDRACHT_INGETROKKEN,
}


def _moment(casus_id: UUID, toezicht: Toezicht, moment: Monitormoment) -> rows.Monitormoment:
    termijn = toezicht.current(moment.id)
    return row_of(
        rows.Monitormoment,
        moment,
        casus_id=casus_id,
        regio=toezicht.regio,
        gemeente=toezicht.gemeente,
        partij=termijn and termijn.partij,
        status=termijn and termijn.status,
    )


def _signaal(casus_id: UUID, toezicht: Toezicht, signaal: Signaal) -> rows.Signaal:
    return row_of(
        rows.Signaal,
        signaal,
        casus_id=casus_id,
        regio=toezicht.regio,
        gemeente=toezicht.gemeente,
        bewijs=tuple(_as_line(misser) for misser in signaal.bewijs),
        antwoord_voor=answer_due(toezicht),
    )


def _as_line(misser: Misser) -> str:
    """One miss as people read it, without anybody in it."""
    reference = "" if misser.casus_id is None else f"{short_reference(misser.casus_id)}: "
    return f"{reference}{misser.label} (tot {misser.op.astimezone(AMSTERDAM):%d-%m-%Y %H:%M})"

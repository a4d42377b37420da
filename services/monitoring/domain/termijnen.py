"""Terms: when they start, come near, are met, pass or lapse. Moments are those of the real world, not of arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Drager, Escalatieresultaat
from services.monitoring.domain.feiten import soort_onderwerp
from services.monitoring.domain.monitoring import STOPS, is_excluded, is_moment
from services.monitoring.domain.regels import Casusregels
from services.monitoring.domain.toestand import TERMIJN_TRANSITIONS, Feit, Termijn, Termijnstatus, Toezicht
from services.monitoring.domain.zicht import situatie_of
from services.runtime.unit.frozen import replace

if TYPE_CHECKING:
    from contracts.afspraken import TermijnRegel

_RESULTATEN = {
    Anker.ONTVANGST_BEVESTIGD: Escalatieresultaat.ALSNOG_BEVESTIGD,
    Anker.OVERDRACHT_OPGEPAKT: Escalatieresultaat.ALSNOG_OPGEPAKT,
    Anker.TRIAGEBESLUIT_GENOMEN: Escalatieresultaat.ALSNOG_BESLOTEN,
}
_REDENEN = {
    Anker.CASUS_GESLOTEN: "de casus is gesloten",
    Anker.MONITORING_GESTOPT: "de monitoring is gestopt",
    Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT: "de casus is ingebracht bij de jeugdbeschermingstafel",
    Anker.DIENST_AFGEROND: "de dienst is afgerond; de gewone weg geldt",
    Anker.OVERDRACHT_TERUGGEKOPPELD: "de overdracht is teruggekoppeld",
    Anker.OVERDRACHT_GEWEIGERD: "de overdracht is geweigerd",
    Anker.OVERDRACHT_INGETROKKEN: "de overdracht is ingetrokken",
}


class VerbodenOvergang(RuntimeError):
    """A termijn was asked to do what its table of transitions does not know: a broken promise in this service."""


@dataclass(frozen=True, slots=True)
class Afloop:
    """How a termijn ends according to the facts: met by `feit`, or lapsed because of it (`vervallen`)."""

    feit: Feit
    vervallen: bool = False


def move_to(termijn: Termijn, status: Termijnstatus) -> Termijn:
    """The termijn in its next status. Raises `VerbodenOvergang`."""
    if status not in TERMIJN_TRANSITIONS[termijn.status]:
        raise VerbodenOvergang(f"{termijn.status.value} -> {status.value}")
    return replace(termijn, status=status)


def started(toezicht: Toezicht, regels: Casusregels, casus_id: UUID) -> list[Termijn]:
    """The terms that the facts start and that are not known yet, or known with another beginning."""
    found: list[Termijn] = []
    firsts = {
        (termijn.regel_id, termijn.onderwerp_id): termijn.id
        for termijn in toezicht.termijnen.values()
        if termijn.eerste_id is None
    }
    for feit in sorted(toezicht.feiten, key=lambda feit: feit.op):
        for regel in regels.termijnen.get(feit.anker, ()):
            if feit.onderwerp_id is None:
                continue
            if regel.alleen_bij is not None and not regel.applies(situatie_of(toezicht, feit)):
                continue
            first = firsts.get((regel.id, feit.onderwerp_id))
            identifier = first or termijn_id(casus_id, regel.id, feit.onderwerp_id)
            known = None if first is None else toezicht.current(first)
            if known is None and regel.id in regels.momenten and is_excluded(toezicht, regels, feit):
                continue
            if known is None or known.begint_op != feit.op:
                identifier = identifier if known is None else known.id
                found.append(start(toezicht, regels, regel, feit=feit, identifier=identifier))
    return found


def termijn_id(casus_id: UUID, regel_id: str, onderwerp_id: UUID) -> UUID:
    """The same rule about the same thing is the same term, however often and however late it is heard of."""
    return derived_id("termijn", str(casus_id), regel_id, str(onderwerp_id))


def start(toezicht: Toezicht, regels: Casusregels, regel: "TermijnRegel", *, feit: Feit, identifier: UUID) -> Termijn:
    """The term that this fact starts by this rule."""
    einde = regel.end(feit.op, regels.afspraken.kalender).astimezone(UTC)
    assert feit.onderwerp_id is not None
    gemeente, team = toezicht.place_of(feit.onderwerp_id)
    return Termijn(
        id=identifier,
        regel_id=regel.id,
        afspraken_versie=regels.afspraken.versie,
        label=regel.label,
        verantwoordelijke=Drager(regel.verantwoordelijke.value),
        onderwerp_id=feit.onderwerp_id,
        gemeente=gemeente,
        team=team,
        partij=toezicht.ketenpartner_of(feit.onderwerp_id),
        vanaf=feit.anker,
        tot=regel.tot,
        ladder_id=regel.ladder,
        begint_op=feit.op,
        eindigt_op=einde,
        nadert_op=regel.nears_at(feit.op, einde),
    )


def afloop_of(termijn: Termijn, toezicht: Toezicht) -> Afloop | None:
    """What met the termijn, else what made it lapse, else None."""
    met = [feit for feit in toezicht.feiten if _meets(termijn, feit)]
    if met:
        return Afloop(min(met, key=lambda feit: feit.op))
    ended = [feit for feit in toezicht.feiten if _ends(termijn, feit)]
    return Afloop(min(ended, key=lambda feit: feit.op), vervallen=True) if ended else None


def _meets(termijn: Termijn, feit: Feit) -> bool:
    """Opgepakt meets what waits for ontvangst: who takes a case up has received it. A moment is met by being held."""
    if is_moment(termijn):
        return feit.anker is Anker.MONITORMOMENT_GEHOUDEN and feit.onderwerp_id == termijn.oorsprong
    implied = feit.anker is Anker.OVERDRACHT_OPGEPAKT and Anker.ONTVANGST_BEVESTIGD in termijn.tot
    return (feit.anker in termijn.tot or implied) and _concerns(termijn, feit)


def _ends(termijn: Termijn, feit: Feit) -> bool:
    closed = feit.anker is Anker.CASUS_GESLOTEN and feit.op >= termijn.begint_op
    returned = feit.anker in OVERDRACHT_KWAM_TERUG and feit.onderwerp_id == termijn.onderwerp_id
    if is_moment(termijn) and feit.anker in STOPS:
        return True
    joins_no_more = soort_onderwerp(termijn.vanaf) == "samenwerking" and feit.anker is Anker.DIENST_AFGEROND
    return closed or returned or (joins_no_more and feit.op >= termijn.begint_op)


def _concerns(termijn: Termijn, feit: Feit) -> bool:
    """About the same thing; or about another kind of thing in this case, once the term has begun."""
    if soort_onderwerp(feit.anker) == soort_onderwerp(termijn.vanaf):
        return feit.onderwerp_id == termijn.onderwerp_id
    return feit.op >= termijn.begint_op


def resultaat_of(afloop: Afloop) -> Escalatieresultaat:
    """What an escalatie about a termijn comes to when the termijn ends like this after all."""
    if afloop.vervallen:
        return Escalatieresultaat.TERMIJN_VERVALLEN
    return _RESULTATEN.get(afloop.feit.anker, Escalatieresultaat.ALSNOG_GEDAAN)


def reden_of(afloop: Afloop) -> str:
    """Why a termijn lapsed, in Dutch."""
    return _REDENEN[afloop.feit.anker]


def settle(termijn: Termijn, afloop: Afloop) -> Termijn:
    """The termijn as the facts leave it; the same object when nothing changes."""
    if afloop.vervallen:
        lapsed = termijn.status is Termijnstatus.LOPEND and afloop.feit.op < termijn.eindigt_op
        return move_to(termijn, Termijnstatus.VERVALLEN) if lapsed else termijn
    in_time = afloop.feit.op < termijn.eindigt_op
    status = Termijnstatus.GEHAALD if in_time else Termijnstatus.TE_LAAT_GEHAALD
    if termijn.status is status or status not in TERMIJN_TRANSITIONS[termijn.status]:
        return termijn
    return replace(move_to(termijn, status), gehaald_op=afloop.feit.op, gehaald_door=afloop.feit.anker)


def passed(termijn: Termijn, now: datetime) -> bool:
    """Whether a running termijn has passed by now."""
    return termijn.status is Termijnstatus.LOPEND and termijn.eindigt_op <= now


def nears(termijn: Termijn, now: datetime) -> bool:
    """Whether people should be warned now: past the agreed share of the term, before its end, and only once."""
    if termijn.status is not Termijnstatus.LOPEND or termijn.genaderd or termijn.nadert_op is None:
        return False
    return termijn.nadert_op <= now < termijn.eindigt_op


def recomputed(known: Termijn, again: Termijn) -> Termijn:
    """A running termijn whose beginning turned out to be another moment; the same object when nothing changes."""
    if known.status is not Termijnstatus.LOPEND or known.begint_op == again.begint_op:
        return known
    return replace(known, begint_op=again.begint_op, eindigt_op=again.eindigt_op, nadert_op=again.nadert_op)


def put_right(known: Termijn, again: Termijn) -> Termijn:
    """A running termijn as the agreements have it after a correction; what people were warned of stays so."""
    warned = known.genaderd and known.nadert_op == again.nadert_op
    return replace(again, id=known.id, eerste_id=known.eerste_id, genaderd=warned)


def successor_id(termijn: Termijn) -> UUID:
    """The id of the same term computed anew."""
    return derived_id("termijn", str(termijn.id), "herzien")


def is_the_same(known: Termijn, again: Termijn) -> bool:
    """Whether a correction leaves a termijn as it was: when it ran, and how it ended.

    One that passed and is still not met in time has passed all the same.
    """
    if (known.begint_op, known.eindigt_op) != (again.begint_op, again.eindigt_op):
        return False
    if known.status is Termijnstatus.VERSTREKEN:
        return again.status is Termijnstatus.LOPEND
    return (known.status, known.gehaald_op) == (again.status, again.gehaald_op)

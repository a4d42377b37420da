"""Terms: when they start, come near, are met, pass or lapse. Moments are those of the real world, not of arrival."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Afspraken, Anker, Gebeurd, TermijnRegel, Termijnstatus
from contracts.afspraken.looptijd import find_end, find_nearing
from contracts.afspraken.toepassing import Afloop, find_status, start_termijnen, termijn_id
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Escalatieresultaat
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.toestand import TERMIJN_TRANSITIONS, Termijn
from services.runtime.unit.frozen import replace

SETTLED = frozenset({Termijnstatus.GEHAALD, Termijnstatus.TE_LAAT_GEHAALD, Termijnstatus.VERVALLEN})
"""Where a term can stand because of what happened."""
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
    Anker.DIENST_GESTART: "Veilig Thuis is een dienst gestart",
    Anker.ANDERE_PARTIJ_AANVAARD: "een andere partij heeft de casus aanvaard",
    Anker.OVERDRACHTSGESPREK_VERVALLEN: "het gesprek is verzet of vervallen",
    Anker.OVERDRACHT_OPGEPAKT: "een andere partij heeft de casus overgenomen",
    Anker.OVERDRACHT_TERUGGEKOPPELD: "de overdracht is teruggekoppeld",
    Anker.OVERDRACHT_GEWEIGERD: "de overdracht is geweigerd",
    Anker.OVERDRACHT_INGETROKKEN: "de overdracht is ingetrokken",
}


class VerbodenOvergang(RuntimeError):
    """A termijn was asked to do what its table of transitions does not know: a broken promise in this service."""


def move_to(termijn: Termijn, status: Termijnstatus) -> Termijn:
    """The termijn in its next status. Raises `VerbodenOvergang`."""
    if status not in TERMIJN_TRANSITIONS[termijn.status]:
        raise VerbodenOvergang(f"{termijn.status.value} -> {status.value}")
    return replace(termijn, status=status)


def started(casus: Casus, afspraken: Afspraken) -> list[Termijn]:
    """The terms that the facts start and that are not known yet, or known with another beginning."""
    toezicht = casus.toezicht
    firsts = {
        (termijn.regel_id, termijn.onderwerp_id): termijn.id
        for termijn in toezicht.termijnen.values()
        if termijn.eerste_id is None
    }
    found: list[Termijn] = []
    for regel, feit in start_termijnen(casus, afspraken):
        assert feit.onderwerp_id is not None, "what is about nothing starts no term"
        first = firsts.get((regel.id, feit.onderwerp_id))
        known = None if first is None else toezicht.current(first)
        if known is None:
            identifier = termijn_id(casus.casus_id, regel.id, feit.onderwerp_id)
            found.append(start(casus, afspraken, regel, feit=feit, identifier=identifier))
        elif known.begint_op != feit.op:
            found.append(start(casus, afspraken, regel, feit=feit, identifier=known.id))
    return found


def start(casus: Casus, afspraken: Afspraken, regel: TermijnRegel, *, feit: Gebeurd, identifier: UUID) -> Termijn:
    """The term that this fact starts by this rule."""
    toezicht, kalender = casus.toezicht, afspraken.kalender
    nearing = find_nearing(regel, feit, casus, kalender)
    assert feit.onderwerp_id is not None
    gemeente, team = toezicht.place_of(feit.onderwerp_id)
    return Termijn(
        id=identifier,
        regel_id=regel.id,
        afspraken_versie=afspraken.versie,
        label=regel.label,
        verantwoordelijke=regel.verantwoordelijke,
        onderwerp_id=feit.onderwerp_id,
        gemeente=gemeente,
        team=team,
        partij=toezicht.ketenpartner_of(feit.onderwerp_id),
        vanaf=feit.anker,
        tot=regel.tot,
        ladder_id=regel.ladder,
        begint_op=feit.op,
        eindigt_op=find_end(regel, feit, casus, kalender).astimezone(UTC),
        nadert_op=None if nearing is None else nearing.astimezone(UTC),
    )


def resultaat_of(afloop: Afloop) -> Escalatieresultaat:
    """What an escalatie about a termijn comes to when the termijn ends like this after all."""
    if afloop.vervallen:
        return Escalatieresultaat.TERMIJN_VERVALLEN
    return _RESULTATEN.get(afloop.gebeurd.anker, Escalatieresultaat.ALSNOG_GEDAAN)


def reden_of(afloop: Afloop) -> str:
    """Why a termijn lapsed, in Dutch."""
    return _REDENEN[afloop.gebeurd.anker]


def settle(termijn: Termijn, afloop: Afloop, *, now: datetime) -> Termijn:
    """The termijn as the facts leave it; the same object when nothing changes. That it passed is told by its timer."""
    status = find_status(termijn, afloop, now=now)
    if status is termijn.status or status not in SETTLED or status not in TERMIJN_TRANSITIONS[termijn.status]:
        return termijn
    moved = move_to(termijn, status)
    if status is Termijnstatus.VERVALLEN:
        return replace(moved, gehaald_op=None, gehaald_door=None)
    return replace(moved, gehaald_op=afloop.gebeurd.op, gehaald_door=afloop.gebeurd.anker)


def passed(termijn: Termijn, now: datetime) -> bool:
    """Whether a running termijn has passed by now."""
    return termijn.status is Termijnstatus.LOPEND and termijn.eindigt_op <= now


def nears(termijn: Termijn, heard_until: datetime, now: datetime) -> bool:
    """Whether people should be warned now: past the agreed share of the term, before its end, and only once."""
    if termijn.status is not Termijnstatus.LOPEND or termijn.genaderd or termijn.nadert_op is None:
        return False
    return termijn.nadert_op <= heard_until and now < termijn.eindigt_op


def recomputed(known: Termijn, again: Termijn) -> Termijn:
    """A running termijn whose beginning turned out to be another moment; the same object when nothing changes."""
    if known.status is not Termijnstatus.LOPEND or known.begint_op == again.begint_op:
        return known
    return replace(known, begint_op=again.begint_op, eindigt_op=again.eindigt_op, nadert_op=again.nadert_op)


def began_before(known: Termijn, again: Termijn) -> bool:
    """Whether news that came late says that a termijn which was met began earlier: it may have been met too late."""
    same_rules = known.afspraken_versie == again.afspraken_versie
    return same_rules and known.status is Termijnstatus.GEHAALD and again.begint_op < known.begint_op


def put_right(known: Termijn, again: Termijn) -> Termijn:
    """A running termijn as the agreements have it after a correction; what people were warned of stays so."""
    warned = known.genaderd and known.nadert_op == again.nadert_op
    return replace(again, id=known.id, eerste_id=known.eerste_id, genaderd=warned)


def succession(known: Termijn, again: Termijn) -> Termijn:
    """The same term computed anew, to take the place of one that ended."""
    return replace(again, id=derived_id("termijn", str(known.id), "herzien"), eerste_id=known.oorsprong)


def is_the_same(known: Termijn, again: Termijn) -> bool:
    """Whether a correction leaves a termijn as it was: when it ran, and how it ended.

    One that passed and is still not met in time has passed all the same.
    """
    if (known.begint_op, known.eindigt_op) != (again.begint_op, again.eindigt_op):
        return False
    if known.status is Termijnstatus.VERSTREKEN:
        return again.status is Termijnstatus.LOPEND
    return (known.status, known.gehaald_op) == (again.status, again.gehaald_op)

"""A delivery that stalls: people hear of it in time to use another road, and zicht stays where it is (G7)."""

from collections.abc import Iterator
from uuid import UUID

from contracts.afspraken import Afspraken, Anker, Berichtsoort, Rol, Termijnstatus
from contracts.messages.handover import AfleveringGestagneerd
from contracts.messages.monitoring import Drager, Escalatieresultaat
from contracts.rechten import HUB
from services.monitoring.domain.herrekening import recompute
from services.monitoring.domain.stagnatieberichten import about_stalled
from services.monitoring.domain.toestand import Overdrachtbeeld, Termijn
from services.monitoring.domain.verloop import Uitleg, Verloop

TERUGGEKOMEN = "de overdracht kwam terug als onbestelbaar"


def follow_retour(verloop: Verloop, overdracht_id: UUID) -> None:
    """Bring the terms in line with a delivery that turned out to be none, or took the place of one (G8).

    What ran from it no longer runs, and who was called about it need not act; what it had met runs on again. A new
    delivery starts the terms anew. Zicht op veiligheid follows from the facts like any other time.
    """
    toezicht = verloop.toezicht
    if toezicht.overdrachten[overdracht_id].teruggekomen_op is None:
        return
    if toezicht.first(Anker.OVERDRACHT_AFGELEVERD, overdracht_id) is None:
        for termijn in toezicht.termijnen.values():
            if (termijn.vanaf, termijn.onderwerp_id) == (Anker.OVERDRACHT_AFGELEVERD, overdracht_id):
                _let_go(verloop, termijn)
    recompute(verloop)


def _let_go(verloop: Verloop, termijn: Termijn) -> None:
    if termijn.vervangen_door is not None:
        return
    if termijn.status is Termijnstatus.LOPEND:
        verloop.lapse(termijn, TERUGGEKOMEN)
    elif termijn.status is Termijnstatus.VERSTREKEN:
        verloop.ongedaan.append(termijn)
        for escalatie in verloop.open_escalaties_of(termijn):
            facts = {"reden": TERUGGEKOMEN}
            verloop.close_escalatie(escalatie, Escalatieresultaat.TERMIJN_VERVALLEN.value, {**facts})


def tell_stalled(verloop: Verloop, event: AfleveringGestagneerd) -> None:
    """Tell whom Veilig Thuis has on duty, and the receiver by the role that a ladder calls first.

    What is our fault, whoever runs us hears too.
    """
    toezicht = verloop.toezicht
    overdracht_id, blijvend = event.overdracht_id, event.blijvend
    beeld = toezicht.overdrachten[overdracht_id]
    receiver = Drager.LOKAAL_TEAM if beeld.partij is None else Drager.KETENPARTNER
    open_ends = [item.eindigt_op for item in toezicht.termijnen.values() if item.status is Termijnstatus.LOPEND]
    told = [
        (_code(verloop, Drager.VEILIG_THUIS, beeld), *_asked(verloop.afspraken, Berichtsoort.AFLEVERING_GESTAGNEERD)),
        *_people_of(verloop, receiver, _code(verloop, receiver, beeld)),
    ]
    if event.bij_houvast:
        told.append((HUB, *_asked(verloop.afspraken, Berichtsoort.BEHEER_GEVRAAGD)))
    for wie in told:
        verloop.events.append(
            about_stalled(
                beeld,
                wie=wie,
                partijen=verloop.partijen,
                toezicht=toezicht,
                casus_id=verloop.casus_id,
                voor=min(open_ends, default=None),
                stagnatie=event,
            )
        )
    facts = {"overdracht": str(overdracht_id), "bij": beeld.ontvanger, "blijvend": blijvend}
    verloop.uitleg.append(Uitleg("aflevering gestagneerd: partijen gewaarschuwd", None, {**facts}))


def _code(verloop: Verloop, drager: Drager, beeld: Overdrachtbeeld) -> str:
    return verloop.partijen.code(drager, regio=verloop.regio, gemeente=beeld.gemeente, partij=beeld.partij)


def _people_of(verloop: Verloop, receiver: Drager, code: str) -> Iterator[tuple[str, Rol, str]]:
    """Whom the receiver has called first; and whoever was told there that zicht was theirs, where now it never was."""
    rol, herkomst = _first_role(verloop.afspraken, receiver)
    yield code, rol, herkomst
    was, line = ([None, None, *verloop.toezicht.zicht])[-2:]
    if was is None or line is None or line.vastgesteld_op != verloop.now or line.vanaf > was.vanaf:
        return
    for regel in verloop.afspraken.zichtberichten:
        if (regel.wie, regel.wat, was.partij) == (receiver, "verliest", code) and regel.rol is not rol:
            yield code, regel.rol, regel.herkomst


def _asked(afspraken: Afspraken, bericht: Berichtsoort) -> tuple[Rol, str]:
    """Which role, and why that one."""
    aanspreekpunt = afspraken.aanspreekpunt(bericht)
    return aanspreekpunt.rol, aanspreekpunt.herkomst


def _first_role(afspraken: Afspraken, receiver: Drager) -> tuple[Rol, str]:
    """The first rung for whoever receives, and why that one; where it owes nothing, that for any other overdracht."""
    found = [
        regel
        for regel in afspraken.termijnen
        if regel.ladder is not None and regel.vanaf.value.startswith("overdracht-")
    ]
    own = [regel for regel in found if regel.verantwoordelijke is receiver]
    overdracht = (regel.ladder for regel in (*own, *found))
    ladder_id = next(overdracht, None)
    ladder = afspraken.ladders[0] if ladder_id is None else afspraken.ladder(ladder_id)
    return ladder.treden[0].rol, ladder.herkomst

"""What people were told and is no longer so: it does not leave any more, or is taken back (G11)."""

from collections.abc import Iterator

from contracts.afspraken import Termijnstatus
from contracts.messages.notifier import IntrekkingGevraagd, Intrekkingsreden
from services.monitoring.domain.termijnen import SETTLED
from services.monitoring.domain.toestand import Escalatiestatus, Termijn, Toezicht
from services.monitoring.domain.verloop import Verloop

_TOCH_GEHAALD = "Het is op tijd gebeurd. Dat bericht kwam later bij Houvast binnen."
_GELDT_NIET = "De termijn gold niet, of niet meer. Dat bleek later."


def withdrawals(before: Toezicht, verloop: Verloop) -> Iterator[IntrekkingGevraagd]:
    """Give what has to be taken back of what people were told, now that these terms ended otherwise or at all."""
    untrue = {termijn.id: termijn for termijn in verloop.ongedaan}
    for termijn in untrue.values():
        met = termijn.status is Termijnstatus.GEHAALD
        yield _intrekking(termijn, Intrekkingsreden.ONJUIST, _TOCH_GEHAALD if met else _GELDT_NIET)
    for known in before.termijnen.values():
        now = verloop.toezicht.termijnen.get(known.id, known)
        settled = now.status in SETTLED and known.status not in SETTLED
        if settled and known.id not in untrue and _told(before, known):
            yield _intrekking(now, Intrekkingsreden.ACHTERHAALD, "De termijn loopt niet meer.")
    for escalatie in before.escalaties.values():
        became = verloop.toezicht.escalaties[escalatie.id].status
        if became is Escalatiestatus.AFGEHANDELD and escalatie.status is not became:
            uitleg = "De escalatie is al afgehandeld."
            yield IntrekkingGevraagd(escalatie_id=escalatie.id, waarom=Intrekkingsreden.ACHTERHAALD, uitleg=uitleg)
    for notificatie_id in verloop.achterhaald:
        uitleg = "Dit is niet meer aan de orde."
        yield IntrekkingGevraagd(notificatie_id=notificatie_id, waarom=Intrekkingsreden.ACHTERHAALD, uitleg=uitleg)


def _intrekking(termijn: Termijn, waarom: Intrekkingsreden, uitleg: str) -> IntrekkingGevraagd:
    return IntrekkingGevraagd(termijn_id=termijn.id, waarom=waarom, uitleg=uitleg)


def _told(toezicht: Toezicht, termijn: Termijn) -> bool:
    escalated = any(escalatie.termijn_id == termijn.id for escalatie in toezicht.escalaties.values())
    return termijn.genaderd or escalated or f"termijn:{termijn.id}" in toezicht.onbekend

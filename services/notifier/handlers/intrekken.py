"""What is no longer so is not told any more; and who was told what was not so, hears that (G11)."""

from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import (
    Aanleiding,
    IntrekkingGevraagd,
    Intrekkingsreden,
    NotificatieGevraagd,
    NotificatieVervallen,
)
from services.notifier.domain import Casus, Notificatie, Zending, Zendingstatus, finish
from services.notifier.handlers.commands import TakeOutZending
from services.notifier.handlers.verzenden import case_of_postvak, goes_alone, send
from services.runtime.unit.decision import CancelRequest, Context, Decision, Forward, JournalLine
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import joined

AFGELOPEN = "de termijn waarover dit ging, is al afgelopen"


def withdraw(casus: Casus, told: IntrekkingGevraagd, context: Context) -> Decision[Casus]:
    """Stop what was asked about a term and has not left; take back what was not so."""
    decision = Decision(casus)
    for notificatie in casus.alle.values():
        if _is_about(notificatie, told):
            noted = replace(notificatie, ingetrokken=told)
            decision = joined(decision, _stop(decision.state, noted, told.uitleg, context.now))
            stopped = decision.state.alle[noted.vraag.notificatie_id]
            decision = joined(decision, tell_back(decision.state, stopped, context))
    return decision


def is_over(vraag: NotificatieGevraagd, now: datetime) -> bool:
    """Whether it makes no sense any more: a warning before a moment, after it."""
    nears = vraag.aanleiding is Aanleiding.TERMIJN_NADERT and not vraag.zegt_meer
    return nears and vraag.wettelijk_moment is not None and vraag.wettelijk_moment <= now


def let_go(casus: Casus, notificatie: Notificatie, now: datetime) -> Decision[Casus]:
    """Nobody is told this: it came too late to be so."""
    gone = replace(notificatie, vervallen_op=now)
    line = JournalLine("notificatie vervallen", facts={"rol": gone.vraag.rol, "reden": AFGELOPEN})
    return Decision(casus.put(gone), events=(_vervallen(gone, None, AFGELOPEN, now),), journal=(line,))


def tell_back(casus: Casus, notificatie: Notificatie, context: Context) -> Decision[Casus]:
    """Everybody who was told that a term was missed hears that it was not; each once, by the same channel."""
    told, vraag = notificatie.ingetrokken, notificatie.vraag
    if told is None or told.waarom is not Intrekkingsreden.ONJUIST or vraag.aanleiding is not Aanleiding.ESCALATIE:
        return Decision(casus)
    identifier = derived_id("notificatie", str(vraag.notificatie_id), "ingetrokken")
    back = casus.alle.get(identifier) or Notificatie(_taken_back(vraag, told, identifier), context.now)
    fresh = tuple(
        Zending(
            derived_id("zending", str(identifier), zending.kanaal.value, zending.persoon),
            zending.kanaal,
            zending.partij,
            zending.persoon,
            zending.postvak,
        )
        for zending in notificatie.zendingen.values()
        if zending.status is Zendingstatus.VERZONDEN
    )
    fresh = tuple(zending for zending in fresh if zending.id not in back.zendingen)
    if not fresh:
        return Decision(casus)
    back = replace(back, zendingen={**back.zendingen, **{zending.id: zending for zending in fresh}})
    line = JournalLine("notificatie ingetrokken", facts={"rol": vraag.rol, "aantal": len(fresh)})
    return send(Decision(casus.put(back), journal=(line,)), back, fresh, context)


def _is_about(notificatie: Notificatie, told: IntrekkingGevraagd) -> bool:
    """Once it was not so it stays that way. What says more than what is over, still has to be said."""
    vraag, earlier = notificatie.vraag, notificatie.ingetrokken
    if vraag.zegt_meer and told.waarom is Intrekkingsreden.ACHTERHAALD:
        return False
    about = (
        (told.termijn_id, vraag.termijn_id),
        (told.escalatie_id, vraag.escalatie_id),
        (told.notificatie_id, vraag.notificatie_id),
    )
    mine = any(asked is not None and asked == own for asked, own in about)
    return (
        mine
        and vraag.aanleiding is not Aanleiding.INGETROKKEN
        and (earlier is None or earlier.waarom is not Intrekkingsreden.ONJUIST)
    )


def _stop(casus: Casus, notificatie: Notificatie, reden: str, now: datetime) -> Decision[Casus]:
    stopped = notificatie
    decision = Decision(casus)
    for zending in notificatie.zendingen.values():
        if zending.status is not Zendingstatus.OPEN:
            continue
        stopped = finish(stopped, zending.id, Zendingstatus.VERVALLEN, attempts=zending.pogingen, now=now, reden=reden)
        alone = goes_alone(notificatie)
        decision = replace(
            decision,
            events=(*decision.events, _vervallen(notificatie, zending, reden, now)),
            requests=(*decision.requests, *((CancelRequest(zending.id),) if alone else ())),
            forwards=(
                *decision.forwards,
                *(() if alone else (Forward(case_of_postvak(zending), TakeOutZending(zending.id)),)),
            ),
        )
    return replace(decision, state=casus.put(stopped))


def _taken_back(vraag: NotificatieGevraagd, told: IntrekkingGevraagd, identifier: UUID) -> NotificatieGevraagd:
    return vraag.model_copy(
        update={
            "notificatie_id": identifier,
            "onderwerp": f"Ingetrokken: {vraag.onderwerp}",
            "gevraagd": f"{told.uitleg} U hoeft hiervoor niets meer te doen.",
            "aanleiding": Aanleiding.INGETROKKEN,
        }
    )


def _vervallen(notificatie: Notificatie, zending: Zending | None, reden: str, now: datetime) -> NotificatieVervallen:
    vraag = notificatie.vraag
    return NotificatieVervallen(
        notificatie_id=vraag.notificatie_id,
        partij=vraag.partij if zending is None else zending.partij,
        rol=vraag.rol,
        kanaal=None if zending is None else zending.kanaal,
        referentie=vraag.referentie,
        vervallen_op=now,
        reden=reden,
    )

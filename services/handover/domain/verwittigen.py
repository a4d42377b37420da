"""Letting a receiver know that Veilig Thuis took an overdracht back, over every road by which it can have come there.

Until the receiver knows, somebody may begin on a case that is no longer theirs. So it is tried until it is told, and
where that does not go well Veilig Thuis hears it in time to pick up the telephone.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Berichtsoort, local_date
from contracts.messages.handover import Kanaal
from contracts.messages.identifiers import CasusId, PartijCode, derived_id, short_reference
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from contracts.register import NietInRegister
from services.handover.domain.casus import Aflevering, Casus, Intrekking, Overdracht, Verwittiging
from services.handover.domain.kader import Kader, intrekking_over
from services.runtime.unit.decision import (
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, unchanged


def with_verwittigingen(overdracht: Overdracht, kader: Kader) -> Overdracht:
    """The same, with whom there is to tell that it was taken back: nobody where nothing can have arrived."""
    assert overdracht.intrekking is not None, "only what was taken back is told"
    kanalen = [kanaal for kanaal in _roads_taken(overdracht) if kanaal in kader.kanalen]
    verwittigingen = tuple(Verwittiging(kanaal) for kanaal in kanalen)
    return replace(overdracht, intrekking=replace(overdracht.intrekking, verwittigingen=verwittigingen))


def _roads_taken(overdracht: Overdracht) -> Iterator[Kanaal]:
    """By which it can be known: an attempt whose answer never came may have arrived."""
    if overdracht.pogingen > 0 or overdracht.aflevering is Aflevering.AFGELEVERD:
        yield overdracht.kanaal
    yield from (kanaal for kanaal in overdracht.eerdere_kanalen if kanaal is not overdracht.kanaal)


def notices(overdracht: Overdracht, *, context: Context, kader: Kader) -> tuple[Request, ...]:
    """The requests that tell it."""
    intrekking = overdracht.intrekking
    assert intrekking is not None, "only what was taken back is told"
    return tuple(
        _notice(overdracht, intrekking, item.kanaal, _notice_id(overdracht, item.kanaal), context=context, kader=kader)
        for item in intrekking.verwittigingen
    )


def record_notice(
    state: Casus | None, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The receiver was told, or will be told again later; what goes on too long or was refused is told to people."""
    request, attempt = attempted.request, attempted.attempt
    overdracht = None if state is None else state.overdracht(UUID(str(request.content["overdrachtId"])))
    if state is None or overdracht is None or overdracht.intrekking is None:
        return unchanged(state)
    kanaal = Kanaal(str(request.content.get("kanaal", Kanaal.REST.value)))
    verwittiging = _verwittiging(overdracht.intrekking, kanaal)
    if attempt.result is Result.DONE:
        changed = replace(verwittiging, verwittigd_op=verwittiging.verwittigd_op or context.now, fout=None)
        return Decision(_with(state, overdracht, changed), journal=(_line(overdracht, kanaal, attempt.result),))
    failed = replace(verwittiging, verwittigd_op=None, fout=attempt.detail)
    since = datetime.fromisoformat(str(request.content["ingetrokkenOp"]))
    decision = Decision(state)
    if attempt.result is Result.PERMANENT:
        decision = replace(decision, journal=(_line(overdracht, kanaal, attempt.result),))
    else:
        due_at = kader.herhaling.next_at(
            context.now, request.id, attempts=request.attempts, since=since, retry_after=attempt.retry_after
        )
        decision = replace(decision, requests=(RetryRequest(request.id, due_at),))
    takes_long = context.now - since >= kader.stagnatie.hoogstens
    if failed.gewaarschuwd_op is None and (attempt.result is Result.PERMANENT or takes_long):
        failed = replace(failed, gewaarschuwd_op=context.now)
        asked = _tell_veilig_thuis(overdracht, kanaal, context.casus_id, kader)
        decision = replace(decision, events=() if asked is None else (asked,))
    return replace(decision, state=_with(state, overdracht, failed))


def note_return(
    state: Casus, overdracht: Overdracht, kanaal: Kanaal, reden: str, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """What told it came back: the receiver does not know after all, and people hear so, once."""
    if overdracht.intrekking is None:
        return Decision(state)
    verwittiging = replace(_verwittiging(overdracht.intrekking, kanaal), verwittigd_op=None, fout=reden)
    if verwittiging.gewaarschuwd_op is not None:
        return Decision(_with(state, overdracht, verwittiging))
    asked = _tell_veilig_thuis(overdracht, kanaal, context.casus_id, kader)
    warned = replace(verwittiging, gewaarschuwd_op=context.now)
    return Decision(_with(state, overdracht, warned), events=() if asked is None else (asked,))


def note_late_attempt(
    state: Casus, overdracht: Overdracht, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """An attempt was under way while the overdracht was refused or taken back, and may have arrived after all."""
    result = attempted.attempt.result
    tried = replace(overdracht, pogingen=overdracht.pogingen + 1, laatste_poging_op=context.now)
    facts: JsonObject = {"overdracht": str(tried.id), "resultaat": result.value}
    noted = Decision(state.with_overdracht(tried), journal=(JournalLine("na-het-einde-afgeleverd", facts=facts),))
    if tried.intrekking is None or result is Result.PERMANENT:
        return noted
    kanaal = tried.kanaal
    verwittiging = replace(_verwittiging(tried.intrekking, kanaal), verwittigd_op=None)
    notice_id = _notice_id(tried, kanaal, str(attempted.request.id), str(attempted.request.attempts))
    notice = _notice(tried, tried.intrekking, kanaal, notice_id, context=context, kader=kader)
    return replace(noted, state=_with(noted.state, tried, verwittiging), requests=(notice,))


def _verwittiging(intrekking: Intrekking, kanaal: Kanaal) -> Verwittiging:
    return next((item for item in intrekking.verwittigingen if item.kanaal is kanaal), Verwittiging(kanaal))


def _with(state: Casus, overdracht: Overdracht, changed: Verwittiging) -> Casus:
    intrekking = overdracht.intrekking
    assert intrekking is not None, "only what was taken back is told"
    others = tuple(item for item in intrekking.verwittigingen if item.kanaal is not changed.kanaal)
    told = replace(intrekking, verwittigingen=(*others, changed))
    return state.with_overdracht(replace(overdracht, intrekking=told))


def _notice_id(overdracht: Overdracht, kanaal: Kanaal, *after: str) -> UUID:
    road = () if kanaal is Kanaal.REST else (kanaal.value,)
    return derived_id("intrekking", str(overdracht.id), *road, *after)


def _notice(
    overdracht: Overdracht, intrekking: Intrekking, kanaal: Kanaal, notice_id: UUID, *, context: Context, kader: Kader
) -> Request:
    return Request(
        id=notice_id,
        kind=intrekking_over(kanaal),
        destination=kader.destination(replace(overdracht, kanaal=kanaal), context.now),
        content={
            "overdrachtId": str(overdracht.id),
            "gemeente": overdracht.gemeente,
            "team": overdracht.team,
            "partij": overdracht.partij,
            "aangebodenDoor": overdracht.aangeboden_door,
            "ingetrokkenDoor": _signs(overdracht, intrekking, kader),
            "kanaal": kanaal.value,
            "regio": overdracht.regio,
            "ingetrokkenOp": iso(intrekking.op),
        },
        due_at=context.now,
    )


def _signs(overdracht: Overdracht, intrekking: Intrekking, kader: Kader) -> PartijCode | None:
    """Who took it back, for its receiver to read; None for Veilig Thuis.

    Of an offer that ended because another party took the case over, who offered it: that party is nobody's business.
    """
    try:
        veilig_thuis = kader.register.veilig_thuis(overdracht.regio).code
    except NietInRegister:
        return overdracht.aangeboden_door
    return None if intrekking.door == veilig_thuis else overdracht.aangeboden_door


def _tell_veilig_thuis(
    overdracht: Overdracht, kanaal: Kanaal, casus_id: CasusId, kader: Kader
) -> NotificatieGevraagd | None:
    on = local_date(overdracht.melding_ontvangen_op)
    wat, dit = ("een overdracht", "deze") if overdracht.aangeboden_door is None else ("een aanbod", "dit")
    try:
        partij = kader.register.veilig_thuis(overdracht.regio).code
    except NietInRegister:
        return None
    aanspreekpunt = kader.rule_book.aanspreekpunt(Berichtsoort.INTREKKING_KOMT_NIET_AAN, regio=overdracht.regio, on=on)
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(overdracht.id), "intrekking", kanaal.value),
        regio=overdracht.regio,
        partij=partij,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        rol=aanspreekpunt.rol.value,
        urgentie=NotificatieUrgentie.SPOED,
        onderwerp=f"De intrekking van {wat} komt niet aan",
        gevraagd=f"Bel de ontvanger dat {dit} {wat.removeprefix('een ')} is ingetrokken; Houvast kon het niet laten weten.",
        referentie=short_reference(casus_id),
        bron=aanspreekpunt.herkomst,
        link=f"/casus/{casus_id}",
    )


def _line(overdracht: Overdracht, kanaal: Kanaal, result: Result) -> JournalLine:
    facts: JsonObject = {"overdracht": str(overdracht.id), "kanaal": kanaal.value, "resultaat": result.value}
    return JournalLine("intrekking-gemeld", facts=facts)

"""An overdracht that does not go on: refused by its gemeente with a code, or taken back by Veilig Thuis.

Neither is a receipt. What is under way is stopped, and Veilig Thuis weighs again.
"""

from datetime import datetime
from uuid import UUID

from contracts.messages.documenten import Professional, Toelichting
from contracts.messages.door_mensen import who_did
from contracts.messages.doorgegeven import GESLOTEN
from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtGeweigerd, OverdrachtIngetrokken
from contracts.messages.identifiers import PartijCode
from contracts.rechten import Daad, Relatie, Toegang, decide, may
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.casus import Aflevering, Casus, Intrekking, Overdracht, Weigering
from services.handover.domain.invoer import IntrekkingInvoer, WeigeringInvoer
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_overdracht
from services.handover.domain.verwittigen import notices, with_verwittigingen
from services.runtime.unit.decision import (
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Refused,
    Request,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, seal, unchanged

TERUGGEGEVEN = Refused(
    404,
    "Niet gevonden",
    (Problem("$", "deze casus is aan Veilig Thuis teruggegeven, en is hier niet meer bij u"),),
    code="teruggekoppeld",
)
WOORD_VAN_EEN_ANDER = conflict(
    "Door een ander gemeld",
    "dat de ontvanger aanvaardde is door een andere partij gemeld; alleen die kan dat terugnemen",
    code="woord-van-een-ander",
)


def refuse(
    state: Casus | None, overdracht_id: UUID, invoer: WeigeringInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The receiver says why this overdracht is not for it. What it took up is given back with the form instead.

    What only others said that it accepted, it contradicts with this.
    """
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    if decide(Daad.OVERDRACHT_BEANTWOORDEN, relaties) is Toegang.GEEN:
        return NOT_FOUND
    if refused_for := why_not_refuse(state, overdracht):
        return refused_for
    weigering = Weigering(context.now, context.actor.partij, invoer.code)
    refused = replace(overdracht, weigering=weigering)
    event = OverdrachtGeweigerd(
        overdracht_id=refused.id,
        melding_id=refused.melding_id,
        regio=refused.regio,
        gemeente=refused.gemeente,
        team=refused.team,
        partij=refused.partij,
        aangeboden_door=refused.aangeboden_door,
        overdrachtsoort=refused.soort,
        melding_ontvangen_op=refused.melding_ontvangen_op,
        geweigerd_op=weigering.op,
        geweigerd_door=weigering.door,
        code=weigering.code,
        toelichting=seal(context, invoer.sealed_part()),
        medewerker=seal(context, who_did(context.actor, invoer.medewerker)),
        betwist=refused.is_op_bewijs,
    )
    stopped = stop(_given_back_to_whom_had_it(state, refused), refused)
    line = JournalLine(
        "aanvaarding-betwist" if refused.is_op_bewijs else "overdracht-geweigerd",
        facts={"overdracht": str(refused.id), "gemeente": refused.gemeente, "code": weigering.code.value},
    )
    return replace(
        stopped, events=(event,), journal=(line,), answer=_answer(context, refused, "geweigerdOp", weigering.op)
    )


def withdraw(
    state: Casus | None, overdracht_id: UUID, invoer: IntrekkingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Veilig Thuis or who offered it takes it back, as long as its receiver did not take it up itself.

    Every receiver that can have it is told so. What only others said that it accepted, only who said so takes back; it is
    as if it were contradicted.
    """
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    if not may(Daad.OVERDRACHT_INTREKKEN, relaties):
        return NOT_FOUND
    if overdracht.intrekking is not None:
        return unchanged(state, _answer(context, overdracht, "ingetrokkenOp", overdracht.intrekking.op))
    if ended := why_not_withdrawn(overdracht):
        return ended
    if overdracht.is_op_bewijs and Relatie.AANBIEDER not in relaties:
        return WOORD_VAN_EEN_ANDER
    withdrawn = take_away(
        state,
        overdracht,
        door=context.actor.partij,
        toelichting=invoer.sealed_part(),
        medewerker=invoer.medewerker,
        context=context,
        kader=kader,
    )
    answer = _answer(context, overdracht, "ingetrokkenOp", context.now)
    return replace(withdrawn, answer=answer | {"gemeenteWordtVerwittigd": has_notices(withdrawn)})


def take_away(
    state: Casus,
    overdracht: Overdracht,
    *,
    door: PartijCode,
    toelichting: Toelichting | None = None,
    medewerker: Professional | None = None,
    context: Context,
    kader: Kader,
) -> Decision[Casus]:
    """It is taken back by this party, or ends because this party took the case over; its receiver is told."""
    intrekking = Intrekking(context.now, door)
    withdrawn = with_verwittigingen(replace(overdracht, intrekking=intrekking), kader)
    event = OverdrachtIngetrokken(
        overdracht_id=withdrawn.id,
        melding_id=withdrawn.melding_id,
        regio=withdrawn.regio,
        gemeente=withdrawn.gemeente,
        team=withdrawn.team,
        partij=withdrawn.partij,
        aangeboden_door=withdrawn.aangeboden_door,
        overdrachtsoort=withdrawn.soort,
        melding_ontvangen_op=withdrawn.melding_ontvangen_op,
        ingetrokken_op=intrekking.op,
        ingetrokken_door=intrekking.door,
        toelichting=seal(context, toelichting),
        medewerker=seal(context, who_did(context.actor, medewerker)),
        betwist=withdrawn.is_op_bewijs,
    )
    asked = notices(withdrawn, context=context, kader=kader)
    stopped = stop(_given_back_to_whom_had_it(state, withdrawn), withdrawn)
    line = JournalLine(
        "aanvaarding-teruggenomen" if withdrawn.is_op_bewijs else "overdracht-ingetrokken",
        facts={
            "overdracht": str(withdrawn.id),
            "gemeente": withdrawn.gemeente,
            "verwittigdOver": [str(request.content["kanaal"]) for request in asked],
        },
    )
    return replace(stopped, events=(event,), requests=(*stopped.requests, *asked), journal=(line,))


def why_not_refuse(state: Casus, overdracht: Overdracht) -> Refused | None:
    """Why its receiver cannot refuse it any more; None while it can."""
    if ended := why_over(overdracht) or why_closed(state):
        return ended
    if overdracht.verdeling is not None and not overdracht.is_op_bewijs:
        return conflict("Al opgepakt", "wat is opgepakt gaat terug met het terugkoppelformulier", code="opgepakt")
    return None


def why_not_withdrawn(overdracht: Overdracht) -> Refused | None:
    """Why it cannot be taken back any more; None while it can."""
    if overdracht.terugkoppeling is not None:
        return conflict("Teruggegeven", "deze casus is aan Veilig Thuis teruggegeven", code="teruggekoppeld")
    if ended := ended_because(overdracht) or taken_over(overdracht):
        return ended
    if overdracht.verdeling is not None and not overdracht.is_op_bewijs:
        return conflict("Al opgepakt", "wat de ontvanger heeft opgepakt kan niet meer terug", code="opgepakt")
    return None


def has_notices(withdrawn: Decision[Casus]) -> bool:
    """Whether the receiver is told of it: nobody is where nothing can have arrived."""
    return any(isinstance(request, Request) for request in withdrawn.requests)


def refuse_act(daad: Daad, overdracht: Overdracht, *, context: Context, kader: Kader) -> Refused | None:
    """Why who acts may not do this with the overdracht as it is; None where it may."""
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    match decide(daad, relaties):
        case Toegang.MAG:
            return ended_because(overdracht)
        case Toegang.VOORBIJ:
            return why_over(overdracht)
        case Toegang.GEEN | Toegang.ROL:
            return NOT_FOUND


def ended_because(overdracht: Overdracht) -> Refused | None:
    """Why nothing more can be done with an overdracht that was refused or taken back; None while it goes on."""
    if overdracht.weigering is not None:
        return conflict("Geweigerd", "deze overdracht is door de ontvanger geweigerd", code="geweigerd")
    if overdracht.intrekking is not None and overdracht.aangeboden_door is not None:
        message = "dit aanbod is ingetrokken, of een andere partij heeft de casus overgenomen"
        return conflict("Ingetrokken", message, code="ingetrokken")
    if overdracht.intrekking is not None:
        return conflict("Ingetrokken", "deze overdracht is door Veilig Thuis ingetrokken", code="ingetrokken")
    return None


def taken_over(overdracht: Overdracht) -> Refused | None:
    """That another party took the case over from its receiver; None where none did."""
    if overdracht.overgenomen is None:
        return None
    return conflict("Overgenomen", "een andere partij heeft deze casus overgenomen", code="overgenomen")


def why_over(overdracht: Overdracht) -> Refused | None:
    """Why its receiver can do nothing more with it; None while it is still with its receiver.

    Whose part has ended, in whichever way, has none any more: there is nothing for it here, and it knows why. Only a party
    of which others said that it accepted, and that answers to that now, is told what holds instead.
    """
    if overdracht.terugkoppeling is not None:
        return TERUGGEGEVEN
    if overdracht.overgenomen is not None and overdracht.is_op_bewijs:
        return taken_over(overdracht)
    ended = ended_because(overdracht) or taken_over(overdracht)
    return None if ended is None else Refused(404, "Niet gevonden", ended.problems, code=ended.code)


def why_closed(state: Casus, op: datetime | None = None) -> Refused | None:
    """Why nothing begins (at `op`) any more; None while the case is open. It is closed at monitoring (AEF C)."""
    if state.gesloten_op is None or (op is not None and op < state.gesloten_op):
        return None
    return conflict("De casus is gesloten", GESLOTEN, code="gesloten")


def _given_back_to_whom_had_it(state: Casus, ended: Overdracht) -> Casus:
    """The case in which an acceptance that is contradicted or taken back never was: who had it then has it still."""
    for item in state.overdrachten:
        if item.overgenomen is not None and item.overgenomen.overdracht_id == ended.id:
            state = state.with_overdracht(replace(item, overgenomen=None))
    return state


def stop(state: Casus, overdracht: Overdracht) -> Decision[Casus]:
    """Nothing more is sent and nobody is warned about it."""
    waits = overdracht.aflevering in {Aflevering.ONDERWEG, Aflevering.GESTAGNEERD}
    return Decision(
        state.with_overdracht(overdracht),
        requests=(CancelRequest(overdracht.opdracht_id),) if waits else (),
        timers=(CancelTimer(f"stagnatie:{overdracht.id}"),) if waits else (),
    )


def _answer(context: Context, overdracht: Overdracht, moment: str, op: datetime) -> JsonObject:
    return receipt(context.casus_id, overdracht, moment=moment, op=op)

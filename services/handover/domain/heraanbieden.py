"""Offering an overdracht again because people ask for it: now, by another road, or as a new generation."""

from datetime import datetime
from uuid import UUID

from contracts.messages.envelope import Problem
from contracts.messages.handover import Kanaal
from contracts.rechten import Daad
from services.handover.domain.aanmaken import receiving
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.bevestigen import with_link
from services.handover.domain.casus import Aflevering, Casus, Overdracht, aflevering_id
from services.handover.domain.invoer import AfleveringInvoer
from services.handover.domain.kader import Kader
from services.handover.domain.opdracht import ask_delivery, line_about, stagnatie_timer
from services.handover.domain.terugnemen import refuse_act, taken_over, why_closed
from services.runtime.unit.decision import CancelRequest, Context, Decision, Outcome, RetryRequest
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import invalid, unchanged


def offer_again(
    state: Casus | None, overdracht_id: UUID, invoer: AfleveringInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Try now, on request of people: what waits goes at once, what was refused gets a new round.

    With `kanaal` by another road of the register; with `opnieuw` also what was delivered, as a new generation.
    """
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    refused = refuse_act(Daad.OVERDRACHT_AANBIEDEN, overdracht, context=context, kader=kader)
    if refused := refused or taken_over(overdracht) or why_closed(state):
        return refused
    answer = receipt(context.casus_id, overdracht, moment="aangebodenOp", op=context.now)
    roads = _roads_of(overdracht, context.now, kader)
    if invoer.kanaal is not None and invoer.kanaal not in roads:
        names = ", ".join(road.value for road in roads)
        return invalid([Problem("kanaal", f"deze ontvanger is zo niet te bereiken; wel: {names}")])
    kanaal = invoer.kanaal or roads[0]
    delivered = overdracht.aflevering is Aflevering.AFGELEVERD
    if (delivered and not invoer.opnieuw and invoer.kanaal is None) or kanaal not in kader.kanalen:
        return unchanged(state, answer)
    if overdracht.waits and kanaal is overdracht.kanaal and not invoer.opnieuw:
        line = line_about("opnieuw-aangeboden", overdracht)
        return Decision(
            state, requests=(RetryRequest(overdracht.opdracht_id, context.now),), journal=(line,), answer=answer
        )
    return replace(_new_generation(state, overdracht, kanaal, context=context, kader=kader), answer=answer)


def _new_generation(
    state: Casus, overdracht: Overdracht, kanaal: Kanaal, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The same overdracht under a new id for the receiver; what waited of the former generation goes no more."""
    ronde = overdracht.ronde + 1
    waits = overdracht.waits
    offered = replace(
        overdracht if waits else overdracht.moved_to(Aflevering.ONDERWEG),
        kanaal=kanaal,
        eerdere_kanalen=_roads_before(overdracht, kanaal),
        opdracht_id=aflevering_id(overdracht.id, ronde),
        ronde=ronde,
        ronde_begonnen_op=context.now,
        gestagneerd_op=overdracht.gestagneerd_op if waits else None,
        onzeker_sinds=None,
    )
    offered = with_link(offered, now=context.now, kader=kader)
    timers = () if waits else (stagnatie_timer(offered, kader.stagnatie.due_at(context.now, offered.uiterlijk_op)),)
    return Decision(
        state.with_overdracht(offered),
        requests=(
            *((CancelRequest(overdracht.opdracht_id),) if waits else ()),
            ask_delivery(state, offered, context.now, kader=kader),
        ),
        timers=timers,
        journal=(line_about("opnieuw-aangeboden", offered, ronde=ronde),),
    )


def _roads_before(overdracht: Overdracht, kanaal: Kanaal) -> tuple[Kanaal, ...]:
    former = () if kanaal is overdracht.kanaal else (overdracht.kanaal,)
    return tuple(dict.fromkeys((*overdracht.eerdere_kanalen, *former)))


def _roads_of(overdracht: Overdracht, now: datetime, kader: Kader) -> tuple[Kanaal, ...]:
    """The ways to this receiver by which this process can deliver, the usual one first."""
    receiver = receiving(overdracht.ontvanger, now, kader)
    usual = Kanaal(receiver.endpoint_for(overdracht.team).soort)
    others = (Kanaal(road.soort) for road in receiver.roads_for(overdracht.team))
    return tuple(dict.fromkeys((usual, *(road for road in others if road in kader.kanalen))))

"""The receiving party draws up a veiligheidsplan, and after that a hulpverlenings- and herstelplan (FS, MB 4.3).

The hub keeps that it did and when, never what a plan says.
"""

from datetime import datetime
from uuid import UUID

from contracts.messages.envelope import Problem
from contracts.messages.handover import PlanOpgesteld
from contracts.rechten import Daad
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.casus import Casus, Overdracht, Planopstelling
from services.handover.domain.invoer import PlanInvoer
from services.handover.domain.kader import Kader
from services.handover.domain.terugnemen import refuse_act, why_closed, why_over
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import invalid, iso, seal, unchanged


def draw_up(
    state: Casus | None, overdracht_id: UUID, invoer: PlanInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """These plans are there. Of each plan the first moment counts; said again it changes nothing.

    What was drawn up before the case was closed can still be told.
    """
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    refused = refuse_act(Daad.PLAN_VASTLEGGEN, overdracht, context=context, kader=kader)
    if refused := refused or why_over(overdracht):
        return refused
    plans = {plan for item in overdracht.plannen for plan in item.plannen}
    new = tuple(sorted(set(invoer.plannen) - plans))
    if not new:
        return unchanged(state, _answer(context, overdracht, _first(overdracht, invoer)))
    op = invoer.opgesteld_op or context.now
    if closed := why_closed(state, op):
        return closed
    if problems := _check(op, overdracht, context=context, kader=kader):
        return invalid(problems)
    made = Planopstelling(op, context.actor.partij, new, besproken=invoer.besproken_met_betrokkenen)
    return _note(state, overdracht, made, invoer, context=context)


def _check(op: datetime, overdracht: Overdracht, *, context: Context, kader: Kader) -> list[Problem]:
    """A plan is drawn up after the overdracht and not tomorrow."""
    if op > context.now + kader.moment_vooruit:
        return [Problem("opgesteldOp", "ligt in de toekomst")]
    if op < overdracht.aangemaakt_op:
        return [Problem("opgesteldOp", f"ligt vóór de overdracht van {iso(overdracht.aangemaakt_op)}")]
    return []


def _note(
    state: Casus, overdracht: Overdracht, made: Planopstelling, invoer: PlanInvoer, *, context: Context
) -> Decision[Casus]:
    noted = replace(overdracht, plannen=(*overdracht.plannen, made))
    event = PlanOpgesteld(
        overdracht_id=noted.id,
        plannen=made.plannen,
        besproken_met_betrokkenen=made.besproken,
        opgesteld_op=made.op,
        opgesteld_door=made.door,
        medewerker=seal(context, invoer.medewerker),
    )
    facts: JsonObject = {
        "overdracht": str(noted.id),
        "plannen": [plan.value for plan in made.plannen],
        "besproken": made.besproken,
        "op": iso(made.op),
    }
    return Decision(
        state.with_overdracht(noted),
        events=(event,),
        journal=(JournalLine("plan-opgesteld", facts=facts),),
        answer=_answer(context, noted, made),
    )


def _first(overdracht: Overdracht, invoer: PlanInvoer) -> Planopstelling:
    return next(item for item in overdracht.plannen if set(item.plannen) & set(invoer.plannen))


def _answer(context: Context, overdracht: Overdracht, made: Planopstelling) -> JsonObject:
    about: JsonObject = {
        "plannen": [plan.value for plan in made.plannen],
        "besprokenMetBetrokkenen": made.besproken,
    }
    return receipt(context.casus_id, overdracht, moment="opgesteldOp", op=made.op) | about

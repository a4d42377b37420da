"""Taking an overdracht up: by its receiver, or as others say. The first that does so itself ends every other offer."""

from collections.abc import Iterator

from contracts.messages.door_mensen import who_did
from contracts.messages.handover import OverdrachtOpgepakt
from contracts.messages.identifiers import PartijCode
from contracts.rechten import ends_by
from services.handover.domain.casus import Casus, Overdracht, Overname, Verklaring
from services.handover.domain.kader import Kader
from services.handover.domain.terugnemen import stop, take_away
from services.runtime.unit.decision import Context, Decision, JournalLine
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, joined, seal


def accept(
    state: Casus, overdracht: Overdracht, verklaring: Verklaring, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The receiver takes it up, and nobody else is asked any more; or is said to, and who is asked can still accept."""
    current = state.overdracht(overdracht.id)
    assert current is not None, "it is accepted in its own case"
    verklaring = _after_words(state, current, verklaring)
    taken = replace(current, verdeling=verklaring)
    event = OverdrachtOpgepakt(
        overdracht_id=taken.id,
        regio=taken.regio,
        gemeente=taken.gemeente,
        team=taken.team,
        partij=taken.partij,
        aangeboden_door=taken.aangeboden_door,
        overdrachtsoort=taken.soort,
        melding_ontvangen_op=taken.melding_ontvangen_op,
        opgepakt_op=verklaring.op,
        opgepakt_door=verklaring.door,
        medewerker=verklaring.medewerker,
        verdeler=seal(context, who_did(context.actor)),
        bewijs=verklaring.bewijs,
    )
    facts = {
        "overdracht": str(taken.id),
        "gemeente": taken.gemeente,
        "op": iso(verklaring.op),
        **({} if verklaring.bewijs is None else _about_bewijs(taken, verklaring)),
    }
    decision = Decision(
        state.with_overdracht(taken), events=(event,), journal=(JournalLine("overdracht-opgepakt", facts={**facts}),)
    )
    if taken.aangeboden_door is None and taken.partij is None:
        return decision  # the lokaal team that Veilig Thuis handed it to may be the very one that asks another
    if not taken.is_op_bewijs:
        decision = _end_others(decision, taken, context=context, kader=kader)
    return _take_from(decision, taken, verklaring)


def _after_words(state: Casus, overdracht: Overdracht, verklaring: Verklaring) -> Verklaring:
    """Who accepts itself where others say that another did takes over from that party: not before they said so."""
    if verklaring.bewijs is not None or overdracht.is_op_bewijs:
        return verklaring
    words = (item for item in state.overdrachten if item.is_op_bewijs and not item.is_over)
    said = (op for item in words if item.verdeling is not None for op in (item.aangemaakt_op, item.verdeling.op))
    return replace(verklaring, op=max((verklaring.op, *said)))


def open_offers(state: Casus) -> Iterator[Overdracht]:
    """The offers that nobody answered."""
    return (item for item in state.overdrachten if item.is_open_aanbod)


def _end_others(decision: Decision[Casus], taken: Overdracht, *, context: Context, kader: Kader) -> Decision[Casus]:
    others = (item for item in open_offers(decision.state) if item.id != taken.id)
    return end(decision, others, door=taken.ontvanger, context=context, kader=kader)


def _take_from(decision: Decision[Casus], taken: Overdracht, verklaring: Verklaring) -> Decision[Casus]:
    """Who had the case until now, or is said to, has it no more. Nothing is brought to it, unless only others say so yet."""
    for item in decision.state.overdrachten:
        if item.is_over or item.is_open_aanbod or not ends_by(item.aandeel, taken.aandeel, aanvaard_op=verklaring.op):
            continue
        over = replace(item, overgenomen=Overname(verklaring.op, taken.ontvanger, taken.id))
        line = JournalLine("overdracht-overgenomen", facts={"overdracht": str(over.id), "door": taken.ontvanger})
        state = decision.state
        ended = Decision(state.with_overdracht(over)) if verklaring.bewijs is not None else stop(state, over)
        decision = joined(decision, replace(ended, journal=(line,)))
    return decision


def end(
    decision: Decision[Casus], offers: Iterator[Overdracht], *, door: PartijCode, context: Context, kader: Kader
) -> Decision[Casus]:
    """These offers end because this party took the case over."""
    for item in tuple(offers):
        decision = joined(decision, take_away(decision.state, item, door=door, context=context, kader=kader))
    return decision


def _about_bewijs(taken: Overdracht, verklaring: Verklaring) -> dict[str, str]:
    assert verklaring.bewijs is not None
    return {"aanvaardDoor": f"{verklaring.bewijs.functie} ({verklaring.door})", "volgens": taken.aangeboden_door or ""}

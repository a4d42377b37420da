"""Another party takes over: by its own act at once; named by somebody else it is asked first (docs/decisions/0019)."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker, local_date
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtIngetrokken
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import AnderePartijAanvaard, ZorgAangeboden, ZorgAanvaard
from contracts.rechten import Daad, Toegang, decide
from services.monitoring.domain.antwoord import CLOSED, conflict, invalid, unknown
from services.monitoring.domain.feiten import note_aanvaard
from services.monitoring.domain.herrekening import recompute
from services.monitoring.domain.invoer import AanvaardingInvoer
from services.monitoring.domain.overnemen import HANDS_ON, not_before_words, open_offer, why_nobody, why_not_asked
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.toestand import Feit, Overdrachtbeeld, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.verschuiven import TERUGGENOMEN, tell_shift
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.domain.zicht import zicht_at
from services.monitoring.handlers.kader import Kader, keep_words, may_act, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly
from services.runtime.unit.frozen import replace


def report_aanvaarding(
    toezicht: Toezicht, invoer: AanvaardingInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """A party says that it takes over, or somebody else says so of it (AEF C)."""
    itself = invoer.partij in kader.codes(context)
    daad = Daad.ZORG_AANVAARDEN if itself else Daad.CASUS_BEHANDELEN
    if refused := _why_not_here(toezicht, context=context, kader=kader, daad=daad):
        return refused
    given = invoer.op if invoer.bewijs is None else invoer.bewijs.op
    op = (given or context.now).astimezone(UTC)
    if problem := _wrong_moment(toezicht, op, context.now, "op" if invoer.bewijs is None else "bewijs.op"):
        return invalid(problem)
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if itself:
        return _why_nobody_takes_over(verloop) or _accept(toezicht, verloop, invoer, op, context=context, kader=kader)
    bearer, on = zicht_at(verloop.toezicht.zicht, verloop.now), local_date(context.now)
    codes = kader.codes(context)
    refused = _why_nobody_takes_over(verloop) or why_not_asked(verloop.casus, bearer, invoer.partij, codes=codes, on=on)
    if refused is not None:
        return refused
    beeld = offer(verloop, invoer.partij, context=context, kader=kader, bewijs=invoer.bewijs)
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    verloop.follow_facts()
    status = "aangeboden" if invoer.bewijs is None else "aanvaard-volgens-bewijs"
    return kader.decide(toezicht, verloop, answer=_answer(verloop, beeld, status))


def _why_not_here(toezicht: Toezicht, *, context: Context, kader: Kader, daad: Daad) -> Refused | None:
    """For who acts there is no such case; who had a part in it, or was asked, and is late hears that another has it."""
    if may_act(toezicht, context=context, kader=kader, daad=daad):
        return CLOSED if is_closed(toezicht) else None
    if any(item.op_bewijs and item.ontvanger in kader.codes(context) for item in toezicht.overdrachten.values()):
        return conflict("een andere partij heeft de zorg om de veiligheid al zelf overgenomen")
    bearer = zicht_at(toezicht.zicht, context.now)
    is_taken = bearer is not None and bearer.partij is not None and bearer.drager not in HANDS_ON
    if not is_taken or decide(daad, kader.relaties(toezicht, context)) is not Toegang.VOORBIJ:
        return unknown("casus")
    message = "deze casus bestaat niet meer voor u: een andere partij heeft de zorg om de veiligheid al overgenomen"
    return Refused(404, "Niet gevonden", (Problem("$", message),), code="overgenomen")


def _wrong_moment(toezicht: Toezicht, op: datetime, now: datetime, place: str) -> Problem | None:
    if op > now:
        return Problem(place, "ligt in de toekomst")
    before = toezicht.peilmoment is not None and op < toezicht.peilmoment
    return Problem(place, "ligt vóór de melding") if before else None


def offer(
    verloop: Verloop, partij: str, *, context: Context, kader: Kader, bewijs: Aanvaardingsbewijs | None = None
) -> Overdrachtbeeld:
    """Ask this party to take over; who is asked already is asked once. With a proof it has accepted as others say."""
    toezicht = verloop.toezicht
    earlier = open_offer(toezicht, partij)
    beeld = earlier or _new_offer(toezicht, partij, context=context, kader=kader)
    verloop.toezicht = replace(toezicht, overdrachten={**toezicht.overdrachten, beeld.overdracht_id: beeld})
    if bewijs is not None:
        feit = Feit(Anker.OVERDRACHT_OPGEPAKT, bewijs.op.astimezone(UTC), partij, beeld.overdracht_id)
        verloop.toezicht = note_aanvaard(verloop.toezicht, feit, bewijs)
    if earlier is None or bewijs is not None:
        facts = {"partij": partij, "door": beeld.aangeboden_door}
        facts |= {} if bewijs is None else {"aanvaardDoor": bewijs.functie, "op": bewijs.op.isoformat()}
        wat = (
            "aangeboden aan een andere partij"
            if bewijs is None
            else "aanvaard door een andere partij, volgens een ander"
        )
        rol = next((item for item in verloop.afspraken.partijrollen if item.partij == partij), None)
        verloop.tell(
            ZorgAangeboden(
                overdracht_id=beeld.overdracht_id,
                melding_id=_melding_of(toezicht, beeld),
                regio=verloop.regio,
                gemeente=beeld.gemeente,
                partij=partij,
                melding_ontvangen_op=toezicht.peilmoment or context.now,
                aangeboden_op=context.now,
                aangeboden_door=beeld.aangeboden_door or context.actor.partij,
                bewijs=bewijs,
            ),
            Uitleg(wat, None if rol is None else rol.id, {**facts}),
        )
    return verloop.toezicht.overdrachten[beeld.overdracht_id]


def is_offered(partij: str, *, context: Context, kader: Kader) -> bool:
    """Whether there is a road to this party, so that it can be asked."""
    return kader.partijen.takes_over(partij, on=local_date(context.now))


def follow_betwisting(verloop: Verloop) -> None:
    """What others said had met or ended a term runs on again; time in which its party could not act is given back."""
    before = {termijn.oorsprong: termijn.eindigt_op for termijn in verloop.toezicht.termijnen.values()}
    recompute(verloop)
    for termijn in verloop.toezicht.termijnen.values():
        was = before.get(termijn.oorsprong, termijn.eindigt_op)
        if termijn.vervangen_door is None and termijn.eindigt_op > was:
            wat = "termijn telt opnieuw vanaf de betwisting: tot dan was gezegd dat een ander had overgenomen"
            verloop.explain(wat, termijn)


def tell_taken_back(verloop: Verloop, before: Toezicht, event: OverdrachtIngetrokken) -> None:
    """Who gave a word takes it back: who bore zicht by it, and who has it again, hear so now."""
    feit = verloop.toezicht.first(Anker.OVERDRACHT_INGETROKKEN, event.overdracht_id)
    if feit is not None:
        tell_shift(verloop, before, feit, waarom=TERUGGENOMEN)


def _accept(
    toezicht: Toezicht, verloop: Verloop, invoer: AanvaardingInvoer, op: datetime, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    beeld = open_offer(toezicht, invoer.partij)
    if beeld is None:
        offers = (item for item in toezicht.overdrachten.values() if item.aangeboden_door is not None)
        done = any(item.zelf_aanvaard and item.ontvanger == invoer.partij for item in offers)
        return conflict("deze partij heeft al aanvaard" if done else "er ligt geen aanbod voor deze partij")
    op = op if beeld.op_bewijs else not_before_words(toezicht, invoer.partij, op)
    medewerker = context.sealer.seal(invoer.door)
    feit = Feit(Anker.OVERDRACHT_OPGEPAKT, op, invoer.partij, beeld.overdracht_id, medewerker=medewerker)
    verloop.toezicht = note_aanvaard(toezicht, feit, None)
    door = who(invoer.door, context)
    aanvaard = AnderePartijAanvaard(
        regio=verloop.regio, gemeente=beeld.gemeente, door=door, partij=invoer.partij, aanvaard_op=op
    )
    verloop.tell(aanvaard, Uitleg("andere partij heeft aanvaard", None, {"partij": invoer.partij, "door": door}))
    verloop.events.append(
        ZorgAanvaard(overdracht_id=beeld.overdracht_id, regio=verloop.regio, partij=invoer.partij, aanvaard_op=op)
    )
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    verloop.follow_facts()
    return kader.decide(toezicht, verloop, answer=_answer(verloop, beeld, "aanvaard"))


def _why_nobody_takes_over(verloop: Verloop) -> Refused | None:
    reason = why_nobody(verloop.casus, zicht_at(verloop.toezicht.zicht, verloop.now))
    return None if reason is None else conflict(reason)


def _new_offer(toezicht: Toezicht, partij: str, *, context: Context, kader: Kader) -> Overdrachtbeeld:
    before = sum(item.ontvanger == partij for item in toezicht.overdrachten.values())
    identifier = derived_id("aanbod", str(context.casus_id), partij, str(before))
    door = _stands_as(toezicht, context=context, kader=kader)
    gemeenten = {item.gemeente for item in toezicht.overdrachten.values() if item.partij is None}
    gemeente = door if door in gemeenten else toezicht.gemeente or ""
    return Overdrachtbeeld(identifier, gemeente, soort="direct", partij=partij, aangeboden_door=door)


def _stands_as(toezicht: Toezicht, *, context: Context, kader: Kader) -> str:
    """Under which code who acts stands in this case: who goes on for a gemeente acts for it."""
    codes = kader.codes(context)
    here = {toezicht.gemeente, *(item.ontvanger for item in toezicht.overdrachten.values())}
    return next(iter(sorted(codes & here)), context.actor.partij)


def _melding_of(toezicht: Toezicht, beeld: Overdrachtbeeld) -> UUID:
    """What the case is about: its melding, else what the meldpunt took in."""
    if toezicht.melding_id is not None:
        return toezicht.melding_id
    at_meldpunt = (feit.onderwerp_id for feit in toezicht.feiten if feit.anker is Anker.MELDPUNTMELDING_ONTVANGEN)
    return next((item for item in at_meldpunt if item is not None), beeld.overdracht_id)


def _answer(verloop: Verloop, beeld: Overdrachtbeeld, status: str) -> JsonObject:
    bearer = zicht_at(verloop.toezicht.zicht, verloop.now)
    taken = verloop.toezicht.first(Anker.OVERDRACHT_OPGEPAKT, beeld.overdracht_id)
    return {
        "partij": beeld.ontvanger,
        "status": status,
        "overdrachtId": str(beeld.overdracht_id),
        "aanvaardOp": None if taken is None else taken.op.isoformat(),
        "zichtOpVeiligheid": None if bearer is None else bearer.partij,
    }

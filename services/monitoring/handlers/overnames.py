"""Another party takes over: by its own act at once; named by somebody else it is asked first (docs/decisions/0019)."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker, local_date
from contracts.messages.documenten import Aanvaardingsbewijs, Professional
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import AnderePartijAanvaard, Drager, ZorgAangeboden, ZorgAanvaard
from contracts.rechten import Daad, Toegang, decide
from services.monitoring.domain import Feit, Toezicht, Uitleg, Verloop, note_aanvaard, recompute, zicht_at
from services.monitoring.domain.toestand import Overdrachtbeeld
from services.monitoring.handlers.commands import MeldAanvaarding
from services.monitoring.handlers.werkbank import Werkbank, conflict, invalid, may_act, seal, unknown, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly
from services.runtime.unit.frozen import replace

_HANDS_ON = frozenset({Drager.VEILIG_THUIS, Drager.LOKAAL_TEAM, Drager.MELDPUNT})
"""Whose zicht op veiligheid can be offered: a ketenpartner gives a case back to Veilig Thuis instead."""


def report_aanvaarding(
    bank: Werkbank, toezicht: Toezicht, command: MeldAanvaarding, context: Context
) -> Outcome[Toezicht]:
    """A party says that it takes over, or somebody else says so of it (AEF C)."""
    itself = command.partij in bank.codes(context)
    daad = Daad.ZORG_AANVAARDEN if itself else Daad.CASUS_BEHANDELEN
    if not may_act(bank, toezicht, context, daad=daad):
        return _not_here(bank, toezicht, context, daad)
    given = command.op if command.bewijs is None else command.bewijs.op
    op = (given or context.now).astimezone(UTC)
    if problem := _wrong_moment(toezicht, op, context.now, "op" if command.bewijs is None else "bewijs.op"):
        return invalid(problem)
    verloop = bank.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if itself:
        return _why_nobody_takes_over(verloop) or _accept(bank, toezicht, verloop, command, op, context)
    if refused := _why_nobody_takes_over(verloop) or _why_not_asked(bank, verloop, command.partij, context):
        return refused
    beeld = offer(bank, verloop, command.partij, context, bewijs=command.bewijs)
    _keep_words(verloop, context, command.door, command.toelichting)
    verloop.follow_facts()
    status = "aangeboden" if command.bewijs is None else "aanvaard-volgens-bewijs"
    return bank.decide(toezicht, verloop, answer=_answer(verloop, beeld, status))


def _not_here(bank: Werkbank, toezicht: Toezicht, context: Context, daad: Daad) -> Refused:
    """For who acts there is no such case; who had a part in it, or was asked, and is late hears that another has it."""
    bearer = zicht_at(toezicht.zicht, context.now)
    is_taken = bearer is not None and bearer.partij is not None and bearer.drager not in _HANDS_ON
    if not is_taken or decide(daad, bank.relaties(toezicht, context)) is not Toegang.VOORBIJ:
        return unknown("casus")
    message = "deze casus bestaat niet meer voor u: een andere partij heeft de zorg om de veiligheid al overgenomen"
    return Refused(404, "Niet gevonden", (Problem("$", message),), code="overgenomen")


def _wrong_moment(toezicht: Toezicht, op: datetime, now: datetime, place: str) -> Problem | None:
    if op > now:
        return Problem(place, "ligt in de toekomst")
    before = toezicht.peilmoment is not None and op < toezicht.peilmoment
    return Problem(place, "ligt vóór de melding") if before else None


def offer(
    bank: Werkbank, verloop: Verloop, partij: str, context: Context, *, bewijs: Aanvaardingsbewijs | None = None
) -> Overdrachtbeeld:
    """Ask this party to take over; who is asked already is asked once. With a proof it has accepted as others say."""
    toezicht = verloop.toezicht
    known = open_offer(toezicht, partij)
    beeld = known or _new_offer(bank, toezicht, partij, context)
    verloop.toezicht = replace(toezicht, overdrachten={**toezicht.overdrachten, beeld.overdracht_id: beeld})
    if bewijs is not None:
        feit = Feit(Anker.OVERDRACHT_OPGEPAKT, bewijs.op.astimezone(UTC), partij, beeld.overdracht_id)
        verloop.toezicht = note_aanvaard(verloop.toezicht, feit, bewijs)
    if known is None or bewijs is not None:
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


def open_offer(toezicht: Toezicht, partij: str) -> Overdrachtbeeld | None:
    """The offer that this party itself can still answer."""
    ended = {
        feit.onderwerp_id
        for feit in toezicht.feiten
        if feit.anker in {Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN, Anker.OVERDRACHT_TERUGGEKOPPELD}
    }
    offers = (item for item in toezicht.overdrachten.values() if item.is_gevraagd and item.ontvanger == partij)
    return next((item for item in offers if item.overdracht_id not in ended), None)


def is_offered(bank: Werkbank, partij: str, context: Context) -> bool:
    """Whether there is a road to this party, so that it can be asked."""
    return bank.partijen.takes_over(partij, on=local_date(context.now))


def follow_betwisting(verloop: Verloop) -> None:
    """What others said had met a term runs on again."""
    recompute(verloop)


def _accept(
    bank: Werkbank, toezicht: Toezicht, verloop: Verloop, command: MeldAanvaarding, op: datetime, context: Context
) -> Outcome[Toezicht]:
    beeld = open_offer(toezicht, command.partij)
    if beeld is None:
        offers = (item for item in toezicht.overdrachten.values() if item.aangeboden_door is not None)
        done = any(item.zelf_aanvaard and item.ontvanger == command.partij for item in offers)
        return conflict("deze partij heeft al aanvaard" if done else "er ligt geen aanbod voor deze partij")
    feit = Feit(Anker.OVERDRACHT_OPGEPAKT, op, command.partij, beeld.overdracht_id)
    verloop.toezicht = note_aanvaard(toezicht, feit, None)
    door = who(command.door, context)
    told = AnderePartijAanvaard(
        regio=verloop.regio, gemeente=beeld.gemeente, door=door, partij=command.partij, aanvaard_op=op
    )
    verloop.tell(told, Uitleg("andere partij heeft aanvaard", None, {"partij": command.partij, "door": door}))
    verloop.events.append(
        ZorgAanvaard(overdracht_id=beeld.overdracht_id, regio=verloop.regio, partij=command.partij, aanvaard_op=op)
    )
    _keep_words(verloop, context, command.door, command.toelichting)
    verloop.follow_facts()
    return bank.decide(toezicht, verloop, answer=_answer(verloop, beeld, "aanvaard"))


def _why_nobody_takes_over(verloop: Verloop) -> Refused | None:
    bearer = zicht_at(verloop.toezicht.zicht, verloop.now)
    if bearer is None or bearer.partij is None:
        return conflict("niemand draagt zicht op veiligheid in deze casus; er is niets over te nemen")
    if bearer.drager not in _HANDS_ON and not _stands_by_proof(verloop.toezicht, bearer.partij):
        return conflict(f"{verloop.partijen.naam(bearer.partij)} heeft de zorg om de veiligheid al overgenomen")
    return None


def _stands_by_proof(toezicht: Toezicht, partij: str) -> bool:
    return any(item.op_bewijs and item.ontvanger == partij for item in toezicht.overdrachten.values())


def _why_not_asked(bank: Werkbank, verloop: Verloop, partij: str, context: Context) -> Refused | None:
    bearer = zicht_at(verloop.toezicht.zicht, verloop.now)
    if bearer is not None and bearer.drager not in _HANDS_ON:
        return conflict(f"{verloop.partijen.naam(bearer.partij or '')} heeft volgens een bewijs al aanvaard")
    if bearer is not None and bearer.partij == partij:
        return conflict("deze partij draagt zicht op veiligheid al")
    if not is_offered(bank, partij, context):
        message = (
            f"partij {partij} staat niet in het register als andere partij die een casus kan overnemen; een gemeente "
            "of Veilig Thuis neemt over langs de overdracht en de terugkoppeling"
        )
        return invalid(Problem("partij", message))
    return None


def _new_offer(bank: Werkbank, toezicht: Toezicht, partij: str, context: Context) -> Overdrachtbeeld:
    before = sum(item.ontvanger == partij for item in toezicht.overdrachten.values())
    identifier = derived_id("aanbod", str(context.casus_id), partij, str(before))
    door = _stands_as(bank, toezicht, context)
    teams = {item.gemeente for item in toezicht.overdrachten.values() if item.partij is None}
    gemeente = door if door in teams else toezicht.gemeente or ""
    return Overdrachtbeeld(identifier, gemeente, soort="direct", partij=partij, aangeboden_door=door)


def _stands_as(bank: Werkbank, toezicht: Toezicht, context: Context) -> str:
    """Under which code who acts stands in this case: who goes on for a gemeente acts for it."""
    codes = bank.codes(context)
    here = {toezicht.gemeente, *(item.ontvanger for item in toezicht.overdrachten.values())}
    return next(iter(sorted(codes & here)), context.actor.partij)


def _melding_of(toezicht: Toezicht, beeld: Overdrachtbeeld) -> UUID:
    """What the case is about: its melding, else what the meldpunt took in."""
    if toezicht.melding_id is not None:
        return toezicht.melding_id
    at_meldpunt = (feit.onderwerp_id for feit in toezicht.feiten if feit.anker is Anker.MELDPUNTMELDING_ONTVANGEN)
    return next((item for item in at_meldpunt if item is not None), beeld.overdracht_id)


def _keep_words(verloop: Verloop, context: Context, door: Professional, toelichting: str | None) -> None:
    sealed = seal(context, door, toelichting)
    verloop.toezicht = replace(verloop.toezicht, vastleggingen=(*verloop.toezicht.vastleggingen, sealed))


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

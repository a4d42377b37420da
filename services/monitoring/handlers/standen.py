"""What a party says about where it stands: that it bears zicht, that it waits, that it cannot, what it did in a crisis."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import CrisisstapDoorgegeven, Stand, StandGemeld
from contracts.rechten import Daad
from services.monitoring.domain import Feit, Toezicht, Uitleg, add_feit
from services.monitoring.handlers.commands import MeldStand
from services.monitoring.handlers.werkbank import Werkbank, conflict, invalid, may_act, seal, unknown, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly
from services.runtime.unit.frozen import replace

_WAT: Mapping[Stand, tuple[Anker, Daad]] = {
    Stand.ZICHT_BEVESTIGD: (Anker.ZICHT_BEVESTIGD, Daad.ZICHT_BEVESTIGEN),
    Stand.WACHTLIJST: (Anker.WACHTLIJST_GEMELD, Daad.WACHTLIJST_MELDEN),
    Stand.NIET_OP_TE_PAKKEN: (Anker.NIET_OP_TE_PAKKEN, Daad.WACHTLIJST_MELDEN),
    Stand.CRISISCONTACT: (Anker.CRISISCONTACT_GELEGD, Daad.CRISISSTAP_MELDEN),
    Stand.CRISISSTAP: (Anker.CRISISSTAP_GEZET, Daad.CRISISSTAP_MELDEN),
}


def report_stand(
    bank: Werkbank, toezicht: Toezicht, command: MeldStand, context: Context, *, key: UUID
) -> Outcome[Toezicht]:
    """Keep it as a fact; who hears of it, and what it starts or ends, the agreements say."""
    anker, daad = _WAT[command.stand]
    op = (command.op or context.now).astimezone(UTC)
    if not may_act(bank, toezicht, context, daad=daad):
        return unknown("casus")
    overdracht_id = _waits_here(bank, toezicht, context) if daad is Daad.WACHTLIJST_MELDEN else None
    if refused := _why_not(bank, toezicht, command, (op, context.now), overdracht_id):
        return refused
    door, verwacht = who(command.door, context), command.verwacht_op
    verwacht = None if verwacht is None else verwacht.astimezone(UTC)
    bron = derived_id("stand", str(context.casus_id), str(key))
    noted = add_feit(toezicht, Feit(anker, op, door, overdracht_id, bron, voor=verwacht))
    sealed = seal(context, command.door, command.toelichting)
    verloop = bank.verloop(replace(noted, vastleggingen=(*noted.vastleggingen, sealed)), context)
    if isinstance(verloop, TooEarly):
        return verloop
    event = StandGemeld(
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        door=door,
        stand=command.stand,
        gemeld_op=op,
        overdracht_id=overdracht_id,
        verwacht_op=verwacht,
        partij=command.partij,
    )
    until = None if verwacht is None else verwacht.isoformat()
    facts = {"stand": command.stand.value, "door": door, "verwacht_op": until, "partij": command.partij}
    verloop.tell(event, Uitleg(_in_words(command, verwacht), None, {**facts}))
    if anker is Anker.CRISISSTAP_GEZET:
        told = CrisisstapDoorgegeven(regio=verloop.regio, gemeente=toezicht.gemeente or "", door=door, gezet_op=op)
        verloop.events.append(told)
    verloop.follow_facts()
    answer: JsonObject = {"stand": command.stand.value, "gemeldOp": op.isoformat(), "verwachtOp": until}
    return bank.decide(toezicht, verloop, answer=answer)


def _waits_here(bank: Werkbank, toezicht: Toezicht, context: Context) -> UUID | None:
    """The overdracht that waits with who acts, the last one made."""
    codes = bank.codes(context)
    over = (Anker.OVERDRACHT_OPGEPAKT, *OVERDRACHT_KWAM_TERUG)
    taken = {feit.onderwerp_id for feit in toezicht.feiten if feit.anker in over}
    found = [
        beeld.overdracht_id
        for beeld in toezicht.overdrachten.values()
        if beeld.ontvanger in codes and beeld.overdracht_id not in taken
    ]
    return found[-1] if found else None


def _why_not(
    bank: Werkbank, toezicht: Toezicht, command: MeldStand, when: tuple[datetime, datetime], overdracht_id: UUID | None
) -> Refused | None:
    op, now = when
    problems: list[Problem] = []
    if op > now:
        problems.append(Problem("op", "ligt in de toekomst"))
    if toezicht.peilmoment is not None and op < toezicht.peilmoment:
        problems.append(Problem("op", "ligt vóór de melding"))
    waits = command.stand is Stand.WACHTLIJST
    if waits and (command.verwacht_op is None or command.verwacht_op <= now):
        problems.append(Problem("verwachtOp", "noem wanneer de casus naar verwachting wordt opgepakt, na nu"))
    if not waits and command.verwacht_op is not None:
        problems.append(Problem("verwachtOp", "hoort bij een wachtlijst"))
    if command.partij is not None and not bank.partijen.knows(command.partij):
        problems.append(Problem("partij", f"partij {command.partij} staat niet in het register"))
    if problems:
        return invalid(*problems)
    if any(feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten):
        return conflict("deze casus is al gesloten")
    if _WAT[command.stand][1] is Daad.WACHTLIJST_MELDEN and overdracht_id is None:
        return conflict("er wacht bij u geen overdracht van deze casus die nog niet is opgepakt")
    return None


def _in_words(command: MeldStand, verwacht: datetime | None) -> str:
    match command.stand:
        case Stand.ZICHT_BEVESTIGD:
            return "zicht op veiligheid bevestigd"
        case Stand.WACHTLIJST:
            assert verwacht is not None, "a waiting list has its day"
            return f"wachtlijst: verwacht opgepakt op {verwacht:%d-%m-%Y}"
        case Stand.NIET_OP_TE_PAKKEN:
            return "casus kan niet worden opgepakt"
        case Stand.CRISISCONTACT:
            return "contact in de crisis"
        case Stand.CRISISSTAP:
            return "stap in de crisis"

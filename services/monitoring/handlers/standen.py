"""What a party says about where it stands: that it bears zicht, that it waits, that it cannot, what it did in a crisis."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker, local_date
from contracts.messages.doorgegeven import CrisisstapDoorgegeven
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Stand, StandGemeld
from contracts.rechten import Daad
from services.monitoring.domain.antwoord import CLOSED, conflict, invalid, unknown
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.invoer import StandInvoer
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.standen import waits_at
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.handlers.kader import Kader, keep_words, may_act, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly

_WAT: Mapping[Stand, tuple[Anker, Daad]] = {
    Stand.ZICHT_BEVESTIGD: (Anker.ZICHT_BEVESTIGD, Daad.ZICHT_BEVESTIGEN),
    Stand.WACHTLIJST: (Anker.WACHTLIJST_GEMELD, Daad.WACHTLIJST_MELDEN),
    Stand.NIET_OP_TE_PAKKEN: (Anker.NIET_OP_TE_PAKKEN, Daad.WACHTLIJST_MELDEN),
    Stand.CRISISCONTACT: (Anker.CRISISCONTACT_GELEGD, Daad.CRISISSTAP_MELDEN),
    Stand.CRISISSTAP: (Anker.CRISISSTAP_GEZET, Daad.CRISISSTAP_MELDEN),
}


def report_stand(
    toezicht: Toezicht, invoer: StandInvoer, *, context: Context, kader: Kader, key: UUID
) -> Outcome[Toezicht]:
    """Keep it as a fact; who hears of it, and what it starts or ends, the agreements say."""
    anker, daad = _WAT[invoer.stand]
    op = (invoer.op or context.now).astimezone(UTC)
    if not may_act(toezicht, context=context, kader=kader, daad=daad):
        return unknown("casus")
    if is_closed(toezicht):
        return CLOSED
    overdracht_id = waits_at(toezicht, kader.codes(context)) if daad is Daad.WACHTLIJST_MELDEN else None
    if refused := _why_not(toezicht, invoer, overdracht_id, op=op, now=context.now, kader=kader):
        return refused
    door, verwacht = who(invoer.door, context), invoer.verwacht_op
    verwacht = None if verwacht is None else verwacht.astimezone(UTC)
    bron = derived_id("stand", str(context.casus_id), str(key))
    noted = add_feit(
        toezicht, Feit(anker, op, door, overdracht_id, bron, voor=verwacht, medewerker=context.sealer.seal(invoer.door))
    )
    verloop = kader.verloop(noted, context)
    if isinstance(verloop, TooEarly):
        return verloop
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    event = StandGemeld(
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        door=door,
        stand=invoer.stand,
        gemeld_op=op,
        overdracht_id=overdracht_id,
        verwacht_op=verwacht,
        partij=invoer.partij,
    )
    until = None if verwacht is None else verwacht.isoformat()
    facts = {"stand": invoer.stand.value, "door": door, "verwacht_op": until, "partij": invoer.partij}
    verloop.tell(event, Uitleg(_in_words(invoer, verwacht), None, {**facts}))
    if anker is Anker.CRISISSTAP_GEZET:
        told = CrisisstapDoorgegeven(regio=verloop.regio, gemeente=toezicht.gemeente or "", door=door, gezet_op=op)
        verloop.events.append(told)
    verloop.follow_facts()
    answer: JsonObject = {"stand": invoer.stand.value, "gemeldOp": op.isoformat(), "verwachtOp": until}
    return kader.decide(toezicht, verloop, answer=answer)


def _why_not(
    toezicht: Toezicht, invoer: StandInvoer, overdracht_id: UUID | None, *, op: datetime, now: datetime, kader: Kader
) -> Refused | None:
    problems: list[Problem] = []
    if op > now:
        problems.append(Problem("op", "ligt in de toekomst"))
    if toezicht.peilmoment is not None and op < toezicht.peilmoment:
        problems.append(Problem("op", "ligt vóór de melding"))
    problems += _wrong_of_wait(invoer, now)
    if invoer.stand is Stand.CRISISSTAP and invoer.partij is None and invoer.toelichting is None:
        problems.append(Problem("partij", "noem wie de stap zet, of zeg in de toelichting wat er is gedaan"))
    if invoer.partij is not None and not kader.partijen.knows(invoer.partij):
        problems.append(Problem("partij", f"partij {invoer.partij} staat niet in het register"))
    if problems:
        return invalid(*problems)
    if _WAT[invoer.stand][1] is Daad.CRISISSTAP_MELDEN and not toezicht.is_crisis:
        return conflict("deze casus is geen crisis")
    if _WAT[invoer.stand][1] is Daad.WACHTLIJST_MELDEN and overdracht_id is None:
        return conflict("er wacht bij u geen overdracht van deze casus die nog niet is opgepakt")
    return None


def _wrong_of_wait(invoer: StandInvoer, now: datetime) -> list[Problem]:
    """Until then nobody asks whether the case was taken up: a slip in the year would keep everybody silent."""
    until = invoer.verwacht_op
    if invoer.stand is not Stand.WACHTLIJST:
        return [] if until is None else [Problem("verwachtOp", "hoort bij een wachtlijst")]
    if until is None or until <= now:
        return [Problem("verwachtOp", "noem wanneer de casus naar verwachting wordt opgepakt, na nu")]
    if local_date(until).year > local_date(now).year + 1:
        return [Problem("verwachtOp", "ligt te ver vooruit; kijk het jaar na")]
    return []


def _in_words(invoer: StandInvoer, verwacht: datetime | None) -> str:
    match invoer.stand:
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

"""One case tells another: in the same transaction, sealed with its own key, or not at all."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.messages.documenten import Professional
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from services.runtime.access.sealing import SealerBatch
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import (
    Context,
    Decision,
    Forward,
    Incoming,
    JournalLine,
    Outcome,
    Refused,
    ServiceDefinition,
    SetTimer,
    TimerDue,
)
from services.runtime.unit.fold import Done
from services.runtime.unit.unit_of_work import NotForwarded

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASUS, PARTIJ, BOEK = (CasusId(UUID(int=number)) for number in (1, 2, 3))
NOOR = Professional(naam="Noor van Voorbeeld", functie="triagist")


@dataclass(frozen=True, slots=True)
class Tel:
    """Count this for a party; every second count is told on to the book."""


@dataclass(frozen=True, slots=True)
class Weiger:
    """The party takes this from nobody."""


@dataclass(frozen=True, slots=True)
class Teller:
    number: int = 0
    sealed: str = ""


def count(state: Teller | None, incoming: Incoming, context: Context) -> Outcome[Teller]:
    state = state or Teller()
    match incoming.payload:
        case Tel() if context.casus_id == PARTIJ:
            counted = replace(state, number=state.number + 1, sealed=context.sealer.seal(NOOR).jwe)
            on = (Forward(BOEK, Tel()),) if counted.number % 2 == 0 else ()
            return Decision(counted, journal=(JournalLine("geteld"),), forwards=on)
        case Tel() if context.casus_id == BOEK:
            return Decision(replace(state, number=state.number + 1))
        case Weiger() if context.casus_id == PARTIJ:
            return Refused(409, "Nee", (Problem("$", "nee"),))
        case TimerDue():
            return Decision(replace(state, number=state.number + 100), forwards=(Forward(PARTIJ, Tel()),))
        case payload:
            wake = SetTimer("straks", START.replace(hour=9))
            return Decision(
                replace(state, number=state.number + 1),
                timers=(wake,),
                forwards=(Forward(PARTIJ, payload),),
            )


def world() -> MemoryWorld:
    return MemoryWorld([ServiceDefinition(Service.MONITORING, Teller, count, lambda *_: ())], start=START)


def message(payload: object, number: int = 1) -> Incoming:
    return Incoming(derived_id("bericht", str(number)), CASUS, payload)


async def test_another_case_hears_it_in_the_same_transaction() -> None:
    """And what that one tells a third, too."""
    houvast = world()
    assert isinstance(await houvast.submit(Service.MONITORING, message(Tel())), Done)
    assert isinstance(await houvast.submit(Service.MONITORING, message(Tel(), 2)), Done)
    assert [houvast.state(Service.MONITORING, casus).number for casus in (CASUS, PARTIJ, BOEK)] == [2, 2, 1]


async def test_the_same_message_again_tells_nobody_again() -> None:
    houvast = world()
    for _ in range(3):
        await houvast.submit(Service.MONITORING, message(Tel()))
    assert houvast.state(Service.MONITORING, PARTIJ).number == 1


async def test_a_timer_can_tell_another_case() -> None:
    houvast = world()
    await houvast.submit(Service.MONITORING, message(Tel()))
    await houvast.move_to(START.replace(hour=10))
    assert houvast.state(Service.MONITORING, PARTIJ).number == 2
    assert houvast.state(Service.MONITORING, BOEK).number == 1


async def test_each_case_seals_with_its_own_key() -> None:
    """G6: destroying the key of one case leaves what another sealed readable."""
    houvast = world()
    await houvast.submit(Service.MONITORING, message(Tel()))
    sealed = houvast.state(Service.MONITORING, PARTIJ).sealed
    assert PARTIJ in houvast.keys
    opener = SealerBatch(MASTER, houvast.keys).for_case(PARTIJ)
    assert opener.open(type(opener.seal(NOOR))(sealed), Professional) == NOOR


async def test_what_the_other_case_does_not_take_undoes_everything() -> None:
    """A promise between cases is kept whole or not at all."""
    houvast = world()
    with pytest.raises(NotForwarded):
        await houvast.submit(Service.MONITORING, message(Weiger()))
    assert houvast.state(Service.MONITORING, CASUS) is None

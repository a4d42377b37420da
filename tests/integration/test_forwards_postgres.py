"""Cases that tell each other, handled side by side over real PostgreSQL: nobody waits in a circle."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from services.runtime.unit.decision import Context, Decision, Forward, Incoming, Outcome, ServiceDefinition
from services.runtime.unit.fold import Done
from tests.fakes.desk import lay_schema, open_desk

pytestmark = [pytest.mark.anyio, pytest.mark.database]

HOUSEHOLD = tuple(CasusId(UUID(int=number)) for number in (1, 2, 3))
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Vertel:
    """Count it, and tell the other cases of the household."""


@dataclass(frozen=True, slots=True)
class Hoor:
    """Another case counted."""


@dataclass(frozen=True, slots=True)
class Teller:
    own: int = 0
    heard: int = 0


def count(state: Teller | None, incoming: Incoming, context: Context) -> Outcome[Teller]:
    state = state or Teller()
    if isinstance(incoming.payload, Vertel):
        others = tuple(Forward(casus_id, Hoor()) for casus_id in HOUSEHOLD if casus_id != context.casus_id)
        return Decision(Teller(state.own + 1, state.heard), forwards=others)
    return Decision(Teller(state.own, state.heard + 1))


async def test_a_household_that_is_busy_in_every_case_at_once_stands_in_nobodys_way(fresh_database: str) -> None:
    """PostgreSQL counts the circles that it had to break: each costs a second, in which a whole batch stands still."""
    definition = ServiceDefinition(Service.MONITORING, Teller, count, lambda *_: ())
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, definition) as one, open_desk(fresh_database, definition) as two:

        async def tell(casus_id: CasusId, number: int) -> None:
            incoming = Incoming(derived_id("ronde", str(casus_id), str(number)), casus_id, Vertel())
            desk = one if number % 2 else two
            (reply,) = await desk.unit_of_work.run([incoming])
            assert isinstance(reply, Done)

        await asyncio.gather(*(tell(casus_id, number) for number in range(ROUNDS) for casus_id in HOUSEHOLD))
        async with one.store.begin() as transaction:
            cases = await transaction.load(HOUSEHOLD)
    assert {case.state for case in cases.values()} == {Teller(ROUNDS, 2 * ROUNDS)}
    connection = await asyncpg.connect(fresh_database)
    circles = await connection.fetchval("select deadlocks from pg_stat_database where datname = current_database()")
    await connection.close()
    assert circles == 0

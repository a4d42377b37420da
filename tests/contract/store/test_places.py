"""One contract for how destinations stand: the same attempts at random leave the same in the simulation and in PostgreSQL."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from services.runtime.unit.destinations import (
    Breaker,
    Ending,
    Tempo,
    bring_forward,
    note_endings,
    others_passed,
    set_tempos,
)
from tests.contract.store.huizen import House, over_postgres, simulated
from tests.contract.store.stappen import CASES, PLACES, asked, attempted, told
from tests.contract.store.test_held import Claimer
from tests.contract.store.werkplaats import KIND, Doe, request_id

VIA = "relay"
STEPS = 60
_TOLD = (
    "mislukt",
    "keer_open",
    "open_tot",
    "gepauzeerd_op",
    "pauze_reden",
    "geweigerd_op",
    "weiger_reden",
    "weiger_via",
)


def endings(random: Random) -> list[Ending]:
    """Of one transaction: answers, failures, and refusals of the place itself or of who stands before it."""
    found: list[Ending] = []
    for _ in range(random.randint(1, 4)):
        place, kind = random.choice(PLACES), random.choice(("a", "b"))
        match random.randrange(5):
            case 0:
                found.append(Ending(place, answered=False, kind=kind, refused="geen toegang"))
            case 1:
                found.append(Ending(place, answered=False, kind=kind, refused="geen relay", via=VIA))
            case 2:
                found.append(Ending(place, answered=True, kind=kind, via=random.choice((VIA, None))))
            case 3:
                gone = random.choice(("bestaat niet meer", None, None))
                found.append(Ending(place, answered=True, kind=kind, gone=gone))
            case _:
                hold = random.choice((None, timedelta(minutes=3)))
                found.append(Ending(place, answered=False, kind=kind, hold_for=hold))
    return found


async def stood(house: House, seed: int) -> list[Any]:
    """What was told, and how they stood, after each step."""
    random, breaker, transcript = Random(seed), Breaker(), list[Any]()
    for _ in range(STEPS):
        house.klok.move(timedelta(seconds=random.choice((1, 40, 400))))
        async with house.pool.acquire() as connection, connection.transaction():
            began = await note_endings(connection, endings(random), breaker, now=house.klok.now())
        rows = await house.rows("bestemming")
        transcript.append((dict(began), [(row["naam"], *(row[name] for name in _TOLD)) for row in rows]))
    return transcript


@pytest.mark.database
@pytest.mark.parametrize("seed", range(3))
def test_destinations_stand_the_same(seed: int, fresh_database: str) -> None:
    mine = simulated(lambda house: stood(house, seed))
    assert any(began for began, _ in mine)
    for number, (here, there) in enumerate(
        zip(mine, over_postgres(fresh_database, lambda house: stood(house, seed)), strict=True)
    ):
        assert here == there, f"step {number}"


async def claimed(house: House, seed: int) -> list[Any]:
    """Who claims what, how often, while places fail, recover, have a tempo of their own, and are hurried."""
    random, transcript, claims = Random(seed), list[Any](), list[tuple[int, int]]()
    workers = [Claimer(house, "one"), Claimer(house, "two")]
    await set_tempos(house.pool, {PLACES[1]: Tempo(None, 1)})
    for number in range(12):
        place, casus_id = random.choice(PLACES), random.choice(CASES)
        await told(asked(f"{number}", casus_id, Doe(requests=((number, place),)))).act(house)
        house.klok.move(timedelta(seconds=1))
    for _ in range(STEPS // 2):
        house.klok.move(timedelta(minutes=random.choice((1, 20))))
        match random.randrange(5):
            case 0:
                transcript.append(await bring_forward(house.pool, random.choice(PLACES), now=house.klok.now()))
            case 1:
                await house.run_out()
            case 2 if claims:
                number, attempt = random.choice(claims)
                casus_id = {row[0]: row[1] for row in (await house.look())["opdrachten"]}[request_id(number)]
                step = attempted(request_id(number), casus_id, attempt, done=random.random() < 0.5)
                transcript.append(str(await step.act(house)))
            case 3:
                transcript.append(await others_passed(house.pool, request_id(0), random.choice(PLACES), KIND))
            case _:
                claims += await random.choice(workers).claim()
                transcript.append(list(claims))
        transcript.append(await house.held())
    assert len(claims) > 6
    return transcript


@pytest.mark.database
@pytest.mark.parametrize("seed", range(3))
def test_claims_at_random_are_the_same(seed: int, fresh_database: str) -> None:
    mine: list[Any] = simulated(lambda house: claimed(house, seed))
    theirs: list[Any] = over_postgres(fresh_database, lambda house: claimed(house, seed))
    assert mine == theirs

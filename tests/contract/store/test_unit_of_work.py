"""One contract for the stores: the same steps leave the same behind, and a fault leaves a step whole or not at all.

What the simulation says of the statements of PostgreSQL, and what the store in memory says of a service, is held here
against PostgreSQL itself, by the same code of production.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from services.runtime.unit.fold import Done, SetAside
from services.runtime.unit.store import StoreUnavailable
from tests.contract.store.huizen import FAULTS, House, Picture, in_memory, over_postgres, run_in, simulated
from tests.contract.store.stappen import EVERYTHING, Step, at_random

STORES = ("memory", "simulated", pytest.param("postgres", marks=pytest.mark.database))
SEEDS = 12
LENGTH = 40
ASKED_AGAIN: dict[type[Any], tuple[Any, ...]] = {SetAside: (Done(None),), int: (0,), Done: (None,)}
"""What is said of what was done already: a record has no answer, nothing is due any more, the dead letter is gone."""
REFUSALS = (StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What a caller hears when a step did not succeed; the store itself never says more than that."""


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Of an empty database, for whoever asks."""
    return lambda: request.getfixturevalue("fresh_database")


@dataclass(frozen=True, slots=True)
class Played:
    """Of each step: what it answered, what was kept then, and the statements that it took."""

    answers: list[Any] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    statements: list[list[str]] = field(default_factory=list)


async def played(house: House, steps: Sequence[Step]) -> Played:
    """All of them, where nothing fails."""
    play = Played()
    for number, step in enumerate(steps):
        house.begin_step(number)
        house.weather.arm(None)
        play.answers.append(await step.act(house))
        play.statements.append(list(house.weather.texts))
        play.pictures.append(await house.look())
    return play


def _is_the_same(mine: Played, theirs: Played, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps):
        where = f"step {number}, {step.name}"
        assert mine.answers[number] == theirs.answers[number], where
        for table, rows in mine.pictures[number].items():
            assert rows == theirs.pictures[number][table], f"{table} after {where}"


async def chosen(house: House, seed: int) -> list[Step]:
    """The steps of a seed, as they come up."""
    choose, steps = at_random(seed, LENGTH), list[Step]()
    for number in range(LENGTH):
        step = choose(number, await house.look())
        house.begin_step(number)
        await step.act(house)
        steps.append(step)
    return steps


@pytest.mark.parametrize("other", STORES[1:])
def test_the_same_steps_leave_the_same(other: str, url: Callable[[], str]) -> None:
    first = in_memory(lambda house: played(house, EVERYTHING))
    _is_the_same(run_in(other, url, lambda house: played(house, EVERYTHING)), first, EVERYTHING)
    assert all(any(picture[table] for picture in first.pictures) for table in first.pictures[0]), "something to differ"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_steps_at_random_leave_the_same_in_the_simulation(seed: int) -> None:
    steps = in_memory(lambda house: chosen(house, seed))
    first = in_memory(lambda house: played(house, steps))
    _is_the_same(simulated(lambda house: played(house, steps)), first, steps)


@pytest.mark.database
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + 3))
def test_steps_at_random_leave_the_same_in_postgres(seed: int, fresh_database: str) -> None:
    steps = in_memory(lambda house: chosen(house, seed))
    mine, theirs = (
        simulated(lambda house: played(house, steps)),
        over_postgres(fresh_database, lambda house: played(house, steps)),
    )
    _is_the_same(mine, theirs, steps)
    assert mine.statements == theirs.statements


@pytest.mark.parametrize("store", STORES)
def test_a_fault_leaves_all_of_a_step_or_nothing(store: str, url: Callable[[], str]) -> None:
    """At every statement and at every commit; asked again, the step gives what it gives where nothing fails."""
    known = (in_memory if store == "memory" else simulated)(lambda house: played(house, EVERYTHING))
    struck = run_in(store, url, lambda house: _stormy(house, FAULTS[-1:] if store == "memory" else FAULTS, known))
    texts = [text for texts in known.statements for text in texts if text != "rollback"]
    assert struck == len(texts) * (1 if store == "memory" else len(FAULTS))


async def _stormy(house: House, faults: Sequence[str], known: Played) -> int:
    """How often a fault struck. That which strikes after the commit comes last."""
    before, struck = await house.look(), 0
    for number, step in enumerate(EVERYTHING):
        after = known.pictures[number]
        for fault in faults:
            for at, text in enumerate(known.statements[number]):
                if text == "rollback":  # of an attempt that gave way: it is given up whatever becomes of this
                    continue
                house.begin_step(number)
                house.weather.arm(at, fault)
                where = f"step {number}, {step.name}: {fault} at {text[:60]!r}"
                with pytest.raises(REFUSALS):
                    await step.act(house)
                committed = text == "na" or (fault, text) == ("cut after", "commit")
                assert await house.look() == (after if committed else before), where
                struck += 1
                if committed:  # what is asked now is asked a second time
                    break
        house.begin_step(number)
        house.weather.arm(None)
        for answer, first in zip(await step.act(house), known.answers[number], strict=True):
            assert answer == first or answer in ASKED_AGAIN.get(type(first), ()), step.name
        before = await house.look()
        assert before == after, f"after step {number}, {step.name}, in spite of every fault"
    return struck

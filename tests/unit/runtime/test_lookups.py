"""Many callers, few queries; each gets what was there after it asked."""

import asyncio
from collections.abc import Sequence

import pytest

from services.runtime.unit.lookups import Lookup

pytestmark = pytest.mark.anyio


class Shelf:
    """What can be found; a load waits until it is let go."""

    def __init__(self, **books: int) -> None:
        self.books = books
        self.loads: list[list[str]] = []
        self.gate = asyncio.Event()

    async def load(self, keys: Sequence[str]) -> dict[str, int]:
        self.loads.append(list(keys))
        found = {key: self.books[key] for key in keys if key in self.books}
        await self.gate.wait()
        if "brand" in self.books:
            raise ConnectionError("de plank staat in brand")
        return found


async def asked(lookup: Lookup[str, int], *keys: str) -> list["asyncio.Task[int | None]"]:
    tasks = [asyncio.create_task(lookup.get(key)) for key in keys]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_who_asks_while_a_load_runs_goes_together_into_the_next() -> None:
    shelf = Shelf(a=1, b=2, c=3)
    lookup = Lookup(shelf.load)
    first = await asked(lookup, "a")
    later = await asked(lookup, "b", "c", "nergens", "b")
    shelf.gate.set()
    assert await asyncio.gather(*first, *later) == [1, 2, 3, None, 2]
    assert shelf.loads == [["a"], ["b", "c", "nergens"]]


async def test_what_was_put_there_before_somebody_asked_is_found_also_when_a_load_already_ran() -> None:
    shelf = Shelf()
    lookup = Lookup(shelf.load)
    (before,) = await asked(lookup, "a")
    shelf.books["a"] = 1
    (after,) = await asked(lookup, "a")
    shelf.gate.set()
    assert await before is None
    assert await after == 1


async def test_a_load_that_fails_is_told_to_who_waited_and_the_next_goes_on() -> None:
    shelf = Shelf(brand=1, a=2)
    shelf.gate.set()
    lookup = Lookup(shelf.load)
    with pytest.raises(ConnectionError):
        await lookup.get("a")
    del shelf.books["brand"]
    assert await lookup.get("a") == 2


async def test_somebody_who_leaves_does_not_take_the_others_along() -> None:
    shelf = Shelf(a=1)
    lookup = Lookup(shelf.load)
    leaving, staying = await asked(lookup, "a", "a")
    leaving.cancel()
    shelf.gate.set()
    assert await staying == 1
    assert leaving.cancelled()

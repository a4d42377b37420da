"""Looking up together what many callers ask at the same time: one query while another runs, not one per caller."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lookup(Generic[K, V]):
    """`load` gives what it found of many keys. A key that is asked for is looked up by a load that begins afterwards."""

    def __init__(self, load: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._load = load
        self._asked: dict[K, asyncio.Future[V | None]] = {}
        self._serving: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """None where nothing was found. Raises whatever loading raised."""
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = asyncio.get_running_loop().create_future()
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await asyncio.shield(found)

    async def _serve(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._answer(asked)
        finally:
            self._serving = None

    async def _answer(self, asked: dict[K, "asyncio.Future[V | None]"]) -> None:
        try:
            found = await self._load(list(asked))
        except BaseException as error:
            for waiting in asked.values():
                waiting.set_exception(error if isinstance(error, Exception) else ConnectionError("afgebroken"))
                waiting.exception()  # somebody who left does not come back for it
            if not isinstance(error, Exception):
                raise
        else:
            for key, waiting in asked.items():
                waiting.set_result(found.get(key))

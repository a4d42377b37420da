"""Where a fault strikes, and for how long."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from uuid import UUID

from contracts.messages.topics import Service
from lab.bench.storm.huis import Huis, Kopie

HOLD_SECONDS = 15.0
"""How long what fails stays so: longer than any lease, and than most patience."""
SHORT_SECONDS = 8.0


class Onmogelijk(Exception):
    """This machine does not let us do that; the message says why."""


@dataclass(slots=True)
class Plek:
    """Where a fault strikes: what runs, and chance that can be repeated."""

    huis: Huis
    random: Random

    def any_copy(self, service: Service) -> Kopie:
        return self.random.choice(self.huis.of(service))

    async def holder(self, query: str, otherwise: Service) -> Kopie:
        """The copy that holds something now, by its own name in the database; else any."""
        connection = await self.huis.admin()
        try:
            name = await connection.fetchval(query)
        finally:
            await connection.close()
        return self.huis.kopieen.get(str(name)) or self.any_copy(otherwise)

    def uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


Strike = Callable[[Plek], Awaitable[float]]
"""Does it, lets it last, mends it; gives the moment from which the hub is to be well again."""

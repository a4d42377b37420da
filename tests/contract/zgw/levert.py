"""A process of its own that brings one overdracht to a zaaksysteem, and dies by SIGKILL when it was told to.

`python -m tests.contract.zgw.levert <url> <zaaktype> <overdracht> <attempt> <dies after this many calls>`; it prints
the result of the attempt, if it lives that long.
"""

import asyncio
import os
import signal
import sys
from uuid import UUID

import httpx

from services.runtime.process.clock import SystemKlok
from tests.contract.zgw.opstelling import Weg, build, make_endpoint


class Sterfelijk(httpx.AsyncBaseTransport):
    """Each call is carried out; after the last that is allowed there is no process any more."""

    def __init__(self, transport: httpx.AsyncBaseTransport, *, dies_after: int) -> None:
        self._transport = transport
        self._left = dies_after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        self._left -= 1
        if not self._left:
            await response.aread()
            os.kill(os.getpid(), signal.SIGKILL)
        return response


async def _main(url: str, zaaktype: str, overdracht_id: str, attempt: str, dies_after: str) -> None:
    async with httpx.AsyncHTTPTransport() as transport:
        weg = Weg(Sterfelijk(transport, dies_after=int(dies_after)))
        opstelling = build(make_endpoint(url, zaaktype=zaaktype), weg, klok=SystemKlok())
        found = await opstelling.deliver(UUID(overdracht_id), attempts=int(attempt))
    sys.stdout.write(f"{found.result.value}\n")


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))

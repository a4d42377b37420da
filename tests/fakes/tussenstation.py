"""What may stand between us and a zaaksysteem: a server of its own that passes every call on, until it is told not to."""

import asyncio
from enum import StrEnum

import httpx

from tests.fakes.ontvanger import Vraag, says

_NOT_PASSED_ON = frozenset({"host", "content-length", "connection", "accept-encoding"})


class Gebrek(StrEnum):
    """What goes wrong with one call."""

    DOORVERWIJZING = "doorverwijzing"
    HALF = "half antwoord"
    ONZIN = "200 met onzin"
    FOUT = "Fout"
    PROBLEM = "problem+json"
    ZWIJGEN = "zwijgt, en doet niets"
    TE_LAAT = "doet het, en antwoordt nooit"
    VERBROKEN_ERVOOR = "verbroken ervoor"
    VERBROKEN_ERNA = "verbroken erna"


DONE_ALL_THE_SAME = frozenset({Gebrek.HALF, Gebrek.ONZIN, Gebrek.TE_LAAT, Gebrek.VERBROKEN_ERNA})
"""The call is carried out, and only its answer goes wrong."""


class Tussenstation:
    """Passes on to `base_url`. The calls are counted; the one with a number in `gebreken` goes wrong."""

    def __init__(self, base_url: str, client: httpx.AsyncClient) -> None:
        self._base_url = base_url
        self._client = client
        self.gebreken: dict[int, Gebrek] = {}
        self.calls: list[str] = []

    def begin(self, gebreken: dict[int, Gebrek] | None = None) -> None:
        """Count from one again; these calls go wrong."""
        self.calls, self.gebreken = [], dict(gebreken or {})

    async def __call__(self, vraag: Vraag, writer: asyncio.StreamWriter) -> None:
        self.calls.append(f"{vraag.method} {vraag.path}")
        gebrek = self.gebreken.get(len(self.calls))
        answer = await self._pass_on(vraag) if gebrek is None or gebrek in DONE_ALL_THE_SAME else None
        if gebrek is not None:
            await _go_wrong(gebrek, vraag, writer)
        elif answer is not None:
            kept = {"content_type": answer.headers.get("content-type", "application/json")}
            await says(answer.status_code, answer.content, **kept)(vraag, writer)

    async def _pass_on(self, vraag: Vraag) -> httpx.Response:
        headers = {name: value for name, value in vraag.headers.items() if name not in _NOT_PASSED_ON}
        return await self._client.request(
            vraag.method, f"{self._base_url}{vraag.path}", headers=headers, content=vraag.body
        )


async def _go_wrong(gebrek: Gebrek, vraag: Vraag, writer: asyncio.StreamWriter) -> None:
    match gebrek:
        case Gebrek.DOORVERWIJZING:
            await says(307, location="https://elders.example/")(vraag, writer)
        case Gebrek.ONZIN:
            await says(200, b"<html>Welkom</html>", content_type="text/html")(vraag, writer)
        case Gebrek.FOUT:
            await says(500, b'{"code": "error", "title": "Femke Voorbeeld"}', content_type="application/json")(
                vraag, writer
            )
        case Gebrek.PROBLEM:
            body = b'{"status": 503, "title": "Femke Voorbeeld"}'
            await says(503, body, content_type="application/problem+json")(vraag, writer)
        case Gebrek.HALF:
            writer.write(b'HTTP/1.1 201 X\r\ncontent-length: 1000\r\n\r\n{"url":')
            await writer.drain()
            raise ConnectionAbortedError
        case Gebrek.VERBROKEN_ERVOOR | Gebrek.VERBROKEN_ERNA:
            raise ConnectionAbortedError
        case Gebrek.ZWIJGEN | Gebrek.TE_LAAT:
            await asyncio.Event().wait()

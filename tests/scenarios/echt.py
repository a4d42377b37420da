"""The hub as it runs: PostgreSQL, Kafka, HTTP, the sandbox of gemeenten; only the clock is in the hands of the story."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx
import orjson

from contracts.messages.envelope import Gebeurtenis, decode
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import CATALOGUE, Service
from contracts.register import NietInRegister
from lab.quiescence import next_due, outstanding, wake_all
from lab.sandbox import Storing
from lab.stack import Stack
from services.monitoring.domain.toestand import Toezicht
from services.runtime.access.tokens import default_scopes
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.store import adapter_of
from tests.scenarios.vertelling import KloptNiet
from tests.scenarios.vormen import VORMEN
from tests.scenarios.wereld import Antwoord, Daad, Eindpunt, Rij

SETTLES_WITHIN = 30.0
"""Real seconds for everything that follows from one act."""
LOOK_EVERY = 0.01
FOR_EVER = timedelta(days=3650)


class Echt:
    """`Wereld` over a running stack whose clock moves when a story says so."""

    def __init__(self, stack: Stack, klok: VirtueleKlok, client: httpx.AsyncClient) -> None:
        self.register = stack.register
        self._stack = stack
        self._klok = klok
        self._client = client
        self._tokens: dict[str, str] = {}

    def now(self) -> datetime:
        return self._klok.now()

    async def until(self, moment: datetime) -> None:
        """Every timer and every request at its own moment, as in a world in memory."""
        await self._settle()
        while (due := await next_due(self._stack.pool)) is not None and due <= moment:
            self._klok.move_to(max(due, self.now()))
            await self._settle()
        if moment > self.now():
            self._klok.move_to(moment)
            await self._settle()

    async def do(self, daad: Daad) -> Antwoord:
        vorm = VORMEN[daad.vorm]
        response = await self._client.post(
            vorm.pad.format(over=daad.over),
            json=daad.inhoud,
            headers={
                "Authorization": f"Bearer {await self._token(daad.door)}",
                "Idempotency-Key": str(derived_id("daad", daad.sleutel)),
            },
        )
        await self._settle()
        body: dict[str, Any] = response.json()
        if response.is_success:
            return Antwoord(gelukt=True, inhoud=body)
        reasons = "; ".join(f"{fout['plaats']}: {fout['melding']}" for fout in body.get("fouten") or ())
        return Antwoord(gelukt=False, redenen=f"{body['title']}; {body.get('detail', '')}; {reasons}")

    async def rows(self, service: Service, table: str, casus_id: CasusId) -> list[Rij]:
        rows = await self._stack.pool.fetch(
            f"select to_jsonb(t) as rij from {service.value}.{table} t where casus_id = $1",
            casus_id,
        )
        return [orjson.loads(row["rij"]) for row in rows]

    async def toezicht(self, casus_id: CasusId) -> Toezicht | None:
        kept = await self._stack.pool.fetchval(
            "select toestand from monitoring.aggregaat where casus_id = $1", casus_id
        )
        return None if kept is None else adapter_of(Toezicht).validate_json(kept)

    async def signalen(self, gemeente: str) -> list[Rij]:
        rows = await self._stack.pool.fetch(
            "select to_jsonb(t) as rij from monitoring.signaal t where gemeente = $1",
            gemeente,
        )
        return [orjson.loads(row["rij"]) for row in rows]

    async def zicht(self, casus_id: CasusId, op: datetime, *, als: str) -> tuple[str | None, str | None] | None:
        response = await self._client.get(
            f"/monitoring/v1/casussen/{casus_id}/zicht-op-veiligheid",
            params={"op": op.isoformat()},
            headers={"Authorization": f"Bearer {await self._token(als)}"},
        )
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        body = response.raise_for_status().json()
        return body["drager"], body["partij"]

    async def events(self, casus_id: CasusId) -> list[Gebeurtenis]:
        found: list[Gebeurtenis] = []
        for service in Service:
            rows = await self._stack.pool.fetch(
                f"select bericht from {service.value}.outbox where casus_id = $1 order by positie",
                casus_id,
            )
            found += [decode(bytes(row["bericht"]), CATALOGUE).data for row in rows]
        return found

    async def set_endpoint(self, gemeente: str, eindpunt: Eindpunt) -> None:
        if eindpunt is Eindpunt.WEIGERT:
            raise KloptNiet("de sandbox kent geen endpoint dat blijvend weigert; dit verhaal kan niet echt")
        down = (Storing(self.now(), self.now() + FOR_EVER),) if eindpunt is Eindpunt.PLAT else ()
        there = self._stack.sandbox.gemeenten[gemeente]
        there.gedrag = replace(there.gedrag, storingen=down)

    async def publish_again(self, casus_id: CasusId) -> None:
        for service in Service:
            await self._stack.pool.execute(
                f"insert into {service.value}.te_verzenden select positie from {service.value}.outbox where casus_id = $1"
                " on conflict do nothing",
                casus_id,
            )
        await self._settle()

    async def stop(self, service: Service) -> None:
        raise KloptNiet(f"{service.value} stoppen kan alleen in het geheugen; dit verhaal kan niet echt")

    async def start(self, service: Service) -> None:
        raise KloptNiet(f"{service.value} starten kan alleen in het geheugen; dit verhaal kan niet echt")

    async def set_aside(self, casus_id: CasusId) -> list[str]:
        found: list[str] = []
        for service in Service:
            rows = await self._stack.pool.fetch(
                f"select reden from {service.value}.geparkeerd where casus_id = $1",
                casus_id,
            )
            found += [row["reden"] for row in rows]
        return found

    async def forget(self, casus_id: CasusId) -> None:
        """Nothing more comes of a case: reminders that go on for years would be the most of what the hub does here."""
        for service in Service:
            await self._stack.pool.execute(f"delete from {service.value}.timer where casus_id = $1", casus_id)

    async def _settle(self) -> None:
        """Until nothing is on its way any more; the loops are woken, because the clock moves without telling them."""
        limit = time.monotonic() + SETTLES_WITHIN
        while waiting := await outstanding(self._stack.pool, at=self.now()):
            if time.monotonic() > limit:
                raise KloptNiet(f"het komt niet tot rust: {'; '.join(map(str, waiting))}")
            await wake_all(self._stack.pool)
            await asyncio.sleep(LOOK_EVERY)

    async def _token(self, partij: str) -> str:
        """A bearer token as `houvast token` gives it to a party of this kind."""
        if partij not in self._tokens:
            try:
                soort = self.register.partij(partij).soort.value
            except NietInRegister:
                soort = "gemeente"
            self._tokens[partij] = await self._stack.issue_token(
                partij,
                default_scopes(soort),
                omschrijving=f"verhaal {UUID(int=len(self._tokens))}",
            )
        return self._tokens[partij]

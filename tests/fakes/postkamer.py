"""Triage and handover over PostgreSQL with a mail server, and a team that gets its overdrachten in a mailbox.

Everything is real and served on 127.0.0.1; only Kafka is carried by hand.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.identifiers import CasusId
from contracts.messages.monitoring import ZorgAangeboden
from contracts.register import Register
from lab.sandbox import Mail, MailSink
from services.handover import app as handover
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.database.signals import Signals
from services.runtime.http import Front, serve
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.running import Deps, Ground, ServiceProcess
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Incoming, Record
from services.triage import app as triage
from tests.unit.triage.road import START, example, sample_register

VT = {"west-brabant": "veilig-thuis-west-brabant", "midden-brabant": "veilig-thuis-midden-brabant"}
RUCPHEN, GOIRLE = "GM0840", "GM0785"
REGIO = {RUCPHEN: "west-brabant", GOIRLE: "midden-brabant"}
LINK = re.compile(r"https?://\S+/bevestigen/\S+")


class Toegang:
    """Whoever calls itself a party is that party; `GM0840/teamcoordinator` is a person there in that role."""

    async def verify(self, token: str) -> Caller | None:
        if "/" in token:
            partij, rol = token.split("/")
            known = await self.verify(partij)
            return known and replace(known, persoon="Robin Zandbak", rollen=frozenset({rol}))
        kind = "gemeente" if token.startswith("GM") else "veilig-thuis"
        return Caller(token, default_scopes(kind))


class Door:
    """Takes the port first, so that the address is known to what is built behind it."""

    def __init__(self) -> None:
        self.front: ASGIApp | None = None

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        assert self.front is not None
        await self.front(scope, receive, send)


@dataclass
class Postkamer:
    """A hub whose receivers have mailboxes. `browser` follows redirects as one does."""

    address: str
    browser: httpx.AsyncClient
    mail: MailSink
    klok: VirtueleKlok
    master: MasterKey
    triage: ServiceProcess[Any]
    handover: ServiceProcess[Any]
    carried: int = 0

    async def hand_over(self, gemeente: str, *, partij: str | None = None, **document: Any) -> tuple[Mail, str]:
        """A case of this gemeente goes to its team, or to this party: the mail that came, and the link in it."""
        vt = {"authorization": f"Bearer {VT[REGIO[gemeente]]}"}
        melding = await self.browser.post(
            "/triage/v1/meldingen",
            json=example("melding", gemeente=gemeente),
            headers=vt,
        )
        assert melding.status_code == 201, melding.text
        ontvanger = {"gemeente": gemeente} if partij is None else {"partij": partij}
        body = example("triagebesluit", ontvangers=[ontvanger])
        body["overdrachtsdocument"] |= document
        path = f"/triage/v1/meldingen/{melding.json()['id']}/triagebesluiten"
        besluit = await self.browser.post(path, json=body, headers=vt)
        assert besluit.status_code == 201, besluit.text
        return await self.until_handed_over()

    async def ask_to_take_over(self, gemeente: str, partij: str, *, functie: str | None = None) -> None:
        """Veilig Thuis says that this party takes a new case over; with `functie` who there accepted."""
        vt = VT[REGIO[gemeente]]
        melding = await self.browser.post(
            "/triage/v1/meldingen",
            json=example("melding", gemeente=gemeente),
            headers={"authorization": f"Bearer {vt}"},
        )
        assert melding.status_code == 201, melding.text
        now = self.klok.now()
        event = ZorgAangeboden(
            overdracht_id=uuid4(),
            melding_id=UUID(melding.json()["id"]),
            regio=REGIO[gemeente],
            gemeente=gemeente,
            partij=partij,
            melding_ontvangen_op=now,
            aangeboden_op=now,
            aangeboden_door=vt,
            bewijs=None if functie is None else Aanvaardingsbewijs(functie=functie, op=now),
        )
        await self.carry()
        casus = CasusId(UUID(melding.json()["casusId"]))
        await self.handover.hub.submit(Incoming(uuid4(), casus, event))

    async def until_handed_over(self) -> tuple[Mail, str]:
        """What triage decided arrives: the mail that came of it, and the link in it."""
        await self.carry()
        async with asyncio.timeout(20):
            while not await self._delivered():  # noqa: ASYNC110  a condition in the database, with a limit
                await asyncio.sleep(0.01)
        mail = self.mail.mails[-1]
        link = LINK.search(mail.tekst)
        assert link is not None
        return mail, link[0]

    async def withdraw(self, regio: str) -> None:
        """Veilig Thuis takes its only overdracht back."""
        path = f"/overdracht/v1/overdrachten/{(await self.overdracht(regio))['id']}/intrekkingen"
        headers = {"authorization": f"Bearer {VT[regio]}"}
        answer = await self.browser.post(path, json=example("intrekking"), headers=headers)
        assert answer.status_code == 201, answer.text

    async def until_mailed(self, subject: str) -> Mail:
        """The mail with this in its subject, once it is there and the hub knows that it went."""
        async with asyncio.timeout(20):
            while await self.rows("select from opdracht where status = 'open'"):  # noqa: ASYNC110  a condition in the database, with a limit
                await asyncio.sleep(0.01)
        return next(mail for mail in reversed(self.mail.mails) if subject in mail.onderwerp)

    async def overdracht(self, regio: str) -> dict[str, Any]:
        """The overdracht as Veilig Thuis sees it."""
        found = await self.browser.get("/overdracht/v1/overdrachten", headers={"authorization": f"Bearer {VT[regio]}"})
        (only,) = found.json()["overdrachten"]
        return dict(only)

    async def journal(self) -> list[str]:
        """What was noted at handover, in order."""
        return [row["wat"] for row in await self.rows("select wat from journaal order by nummer")]

    async def rows(self, query: str) -> list[asyncpg.Record]:
        return await self.handover.hub.pool.fetch(query)

    async def carry(self) -> None:
        """What triage published reaches handover."""
        rows = await self.triage.hub.pool.fetch(
            "select positie, topic, bericht from outbox where positie > $1 order by positie",
            self.carried,
        )
        own = [row for row in rows if row["topic"].startswith("houvast.triage.")]
        await self.handover.hub.take([Record(row["topic"], 0, row["positie"], bytes(row["bericht"])) for row in own])
        self.carried = rows[-1]["positie"] if rows else self.carried

    async def _delivered(self) -> bool:
        return not await self.rows("select from overdracht where afgeleverd_op is null")


@asynccontextmanager
async def open_postkamer(url: str, data_dir: Path, register: Register | None = None) -> AsyncIterator[Postkamer]:
    """A hub on this database, from migration to goodbye; with the sample register where none is given."""
    klok, master, door = VirtueleKlok(START), MasterKey.generate(), Door()
    async with AsyncExitStack() as stack:
        mail = MailSink(klok, wall=SystemKlok(), data_dir=data_dir)
        await mail.start()
        stack.push_async_callback(mail.stop)
        server = await serve(door, host="127.0.0.1", port=0)
        stack.push_async_callback(server.stop)
        address = f"http://127.0.0.1:{server.port}"
        smtp = SmtpSettings("localhost", mail.port, True, mail.ca_file, None, None, "houvast@houvast.example")
        deps = Deps(
            klok=klok,
            wall=SystemKlok(),
            rule_book=load_rule_book(),
            register=register or sample_register(),
            master=master,
            secret=lambda reference: reference,
            oin="00000099000000001000",
            public_url=address,
            settings=SimpleNamespace(smtp=smtp, production=False),
            toegang=Toegang(),
        )
        await _migrate_shared(url)
        ground = Ground(url, "geen-kafka:9092")
        parts: list[ServiceProcess[Any]] = [ServiceProcess(app.build(deps), deps, ground) for app in (triage, handover)]
        for part in parts:
            await part.prepare()
            stack.push_async_callback(part.stop)
        door.front = Front({"/triage/v1": parts[0].api, "/overdracht/v1": parts[1].api})
        signals = Signals(url, "handover")
        worker = Worker(parts[1].hub, signals, master, instance="test")
        running = [asyncio.create_task(job()) for job in (parts[0].hub.run, parts[1].hub.run, signals.run, worker.run)]
        stack.push_async_callback(_end, running)
        browser = httpx.AsyncClient(base_url=address, follow_redirects=True, trust_env=False, timeout=20)
        await stack.enter_async_context(browser)
        yield Postkamer(address, browser, mail, klok, master, parts[0], parts[1])


async def _migrate_shared(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrate_gedeeld(connection)
    finally:
        await connection.close()


async def _end(running: list["asyncio.Task[None]"]) -> None:
    for task in running:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*running)

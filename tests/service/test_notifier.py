"""The notifier over real PostgreSQL, its worker and a real mail server: from being asked to a mail that arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from contracts.messages.topics import Service
from services.cli.sandbox import MailSink
from services.notifier.adapters import MailPerformer, PostgresQueries, RegisterMensen
from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.api import BASE_PATH, build_api
from services.notifier.domain import Notificaties
from services.notifier.handlers import Handlers, project
from services.runtime.decision import Attempt, Request, Result, ServiceDefinition
from services.runtime.klok import SystemKlok, VirtueleKlok
from services.runtime.mail import MailRelay
from services.runtime.migrate import migrate
from services.runtime.settings import SmtpSettings
from services.runtime.signals import Signals
from services.runtime.toegang import Caller, default_scopes
from services.runtime.work import Worker
from tests.builders.events import CASUS_ID, MOMENT
from tests.fakes.desk import Desk, lay_schema, open_desk, record, until
from tests.fixtures.beschreven import check_each
from tests.unit.notifier.test_notificaties import SCHEMA, register, vraag

pytestmark = [pytest.mark.anyio, pytest.mark.database]


class Callers:
    """The token is the name of the party."""

    async def verify(self, token: str) -> Caller | None:
        return Caller(token, default_scopes("veilig-thuis"))


@dataclass
class CardsElsewhere:
    """Takes every card; counts them by request."""

    taken: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request, casus_id: object, sealer: object) -> Attempt:
        del casus_id, sealer
        self.taken.append(request)
        return Attempt(Result.DONE, "aangenomen", status=202)


@dataclass
class Ground:
    """A notifier at work, the mail server it sends to, and its API."""

    desk: Desk
    mail: MailSink
    cards: CardsElsewhere
    client: httpx.AsyncClient

    async def listed(self, wie: str = "veilig-thuis-west-brabant", **query: str) -> list[dict[str, object]]:
        headers = {"Authorization": f"Bearer {wie}"}
        answer = await self.client.get(BASE_PATH + "/notificaties", params=query, headers=headers)
        assert answer.status_code == 200
        found: list[dict[str, object]] = answer.json()["notificaties"]
        return found

    async def finished(self) -> bool:
        return not await self.desk.pool.fetchval("select count(*) from opdracht where status = 'open'")


@asynccontextmanager
async def notifier(url: str, tmp_path: Path, **how: object) -> AsyncIterator[Ground]:
    await lay_schema(url, "notifier")
    connection = await asyncpg.connect(url)
    await migrate(connection, "notifier", [("notifier", "services.notifier.migrations")])
    await connection.close()
    klok = VirtueleKlok(MOMENT)
    mail = MailSink(klok, wall=SystemKlok(), data_dir=tmp_path, **how)  # type: ignore[arg-type]
    await mail.start()
    cards = CardsElsewhere()
    mensen = RegisterMensen(register())
    settings = SmtpSettings("localhost", mail.port, True, mail.ca_file, None, None, "houvast@houvast.example")
    relay = MailRelay(settings, secret=lambda reference: reference, timeout_seconds=5)
    performer = MailPerformer(relay, adresboek=mensen, sjablonen=Sjablonen("https://houvast.example"), klok=klok)
    definition = ServiceDefinition(
        service=Service.NOTIFIER,
        state=Notificaties,
        handle=Handlers(mensen, SCHEMA),
        project=project,
        performers={"e-mail": performer, "teams": cards},
        opens_sealed=False,
    )
    async with open_desk(url, definition, klok=klok) as desk:
        signals = Signals(url, "notifier")
        worker = Worker(desk.hub, signals, None, instance="test")
        running = [asyncio.create_task(signals.run()), asyncio.create_task(worker.run())]
        api = build_api(PostgresQueries(desk.pool), register=register(), verifier=Callers())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=api),
            base_url="http://houvast",
            event_hooks={"response": [check_each]},
        ) as client:
            yield Ground(desk, mail, cards, client)
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    await mail.stop()


async def test_what_is_asked_leaves_once_and_is_shown(fresh_database: str, tmp_path: Path) -> None:
    """Asked twice over the road; one mail and one card per person, and a list that says so."""
    async with notifier(fresh_database, tmp_path) as ground:
        asked = vraag(rol="leidinggevende")
        await ground.desk.hub.take([record(asked, CASUS_ID, 1), record(asked, CASUS_ID, 2)])
        await until(ground.finished)
        rows = await ground.listed(casus=str(CASUS_ID))
        assert {row["status"] for row in rows} == {"verzonden"}
        assert len(ground.mail.mails) == sum(row["kanaal"] == "e-mail" for row in rows) > 0
        assert len(ground.cards.taken) == sum(row["kanaal"] == "teams" for row in rows)
        assert await ground.listed(wie="veilig-thuis-midden-brabant") == []
        assert await ground.listed(status="mislukt") == []


async def test_a_mail_server_that_is_out_for_a_while_loses_nothing(fresh_database: str, tmp_path: Path) -> None:
    """Tried again by the clock of the case; the mail arrives once."""
    async with notifier(fresh_database, tmp_path) as ground:
        port = ground.mail.port
        await ground.mail.stop()
        await ground.desk.hub.take([record(vraag(rol="leidinggevende"), CASUS_ID, 1)])

        async def tried() -> bool:
            return bool(await ground.desk.pool.fetchval("select count(*) from poging where resultaat = 'tijdelijk'"))

        await until(tried)
        assert {row["status"] for row in await ground.listed() if row["kanaal"] == "e-mail"} == {"gevraagd"}
        await ground.mail.start(port)
        ground.desk.klok.move(timedelta(minutes=1))
        await ground.desk.pool.execute("select pg_notify('houvast_notifier', 'work')")
        await until(ground.finished)
        assert len(ground.mail.mails) == len({mail.message_id for mail in ground.mail.mails}) > 0

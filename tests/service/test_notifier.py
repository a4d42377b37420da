"""The notifier over real PostgreSQL, its worker and a real mail server: from being asked to a mail that arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import Aanleiding, Notificatiekanaal
from contracts.messages.topics import Service
from lab.sandbox import MailSink
from lab.sandbox.retour import write_dsn
from services.notifier.adapters import Bezorger, BodenProefpost, MailBode, PostgresQueries, RegisterMensen
from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.api import BASE_PATH, build_api
from services.notifier.domain import Casus, case_of_proef
from services.notifier.handlers import Handlers, project
from services.notifier.handlers.commands import KeepProef
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Caller, Scope, default_scopes
from services.runtime.database.migrate import migrate
from services.runtime.database.signals import Signals
from services.runtime.outbound.bounces import ReturnAddress
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Attempt, Incoming, Request, Result, ServiceDefinition, TimerDue
from tests.builders.events import CASUS_ID, MOMENT
from tests.fakes.desk import Desk, lay_schema, open_desk, record, until
from tests.fixtures.beschreven import check_each
from tests.unit.notifier.test_notificaties import SCHEMA, register, vraag

pytestmark = [pytest.mark.anyio, pytest.mark.database]


DAY = timedelta(days=1)
ADDRESSES = ReturnAddress("terugpost@houvast.example", MasterKey(bytes(32)).token_of)


class Callers:
    """The token is the name of the party."""

    async def verify(self, token: str) -> Caller | None:
        scopes = {Scope.MAIL_TERUGMELDEN} if token == "mailserver" else default_scopes("veilig-thuis")
        return Caller(token, frozenset(scopes))


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


async def _prepare(url: str) -> None:
    """The schema, where an earlier life of this notifier did not lay it."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("select to_regclass('notifier.notificatie')") is None:
            await lay_schema(url, "notifier")
            await migrate(connection, "notifier", [("notifier", "services.notifier.migrations")])
    finally:
        await connection.close()


@asynccontextmanager
async def notifier(url: str, tmp_path: Path, **how: object) -> AsyncIterator[Ground]:
    await _prepare(url)
    klok = VirtueleKlok(MOMENT)
    mail = MailSink(klok, wall=SystemKlok(), data_dir=tmp_path, **how)  # type: ignore[arg-type]
    await mail.start()
    cards = CardsElsewhere()
    mensen = RegisterMensen(register(), load_rule_book())
    settings = SmtpSettings("localhost", mail.port, True, mail.ca_file, None, None, "houvast@houvast.example")
    relay = MailRelay(settings, secret=lambda reference: reference, timeout_seconds=5, return_address=ADDRESSES)
    performer = Bezorger(
        Notificatiekanaal.E_MAIL,
        MailBode(relay, sjablonen=Sjablonen("https://houvast.example"), klok=klok),
        adresboek=mensen,
        klok=klok,
    )
    definition = ServiceDefinition(
        service=Service.NOTIFIER,
        state=Casus,
        handle=Handlers(mensen, SCHEMA, ritme=DAY),
        project=project,
        performers={"e-mail": performer, "teams": cards},
        opens_sealed=False,
    )
    async with open_desk(url, definition, klok=klok) as desk:
        signals = Signals(url, "notifier")
        worker = Worker(desk.hub, signals, None, instance="test")
        running = [asyncio.create_task(signals.run()), asyncio.create_task(worker.run())]
        api = build_api(
            desk.hub,
            PostgresQueries(desk.pool),
            BodenProefpost({}, adresboek=mensen, klok=klok),
            register=register(),
            verifier=Callers(),
            return_address=ADDRESSES,
        )
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


async def test_a_party_sees_what_its_own_people_were_told_and_veilig_thuis_its_region(
    fresh_database: str, tmp_path: Path
) -> None:
    """A party of the region is not Veilig Thuis of it."""
    async with notifier(fresh_database, tmp_path) as ground:
        await ground.desk.hub.take([record(vraag(rol="leidinggevende"), CASUS_ID, 1)])
        await until(ground.finished)
        assert await ground.listed()
        assert {row["partij"] for row in await ground.listed("GM0758")} == {"GM0758"}
        for stranger in ("safegroup", "GM0855", "veilig-thuis-midden-brabant"):
            assert await ground.listed(stranger) == []
        assert await ground.listed("houvast")


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


async def test_what_comes_together_arrives_together_also_when_killed_in_between(
    fresh_database: str, tmp_path: Path
) -> None:
    """D12: the first at once, the rest as one mail; what waited stands in the database and outlives its process."""
    cases = [CasusId(UUID(int=1000 + number)) for number in range(4)]
    asked = [
        vraag(rol="leidinggevende", aanleiding=Aanleiding.TERMIJN_NADERT).model_copy(
            update={"notificatie_id": UUID(int=5000 + number), "referentie": f"HV-{number:08X}"}
        )
        for number in range(4)
    ]
    async with notifier(fresh_database, tmp_path / "eerst") as ground:
        await ground.desk.hub.take([record(item, cases[number], number + 1) for number, item in enumerate(asked)])
        await until(ground.finished)
        assert [mail.onderwerp.count("HV-00000000") for mail in ground.mail.mails] == [1]
    async with notifier(fresh_database, tmp_path / "later") as ground:
        ground.desk.klok.move(timedelta(minutes=11))
        await ground.desk.unit_of_work.run_due(100)
        await until(ground.finished)
        (mail,) = ground.mail.mails
        assert mail.onderwerp == "3 berichten van Houvast"
        assert [mail.tekst.count(f"HV-{number:08X}") for number in range(4)] == [0, 1, 1, 1]
        assert {row["status"] for row in await ground.listed()} == {"verzonden"}


async def test_a_mail_that_comes_back_is_told_to_nobody_but_those_who_may(fresh_database: str, tmp_path: Path) -> None:
    """The door takes what a mail server hands over: once, from whoever has the scope, and nothing else."""
    async with notifier(fresh_database, tmp_path) as ground:
        await ground.desk.hub.take([record(vraag(rol="leidinggevende"), CASUS_ID, 1)])
        await until(ground.finished)
        mail = ground.mail.mails[0]
        letter = write_dsn(to=mail.van, recipient=mail.aan[0], returned=EmailMessage(), now=MOMENT).as_bytes()

        async def post(body: bytes, wie: str = "mailserver") -> int:
            headers = {"Authorization": f"Bearer {wie}", "Content-Type": "message/rfc822"}
            answer = await ground.client.post(BASE_PATH + "/onbestelbare-mails", content=body, headers=headers)
            return answer.status_code

        async def back() -> int:
            return sum(row["status"] == "mislukt" for row in await ground.listed(casus=str(CASUS_ID)))

        assert await post(letter, wie="veilig-thuis-west-brabant") == 403
        forged = letter.replace(mail.van.partition("@")[0].encode()[-13:], b"a" * 13)
        for body, status in ((b"", 204), (b"\xff\x00 rommel", 204), (forged, 422)):
            assert await post(body) == status
        assert await back() == 0
        for _ in range(2):
            assert await post(letter) == 204
        assert await back() == 1
        lines = await ground.desk.pool.fetch("select wat from journaal where wat = 'notificatie mislukt'")
        assert len(lines) == 1


async def test_a_channel_that_is_tried_says_when_it_was_last_taken(fresh_database: str, tmp_path: Path) -> None:
    """By the worker and a mail server, as every message goes; the page of channels shows what came of it."""
    async with notifier(fresh_database, tmp_path) as ground:
        kanaal, queries = Notificatiekanaal.E_MAIL, PostgresQueries(ground.desk.pool)
        await ground.desk.hub.submit(Incoming(uuid4(), case_of_proef(kanaal), KeepProef(kanaal)))
        await ground.desk.hub.submit(Incoming(uuid4(), case_of_proef(kanaal), TimerDue("proef", MOMENT, {})))
        await until(ground.finished)
        (mail,) = ground.mail.mails
        assert (mail.aan, "Proefbericht van Houvast" in mail.onderwerp) == (
            ("nadia.verwey@beheer-houvast.example",),
            True,
        )
        (stand,) = [stand for stand in await queries.kanalen() if stand.kanaal is kanaal]
        assert stand.proef is not None
        assert (stand.proef.gelukt_op, stand.proef.reden, stand.proef.volgende_op) == (MOMENT, None, MOMENT + DAY)

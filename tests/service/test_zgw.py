"""An overdracht into a zaaksysteem and the answers out of it: over HTTP and PostgreSQL, with the sandbox on the far side."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import httpx
import pytest

from contracts.afspraken import load_rule_book
from contracts.register import parse_register
from lab.sandbox import Gedrag, Sandbox, build_sandbox
from services.cli.abonneren import callback_of, open_verbinding
from services.handover import app as handover
from services.handover.adapters.zgw import ZgwClient
from services.handover.adapters.zgw.abonnement import Abonnement, keep_abonnement
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.database.signals import Signals
from services.runtime.http import Front, RunningServer, serve
from services.runtime.outbound.secrets import Geheimen
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.running import Deps, Ground, ServiceProcess
from services.runtime.unit.decision import JsonObject, Record
from services.runtime.unit.destinations import pause, resume
from services.triage import app as triage
from tests.fixtures.beschreven import check_each
from tests.unit.triage.road import DEPLOY, START, example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

VT, ETTEN_LEUR, BREDA = "veilig-thuis-west-brabant", "GM0777", "GM0758"
KINDS = {VT: "veilig-thuis", ETTEN_LEUR: "gemeente", BREDA: "gemeente"}
NOTIFICATIES = "/overdracht/v1/notificaties"


class Toegang:
    """Whoever calls itself a party is that party."""

    async def verify(self, token: str) -> Caller | None:
        kind = KINDS.get(token)
        return None if kind is None else Caller(token, default_scopes(kind))


@dataclass
class Huis:
    """Hub and sandbox behind one port, on a clock that moves when told."""

    http: httpx.AsyncClient
    url: str
    klok: VirtueleKlok
    sandbox: Sandbox
    triage: ServiceProcess[Any]
    handover: ServiceProcess[Any]

    async def post(self, path: str, body: Any, *, by: str = VT) -> httpx.Response:
        return await self.http.post(path, json=body, headers={"authorization": f"Bearer {by}"})

    async def overdracht(self) -> JsonObject:
        listed = await self.http.get("/overdracht/v1/overdrachten", headers={"authorization": f"Bearer {VT}"})
        (overdracht,) = listed.json()["overdrachten"]
        return overdracht

    async def hand_over(self, *files: bytes, gemeente: str = ETTEN_LEUR) -> None:
        """A melding and its triagebesluit with these files, brought to handover."""
        melding = (await self.post("/triage/v1/meldingen", example("melding", gemeente=gemeente))).json()
        body = example("triagebesluit", ontvangers=None)
        if files:
            await self._carry()
            bijlagen = [await self._add(melding["casusId"], content) for content in files]
            body["overdrachtsdocument"]["bijlagen"] = bijlagen
        besluit = await self.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", body)
        assert besluit.status_code == 201, besluit.text
        await self._carry()

    async def _carry(self) -> None:
        rows: list[Any] = await self.triage.hub.pool.fetch(
            "select positie, topic, bericht from outbox order by positie",
        )
        await self.handover.hub.take([Record(row["topic"], 0, row["positie"], bytes(row["bericht"])) for row in rows])

    async def _add(self, casus: str, content: bytes) -> JsonObject:
        headers = {
            "authorization": f"Bearer {VT}",
            "content-type": "application/pdf",
            "content-disposition": "attachment; filename=verslag.pdf",
        }
        added = await self.http.post(f"/overdracht/v1/casussen/{casus}/bijlagen", content=content, headers=headers)
        assert added.status_code == 201, added.text
        return cast("JsonObject", added.json())

    async def until(self, field: str) -> JsonObject:
        """The overdracht, once this field is filled."""
        async with asyncio.timeout(10):
            while (overdracht := await self.overdracht())[field] is None:  # noqa: ASYNC110  a condition, with a limit
                await asyncio.sleep(0)
        return overdracht

    async def reads(self) -> int:
        """How often the zaaksysteem was asked for statussen."""
        count: int = await self.handover.hub.pool.fetchval(
            "select count(*) from poging p join opdracht o on o.id = p.opdracht_id where o.soort = 'zaakstatus-zgw'",
        )
        return count

    async def until_read(self, times: int) -> None:
        async with asyncio.timeout(10):
            while await self.reads() < times:  # noqa: ASYNC110  a condition in the database, with a limit
                await asyncio.sleep(0)


@pytest.fixture
async def huis(fresh_database: str, tmp_path: Path) -> AsyncIterator[Huis]:
    server: RunningServer | None = None
    fronts: list[Front] = []

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await fronts[0](scope, receive, send)

    server = await serve(door, host="127.0.0.1", port=0)
    url = f"http://127.0.0.1:{server.port}"
    klok, master = VirtueleKlok(START), MasterKey.generate()
    register = parse_register(
        (DEPLOY / "register.toml").read_text("utf-8"),
        bestand="register.toml",
        variabelen={"sandbox": url},
    )
    secret = Geheimen(data_dir=tmp_path, variabelen={"sandbox": url}).resolve
    sandbox = build_sandbox(
        register=register,
        klok=klok,
        wall=SystemKlok(),
        secret=secret,
        data_dir=tmp_path,
        gedrag={ETTEN_LEUR: Gedrag(bevestigt_na=timedelta(hours=3), verdeelt_na=timedelta(hours=20), spreiding=0)},
    )
    deps = Deps(
        klok=klok,
        wall=SystemKlok(),
        rule_book=load_rule_book(),
        register=register,
        master=master,
        secret=secret,
        oin="00000099000000001000",
        public_url=url,
        settings=SimpleNamespace(production=False),
        toegang=Toegang(),
    )
    await on_database(fresh_database, migrate_gedeeld)
    parts: list[ServiceProcess[Any]] = [
        ServiceProcess(app=app.build(deps), deps=deps, ground=Ground(fresh_database, "geen-kafka:9092"))
        for app in (triage, handover)
    ]
    for part in parts:
        await part.prepare()
    fronts.append(Front({"/triage/v1": parts[0].api, "/overdracht/v1": parts[1].api, "/sandbox": sandbox.app}))
    signals = Signals(fresh_database, "handover")
    worker = Worker(parts[1].hub, signals, master, instance="test")
    running = [asyncio.create_task(job()) for job in (parts[0].hub.run, parts[1].hub.run, signals.run, worker.run)]
    await sandbox.start()
    await subscribe(sandbox, secret, url)
    async with httpx.AsyncClient(base_url=url, trust_env=False, event_hooks={"response": [check_each]}) as http:
        yield Huis(http, url, klok, sandbox, parts[0], parts[1])
    await sandbox.stop()
    for task in running:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*running)
    for part in parts:
        await part.stop()
    await server.stop()


async def subscribe(sandbox: Sandbox, secret: Callable[[str], str], url: str) -> None:
    """The hub takes its abonnement; here whoever calls itself a party is that party."""
    endpoint = sandbox.zgw.zaaksystemen[ETTEN_LEUR].endpoint
    verbinding = open_verbinding(secret, SystemKlok())
    client = ZgwClient(verbinding, endpoint, secret=secret(endpoint.geheim))
    await keep_abonnement(client, Abonnement(callback_of(url), f"Bearer {ETTEN_LEUR}", endpoint.zaaktype))
    await verbinding.close()


async def on_database(url: str, act: Callable[[Any], Awaitable[object]]) -> None:
    connection = cast("Any", await asyncpg.connect(url))
    try:
        await act(connection)
    finally:
        await connection.close()


async def test_the_road_into_a_zaaksysteem_and_the_answers_back(huis: Huis) -> None:
    """D4, D5: delivered by us, received and taken up by what people do there; each at its own moment (G8)."""
    await huis.hand_over()
    delivered = await huis.until("afgeleverdOp")
    assert (delivered["kanaal"], delivered["ontvangenOp"], delivered["opgepaktOp"]) == ("zgw", None, None)
    (zaak,) = huis.sandbox.zgw.ontvangen
    assert (str(zaak.overdracht_id), zaak.documenten, zaak.status) == (delivered["id"], 2, "Aangeboden")

    huis.klok.move(timedelta(hours=3))
    received = await huis.until("ontvangenOp")
    assert (received["ontvangenOp"], received["opgepaktOp"]) == ("2026-03-02T11:00:00Z", None)

    huis.klok.move(timedelta(hours=17))
    taken = await huis.until("opgepaktOp")
    assert (taken["opgepaktOp"], taken["status"]) == ("2026-03-03T04:00:00Z", "opgepakt")


async def test_an_overdracht_to_a_stopped_gemeente_says_why_it_waits(huis: Huis) -> None:
    """G7: where people look, also before the first attempt and in the list; once started again it is said no more."""
    pool = huis.handover.hub.pool
    await pause(pool, ETTEN_LEUR, reason="verhuizing van het zaaksysteem", by="beheer", now=huis.klok.now())
    await huis.hand_over()
    waiting = await huis.overdracht()
    alone = await huis.http.get(
        f"/overdracht/v1/overdrachten/{waiting['id']}", headers={"authorization": f"Bearer {VT}"}
    )
    reden = "gepauzeerd: verhuizing van het zaaksysteem"
    assert (waiting["status"], waiting["pogingen"], waiting["laatsteFout"]) == ("onderweg", 0, reden)
    assert alone.json()["laatsteFout"] == reden
    await resume(pool, ETTEN_LEUR, now=huis.klok.now())
    await pool.execute("select pg_notify('houvast_handover', 'work')")
    assert (await huis.until("afgeleverdOp"))["laatsteFout"] is None


async def test_files_go_along_as_documents_of_the_zaak(huis: Huis) -> None:
    """D4: whoever works there looks in the zaaksysteem."""
    files = [b"%PDF-1.7 " + bytes(500_000), b"%PDF-1.4 kort"]
    await huis.hand_over(*files)
    await huis.until("afgeleverdOp")
    (zaak,) = huis.sandbox.zgw.ontvangen
    assert zaak.documenten == 4
    stored = huis.sandbox.zgw.zaaksystemen[ETTEN_LEUR].resources["enkelvoudiginformatieobjecten"].values()
    named = {str(item["titel"]).rpartition(" ")[0]: item for item in stored}
    for number, content in enumerate(files, 1):
        document = named[f"Bijlage {number}"]
        assert base64.b64decode(str(document["inhoud"])) == content
        assert (document["formaat"], document["bestandsnaam"]) == ("application/pdf", "verslag.pdf")


async def test_a_file_that_a_zaaksysteem_does_not_take_does_not_keep_the_overdracht(huis: Huis) -> None:
    """Too large over there: the overdracht arrives, the receipt tells what did not, and it is still to be fetched."""
    large = b"%PDF-1.7 " + bytes(2_000_000)
    await huis.hand_over(large, b"%PDF-1.4 kort")
    overdracht = await huis.until("afgeleverdOp")
    (zaak,) = huis.sandbox.zgw.ontvangen
    assert zaak.documenten == 3
    (attempt,) = await huis.handover.hub.pool.fetch(
        "select ontvangen::text as ontvangen from poging where resultaat = 'gelukt' and ontvangen::text like '%kenmerk%'"
    )
    assert json.loads(attempt["ontvangen"])["nietMeegenomen"] == ["Bijlage 1"]
    path, by = f"/overdracht/v1/overdrachten/{overdracht['id']}", {"authorization": f"Bearer {ETTEN_LEUR}"}
    document = (await huis.http.get(path, headers=by)).json()["overdrachtsdocument"]
    fetched = await huis.http.get(f"{path}/bijlagen/{document['bijlagen'][0]['id']}", headers=by)
    assert fetched.content == large


async def test_a_sandbox_gemeente_fetches_its_files_before_it_confirms(huis: Huis) -> None:
    """With its own token; what it got is what the document says."""
    huis.sandbox.connect(hub_url=huis.url, tokens={BREDA: BREDA})
    await huis.hand_over(b"%PDF-1.7 " + bytes(1_000_000), gemeente=BREDA)
    await huis.until("afgeleverdOp")
    huis.klok.move(timedelta(days=1))
    await huis.until("ontvangenOp")
    (ontvangst,) = huis.sandbox.gemeenten[BREDA].ontvangsten.values()
    assert len(ontvangst.opgehaald) == 1
    assert huis.sandbox.gemeenten[BREDA].weigeringen == []


async def test_what_a_notificatie_says_is_not_believed(huis: Huis) -> None:
    """It may only make us look; and the same words make us look once."""
    await huis.hand_over()
    await huis.until("afgeleverdOp")
    await huis.until_read(1)
    (zaak,) = huis.sandbox.zgw.zaaksystemen[ETTEN_LEUR].resources["zaken"].values()
    lie = {
        "kanaal": "zaken",
        "hoofdObject": zaak["url"],
        "resource": "status",
        "resourceUrl": "https://elders.example/statussen/opgepakt",
        "actie": "create",
        "aanmaakdatum": "2026-03-02T09:00:00Z",
        "kenmerken": {"statustype": "In behandeling"},
    }
    before = await huis.reads()
    for _ in range(3):
        answer = await huis.post(NOTIFICATIES, lie, by=ETTEN_LEUR)
        assert (answer.status_code, answer.content) == (204, b"")
    await huis.until_read(before + 1)
    overdracht = await huis.overdracht()
    assert (overdracht["ontvangenOp"], overdracht["opgepaktOp"]) == (None, None)
    asked = await huis.handover.hub.pool.fetchval("select count(*) from opdracht where soort = 'zaakstatus-zgw'")
    assert asked == before + 1

    of_another = await huis.post(NOTIFICATIES, lie, by=BREDA)
    assert of_another.status_code == 204, "who asks is not told whose zaak it is"
    assert (
        await huis.handover.hub.pool.fetchval("select count(*) from opdracht where soort = 'zaakstatus-zgw'") == asked
    )


async def test_strangers_are_refused_and_tests_taken(huis: Huis) -> None:
    """STANDARDS: the Notificaties API probes a callback without a token, and then tests it with one."""
    probe = {
        "kanaal": "test",
        "hoofdObject": "https://zaken.example/1",
        "resource": "test",
        "resourceUrl": "https://zaken.example/1",
        "actie": "test",
        "aanmaakdatum": "2026-03-02T09:00:00Z",
        "kenmerken": {},
    }
    assert (await huis.http.post(NOTIFICATIES, json=probe)).status_code == 401
    assert (await huis.post(NOTIFICATIES, probe, by="niemand")).status_code == 401
    assert (await huis.post(NOTIFICATIES, probe, by=ETTEN_LEUR)).status_code == 204
    wrong = await huis.post(NOTIFICATIES, {"kanaal": "zaken"}, by=ETTEN_LEUR)
    assert wrong.status_code == 400


async def test_a_zaaksysteem_keeps_its_zaken_when_the_sandbox_starts_again(huis: Huis, tmp_path: Path) -> None:
    """Its people would otherwise never confirm what they have. What stood in the documents is not on disk."""
    await huis.hand_over()
    await huis.until("afgeleverdOp")
    (before,) = huis.sandbox.zgw.ontvangen
    text = (DEPLOY / "register.toml").read_text("utf-8")
    again = build_sandbox(
        register=parse_register(text, bestand="register.toml", variabelen={"sandbox": huis.url}),
        klok=huis.klok,
        wall=SystemKlok(),
        secret=lambda _: "geheim" * 6,
        data_dir=tmp_path,
    )
    for zaaksysteem in again.zgw.zaaksystemen.values():
        zaaksysteem.remember()
    assert again.zgw.ontvangen == (before,)
    kept = (tmp_path / "sandbox-zaken.jsonl").read_text("utf-8")
    assert '"inhoud"' not in kept
    assert "Voorbeeld" not in kept

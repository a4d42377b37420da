"""The token of an abonnement: made again and never kept, for telling alone, and the one before it ends when it may."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from contracts.rechten import Daad
from contracts.register import Gemeente
from lab.sandbox.zgw import ZgwGemeenten
from services.cli.abonneren import Abonneren, OnveiligAdres, callback_of
from services.cli.proef_uitleg import explain_abonnement
from services.cli.proefstap import THEM, US
from services.handover.adapters.zgw import ZgwClient
from services.handover.adapters.zgw.abonnement import Gedaan
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Scope
from services.runtime.access.verifying import Access
from services.runtime.database.connection import close_pool, open_pool
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.process.clock import SystemKlok
from tests.contract.zgw.opstelling import GEMEENTE, SECRET, Opstelling, Weg, build, sandbox
from tests.fakes.ontvanger import Vraag, listening, says

pytestmark = [pytest.mark.anyio, pytest.mark.database]

MASTER = MasterKey(b"m" * 32)


class Opzet:
    """A hub with its access in PostgreSQL, and a zaaksysteem that checks what the callback does."""

    def __init__(self, opstelling: Opstelling, gemeenten: ZgwGemeenten, toegang: Access, abonneren: Abonneren) -> None:
        self.opstelling = opstelling
        self.gemeenten = gemeenten
        self.toegang = toegang
        self.abonneren = abonneren

    @property
    def client(self) -> ZgwClient:
        return self.opstelling.eigen

    @property
    def gemeente(self) -> Gemeente:
        return self.opstelling.register.gemeente(GEMEENTE, on=SystemKlok().now().date())

    @property
    def token(self) -> str:
        """The one that the zaaksysteem has."""
        (kept,) = self.gemeenten.notificaties.of(GEMEENTE).values()
        return kept.auth.removeprefix("Bearer ")

    async def open_tokens(self) -> int:
        rows = await self.abonneren.connection.fetch(
            "select from houvast.toegangstoken where ingetrokken_op is null",
        )
        return len(rows)


@pytest.fixture
async def opzet(fresh_database: str, tmp_path: Path) -> AsyncIterator[Opzet]:
    pool = await open_pool(fresh_database, max_size=3)
    async with pool.acquire() as connection:
        await migrate_gedeeld(connection)
    toegang = Access(pool, SystemKlok(), monotonic=iter(range(0, 10**6, 10)).__next__)

    async def callback(vraag: Vraag, writer: asyncio.StreamWriter) -> None:
        token = vraag.headers.get("authorization", "").removeprefix("Bearer ")
        wie = await toegang.verify(token)
        await says(204 if wie is not None and wie.may(Daad.ZAAK_MELDEN) else 401)(vraag, writer)

    async with (
        sandbox(tmp_path, klok=SystemKlok()) as (zaaksysteem, gemeenten),
        listening(callback) as ontvanger,
        httpx.AsyncHTTPTransport() as transport,
    ):
        opstelling = build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok(), sandbox=zaaksysteem)
        abonneren = Abonneren(pool, MASTER, f"http://127.0.0.1:{ontvanger.port}", SystemKlok())
        yield Opzet(opstelling, gemeenten, toegang, abonneren)
    await close_pool(pool)


async def test_the_same_command_writes_the_same_token_and_it_may_tell_and_nothing_else(opzet: Opzet) -> None:
    """From the master key; in the database stands its digest, as of every token."""
    assert await opzet.abonneren.keep(opzet.client, opzet.gemeente) is Gedaan.GEMAAKT
    first = opzet.token
    assert await opzet.abonneren.keep(opzet.client, opzet.gemeente) is Gedaan.BIJGEWERKT
    assert (opzet.token, await opzet.open_tokens()) == (first, 1)
    wie = await opzet.toegang.verify(first)
    assert wie is not None
    assert (wie.partij, wie.scopes) == (GEMEENTE, {Scope.ZAKEN_MELDEN})


async def test_renewing_ends_the_one_before_when_the_new_one_is_in_use(opzet: Opzet) -> None:
    await opzet.abonneren.keep(opzet.client, opzet.gemeente)
    first = opzet.token
    await opzet.abonneren.keep(opzet.client, opzet.gemeente, renew=True)
    assert opzet.token != first
    assert await opzet.toegang.verify(first) is None
    assert await opzet.toegang.verify(opzet.token) is not None
    assert await opzet.open_tokens() == 1


@pytest.mark.parametrize("post", [1, 2], ids=["taken", "renewed"])
async def test_a_renewal_that_broke_off_leaves_one_that_works_and_the_next_puts_it_right(
    opzet: Opzet,
    post: int,
) -> None:
    """The zaaksysteem may have the new token, or still the old one: both are let in until it is known."""
    weg = opzet.opstelling.weg
    lost = build(opzet.opstelling.endpoint, weg, klok=SystemKlok())
    client = ZgwClient(lost.verbinding, lost.endpoint, secret=SECRET)
    if post == 2:
        await opzet.abonneren.keep(opzet.client, opzet.gemeente)
    weg.breaks_after(1)
    with pytest.raises(ZaaksysteemOnbereikbaar):
        await opzet.abonneren.keep(client, opzet.gemeente, renew=post == 2)
    weg.lose_answer_of = None
    assert await opzet.toegang.verify(opzet.token) is not None
    await opzet.abonneren.keep(opzet.client, opzet.gemeente)
    assert await opzet.toegang.verify(opzet.token) is not None
    assert await opzet.open_tokens() == 1


@pytest.mark.parametrize("url", ["http://hub.example", "http://10.0.0.1:8080"])
def test_a_token_is_not_sent_to_be_brought_back_in_the_open(url: str) -> None:
    with pytest.raises(OnveiligAdres, match="HOUVAST_PUBLIC_URL"):
        callback_of(url)


def test_the_callback_is_where_notificaties_come_in() -> None:
    assert callback_of("https://hub.example/") == "https://hub.example/overdracht/v1/notificaties"
    assert callback_of("http://127.0.0.1:8080").startswith("http://127.0.0.1:8080/")


@pytest.mark.parametrize(
    ("answers", "told", "who"),
    [
        ((None, None), ("status 500", "een firewall", "127.0.0.1 in hun DNS", "certificaat"), f"{THEM} (netwerk, DNS)"),
        ((204, 204), ("status 400", "vraagt geen token", "geen 401 of 403"), f"{US} (adres en proxy van de hub)"),
        ((401, 401), ("status 400", "laat een proxy de kop Authorization weg"), f"{US} (HOUVAST_PUBLIC_URL"),
    ],
)
async def test_why_there_is_no_abonnement_is_told_with_who_mends_it(
    opzet: Opzet, answers: tuple[int | None, int | None], told: tuple[str, ...], who: str
) -> None:
    """What Open Notificaties says when it cannot reach our callback is a bare 500."""
    strange, known = answers

    async def callback(vraag: Vraag, writer: asyncio.StreamWriter) -> None:
        status = known if "authorization" in vraag.headers else strange
        if status is None:
            writer.close()
            return
        await says(status)(vraag, writer)

    async with listening(callback) as ontvanger:
        url = f"http://127.0.0.1:{ontvanger.port}"
        abonneren = replace(opzet.abonneren, public_url=url)
        with pytest.raises(ZaaksysteemWeigert) as refused:
            await abonneren.keep(opzet.client, opzet.gemeente)
    finding, mends = explain_abonnement(refused.value, callback_of(url))
    assert [part for part in (callback_of(url), *told) if part not in finding] == []
    assert mends.startswith(who)


async def test_an_abonnement_that_we_may_not_take_asks_for_the_right(opzet: Opzet) -> None:
    sandbox_of = opzet.opstelling.sandbox
    assert sandbox_of is not None
    sandbox_of.applicatie = sandbox_of.applicatie.without("notificaties.consumeren")
    with pytest.raises(ZaaksysteemWeigert) as refused:
        await opzet.abonneren.keep(opzet.client, opzet.gemeente)
    finding, mends = explain_abonnement(refused.value, "https://hub.example")
    assert finding.endswith("geef ons client_id notificaties.consumeren")
    assert mends == f"{THEM} (autorisaties)"

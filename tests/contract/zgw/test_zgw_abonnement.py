"""The abonnement of the hub at a zaaksysteem: there is one, it is about our own zaken, and whoever has none hears nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from lab.sandbox.zgw import Notificaties, ZgwGemeenten
from services.handover.adapters.zgw import Verbinding, ZgwClient
from services.handover.adapters.zgw.abonnement import (
    CALLBACK,
    Abonnement,
    Gedaan,
    find_abonnementen,
    keep_abonnement,
    tells_of,
)
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.process.clock import SystemKlok
from services.runtime.unit.decision import JsonObject, Result
from tests.contract.zgw.opstelling import GEMEENTE, SECRET, Opstelling, Weg, build, sandbox
from tests.fakes.ontvanger import Ontvanger, Vraag, listening, says
from tests.fakes.tussenstation import Gebrek, Tussenstation

pytestmark = pytest.mark.anyio

AUTH = "Bearer hv_geheim"
OTHER = "https://elders.example/notificaties"


@dataclass
class Callback:
    """The callback of a hub: lets in who knows the token, and keeps what it was told."""

    auth: str = AUTH
    told: list[JsonObject] = field(default_factory=list[JsonObject])

    async def __call__(self, vraag: Vraag, writer: asyncio.StreamWriter) -> None:
        if vraag.headers.get("authorization") != self.auth:
            await says(401)(vraag, writer)
            return
        notificatie = json.loads(vraag.body)
        if notificatie["kanaal"] != "test":
            self.told.append(notificatie)
        await says(204)(vraag, writer)

    async def until(self, resource: str, times: int = 1) -> list[JsonObject]:
        async with asyncio.timeout(10):
            while len(found := [item for item in self.told if item["resource"] == resource]) < times:  # noqa: ASYNC110  a condition, with a limit
                await asyncio.sleep(0)
        return found


@dataclass
class Wereld:
    """A zaaksysteem of the sandbox, what tells about it, and a hub that listens."""

    opstelling: Opstelling
    gemeenten: ZgwGemeenten
    callback: Callback
    ontvanger: Ontvanger

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ontvanger.port}{CALLBACK}"

    @property
    def wanted(self) -> Abonnement:
        return Abonnement(self.url, AUTH, self.opstelling.endpoint.zaaktype)

    @property
    def present(self) -> list[tuple[str, str, int]]:
        """What the zaaksysteem really has: where, with which token, how many kanalen."""
        kept = self.gemeenten.notificaties.of(GEMEENTE).values()
        return [(item.callback_url, item.auth, len(item.kanalen)) for item in kept]


@asynccontextmanager
async def _wereld(tmp_path: Path) -> AsyncIterator[Wereld]:
    callback = Callback()
    async with (
        sandbox(tmp_path, klok=SystemKlok()) as (zaaksysteem, gemeenten),
        listening(callback) as ontvanger,
        httpx.AsyncHTTPTransport() as transport,
    ):
        opstelling = build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok(), sandbox=zaaksysteem)
        yield Wereld(opstelling, gemeenten, callback, ontvanger)


@pytest.fixture
async def wereld(tmp_path: Path) -> AsyncIterator[Wereld]:
    async with _wereld(tmp_path) as found:
        yield found


async def test_the_hub_hears_what_happens_to_its_zaken(wereld: Wereld) -> None:
    """STANDARDS: kanaal zaken, our callback, our token."""
    assert await keep_abonnement(wereld.opstelling.eigen, wereld.wanted) is Gedaan.GEMAAKT
    delivered = await wereld.opstelling.deliver(uuid4())
    assert delivered.result is Result.DONE
    (status,) = await wereld.callback.until("status")
    assert status["hoofdObject"] == delivered.receipt["zaak"]


async def test_without_an_abonnement_nobody_is_told(wereld: Wereld) -> None:
    """Nor afterwards: what happened before it was taken is not told any more."""
    await wereld.opstelling.deliver(uuid4())
    await keep_abonnement(wereld.opstelling.eigen, wereld.wanted)
    second = await wereld.opstelling.deliver(uuid4())
    await wereld.callback.until("status")
    assert {item["hoofdObject"] for item in wereld.callback.told} == {second.receipt["zaak"]}


async def test_kept_as_often_as_one_likes_there_is_one(wereld: Wereld) -> None:
    """G2. Its token may be another one by now; that is never shown, so it is written anew."""
    for auth in (AUTH, AUTH, "Bearer hv_nieuw"):
        wereld.callback.auth = auth
        await keep_abonnement(wereld.opstelling.eigen, replace(wereld.wanted, auth=auth))
    assert wereld.present == [(wereld.url, "Bearer hv_nieuw", 1)]
    (shown,) = await find_abonnementen(wereld.opstelling.eigen, wereld.url)
    assert "hv_" not in json.dumps(shown)
    assert "hv_" not in repr(wereld.wanted)


async def test_two_at_the_same_moment_become_one_at_the_next(wereld: Wereld) -> None:
    eigen, wanted = wereld.opstelling.eigen, wereld.wanted
    for _ in range(2):
        body: JsonObject = {"callbackUrl": wanted.callback_url, "auth": AUTH, "kanalen": [wanted.kanaal]}
        await wereld.gemeenten.notificaties.put(GEMEENTE, body)
    assert await keep_abonnement(eigen, wanted) is Gedaan.BIJGEWERKT
    assert wereld.present == [(wereld.url, AUTH, 1)]


async def test_an_abonnement_of_somebody_else_is_left_alone(wereld: Wereld) -> None:
    async with listening(wereld.callback) as theirs:
        url = f"http://127.0.0.1:{theirs.port}/van-een-ander"
        body: JsonObject = {"callbackUrl": url, "auth": AUTH, "kanalen": [{"naam": "zaken", "filters": {}}]}
        await wereld.gemeenten.notificaties.put(GEMEENTE, body)
        await keep_abonnement(wereld.opstelling.eigen, wereld.wanted)
        await keep_abonnement(wereld.opstelling.eigen, wereld.wanted)
    assert sorted(where for where, _, _ in wereld.present) == sorted([url, wereld.url])


async def test_only_zaken_of_our_own_zaaktype_are_told_and_those_of_before_go_on_being_told(wereld: Wereld) -> None:
    """What else a gemeente does is none of our business; a zaaktype gets a new version while zaken are open."""
    eigen, now = wereld.opstelling.eigen, wereld.wanted
    await keep_abonnement(eigen, replace(now, zaaktype="https://elders.example/vorige"))
    await wereld.opstelling.deliver(uuid4())
    (before,) = await find_abonnementen(eigen, wereld.url)
    assert not tells_of(before, now.zaaktype)
    await keep_abonnement(eigen, now)
    (after,) = await find_abonnementen(eigen, wereld.url)
    assert tells_of(after, now.zaaktype)
    assert tells_of(after, "https://elders.example/vorige")
    second = await wereld.opstelling.deliver(uuid4())
    await wereld.callback.until("status")
    assert {item["hoofdObject"] for item in wereld.callback.told} == {second.receipt["zaak"]}


async def test_a_callback_that_lets_everyone_in_is_refused_with_the_reason(wereld: Wereld) -> None:
    """And one that refuses its own token; the sentence is for whoever gave the command."""
    async with listening(says(204)) as open_to_all:
        url = f"http://127.0.0.1:{open_to_all.port}{CALLBACK}"
        with pytest.raises(ZaaksysteemWeigert, match="abonnement nemen: callbackUrl: onze callback vraagt geen token"):
            await keep_abonnement(wereld.opstelling.eigen, replace(wereld.wanted, callback_url=url))
    with pytest.raises(ZaaksysteemWeigert, match="onze callback antwoordt daarvandaan niet"):
        await keep_abonnement(wereld.opstelling.eigen, replace(wereld.wanted, auth="Bearer hv_verkeerd"))
    assert wereld.present == []


async def test_abonnementen_outlive_a_restart_and_are_readable_by_their_owner_alone(
    wereld: Wereld,
    tmp_path: Path,
) -> None:
    await keep_abonnement(wereld.opstelling.eigen, wereld.wanted)
    again = Notificaties(SystemKlok(), data_dir=tmp_path)
    await again.start()
    assert again.of(GEMEENTE) == wereld.gemeenten.notificaties.of(GEMEENTE)
    await again.stop()
    assert (tmp_path / "sandbox-abonnementen.json").stat().st_mode & 0o777 == 0o600


async def test_a_notificaties_api_that_stands_elsewhere_is_called_there(wereld: Wereld) -> None:
    """Many gemeenten have it on an address of its own."""
    endpoint = wereld.opstelling.endpoint
    elsewhere = endpoint.model_copy(
        update={"url": OTHER, "apis": {"notificaties": f"{endpoint.url}/notificaties/api/v1/"}}
    )
    await keep_abonnement(build(elsewhere, wereld.opstelling.weg, klok=SystemKlok()).eigen, wereld.wanted)
    assert len(wereld.present) == 1


@pytest.mark.parametrize("gebrek", Gebrek)
async def test_whatever_goes_wrong_at_any_call_the_next_time_there_is_one(wereld: Wereld, gebrek: Gebrek) -> None:
    """Redirects, half and strange answers, both error formats, silence, an answer that comes too late."""
    real = httpx.URL(wereld.opstelling.endpoint.url)
    notificaties, patient = wereld.gemeenten.notificaties, wereld.opstelling.eigen
    async with httpx.AsyncClient(trust_env=False) as client:
        passing = Tussenstation(f"http://127.0.0.1:{real.port}", client)
        async with listening(passing) as ontvanger, httpx.AsyncClient(trust_env=False) as http:
            verbinding = Verbinding(lambda _: http, secret=lambda _: SECRET, wall=SystemKlok(), timeout=0.4)
            endpoint = wereld.opstelling.endpoint.model_copy(update={"url": str(real.copy_with(port=ontvanger.port))})
            ours = ZgwClient(verbinding, endpoint, secret=SECRET)
            for number in (1, 2):
                passing.begin({number: gebrek})
                with pytest.raises((ZaaksysteemWeigert, ZaaksysteemOnbereikbaar)):
                    await keep_abonnement(ours, wereld.wanted)
                await keep_abonnement(patient, wereld.wanted)
                assert wereld.present == [(wereld.url, AUTH, 1)], number
                notificaties.of(GEMEENTE).clear()

"""What an applicatie may do: proven without effect, and a right that is lacking is trouble of the endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from lab.sandbox.zgw.rechten import Applicatie
from services.handover.adapters.zgw import Api
from services.handover.adapters.zgw.rechten import Recht, has_right, shows_audittrail
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.unit.decision import Result
from tests.contract.zgw.opstelling import Opstelling, Weg, build, opgesteld, sandbox

pytestmark = pytest.mark.anyio

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
async def zgw(tmp_path: Path) -> AsyncIterator[Opstelling]:
    async with opgesteld(tmp_path) as opstelling:
        yield opstelling


async def informatieobjecttype(zgw: Opstelling) -> str:
    relations = await zgw.eigen.find(
        Api.CATALOGI, "zaaktype-informatieobjecttypen", stap="test", zaaktype=zgw.endpoint.zaaktype
    )
    return next(str(item["informatieobjecttype"]) for item in relations if item["richting"] == "inkomend")


async def rights(zgw: Opstelling) -> set[Recht]:
    soort = await informatieobjecttype(zgw)
    return {recht for recht in Recht if await has_right(zgw.eigen, recht, informatieobjecttype=soort)}


async def test_the_documented_rights_are_proven_and_nothing_is_made(zgw: Opstelling) -> None:
    before = await zgw.eigen.find(Api.ZAKEN, "zaken", stap="test", zaaktype=zgw.endpoint.zaaktype)
    assert await rights(zgw) == {*Recht}
    assert await shows_audittrail(zgw.eigen) is False
    assert await zgw.eigen.find(Api.ZAKEN, "zaken", stap="test", zaaktype=zgw.endpoint.zaaktype) == before
    if zgw.sandbox is not None:
        assert zgw.sandbox.resources["enkelvoudiginformatieobjecten"] == {}


@pytest.mark.parametrize("recht", Recht)
async def test_each_right_that_is_lacking_is_found(tmp_path: Path, recht: Recht) -> None:
    async with open_sandbox(tmp_path) as zgw:
        lack(zgw, recht)
        assert await rights(zgw) == {*Recht} - {recht}


async def test_a_right_that_does_not_go_far_enough_is_lacking(tmp_path: Path) -> None:
    """Given up to `vertrouwelijk`, where the register says `geheim`."""
    async with open_sandbox(tmp_path) as zgw:
        secret = zgw.endpoint.model_copy(update={"vertrouwelijkheid": "geheim"})
        found = await rights(build(secret, zgw.weg, klok=zgw.klok))
        assert {*Recht} - found == {Recht.ZAKEN_AANMAKEN, Recht.DOCUMENTEN_AANMAKEN}


@pytest.mark.parametrize("recht", [recht for recht in Recht if recht is not Recht.DOCUMENTEN_LEZEN])
async def test_a_right_that_is_lacking_parks_and_refuses_no_case(tmp_path: Path, recht: Recht) -> None:
    """However far the delivery came; with the right it is completed. A delivery that nothing stops reads no document."""
    async with open_sandbox(tmp_path) as zgw:
        overdracht_id = uuid4()
        given = lack(zgw, recht)
        first = await zgw.deliver(overdracht_id, attempts=2)
        assert (first.result, first.refused) == (Result.TEMPORARY, True), first
        assert "ons client_id mag dit niet (autorisatie)" in first.detail
        assert zgw.sandbox is not None
        zgw.sandbox.applicatie = given
        again = await zgw.deliver(overdracht_id, attempts=3)
        assert (again.result, again.refused) == (Result.DONE, False), again


async def test_a_client_that_is_not_known_there_parks(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as zgw:
        stranger = build(zgw.endpoint.model_copy(update={"client_id": "ander"}), zgw.weg, klok=zgw.klok)
        found = await stranger.deliver(uuid4())
        assert (found.result, found.refused) == (Result.TEMPORARY, True)
        assert "ons client_id is daar niet bekend" in found.detail


async def test_a_zaak_that_people_closed_is_of_that_case_alone(tmp_path: Path) -> None:
    """The same 403 with the same code: but others may still be changed."""
    async with open_sandbox(tmp_path) as zgw:
        assert zgw.sandbox is not None
        overdracht_id = uuid4()
        zgw.weg.breaks_after(1)
        await zgw.deliver(overdracht_id)
        zgw.weg.lose_answer_of = None
        (zaak,) = zgw.sandbox.resources["zaken"].values()
        zaak["einddatum"] = "2026-03-02"
        found = await zgw.deliver(overdracht_id, attempts=2)
        assert (found.result, found.refused, found.status) == (Result.PERMANENT, False, 403), found


async def test_a_withdrawal_just_after_midnight_ends_the_zaak_on_the_day_it_began(tmp_path: Path) -> None:
    """At 00:10 and 00:30 in Amsterdam it is still the day before in UTC; a zaak that ends before its start is none."""
    klok = VirtueleKlok(datetime(2026, 7, 2, 0, 10, tzinfo=AMSTERDAM))
    async with sandbox(tmp_path, klok=klok) as (zaaksysteem, _), httpx.AsyncHTTPTransport() as transport:
        zgw = build(zaaksysteem.endpoint, Weg(transport), klok=klok, sandbox=zaaksysteem)
        overdracht_id = uuid4()
        assert (await zgw.deliver(overdracht_id)).result is Result.DONE
        klok.move(timedelta(minutes=20))
        assert (await zgw.withdraw(overdracht_id)).result is Result.DONE
        (zaak,) = (await zgw.look(overdracht_id)).zaken
        assert (zaak["startdatum"], zaak["einddatum"]) == ("2026-07-02", "2026-07-02")


def lack(zgw: Opstelling, recht: Recht) -> Applicatie:
    """Forget a right; what was given before."""
    assert zgw.sandbox is not None
    given = zgw.sandbox.applicatie
    zgw.sandbox.applicatie = given.without(recht.value)
    return given


@asynccontextmanager
async def open_sandbox(tmp_path: Path) -> AsyncIterator[Opstelling]:
    """Always the sandbox: the rights of a real one are not ours to change."""
    klok = SystemKlok()
    async with sandbox(tmp_path, klok=klok) as (zaaksysteem, _), httpx.AsyncHTTPTransport() as transport:
        yield build(zaaksysteem.endpoint, Weg(transport), klok=klok, sandbox=zaaksysteem)

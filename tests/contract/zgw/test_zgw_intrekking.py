"""Taking an overdracht back in the zaaksysteem of its gemeente: a resultaat, and the status that ends the zaak."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.handover.adapters.zgw import Api
from services.runtime.unit.decision import JsonObject, Result
from tests.contract.zgw.opstelling import DOCUMENT, Opstelling, build, opgesteld

pytestmark = pytest.mark.anyio


@pytest.fixture
async def zgw(tmp_path: Path) -> AsyncIterator[Opstelling]:
    async with opgesteld(tmp_path) as opstelling:
        yield opstelling


async def delivered(zgw: Opstelling) -> UUID:
    overdracht_id = uuid4()
    assert (await zgw.deliver(overdracht_id)).result is Result.DONE
    return overdracht_id


async def only_zaak(zgw: Opstelling, overdracht_id: UUID) -> JsonObject:
    (zaak,) = (await zgw.look(overdracht_id)).zaken
    return zaak


async def test_the_zaak_is_closed_with_a_resultaat(zgw: Opstelling) -> None:
    """What the gemeente sees: who took it back, and that nothing more is asked."""
    overdracht_id = await delivered(zgw)
    told = await zgw.withdraw(overdracht_id)
    assert (told.result, told.detail) == (Result.DONE, "de zaak is gesloten als ingetrokken")
    gezien = await zgw.look(overdracht_id)
    (zaak,), (resultaat,) = gezien.zaken, gezien.resultaten
    assert (zaak["resultaat"], zaak["einddatum"] is not None) == (resultaat["url"], True)
    assert resultaat["toelichting"] == "De overdracht is ingetrokken door Veilig Thuis West-Brabant"
    last = (await zgw.statustypen())[-1]
    assert [status["statustype"] for status in gezien.statussen].count(last["url"]) == 1
    assert [person.naam for person in DOCUMENT.betrokkenen if person.naam in repr(gezien.resultaten)] == []


async def test_told_twice_it_is_closed_once(zgw: Opstelling) -> None:
    """G2."""
    overdracht_id = await delivered(zgw)
    await zgw.withdraw(overdracht_id)
    before = await zgw.look(overdracht_id)
    again = await zgw.withdraw(overdracht_id)
    assert (again.result, again.detail) == (Result.DONE, "de zaak was al gesloten")
    assert await zgw.look(overdracht_id) == before


async def test_what_never_arrived_needs_no_closing(zgw: Opstelling) -> None:
    told = await zgw.withdraw(uuid4())
    assert (told.result, told.detail) == (Result.DONE, "van deze overdracht staat er geen zaak")


async def test_it_is_the_last_status_also_where_people_gave_one_after_the_withdrawal(zgw: Opstelling) -> None:
    """It took a while before they could be told; the zaak has to show that it ended."""
    overdracht_id = await delivered(zgw)
    zaak = await only_zaak(zgw, overdracht_id)
    given = datetime.fromisoformat(await zgw.set_status(zaak["url"], (await zgw.statustypen())[1]))
    told = await zgw.withdraw(overdracht_id, op=given - timedelta(seconds=30))
    while told.result is Result.TEMPORARY:  # until the second after it is no longer in the future
        assert "ligt in de toekomst" in told.detail
        told = await zgw.withdraw(overdracht_id, op=given - timedelta(seconds=30))
    assert told.result is Result.DONE, told
    statussen = (await zgw.look(overdracht_id)).statussen
    latest = max(statussen, key=lambda status: datetime.fromisoformat(str(status["datumStatusGezet"])))
    assert latest["statustype"] == (await zgw.statustypen())[-1]["url"]


async def test_a_resultaat_that_people_gave_stays_theirs(zgw: Opstelling) -> None:
    overdracht_id = await delivered(zgw)
    zaak = await only_zaak(zgw, overdracht_id)
    found = await zgw.eigen.find(Api.CATALOGI, "resultaattypen", stap="test", zaaktype=zgw.endpoint.zaaktype)
    theirs = next(item["url"] for item in found if item["omschrijving"] != zgw.endpoint.intrekking)
    await zgw.eigen.create(Api.ZAKEN, "resultaten", {"zaak": zaak["url"], "resultaattype": theirs}, stap="test")
    assert (await zgw.withdraw(overdracht_id)).result is Result.DONE
    gezien = await zgw.look(overdracht_id)
    assert [resultaat["resultaattype"] for resultaat in gezien.resultaten] == [theirs]
    assert gezien.zaken[0]["einddatum"] is not None


async def test_a_zaaktype_without_such_a_resultaattype_says_so_and_nothing_is_half_done(zgw: Opstelling) -> None:
    overdracht_id = await delivered(zgw)
    endpoint = zgw.endpoint.model_copy(update={"intrekking": "Bestaat niet"})
    told = await build(endpoint, zgw.weg, klok=zgw.klok).withdraw(overdracht_id)
    assert (told.result, told.detail) == (
        Result.PERMANENT,
        "het zaaktype heeft geen resultaattype 'Bestaat niet' voor een ingetrokken overdracht",
    )
    gezien = await zgw.look(overdracht_id)
    assert (gezien.resultaten, len(gezien.statussen)) == ([], 1)

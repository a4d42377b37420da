"""The contract with a zaaksysteem, kept with our sandbox and, where `HOUVAST_ZGW_URL` is set, with a real one."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from contracts.register import Zaakantwoord
from lab.sandbox.zgw.rechten import Applicatie
from services.handover.adapters.zgw import Api, identify_zaak
from services.runtime.unit.decision import Result
from tests.contract.zgw.opstelling import COMPLETE, DOCUMENT, Opstelling, opgesteld

pytestmark = pytest.mark.anyio

POSTS = {1: "zaak", 2: "rol", 3: "rol van het team", 4: "brief", 5: "link", 6: "gegevens", 7: "link", 8: "status"}


@pytest.fixture
async def zgw(tmp_path: Path) -> AsyncIterator[Opstelling]:
    async with opgesteld(tmp_path) as opstelling:
        yield opstelling


async def test_an_overdracht_becomes_a_complete_zaak(zgw: Opstelling) -> None:
    """STANDARDS: complete is zaak, rollen, documenten and the first status."""
    overdracht_id = uuid4()
    attempt = await zgw.deliver(overdracht_id)
    assert (attempt.result, attempt.detail) == (
        Result.DONE,
        "de zaak staat er, met haar document en eerste status",
    )
    gezien = await zgw.look(overdracht_id)
    assert gezien.counts == COMPLETE
    (zaak,) = gezien.zaken
    assert zaak["identificatie"] == identify_zaak(overdracht_id)
    assert str(zaak["url"]).endswith(str(attempt.receipt["kenmerk"]))
    assert gezien.rollen


async def test_the_zaak_itself_names_nobody(zgw: Opstelling) -> None:
    """G6: a zaak shows in lists and searches; the people are in its document."""
    overdracht_id = uuid4()
    await zgw.deliver(overdracht_id)
    gezien = await zgw.look(overdracht_id)
    said = repr((gezien.zaken, gezien.rollen, gezien.links, gezien.statussen))
    assert "Overdracht van Veilig Thuis HV-" in said
    assert [person.naam for person in DOCUMENT.betrokkenen if person.naam in said] == []


async def test_what_stands_there_is_the_receipt(zgw: Opstelling) -> None:
    """STANDARDS: an independent receipt. With the documented rights Open Zaak shows no audittrail, but all the rest."""
    overdracht_id = uuid4()
    attempt = await zgw.deliver(overdracht_id)
    audittrail, back = attempt.receipt["audittrail"], attempt.receipt["teruggelezen"]
    reden = "audittrail lezen: ons client_id mag dit niet (autorisatie)"
    assert audittrail == {"gelezen": False, "reden": reden}
    assert isinstance(back, dict)
    gezien = await zgw.look(overdracht_id)
    assert (back["gelezen"], back["zaak"], back["gesloten"]) == (True, attempt.receipt["kenmerk"], False)
    statussen, documenten = back["statussen"], back["documenten"]
    assert isinstance(statussen, list)
    assert isinstance(documenten, list)
    (status,) = (item for item in statussen if isinstance(item, dict))
    assert str(gezien.statussen[0]["url"]).endswith(str(status["id"]))
    sizes = {document["bestandsomvang"] for document in gezien.documenten}
    assert {item["bytes"] for item in documenten if isinstance(item, dict)} == sizes
    assert [person.naam for person in DOCUMENT.betrokkenen if person.naam in repr(attempt.receipt)] == []


async def test_where_the_audittrail_is_shown_it_is_the_receipt(zgw: Opstelling) -> None:
    """To a client with all rights. What stood in the zaak is not copied from it."""
    if zgw.sandbox is None:
        return  # a real one is asked with the documented rights
    zgw.sandbox.applicatie = Applicatie(alle_autorisaties=True)
    attempt = await zgw.deliver(uuid4())
    trail = attempt.receipt["audittrail"]
    assert isinstance(trail, dict)
    assert trail["gelezen"] is True, trail
    assert "teruggelezen" not in attempt.receipt
    regels = trail["regels"]
    assert isinstance(regels, list)
    assert {"zaak", "status"} <= {str(regel["resource"]) for regel in regels if isinstance(regel, dict)}
    assert "wijzigingen" not in repr(attempt.receipt)


async def test_a_second_delivery_changes_nothing(zgw: Opstelling) -> None:
    """G2."""
    overdracht_id = uuid4()
    first = await zgw.deliver(overdracht_id)
    before = await zgw.look(overdracht_id)
    zgw.weg.posts = 0
    second = await zgw.deliver(overdracht_id, attempts=2)
    assert (second.result, second.receipt["kenmerk"]) == (Result.DONE, first.receipt["kenmerk"])
    assert zgw.weg.posts == 0
    assert await zgw.look(overdracht_id) == before


@pytest.mark.parametrize("attempts", [2, 1], ids=["counted", "crashed before it was counted"])
@pytest.mark.parametrize("post", POSTS, ids=POSTS.values())
async def test_a_delivery_that_broke_off_is_completed_and_never_doubled(
    zgw: Opstelling,
    post: int,
    attempts: int,
) -> None:
    """The zaaksysteem did what was asked and its answer was lost, at each of the steps."""
    overdracht_id = uuid4()
    zgw.weg.breaks_after(post)
    assert (await zgw.deliver(overdracht_id)).result is Result.TEMPORARY
    half = await zgw.look(overdracht_id)
    assert len(half.statussen) == (1 if post == max(POSTS) else 0)
    zgw.weg.lose_answer_of = None
    assert (await zgw.deliver(overdracht_id, attempts=attempts)).result is Result.DONE
    whole = await zgw.look(overdracht_id)
    assert whole.counts == COMPLETE
    assert len({str(rol["roltype"]) for rol in whole.rollen}) == len(whole.rollen)
    if zgw.sandbox is not None:
        assert [zaak.is_doubled for zaak in zgw.sandbox.ontvangen] == [False]


async def test_what_is_made_just_now_is_not_looked_for(zgw: Opstelling) -> None:
    """A delivery that goes well is eight calls, and those for its receipt; a gemeente counts them too."""
    await zgw.deliver(uuid4())
    zgw.weg.posts = 0
    zgw.weg.gets.clear()
    assert (await zgw.deliver(uuid4())).result is Result.DONE
    assert zgw.weg.posts <= len(POSTS)
    read = [path.partition("/api/v1/")[2].partition("/")[0] for path in zgw.weg.gets]
    assert read == ["zaken", "zaken", "statussen", "zaakinformatieobjecten", *["enkelvoudiginformatieobjecten"] * 2]


async def test_two_deliveries_at_one_moment_make_one_zaak(zgw: Opstelling) -> None:
    """A lease that ran out, and two of us at work: one finds that the other was first."""
    overdracht_id = uuid4()
    request = zgw.request(overdracht_id)
    attempts = await asyncio.gather(zgw.aflevering(*request), zgw.aflevering(*request))
    assert Result.DONE in {attempt.result for attempt in attempts}
    assert Result.PERMANENT not in {attempt.result for attempt in attempts}
    assert (await zgw.aflevering(*request)).result is Result.DONE
    assert (await zgw.look(overdracht_id)).counts == COMPLETE


async def test_the_overdracht_is_there_to_read_and_as_data(zgw: Opstelling) -> None:
    """A letter for people (PDF), and the fields for software; the documenten API checked their sizes."""
    overdracht_id = uuid4()
    await zgw.deliver(overdracht_id)
    letter, data = (await zgw.look(overdracht_id)).documenten
    assert (letter["formaat"], data["formaat"]) == ("application/pdf", "application/json")
    assert {letter["vertrouwelijkheidaanduiding"], data["vertrouwelijkheidaanduiding"]} == {"vertrouwelijk"}
    if zgw.sandbox is not None:
        kept = [
            base64.b64decode(str(document["inhoud"]))
            for document in zgw.sandbox.resources["enkelvoudiginformatieobjecten"].values()
        ]
        assert kept[0].startswith(b"%PDF")
        assert json.loads(kept[1])["overdrachtsdocument"] == DOCUMENT.model_dump(
            mode="json",
            by_alias=True,
            exclude_none=True,
        )


async def test_the_status_that_we_set_is_no_answer_of_people(zgw: Opstelling) -> None:
    """G8: even when the register gives the first statustype a meaning by mistake."""
    first, *_ = await zgw.statustypen()
    told = zgw.with_statussen({str(first["omschrijving"]): Zaakantwoord.ONTVANGEN})
    overdracht_id = uuid4()
    delivered = await told.deliver(overdracht_id)
    asked = await told.ask(overdracht_id, delivered.receipt["kenmerk"])
    assert (asked.result, asked.receipt) == (Result.DONE, {})


async def test_a_status_that_people_give_is_read_with_its_moment(zgw: Opstelling) -> None:
    _, second, *_ = await zgw.statustypen()
    told = zgw.with_statussen({str(second["omschrijving"]): Zaakantwoord.OPGEPAKT})
    overdracht_id = uuid4()
    delivered = await told.deliver(overdracht_id)
    op = await told.set_status(delivered.receipt["zaak"], second)
    asked = await told.ask(overdracht_id, delivered.receipt["kenmerk"])
    assert asked.receipt.keys() == {"opgepakt"}
    assert datetime.fromisoformat(str(asked.receipt["opgepakt"])) == datetime.fromisoformat(op)


async def test_a_zaak_of_something_else_is_not_taken_for_ours(zgw: Opstelling) -> None:
    delivered = await zgw.deliver(uuid4())
    asked = await zgw.ask(uuid4(), delivered.receipt["kenmerk"])
    assert (asked.result, asked.detail) == (Result.PERMANENT, "deze zaak is niet van deze overdracht")


async def test_a_zaak_that_moved_along_is_found_by_its_name(zgw: Opstelling) -> None:
    """A gemeente merged, its zaken were taken over and numbered anew; what we call them stays."""
    overdracht_id = uuid4()
    delivered = await zgw.deliver(overdracht_id)
    asked = await zgw.ask(overdracht_id, uuid4())
    assert (asked.result, asked.receipt) == (Result.DONE, {"kenmerk": delivered.receipt["kenmerk"]})


async def test_a_zaak_that_is_gone_is_said_to_be(zgw: Opstelling) -> None:
    asked = await zgw.ask(uuid4(), uuid4())
    assert (asked.result, asked.status) == (Result.PERMANENT, 404)


async def test_without_coordinates_a_zaaksysteem_refuses(zgw: Opstelling) -> None:
    """STANDARDS (reproduced): 412. Nobody may think these headers superfluous."""
    url = f"{zgw.endpoint.url}/{Api.ZAKEN.value}/api/v1/zaken"
    token = await _token(zgw)
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(url, json={}, headers={"Authorization": token})
    assert answer.status_code == 412
    assert answer.headers["content-type"].startswith("application/json")


async def test_a_stranger_is_refused(zgw: Opstelling) -> None:
    url = f"{zgw.endpoint.url}/{Api.ZAKEN.value}/api/v1/zaken"
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(url, headers={"Accept-Crs": "EPSG:4326"})
    assert answer.status_code in {401, 403}


async def _token(zgw: Opstelling) -> str:
    """The header of a call that was really made."""
    seen: list[str] = []

    async def keep(request: httpx.Request) -> None:
        seen.append(request.headers["Authorization"])

    zgw.eigen._verbinding.http(zgw.endpoint).event_hooks["request"].append(keep)
    await zgw.statustypen()
    return seen[-1]

"""The pages for whoever runs the hub, over PostgreSQL: who gets in, what they show, what they do, and who did it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.afspraken import Rol
from contracts.messages.envelope import CloudEvent, encode, source_urn
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.topics import TOPIC_OF, Service
from contracts.messages.triage import MeldingOntvangen
from services.runtime.access.tokens import issue
from services.runtime.access.verifying import Access
from services.runtime.http import create_site
from services.runtime.http.beheer import tokens_router
from services.runtime.process.clock import SystemKlok
from services.runtime.unit.decision import Record
from services.runtime.unit.destinations import Breaker, Ending, Tempo, note_endings, set_tempos
from tests.builders import build
from tests.fakes.desk import lay_schema
from tests.fakes.rechtenhuis import BEHEER, GOIRLE, VT, Huis, Toegang, hand_over, open_huis

pytestmark = [pytest.mark.anyio, pytest.mark.database]

BEHEERDER = f"{BEHEER}/beheerder"
DIENSTEN = ("triage", "overdracht", "monitoring", "notificaties")
EEN = f"/overdracht/v1/beheer/endpoints/een?bestemming={GOIRLE}"
PAGES = (
    *(f"/{dienst}/v1/beheer{page}" for dienst in DIENSTEN for page in ("", "/berichten")),
    "/overdracht/v1/beheer/endpoints",
    "/notificaties/v1/beheer/kanalen",
    EEN,
)
OTHERS = (
    *(f"{VT}/{rol.value}" for rol in Rol),
    f"{GOIRLE}/{Rol.TEAMCOORDINATOR.value}",
    f"{GOIRLE}/beheerder",
    f"{BEHEER}/beleidsmedewerker",
    VT,
    GOIRLE,
    "zonder-scope",
)
ABOUT_PEOPLE = ("Femke", "Denkbeeld", "Singel", "glasgerinkel")
PAGE = {"accept": "text/html"}


@pytest.fixture
async def huis(fresh_database: str) -> Any:
    async with open_huis(fresh_database) as huis:
        yield huis


async def get(huis: Huis, path: str, by: str = BEHEERDER) -> httpx.Response:
    return await huis.http.get(path, headers=PAGE | {"authorization": f"Bearer {by}"})


async def post(huis: Huis, path: str, form: Mapping[str, str], by: str = BEHEERDER, **headers: str) -> httpx.Response:
    return await huis.http.post(path, data=form, headers=PAGE | {"authorization": f"Bearer {by}"} | headers)


async def shown_after(huis: Huis, answer: httpx.Response) -> str:
    """The page to which an act led."""
    assert answer.status_code == 303, answer.text
    found = await get(huis, answer.headers["location"])
    assert found.status_code == 200
    return found.text


async def lay_aside(huis: Huis, *, whole: bool = False) -> UUID:
    """Monitoring gets an event that it cannot read; with `whole` only its place tells that it was."""
    casus = CasusId(uuid4())
    event: CloudEvent[Any] = CloudEvent(
        str(uuid4()), source_urn("00000099000000001000", "triage"), casus, huis.klok.now(), 1, build(MeldingOntvangen)
    )
    spoilt = json.loads(encode(event)) | {"data": {}}
    topic = TOPIC_OF[MeldingOntvangen].name
    await huis.parts[Service.MONITORING].hub.take([Record(topic, 0, 1, json.dumps(spoilt).encode())])
    if whole:
        pool = huis.parts[Service.MONITORING].hub.pool
        await pool.execute("update geparkeerd set bericht = $1 where casus_id = $2", encode(event), casus)
    return casus


async def test_every_page_is_for_the_beheerder_alone(huis: Huis) -> None:
    await hand_over(huis)
    await _stall(huis)
    before = await huis.written()
    for page in PAGES:
        assert (await get(huis, page)).status_code == 200, page
        assert (await huis.http.get(page, headers=PAGE)).headers["location"].startswith("/inloggen"), page
        for other in OTHERS:
            assert (await get(huis, page, other)).status_code == 403, (page, other)
    for page in (page for page in PAGES if "berichten" in page or "een" in page):
        for other in OTHERS:
            assert (await post(huis, page, {"doe": "hervat"}, other)).status_code == 403, (page, other)
        elsewhere = await post(huis, page, {"doe": "hervat"}, **{"sec-fetch-site": "cross-site"})
        assert elsewhere.status_code == 403
        assert (await post(huis, page, {"doe": "iets anders"})).status_code == 400
    assert await huis.written() == before
    assert await _deeds(huis, Service.HANDOVER) == []


async def test_no_page_tells_of_people(huis: Huis) -> None:
    await hand_over(huis)
    await _stall(huis)
    await lay_aside(huis)
    for page in PAGES:
        text = (await get(huis, page)).text
        assert not any(name in text for name in ABOUT_PEOPLE), page


async def test_a_dead_letter_is_seen_and_goes_on_once_it_is_mended(huis: Huis) -> None:
    casus = await lay_aside(huis)
    path = "/monitoring/v1/beheer/berichten"
    listed = (await get(huis, path)).text
    assert short_reference(casus) in listed
    assert "1 casus(sen) staan stil" in (await get(huis, "/monitoring/v1/beheer")).text
    told = await shown_after(huis, await post(huis, path, {"doe": "opnieuw", "casus": str(casus)}))
    assert "0 berichten zijn afgehandeld; 1 bericht is niet te verwerken" in told

    mended = await lay_aside(huis, whole=True)
    pool = huis.parts[Service.MONITORING].hub.pool
    key = await pool.fetchval("select key from geparkeerd where casus_id = $1", mended)
    told = await shown_after(huis, await post(huis, path, {"doe": "opnieuw", "bericht": str(key)}))
    assert "1 bericht is afgehandeld." in told
    assert short_reference(mended) not in told
    assert short_reference(casus) in told, "what was not named stays"
    told = await shown_after(huis, await post(huis, path, {"doe": "opnieuw", "reden": "geen reden"}))
    assert "Er lag niets terzijde" in told
    deeds = await _deeds(huis, Service.MONITORING)
    assert [deed["wie"] for deed in deeds] == ["Robin Zandbak (houvast)"] * 3
    assert deeds[0]["waarover"] == f"casus {casus}"


async def test_a_dead_letter_is_dropped_with_a_reason_in_the_journal(huis: Huis) -> None:
    casus = await lay_aside(huis)
    path = "/monitoring/v1/beheer/berichten"
    pool = huis.parts[Service.MONITORING].hub.pool
    key = await pool.fetchval("select key from geparkeerd")
    refused = await post(huis, path, {"doe": "laat-vallen", "bericht": str(key), "waarom": "  "})
    assert refused.status_code == 400
    assert "Vul in waarom" in refused.text
    assert (
        "mag hoogstens 500 tekens"
        in (await post(huis, path, {"doe": "laat-vallen", "bericht": str(key), "waarom": "x" * 501})).text
    )
    assert await pool.fetchval("select count(*) from geparkeerd") == 1
    form = {"doe": "laat-vallen", "bericht": str(key), "waarom": "Dubbel <b>verstuurd</b>."}
    told = await shown_after(huis, await post(huis, path, form))
    assert "Hier ligt niets terzijde" in told
    assert "Dubbel &lt;b&gt;verstuurd&lt;/b&gt;." in told
    line = await pool.fetchrow("select actor, feiten::text from journaal where casus_id = $1", casus)
    assert line is not None
    assert line["actor"] == "Robin Zandbak (houvast)"
    assert "Dubbel" in line["feiten"]
    assert "lag hier niet meer" in await shown_after(huis, await post(huis, path, form))


async def test_all_that_lies_aside_can_be_leafed_through(huis: Huis) -> None:
    for _ in range(52):
        await lay_aside(huis)
    path = "/monitoring/v1/beheer/berichten"
    first = (await get(huis, path)).text
    assert first.count("Laat voorgoed vallen") == 50
    following = first.partition(f"{path}?na=")[2].partition('"')[0]
    assert (await get(huis, f"{path}?na={following}")).text.count("Laat voorgoed vallen") == 2
    assert (await get(huis, f"{path}?na=onzin")).text.count("Laat voorgoed vallen") == 50


async def test_an_endpoint_tells_how_it_stands_and_is_stopped_and_let_go(huis: Huis) -> None:
    ids = await hand_over(huis)
    await _stall(huis)
    huis.klok.move(timedelta(minutes=2))
    listed = (await get(huis, "/overdracht/v1/beheer/endpoints")).text
    assert "antwoordt niet (5×)" in listed
    assert (await get(huis, "/overdracht/v1/beheer/endpoints/een?bestemming=GM9999")).status_code == 404
    shown = (await get(huis, EEN)).text
    assert short_reference(UUID(ids["casus"])) in shown

    assert (await post(huis, EEN, {"doe": "pauzeer"})).status_code == 400
    told = await shown_after(huis, await post(huis, EEN, {"doe": "pauzeer", "waarom": "Onderhoud."}))
    assert "Gepauzeerd. Wat wacht blijft staan" in told
    assert "gepauzeerd sinds" in told
    pool = huis.parts[Service.HANDOVER].hub.pool
    assert await pool.fetchval("select pauze_door from bestemming where naam = $1", GOIRLE) == "Robin Zandbak (houvast)"
    again = await shown_after(huis, await post(huis, EEN, {"doe": "pauzeer", "waarom": "Nog eens."}))
    assert "was al gepauzeerd" in again
    await pool.execute("update opdracht set due_at = due_at + interval '1 day'")
    told = await shown_after(huis, await post(huis, EEN, {"doe": "hervat"}))
    assert "Houvast bezorgt hier weer. 1 overdracht gaat eerder dan gepland." in told
    assert await pool.fetchval(
        "select open_tot is null and gepauzeerd_op is null from bestemming where naam = $1", GOIRLE
    )
    assert [deed["wat"] for deed in await _deeds(huis, Service.HANDOVER)] == [
        "bezorging gepauzeerd",
        "bezorging gepauzeerd",
        "alles wat wacht weer bezorgd",
    ]


async def test_one_and_what_was_delivered_since_go_again_once_in_the_name_of_who_asked(huis: Huis) -> None:
    ids = await hand_over(huis)
    await _stall(huis)
    pool = huis.parts[Service.HANDOVER].hub.pool
    one = {"doe": "een", "overdracht": ids["overdrachten"], "sleutel": str(uuid4())}
    for _ in range(2):
        assert "1 overdracht gaat opnieuw zodra hier weer wordt bezorgd." in await shown_after(
            huis, await post(huis, EEN, one)
        )
    lines = "select actor from journaal where casus_id = $1 and wat = 'opnieuw-aangeboden'"
    assert [row["actor"] for row in await pool.fetch(lines, UUID(ids["casus"]))] == ["Robin Zandbak (houvast)"]

    await pool.execute(
        "insert into poging (opdracht_id, nummer, op, resultaat, toelichting, ontvangen)"
        " select id, 1, $1, 'gelukt', 'status 200', '{}' from opdracht where bestemming = $2",
        huis.klok.now(),
        GOIRLE,
    )
    since = {"doe": "sinds", "sleutel": str(uuid4())}
    assert (await post(huis, EEN, since | {"sinds": "gisteren"})).status_code == 400
    later = since | {"sinds": "2030-01-01T09:00"}
    assert "is hier niets afgeleverd" in await shown_after(huis, await post(huis, EEN, later))
    await shown_after(huis, await post(huis, EEN, {"doe": "hervat"}))
    told = await shown_after(huis, await post(huis, EEN, since | {"sinds": "2026-01-01T09:00"}))
    assert "1 overdracht gaat opnieuw." in told
    assert await pool.fetchval("select max(ronde) from overdracht") == 2


async def test_what_was_done_is_not_to_be_changed(huis: Huis) -> None:
    await lay_aside(huis)
    await post(huis, "/monitoring/v1/beheer/berichten", {"doe": "opnieuw"})
    with pytest.raises(asyncpg.PostgresError):
        await huis.parts[Service.MONITORING].hub.pool.execute("update beheerdaad set wie = 'niemand'")


async def test_a_token_is_seen_without_its_text_and_ended_by_name(fresh_database: str) -> None:
    wall = SystemKlok()
    await lay_schema(fresh_database)
    pool: Any = await asyncpg.create_pool(fresh_database, min_size=1, max_size=2)
    try:
        text = await issue(pool, partij=GOIRLE, scopes=["zaken:melden"], omschrijving="zaaksysteem", now=wall.now())
        link = await issue(pool, partij=VT, scopes=[], omschrijving="inloglink", now=wall.now(), eenmalig=True)
        site = create_site(name="site", verifier=Toegang())
        site.router.routes.extend(tokens_router(pool, wall, naam=lambda code: code).routes)
        transport = httpx.ASGITransport(app=site)
        async with httpx.AsyncClient(transport=transport, base_url="http://houvast", headers=PAGE) as http:
            for other in OTHERS:
                headers = {"authorization": f"Bearer {other}"}
                assert (await http.get("/beheer/tokens", headers=headers)).status_code == 403, other
                assert (await http.post("/beheer/tokens", headers=headers)).status_code == 403, other
            http.headers["authorization"] = f"Bearer {BEHEERDER}"
            shown = (await http.get("/beheer/tokens")).text
            assert "1 token in gebruik" in shown
            assert "zaaksysteem" in shown
            assert text not in shown
            assert link not in shown
            identifier = await pool.fetchval("select id from houvast.toegangstoken where not eenmalig")
            crossed = await http.post(
                "/beheer/tokens", data={"token": str(identifier)}, headers={"sec-fetch-site": "cross-site"}
            )
            assert crossed.status_code == 403
            assert (await http.post("/beheer/tokens", data={"token": "geen"})).status_code == 400
            done = await http.post("/beheer/tokens", data={"token": str(identifier)})
            told = (await http.get(done.headers["location"])).text
            assert "Ingetrokken. Binnen vijf seconden" in told
            assert "Robin Zandbak (houvast)" in told
            again = await http.post("/beheer/tokens", data={"token": str(identifier)})
            assert "was al ingetrokken" in (await http.get(again.headers["location"])).text
        assert await Access(pool, wall).verify(text) is None
    finally:
        await pool.close()


async def _stall(huis: Huis) -> None:
    """Goirle did not answer five times."""
    pool = huis.parts[Service.HANDOVER].hub.pool
    await set_tempos(pool, {GOIRLE: Tempo()})
    await note_endings(
        pool, [Ending(GOIRLE, answered=False)] * 5, Breaker(first=timedelta(hours=1)), now=huis.klok.now()
    )


async def _deeds(huis: Huis, service: Service) -> list[Any]:
    return list(await huis.parts[service].hub.pool.fetch("select * from beheerdaad order by nummer"))


async def test_the_channels_say_when_they_last_worked_and_a_try_to_whom_no_address_is_known_says_so(huis: Huis) -> None:
    """That a try arrives where there is one: tests/e2e/test_dagen.py."""
    path = "/notificaties/v1/beheer/kanalen"
    pool = huis.parts[Service.NOTIFIER].hub.pool
    row = (
        "insert into notificatie select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), null, 'west-brabant',"
        " null, 'triagist', 'vt', 'teams', $1, 'gewoon', 'overig', $2, $2, 'x', 'HV-1', 'x', null, 1, $3"
    )
    at = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
    await pool.execute(row, "verzonden", at, None)
    await pool.execute(row, "mislukt", at.replace(minute=45), "de Teams-workflow weigert het bericht")
    listed = (await get(huis, path)).text
    assert "03-03-2026 09:15" in listed
    assert "03-03-2026 09:45" in listed
    assert "de Teams-workflow weigert het bericht" in listed
    tried = "insert into proef values (gen_random_uuid(), gen_random_uuid(), 'e-mail', $1, $2, $2, null, null)"
    await pool.execute(tried, at.replace(day=4), at.replace(minute=50))
    listed = (await get(huis, path)).text
    assert "03-03-2026 09:50" in listed
    assert "Volgende: 04-03-2026 09:15" in listed
    told = await shown_after(huis, await post(huis, path, {"kanaal": "e-mail"}))
    assert "U hebt in het register geen adres voor dit kanaal" in told
    assert "proefbericht aan zichzelf" in told
    assert (await post(huis, path, {"kanaal": "duif"})).status_code == 400

"""What follows an overdracht, over real PostgreSQL and HTTP: monitoring, coercion, closure, corrections, signalen."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import CasusId
from services.runtime.unit.decision import Record
from tests.builders.events import CASUS_ID
from tests.fakes.desk import record
from tests.service.test_monitoring import DOOR, Ground, monitoring
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal, at

pytestmark = [pytest.mark.anyio, pytest.mark.database]

MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
VT = "veilig-thuis-midden-brabant"
TILBURG = "GM0855"
UITKOMST: dict[str, Any] = {"door": DOOR, "wijze": "fysiek", "kinderen": "gesproken", "stabielEnVeilig": True}
ALLEN = {"betrokkenen": True, "lokaalTeam": True, "veiligThuis": True}


async def monitored(ground: Ground) -> None:
    """Handed over after a dienst on 4 May 2026."""
    await ground.deliver(MB.melding())
    await ground.move_to(at("05-04 10:00"))
    soort = Overdrachtsoort.NA_DIENST
    await ground.deliver(
        MB.besluit(at("03-03 10:00")),
        MB.dienst(at("03-03 11:00")),
        MB.dienst_klaar(at("05-04 09:00")),
    )
    await ground.deliver(
        MB.aangemaakt(at("05-04 09:30"), soort=soort),
        MB.afgeleverd(at("05-04 10:00"), soort=soort),
        MB.bevestigd(at("05-04 10:00")),
    )


async def test_a_monitormoment_is_shown_held_and_stops_the_monitoring(fresh_database: str) -> None:
    """MB 5, from the list to the end of it."""
    async with monitoring(fresh_database) as ground:
        await monitored(ground)
        (first, second, third) = (await ground.get("/monitormomenten", wie=VT)).json()["monitormomenten"]
        assert (first["label"], first["status"], third["status"]) == ("Eerste monitormoment", "lopend", "lopend")
        planned = {"door": DOOR, "ingeplandVoor": at("08-03 10:00").isoformat()}
        planning = await ground.post(f"/monitormomenten/{first['id']}/inplanningen", planned, wie=TILBURG)
        assert (planning.status_code, planning.json()["gehoudenOp"]) == (201, None), planning.text
        await ground.move_to(at("08-04 09:00"))
        path = f"/monitormomenten/{first['id']}/uitkomsten"
        assert (await ground.post(path, UITKOMST, wie=TILBURG)).status_code == 403
        assert (await ground.post(path, UITKOMST | {"kinderen": "misspeld"}, wie=VT)).status_code == 400
        assert (await ground.post(path, UITKOMST, wie=VT)).status_code == 201
        await ground.move_to(at("11-04 09:00"))
        path = f"/monitormomenten/{second['id']}/uitkomsten"
        held = await ground.post(path, UITKOMST | {"stoppen": ALLEN}, wie=VT, key="een-sleutel-die-lang-genoeg-is")
        assert held.status_code == 201, held.text
        assert held.json()["monitoring"] == "gestopt"
        casus = (await ground.get(f"/casussen/{CASUS_ID}", wie=VT)).json()
        assert {item["status"] for item in casus["monitormomenten"]} == {"gehaald", "vervallen"}
        assert casus["monitormomenten"][0]["stabielEnVeilig"] is True
        page = (await ground.get("/monitormomenten", wie="GM0758")).json()
        assert page["monitormomenten"] == []


async def test_initiatief_is_answered_with_its_sentence(fresh_database: str) -> None:
    """MB 6."""
    async with monitoring(fresh_database) as ground:
        await monitored(ground)
        path = f"/casussen/{CASUS_ID}/initiatief"
        now = (await ground.get(path, wie=VT)).json()
        then = (await ground.get(path, wie=VT, op="2026-04-01T10:00:00+02:00")).json()
        assert (then["initiatief"], now["initiatief"]) == ("veilig-thuis", "lokaal-team")
        assert "vanaf het moment dat de casus is overgedragen" in now["regel"]["bron"]["citaat"]
        assert "voldoende informatie" in now["voorwaarde"]


async def test_coercion_a_partner_a_step_a_correction_and_closure_each_have_their_door(fresh_database: str) -> None:
    """All of them are told in the uitleg."""
    async with monitoring(fresh_database) as ground:
        await monitored(ground)
        await ground.move_to(at("06-01 10:00"))
        base = f"/casussen/{CASUS_ID}"
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("monitormomenten", {"door": DOOR, "geplandOp": "2026-07-01T10:00:00+02:00"}),
            ("stagnatiestappen", {"door": DOOR, "stap": 1}),
            (
                "correcties",
                {
                    "door": DOOR,
                    "feit": "overdracht-afgeleverd",
                    "op": "2026-05-04T08:00:00Z",
                    "toelichting": "Verkeerde datum overgenomen.",
                },
            ),
            ("dwangmaatregelen", {"door": DOOR, "maatregel": "jeugdbeschermingstafel"}),
            ("afsluitingen", {"door": DOOR, "reden": "stabiele-veiligheid"}),
        ]
        for name, body in bodies:
            door = TILBURG if name == "afsluitingen" else VT  # whoever bears zicht closes
            reply = await ground.post(f"{base}/{name}", body, wie=door)
            assert reply.status_code == 201, f"{name}: {reply.text}"
            assert (await ground.post(f"{base}/{name}", body, wie="GM0758")).status_code == 404
        casus = (await ground.get(base, wie=VT)).json()
        assert (casus["sluitreden"], casus["zichtPartij"]) == ("stabiele-veiligheid", None)
        told = [line["wat"] for line in (await ground.get(f"{base}/uitleg", wie=VT)).json()["regels"]]
        for wat in ("extra monitormoment gepland", "feit gecorrigeerd", "dwangmaatregel", "casus gesloten"):
            assert wat in told


async def test_a_structural_signal_over_real_cases_is_answered_by_its_gemeente(fresh_database: str) -> None:
    """MB 6.2: one row per party that all its cases lock in turn."""
    async with monitoring(fresh_database) as ground:
        records: list[Record] = []
        for number in (1, 2, 3):
            overdracht = UUID(int=100 + number)
            for event in (MB.melding(), MB.besluit(ONTVANGEN), MB.afgeleverd(ONTVANGEN, overdracht_id=overdracht)):
                records.append(record(event, CasusId(UUID(int=number)), len(records) + 1))
        await ground.desk.hub.take(records)
        await ground.move_to(ONTVANGEN + timedelta(days=9))
        (signaal,) = (await ground.get("/signalen", wie=VT)).json()["signalen"]
        assert (signaal["aantal"], signaal["over"], signaal["maatregel"]) == (3, TILBURG, None)
        assert (signaal["afgegevenOp"], len(signaal["bewijs"])) == (None, 3)
        send = f"/signalen/{signaal['id']}/verzendingen"
        assert (await ground.post(send, {"door": DOOR}, wie=VT)).status_code == 404
        assert (await ground.post(send, {"door": DOOR}, wie=TILBURG)).status_code == 201
        body = {"door": DOOR, "maatregel": "extra-capaciteit", "toelichting": "Twee mensen erbij."}
        path = f"/signalen/{signaal['id']}/antwoorden"
        assert (await ground.post(path, body, wie=VT)).status_code == 404
        assert (await ground.post(path, body, wie=TILBURG)).status_code == 201
        (answered,) = (await ground.get("/signalen", wie=TILBURG, beantwoord="true")).json()["signalen"]
        assert answered["maatregel"] == "extra-capaciteit"
        assert (await ground.get("/signalen", wie="GM0758")).json()["signalen"] == []
        termijnen = (await ground.get(f"/casussen/{signaal['id']}", wie=TILBURG)).json()["termijnen"]
        assert [item["status"] for item in termijnen] == ["gehaald", "gehaald"]


async def test_each_case_of_not_carrying_out_can_be_told_by_whom_the_sentence_names(fresh_database: str) -> None:
    """FS knows no herhaaldelijk; MB 6.2: zorgt de verantwoordelijke partij zelf ervoor."""
    async with monitoring(fresh_database) as ground:
        overdracht = UUID(int=101)
        await ground.deliver(MB.melding(), MB.besluit(ONTVANGEN), MB.afgeleverd(ONTVANGEN, overdracht_id=overdracht))
        body = {"door": DOOR, "over": "lokaal-team", "toelichting": "Wij redden het niet."}
        path = f"/casussen/{CASUS_ID}/signalen"
        for wie, changed, status, why in (
            (TILBURG, {}, 409, "miste deze partij geen termijn"),
            (VT, {}, 403, "informeert uw organisatie de gemeente niet"),
            (TILBURG, {"over": "veilig-thuis"}, 403, "informeert uw organisatie de gemeente niet"),
            (TILBURG, {"over": "raad-voor-de-kinderbescherming"}, 403, "informeert uw organisatie de gemeente niet"),
            ("GM0758", {}, 404, "deze casus bestaat niet"),
            (TILBURG, {"ookIn": [str(UUID(int=404))]}, 404, "deze casus bestaat niet"),
            (TILBURG, {"ookIn": ["nergens"]}, 400, "ookIn"),
            (TILBURG, {"over": "buurman"}, 400, "over"),
        ):
            refused = await ground.post(path, body | changed, wie=wie)
            assert (refused.status_code, why in refused.text) == (status, True), refused.text
        await ground.move_to(ONTVANGEN + timedelta(days=9))
        assert (await ground.get("/signalen", wie=TILBURG)).json()["signalen"] == []
        drafted = await ground.post(path, body, wie=TILBURG, key="een-sleutel-die-lang-genoeg-is")
        assert drafted.status_code == 201, drafted.text
        again = await ground.post(path, body, wie=TILBURG, key="een-sleutel-die-lang-genoeg-is")
        assert again.json() == drafted.json()
        twice = await ground.post(path, body, wie=TILBURG)
        assert (twice.status_code, "staat al in een signaal" in twice.text) == (409, True), twice.text
        (signaal,) = (await ground.get("/signalen", wie=TILBURG)).json()["signalen"]
        assert (signaal["id"], signaal["aantal"], signaal["meldt"]) == (drafted.json()["id"], 1, TILBURG)
        assert (signaal["afgegevenOp"], signaal["opgesteldDoor"]) == (None, f"gedragswetenschapper ({TILBURG})")
        assert len(signaal["bewijs"]) == 1
        sent = await ground.post(f"/signalen/{signaal['id']}/verzendingen", {"door": DOOR}, wie=TILBURG)
        assert sent.status_code == 201, sent.text

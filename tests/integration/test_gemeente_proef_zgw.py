"""`houvast gemeente test` against a zaaksysteem that refuses: what it says, and who has to mend it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from lab.sandbox.zgw import Zaaksysteem
from lab.sandbox.zgw.rechten import Applicatie
from lab.sandbox.zgw.zaaksysteem import uuid_of
from services.cli.proef_zaaksysteem import check_zaaksysteem
from services.cli.proefstap import Stap, Stops
from services.handover.adapters.zgw.rechten import Recht
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from tests.contract.zgw.opstelling import Weg, build, sandbox
from tests.fakes.ontvanger import Answer, listening, says
from tests.integration.proef import THEM, US, fault_of, trial

pytestmark = pytest.mark.anyio

TOGETHER = f"{US} en {THEM} samen"
ZGW = """
[[gemeente]]
code = "GM0777"
naam = "Etten-Leur"
regio = "west-brabant"
oin = "00000099000000000777"

[gemeente.endpoint]
soort = "zgw"
url = "{url}"
client_id = "houvast"
geheim = "file:{folder}/geheim"
zaaktype = "{url}/catalogi/api/v1/zaaktypen/11111111-1111-4111-8111-111111111111"
rsin = "990777005"
prive_netwerk = true
"""


def fout(status: int, code: str) -> Answer:
    return says(status, json.dumps({"status": status, "code": code}).encode())


@pytest.mark.parametrize(
    ("answer", "told", "who"),
    [
        (says(401), "(status 401): klopt het geheim aan beide kanten?", f"{TOGETHER}: client_id en geheim"),
        (fout(403, "not_authenticated"), "wordt niet herkend (status 403)", f"{TOGETHER}: client_id en geheim"),
        (fout(403, "permission_denied"), "ons client_id mag dit niet (autorisatie)", f"{THEM} (autorisaties)"),
        (fout(403, "jwt-expired"), "lopen de klokken gelijk?", f"{TOGETHER}: de klok"),
        (says(404), "op dit pad is niets", f"{US} (adres in het register) of {THEM}"),
        (says(412), "EPSG:4326", THEM),
        (says(302, location="/elders"), "een doorverwijzing wordt niet gevolgd", US),
        (fout(400, "bad-url"), "de vraag wordt niet aanvaard", f"{US} (zaaktype in het register) of {THEM}"),
        (says(429), "verlaag het tempo", US),
        (says(500), "(status 500): het systeem van de ontvanger geeft een fout", THEM),
        (says(200, b"<html>Welkom</html>"), "het antwoord is niet te lezen", THEM),
    ],
)
async def test_a_refusal_is_told_with_what_it_means(tmp_path: Path, answer: Answer, told: str, who: str) -> None:
    async with listening(answer) as ontvanger:
        url = f"http://127.0.0.1:{ontvanger.port}"
        more = ZGW.format(url=url, folder=tmp_path)
        finding, mends = fault_of(await trial(tmp_path, url, more, code="GM0777"))
    assert finding.startswith(("✗ zaken.lezen", "✗ geldigheid"))
    assert told in finding
    assert mends == who


async def steps_in(tmp_path: Path, change: Callable[[Zaaksysteem], None]) -> dict[str, Stap]:
    """What a trial of the sandbox finds on 1 July 2026, just after midnight in Amsterdam."""
    wall = VirtueleKlok(datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    async with (
        sandbox(tmp_path, klok=SystemKlok(), wall=wall) as (zaaksysteem, _),
        httpx.AsyncHTTPTransport() as transport,
    ):
        change(zaaksysteem)
        client = build(zaaksysteem.endpoint, Weg(transport), klok=wall, wall=wall).eigen
        found: list[Stap] = []
        try:
            async for stap in check_zaaksysteem(client, wall=wall, callback_url=None):
                found.append(stap)  # noqa: PERF401  those before it stops count too
        except Stops as stopped:
            found.append(stopped.stap)
        assert zaaksysteem.resources["zaken"] == {}
    return {stap.naam: stap for stap in found}


def wrong(found: dict[str, Stap]) -> list[str]:
    return [naam for naam, stap in found.items() if not stap.goed and naam != "abonnement"]


async def test_with_the_documented_rights_everything_is_proven_and_the_receipt_is_told(tmp_path: Path) -> None:
    found = await steps_in(tmp_path, lambda _: None)
    assert wrong(found) == []
    assert next(iter(found)) == "zaken.lezen"
    assert {*Recht} <= {*found}
    assert "teruggelezen" in found["ontvangstbewijs"].bevinding
    assert "intrekking" in found["zaken.statussen.toevoegen"].bevinding


async def test_to_who_may_do_everything_the_audittrail_is_the_receipt(tmp_path: Path) -> None:
    def give_all(zaaksysteem: Zaaksysteem) -> None:
        zaaksysteem.applicatie = Applicatie(alle_autorisaties=True)

    found = await steps_in(tmp_path, give_all)
    assert found["ontvangstbewijs"].bevinding == "de audittrail van de zaak"


@pytest.mark.parametrize("recht", Recht)
async def test_each_right_that_is_lacking_is_named_with_who_gives_it(tmp_path: Path, recht: Recht) -> None:
    def forget(zaaksysteem: Zaaksysteem) -> None:
        zaaksysteem.applicatie = zaaksysteem.applicatie.without(recht.value)

    found = await steps_in(tmp_path, forget)
    assert wrong(found) == [recht.value]
    assert found[recht.value].hersteller == f"{THEM} (autorisaties)"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"concept": True}, "het zaaktype is nog concept: publiceer het"),
        ({"eindeGeldigheid": "2026-06-30"}, "het zaaktype is verlopen sinds 30-06-2026"),
        ({"beginGeldigheid": "2026-07-02"}, "het zaaktype is pas geldig vanaf 02-07-2026"),
        ({"eindeGeldigheid": "2026-07-01"}, None),
        ({"beginGeldigheid": "2026-07-01"}, None),
    ],
)
async def test_a_zaaktype_that_may_not_be_used_today_is_told(
    tmp_path: Path, fields: dict[str, str | bool], told: str | None
) -> None:
    """Days of Amsterdam, where it is 1 July already."""

    def change(zaaksysteem: Zaaksysteem) -> None:
        (zaaktype,) = zaaksysteem.resources["zaaktypen"].values()
        zaaktype.update(fields)

    found = await steps_in(tmp_path, change)
    assert wrong(found) == ([] if told is None else ["geldigheid"])
    assert told is None or found["geldigheid"].bevinding == told


async def test_the_version_that_holds_instead_is_named(tmp_path: Path) -> None:
    urls: list[str] = []

    def publish(zaaksysteem: Zaaksysteem) -> None:
        ((known, zaaktype),) = zaaksysteem.resources["zaaktypen"].items()
        newer = zaaktype | {"url": f"{zaaktype['url']}"[:-12] + "000000000001", "beginGeldigheid": "2026-07-01"}
        zaaktype["eindeGeldigheid"] = "2026-06-30"
        zaaksysteem.resources["zaaktypen"] = {known: zaaktype, uuid_of(newer["url"]): newer}
        urls.append(str(newer["url"]))

    found = (await steps_in(tmp_path, publish))["geldigheid"]
    assert found.bevinding == (
        f"het zaaktype is verlopen sinds 30-06-2026; nieuwere versie is {urls[0]}: zet die in het register"
    )
    assert found.hersteller == US


async def test_a_zaaktype_that_does_not_exist_is_told(tmp_path: Path) -> None:
    found = await steps_in(tmp_path, lambda zaaksysteem: zaaksysteem.resources["zaaktypen"].clear())
    assert found["geldigheid"].bevinding == "het zaaktype uit het register bestaat niet"
    assert [*found][-1] == "geldigheid"

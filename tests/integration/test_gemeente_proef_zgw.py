"""`houvast gemeente test` against a zaaksysteem that refuses: what it says, and who has to mend it."""

import json
from pathlib import Path

import pytest

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
        (says(200, b"[]"), "geen statustypen", f"{THEM} (catalogus) of {US} (zaaktype in het register)"),
    ],
)
async def test_a_refusal_is_told_with_what_it_means(tmp_path: Path, answer: Answer, told: str, who: str) -> None:
    async with listening(answer) as ontvanger:
        url = f"http://127.0.0.1:{ontvanger.port}"
        more = ZGW.format(url=url, folder=tmp_path)
        finding, mends = fault_of(await trial(tmp_path, url, more, code="GM0777"))
    assert finding.startswith("✗ aanmelding en zaaktype")
    assert told in finding
    assert mends == who

"""From a triagebesluit to a letter in a mailbox: what people wrote arrives, whatever their script."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pypdf
import pytest

from contracts.messages.tekens import ONLEESBAAR
from tests.fakes.postkamer import GOIRLE, REGIO, VT, Postkamer, open_postkamer
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

WRITTEN = "Zij huilt 😢 en zegt 漢字 en עברית; runen 𐍈"


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


async def test_every_script_arrives_in_the_letter(kamer: Postkamer) -> None:
    mail, _ = await kamer.hand_over(GOIRLE, grootsteZorg=WRITTEN, overdrachtspartijen=["Team 漢字", "😢"])
    (letter,) = mail.bijlagen
    found = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.inhoud)).pages)
    for word in ("😢", "漢字", "עברית", "[teken U+10348]", "Team 漢字"):
        assert word in found


async def test_what_is_no_text_is_refused_at_the_door_and_nothing_is_on_its_way(kamer: Postkamer) -> None:
    """Never 201 and then no delivery: 400 with every field, for a besluit and for the melding before it."""
    vt = {"authorization": f"Bearer {VT[REGIO[GOIRLE]]}"}
    melding = await kamer.browser.post("/triage/v1/meldingen", json=example("melding", gemeente=GOIRLE), headers=vt)
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}])
    body["overdrachtsdocument"] |= {"grootsteZorg": "vallen\x07", "verwachtingen": "a\ufdd0"}
    path = f"/triage/v1/meldingen/{melding.json()['id']}/triagebesluiten"
    besluit = await kamer.browser.post(path, json=body, headers=vt)
    assert besluit.status_code == 400
    assert {(fout["plaats"], fout["melding"]) for fout in besluit.json()["fouten"]} == {
        ("overdrachtsdocument.grootsteZorg", ONLEESBAAR),
        ("overdrachtsdocument.verwachtingen", ONLEESBAAR),
    }
    body["overdrachtsdocument"] |= {"grootsteZorg": "vallen", "verwachtingen": "geen"}
    assert (await kamer.browser.post(path, json=body, headers=vt)).status_code == 201

"""Whatever people write comes out of the letter, or is refused at the door by the name of its field (MB 4.1)."""

import io
import json
import unicodedata
from dataclasses import replace
from typing import Any

import httpx
import pypdf
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.tekens import ONLEESBAAR, is_readable, is_text
from services.handover.adapters.brieven import render_brief
from services.handover.adapters.brieven.schrift import NOOT
from services.handover.domain.brieven import Brief, list_regels
from services.runtime.access.tokens import Caller
from services.runtime.http import create_api
from tests.examples import examples
from tests.unit.handover.test_brieven import AFSPRAKEN

BRIEF = Brief(
    titel="Overdracht HV-1234ABCD",
    afzender="Veilig Thuis",
    geadresseerde=("Lokaal team",),
    kenmerk="HV-1234ABCD",
    datum="3 maart 2026",
    aanhef="Geachte collega’s,",
    alineas=("Wij dragen over.",),
)
WRITTEN = {
    "betrokkenen.0.naam": lambda text: {"betrokkenen": [{"naam": text, "rol": "kind"}]},
    "betrokkenen.0.adres.straat": lambda text: {
        "betrokkenen": [
            {
                "naam": "Sam",
                "rol": "kind",
                "adres": {"straat": text, "huisnummer": "1", "postcode": "4811 AA", "plaats": "Breda"},
            }
        ]
    },
    "overdrachtspartijen.1": lambda text: {"overdrachtspartijen": ["Veilig Thuis", text]},
    "weergaveMelding": lambda text: {"weergaveMelding": text},
    "grootsteZorg": lambda text: {"grootsteZorg": text},
    "afsprakenAlsHetNietLukt": lambda text: {"afsprakenAlsHetNietLukt": text},
}
ANY_CHARACTER = st.characters(codec=None, exclude_categories=())
SCRIPTS = st.sampled_from(
    ["😢", "漢字", "عربى", "👨‍👩‍👧", "ⵣ", "हिन्दी", "ខ្មែរ", "𐍈", "é̂", "\u202e", "\x07", "\ud800", "\ufdd0"]
)
TEXTS = st.lists(st.one_of(ANY_CHARACTER, SCRIPTS, st.just("woord ")), min_size=1, max_size=60).map("".join)


class Nobody:
    async def verify(self, token: str) -> Caller | None:
        del token
        return None


def front_door(received: list[Overdrachtsdocument]) -> FastAPI:
    """The door that every service has, and an operation that takes an overdrachtsdocument."""
    api = create_api(title="t", version="1.0.0", description="d", base_path="/proef/v1", name="t", verifier=Nobody())

    @api.post("/documenten", status_code=201)
    async def post(document: Overdrachtsdocument) -> Response:
        received.append(document)
        return Response(status_code=201)

    del post
    return api


async def sent(field: str, text: str) -> tuple[httpx.Response, list[Overdrachtsdocument]]:
    received: list[Overdrachtsdocument] = []
    transport = httpx.ASGITransport(app=front_door(received))
    async with httpx.AsyncClient(transport=transport, base_url="https://houvast.example") as client:
        body = json.dumps(WRITTEN[field](text))
        answer = await client.post("/proef/v1/documenten", content=body, headers={"content-type": "application/json"})
    return answer, received


def letter_with(document: Overdrachtsdocument) -> bytes:
    return render_brief(replace(BRIEF, regels=list_regels(document, AFSPRAKEN, with_bsn=True)))


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.anyio
@settings(examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from([*WRITTEN]), text=TEXTS)
@example(field="grootsteZorg", text="Hij huilt 😢 en zegt 漢字 en عربى")
@example(field="weergaveMelding", text="a\x01b")
async def test_any_text_is_refused_by_the_name_of_its_field_or_becomes_a_letter(field: str, text: str) -> None:
    answer, received = await sent(field, text)
    if not is_readable(text):
        assert answer.status_code == 400
        assert answer.json()["detail"] == f"{field}: {ONLEESBAAR}"
    elif answer.status_code == 201:
        assert_is_accessible(letter_with(received[0]))
    else:  # only for what every field asks: not empty, not too long
        assert {fout["melding"][:10] for fout in problems(answer)} <= {"is te kort", "is te lang,"[:10]}


def problems(answer: httpx.Response) -> list[dict[str, Any]]:
    told = answer.json()
    return told.get("fouten") or [{"melding": told["detail"].partition(": ")[2]}]


def assert_is_accessible(pdf: bytes) -> None:
    root = pypdf.PdfReader(io.BytesIO(pdf)).root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in str(root["/Metadata"].get_data())


@pytest.mark.parametrize(
    "text",
    [
        "😢",
        "漢字",
        "عربى",
        "שלום",
        "한국어",
        "日本語",
        "አማርኛ",
        "ไทย",
        "ქართული",
        "հայերեն",
        "Ελληνικά",
        "українська",
        "ⵣⵓⵍ",
        "👨‍👩‍👧",
        "🇳🇱",
        "1️⃣",
    ],
)
def test_what_people_write_can_be_read_back_from_the_letter(text: str) -> None:
    found = text_of(letter_with(Overdrachtsdocument(grootste_zorg=text)))
    assert text in found
    assert NOOT not in found


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("runen 𐍈𐌰!", "runen [tekens U+10348 U+10330]!"),
        ("eigen teken \ue000", "eigen teken [teken U+E000]"),
        ("bewaard van vroeger \x07", "bewaard van vroeger [teken U+0007]"),
    ],
)
def test_what_no_font_has_is_written_as_its_code_point_with_a_note_that_says_so(text: str, printed: str) -> None:
    found = " ".join(text_of(letter_with(Overdrachtsdocument(grootste_zorg=text))).split())
    assert printed in found
    assert NOOT in found


def test_a_mixture_that_typst_stumbles_over_becomes_a_letter_all_the_same() -> None:
    """Typst 0.15 panics on some long mixtures of scripts: then only the Latin letters are printed as they are."""
    codes = range(0xEA60, 0xEA60 + 10_000)
    every = " ".join(chr(code) for code in codes if is_text(chr(code)) and unicodedata.category(chr(code)) != "Cn")
    assert_is_accessible(letter_with(Overdrachtsdocument(grootste_zorg=every[:20_000])))

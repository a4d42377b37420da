"""Files that go along with an overdracht, over HTTP and PostgreSQL (D4): added, referred to, fetched, and lost with the key."""

import asyncio
import gc
import hashlib
import io
import random
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.messages.documenten import LARGEST_BIJLAGE
from services.runtime.access.sealing import SealBroken
from tests.fakes.postkamer import GOIRLE, REGIO, RUCPHEN, VT, Postkamer, open_postkamer
from tests.fixtures.sleutels import destroy_key
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

BY, ELSEWHERE = VT[REGIO[GOIRLE]], VT[REGIO[RUCPHEN]]
NAAM = "Verslag huisbezoek Voorbeeld.pdf"
PDF = b"%PDF-1.7\n" + b"verslag van het huisbezoek " * 40
WHO = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "medewerker lokaal team"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


async def test_a_file_is_added_referred_to_and_fetched_by_the_receiver_alone(kamer: Postkamer) -> None:
    """The document names it; its bytes are in no event and in no table as they came; each fetch is noted first."""
    casus, bijlage = await _melding_with(kamer, PDF)
    overdracht, link = await _hand_over(kamer, casus, [bijlage])
    path = f"/overdracht/v1/overdrachten/{overdracht['id']}"

    document = (await _get(kamer, path, GOIRLE)).json()["overdrachtsdocument"]
    assert document["bijlagen"] == [{key: value for key, value in bijlage.items() if key != "bewijs"}]
    fetched = await _get(kamer, f"{path}/bijlagen/{bijlage['id']}", GOIRLE)
    assert fetched.content == PDF
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.headers["content-disposition"].startswith("attachment; ")
    assert "Verslag%20huisbezoek%20Voorbeeld.pdf" in fetched.headers["content-disposition"]
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["cache-control"] == "no-store"

    assert (await _get(kamer, f"{path}/bijlagen/{bijlage['id']}", RUCPHEN)).status_code == 404
    assert (await _get(kamer, f"{path}/bijlagen/{bijlage['id']}", ELSEWHERE)).status_code == 404
    assert (await _get(kamer, f"{path}/bijlagen/{uuid4()}", GOIRLE)).status_code == 404
    assert (await _get(kamer, f"{path}/bijlagen/{bijlage['id']}", "")).status_code == 401

    opened = await kamer.browser.post(f"{link}/document", data=WHO)
    assert f'/bijlagen/{bijlage["id"]}"' in opened.text
    assert NAAM in opened.text
    led_back = await kamer.browser.get(f"{link}/bijlagen/{bijlage['id']}")
    assert [step.status_code for step in led_back.history] == [303], "GET never acts: it leads back to the page"
    assert NAAM not in led_back.text
    assert (await kamer.browser.post(f"{link}/bijlagen/{bijlage['id']}", data={})).status_code == 400
    assert (await kamer.browser.post(f"{link}/bijlagen/{bijlage['id']}", data=WHO)).content == PDF

    notes = await kamer.rows(
        "select actor from journaal where wat = 'document-ingezien'"
        f" and feiten ->> 'document' = 'bijlage {bijlage['id']}' order by nummer"
    )
    assert [note["actor"] for note in notes] == [GOIRLE, f"{GOIRLE} (houder van de link)"]
    await _assert_nowhere_readable(kamer, b"huisbezoek")


async def test_added_twice_is_kept_once(kamer: Postkamer) -> None:
    """G2: the same key gives the same bijlage, and another content under it is a mistake."""
    casus = await _melding(kamer)
    key = str(uuid4())
    first = await _add(kamer, casus, PDF, key=key)
    second = await _add(kamer, casus, PDF, key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (await _add(kamer, casus, PDF + b"anders", key=key)).status_code == 422
    assert await _kept(kamer) == {UUID(first.json()["id"])}


@pytest.mark.parametrize(
    ("content", "naam", "soort", "status", "code"),
    [
        (b"MZ\x90\x00", "verslag.pdf", "application/pdf", 415, "bijlage-andere-soort"),
        (b"%PD", "verslag.pdf", "application/pdf", 415, "bijlage-andere-soort"),
        (b"", "verslag.pdf", "application/pdf", 400, "bijlage-ongeldig"),
        (PDF, "verslag.exe", "application/pdf", 400, "bijlage-ongeldig"),
        (PDF, "../verslag.pdf", "application/pdf", 400, "bijlage-ongeldig"),
        (PDF, "", "application/pdf", 400, "bijlage-ongeldig"),
        (PDF, "verslag.pdf", "application/x-msdownload", 415, "bijlage-ongeldig"),
        (PDF, "verslag.pdf", "text/html", 415, "bijlage-ongeldig"),
        (b"een tekst met een NUL\x00", "verslag.txt", "text/plain", 415, "bijlage-andere-soort"),
    ],
)
async def test_what_is_not_what_it_says_stays_out(
    kamer: Postkamer, content: bytes, naam: str, soort: str, *, status: int, code: str
) -> None:
    answer = await _add(kamer, await _melding(kamer), content, naam=naam, soort=soort)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await _kept(kamer) == set()


async def test_documents_of_word_processors_may_go_along_without_macros(kamer: Postkamer) -> None:
    casus = await _melding(kamer)
    word = _zip([("[Content_Types].xml", "x"), ("word/document.xml", "tekst " * 90_000)])
    macro = _zip([("[Content_Types].xml", "x"), ("word/document.xml", "tekst"), ("word/vbaProject.bin", "x")])
    open_document = _zip([("mimetype", ODT), ("content.xml", "tekst")])
    for content, naam, soort, status in (
        (word, "verslag.docx", WORD, 201),
        (macro, "verslag.docx", WORD, 415),
        (open_document, "verslag.odt", ODT, 201),
        (open_document, "verslag.docx", WORD, 415),
        ("Notitie: één regel\n".encode(), "notitie.txt", "text/plain; charset=utf-8", 201),
    ):
        answer = await _add(kamer, casus, content, naam=naam, soort=soort)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("announced", [True, False])
async def test_too_big_is_one_clear_problem(kamer: Postkamer, *, announced: bool) -> None:
    """Also when it does not say beforehand how long it is."""
    content = b"%PDF-" + bytes(LARGEST_BIJLAGE)
    answer = await _add(kamer, await _melding(kamer), content if announced else _pieces(content))
    assert (answer.status_code, answer.json()["code"]) == (413, "bijlage-te-groot")
    assert "10 MB" in answer.json()["detail"]
    assert await _kept(kamer) == set()


async def test_the_largest_file_comes_back_as_it_went_with_bounded_memory(kamer: Postkamer) -> None:
    """10 MB, in pieces of a size that fits nothing; the hub never holds it whole."""
    content = b"%PDF-" + random.Random(7).randbytes(LARGEST_BIJLAGE - 5)
    casus = await _melding(kamer)
    gc.collect()
    tracemalloc.start()
    try:
        added = await _add(kamer, casus, _pieces(content))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert added.status_code == 201, added.text
    assert peak < LARGEST_BIJLAGE / 2, peak
    bijlage = added.json()
    assert (bijlage["grootte"], bijlage["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    overdracht, _ = await _hand_over(kamer, casus, [bijlage])
    path = f"/overdracht/v1/overdrachten/{overdracht['id']}/bijlagen/{bijlage['id']}"
    assert (await _get(kamer, path, GOIRLE)).content == content


async def test_an_upload_that_is_cut_off_leaves_nothing_and_can_be_sent_again(kamer: Postkamer) -> None:
    """The sender goes away half-way; under the same key the whole file is then taken."""
    casus, key = await _melding(kamer), str(uuid4())
    content = PDF + bytes(1024 * 1024)
    with pytest.raises(_GoneAway):
        await _add(kamer, casus, _cut_off(content), key=key)
    async with asyncio.timeout(10):
        while await _kept(kamer):  # noqa: ASYNC110  a condition in the database, with a limit
            await asyncio.sleep(0.01)
    again = await _add(kamer, casus, content, key=key)
    assert again.status_code == 201, again.text
    assert await _kept(kamer) == {UUID(again.json()["id"])}


async def test_what_a_killed_process_left_behind_is_swept_away(kamer: Postkamer, fresh_database: str) -> None:
    """Parts that never became a bijlage; nobody has the key to them. Those of a bijlage stay."""
    casus, bijlage = await _melding_with(kamer, PDF)
    connection = await asyncpg.connect(fresh_database)
    await connection.execute("update handover.bijlagedeel set bewaard_op = now() - interval '2 days'")
    for age, left in (("2 days", uuid4()), ("1 hour", young := uuid4())):
        await connection.execute(
            "insert into handover.bijlagedeel values ($1, 0, 'half', now() - $2::text::interval)", left, age
        )
    await connection.close()
    second = await _add(kamer, casus, PDF)
    assert await _kept(kamer) == {UUID(bijlage["id"]), UUID(second.json()["id"]), young}


async def test_of_a_destroyed_case_no_file_opens(kamer: Postkamer, fresh_database: str) -> None:
    casus, bijlage = await _melding_with(kamer, PDF)
    overdracht, link = await _hand_over(kamer, casus, [bijlage])
    connection = await asyncpg.connect(fresh_database)
    await destroy_key(connection, UUID(casus), now=kamer.klok.now())
    await connection.close()
    path = f"/overdracht/v1/overdrachten/{overdracht['id']}/bijlagen/{bijlage['id']}"
    assert (await _get(kamer, path, GOIRLE)).status_code == 404
    assert (await kamer.browser.post(f"{link}/bijlagen/{bijlage['id']}", data=WHO)).status_code == 404
    assert (await _add(kamer, casus, PDF)).status_code >= 400


async def test_after_the_end_the_receiver_fetches_no_more_and_veilig_thuis_still_does(kamer: Postkamer) -> None:
    casus, bijlage = await _melding_with(kamer, PDF)
    overdracht, link = await _hand_over(kamer, casus, [bijlage])
    await kamer.withdraw(REGIO[GOIRLE])
    path = f"/overdracht/v1/overdrachten/{overdracht['id']}/bijlagen/{bijlage['id']}"
    assert (await _get(kamer, path, GOIRLE)).status_code == 410
    assert (await kamer.browser.post(f"{link}/bijlagen/{bijlage['id']}", data=WHO)).status_code == 410
    assert (await _get(kamer, path, BY)).content == PDF


async def test_only_what_is_kept_for_this_case_may_be_referred_to(kamer: Postkamer) -> None:
    """A reference is proven: not made up, not changed, not of another case."""
    casus, bijlage = await _melding_with(kamer, PDF)
    other = (await _add(kamer, await _melding(kamer), PDF)).json()
    wrong: Sequence[dict[str, Any]] = (
        other,
        bijlage | {"naam": "anders.pdf"},
        bijlage | {"bewijs": None},
        bijlage | {"id": str(uuid4())},
    )
    for reference in wrong:
        answer = await _decide(kamer, casus, [bijlage, reference])
        assert answer.status_code == 400, answer.text
        places = [fout["plaats"] for fout in answer.json()["fouten"]]
        assert "overdrachtsdocument.bijlagen.1.bewijs" in places
    assert (await _decide(kamer, casus, [bijlage, bijlage])).status_code == 400
    assert (await _decide(kamer, casus, [bijlage])).status_code == 201


async def test_a_file_is_kept_for_a_case_that_exists_and_by_its_own_veilig_thuis(kamer: Postkamer) -> None:
    """A case that nobody reported is not made by a file; what is of another region does not exist for who adds."""
    casus = await _melding(kamer)
    for unknown, by in ((casus, ELSEWHERE), (str(uuid4()), BY), (str(uuid4()), ELSEWHERE)):
        assert (await _add(kamer, unknown, PDF, by=by)).status_code == 404
    assert await _kept(kamer) == set()
    assert [row["casus_id"] for row in await kamer.rows("select casus_id from aggregaat")] == [UUID(casus)]


async def test_a_file_waits_for_a_melding_that_is_still_under_way(kamer: Postkamer) -> None:
    """Triage answered; its event reaches handover while the file is already there."""
    answer = await kamer.browser.post(
        "/triage/v1/meldingen", json=example("melding", gemeente=GOIRLE), headers={"authorization": f"Bearer {BY}"}
    )
    adding = asyncio.create_task(_add(kamer, answer.json()["casusId"], PDF))
    async with asyncio.timeout(10):
        while not await _kept(kamer):  # noqa: ASYNC110  a condition in the database, with a limit
            await asyncio.sleep(0.01)
    await kamer.carry()
    assert (await adding).status_code == 201


async def test_a_gemeente_adds_nothing(kamer: Postkamer) -> None:
    answer = await _add(kamer, await _melding(kamer), PDF, by=GOIRLE)
    assert answer.status_code == 403


async def test_a_file_whose_parts_were_exchanged_does_not_come_out(kamer: Postkamer, fresh_database: str) -> None:
    """What is given is what was kept, or the connection breaks."""
    content = b"%PDF-" + bytes(600_000)
    casus, bijlage = await _melding_with(kamer, content)
    overdracht, _ = await _hand_over(kamer, casus, [bijlage])
    connection = await asyncpg.connect(fresh_database)
    await connection.execute("delete from handover.bijlagedeel where nummer = 2")
    await connection.close()
    path = f"/overdracht/v1/overdrachten/{overdracht['id']}/bijlagen/{bijlage['id']}"
    with pytest.raises((httpx.RemoteProtocolError, SealBroken)):
        await _get(kamer, path, GOIRLE)


class _GoneAway(Exception):
    """The sender stops."""


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 70_001):
        yield content[start : start + 70_001]


async def _cut_off(content: bytes) -> AsyncIterator[bytes]:
    yield content[: len(content) // 2]
    raise _GoneAway


def _zip(entries: Sequence[tuple[str, str]]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return kept.getvalue()


async def _melding(kamer: Postkamer) -> str:
    """The case of a new melding."""
    answer = await kamer.browser.post(
        "/triage/v1/meldingen", json=example("melding", gemeente=GOIRLE), headers={"authorization": f"Bearer {BY}"}
    )
    assert answer.status_code == 201, answer.text
    await kamer.carry()
    return str(answer.json()["casusId"])


async def _melding_with(kamer: Postkamer, content: bytes) -> tuple[str, dict[str, Any]]:
    casus = await _melding(kamer)
    answer = await _add(kamer, casus, content)
    assert answer.status_code == 201, answer.text
    return casus, answer.json()


async def _add(
    kamer: Postkamer,
    casus: str,
    content: bytes | AsyncIterator[bytes],
    *,
    naam: str = NAAM,
    soort: str = "application/pdf",
    key: str | None = None,
    by: str = BY,
) -> httpx.Response:
    headers = {
        "authorization": f"Bearer {by}",
        "content-type": soort,
        "content-disposition": f'attachment; filename="{naam}"',
    }
    given = {} if key is None else {"idempotency-key": key}
    return await kamer.browser.post(
        f"/overdracht/v1/casussen/{casus}/bijlagen", content=content, headers=headers | given
    )


async def _decide(kamer: Postkamer, casus: str, bijlagen: Sequence[dict[str, Any]]) -> httpx.Response:
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}])
    body["overdrachtsdocument"] |= {"bijlagen": bijlagen}
    path = f"/triage/v1/meldingen/{casus}/triagebesluiten"
    return await kamer.browser.post(path, json=body, headers={"authorization": f"Bearer {BY}"})


async def _hand_over(kamer: Postkamer, casus: str, bijlagen: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], str]:
    """The overdracht, and the link that its team was mailed."""
    answer = await _decide(kamer, casus, bijlagen)
    assert answer.status_code == 201, answer.text
    _, link = await kamer.until_handed_over()
    return await kamer.overdracht(REGIO[GOIRLE]), link


async def _get(kamer: Postkamer, path: str, by: str) -> httpx.Response:
    return await kamer.browser.get(path, headers={"authorization": f"Bearer {by}"} if by else {})


async def _kept(kamer: Postkamer) -> set[UUID]:
    return {row["bijlage_id"] for row in await kamer.rows("select distinct bijlage_id from bijlagedeel")}


async def _assert_nowhere_readable(kamer: Postkamer, words: bytes) -> None:
    """In no row of any table of triage or handover."""
    for process in (kamer.triage, kamer.handover):
        tables = await process.hub.pool.fetch(
            "select table_name from information_schema.tables where table_schema = current_schema()"
        )
        assert len(tables) > 5
        for table in tables:
            found = await process.hub.pool.fetch(f'select t::text as row from "{table["table_name"]}" t')
            assert not any(words in row["row"].encode() or words.hex() in row["row"] for row in found)

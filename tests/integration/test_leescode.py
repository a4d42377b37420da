"""A code by a second road (STANDARDS, Mail): who has the link of a mailbox that is not NTA 7516 reads with it, once."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from contracts.register import Register, parse_register
from services.handover.settings import HandoverSettings
from tests.fakes.postkamer import GOIRLE, REGIO, RUCPHEN, Postkamer, open_postkamer
from tests.unit.triage.road import DEPLOY

pytestmark = [pytest.mark.anyio, pytest.mark.database]

RULES = HandoverSettings()
CODE = re.compile(r"^(\d{4}) (\d{4})\r?$", re.MULTILINE)
IRIS = "iris.schellekens@rucphen.example"


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


class Form(HTMLParser):
    """The hidden fields and the choices of the forms on a page, by the end of the address they are sent to."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.status, self.fields, self.choices = response.status_code, dict[str, str](), list[str]()
        self._in, self._shown = "", list[str]()
        self.fields_of: dict[str, dict[str, str]] = {}
        self.feed(response.text)
        self.text = " ".join(" ".join(self._shown).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in = given["action"].rpartition("/")[2]
            self.fields_of.setdefault(self._in, {})
        if tag == "input" and given.get("type") == "hidden":
            self.fields_of[self._in][given["name"]] = given["value"]
        if tag == "input" and given.get("name") == "weg":
            self.choices.append(given["value"])

    def handle_data(self, data: str) -> None:
        self._shown.append(data)


class Reader:
    """Somebody with the link of an overdracht to Rucphen, and with the post of Iris Schellekens."""

    def __init__(self, kamer: Postkamer, link: str) -> None:
        self.kamer, self.link, self.browser = kamer, link, kamer.browser

    async def page(self) -> Form:
        return Form(await self.browser.get(self.link))

    async def ask(self, to: str = "I.S.") -> Form:
        """A code to whoever has these initials, by mail; the page where it is filled in."""
        page = await self.page()
        labels = re.findall(r"([A-Z.]+) \([^)]*\), (per e-mail|in Teams)", page.text)
        weg = page.choices[labels.index((to, "per e-mail"))]
        return Form(await self.browser.post(f"{self.link}/leescodes", data=page.fields_of["leescodes"] | {"weg": weg}))

    async def code(self) -> str:
        mail = await self.kamer.until_mailed("Code voor overdracht")
        found = CODE.search(mail.tekst)
        assert found is not None
        return "".join(found.groups())

    async def send(self, form: Form, code: str, *, link: str | None = None) -> httpx.Response:
        data = form.fields_of["inzagen"] | {"code": code}
        return await self.browser.post(f"{link or self.link}/inzagen", data=data)


@pytest.fixture
async def reader(kamer: Postkamer) -> Reader:
    _, link = await kamer.hand_over(RUCPHEN)
    return Reader(kamer, link)


def wrong_for(code: str) -> Iterator[str]:
    """Codes that are another than this one."""
    return (f"{(int(code) + more) % 10**8:08d}" for more in range(1, 100))


async def test_with_a_code_by_another_road_who_has_the_link_reads_and_is_noted_by_name(reader: Reader) -> None:
    form = await reader.ask()
    assert "werkt één keer en 10 minuten" in form.text
    code = await reader.code()
    mail = reader.kamer.mail.mails[-1]
    assert mail.aan == (IRIS,)
    assert "bevestigen" not in mail.tekst + mail.html, "the code travels without the link"
    shown = await reader.send(form, f"{code[:4]} {code[4:]}")
    assert (shown.status_code, "Femke Voorbeeld" in shown.text) == (200, True)
    again = Form(shown).fields_of["document"]
    pdf = await reader.browser.post(f"{reader.link}/document", data=again | {"als": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    journal = await reader.kamer.journal()
    assert [what for what in journal if what.startswith(("leescode", "document"))] == [
        "leescode-gevraagd",
        "leescode-verzonden",
        "leescode-gebruikt",
        "document-ingezien",
        "document-ingezien",
    ]
    lines = await reader.kamer.rows("select feiten->>'medewerker' as wie from journaal where wat = 'document-ingezien'")
    assert all(line["wie"] for line in lines)
    assert "Schellekens" not in str(lines)


async def test_no_digits_of_a_code_are_kept_anywhere(reader: Reader) -> None:
    await reader.ask()
    code = await reader.code()
    tables = ("toestand from aggregaat", "antwoord from inbox", "feiten::text from journaal", "inhoud from opdracht")
    kept = [row[0] for table in tables for row in await reader.kamer.rows(f"select {table}")]
    assert len(kept) > len(tables)
    assert not any(code in (text or "") for text in kept)


async def test_a_wrong_code_opens_nothing_and_after_a_few_the_right_one_neither(reader: Reader) -> None:
    form = await reader.ask()
    code = await reader.code()
    for left, wrong in zip(reversed(range(RULES.leescode_pogingen)), wrong_for(code), strict=False):
        page = Form(await reader.send(form, wrong))
        expected = f"nog {left} keer" if left else "Hij werkt nu niet meer"
        assert (page.status, expected in page.text) == (400, True)
    late = await reader.send(form, code)
    assert (late.status_code, "Er is te vaak een verkeerde code ingevuld" in late.text) == (409, True)
    assert "Femke" not in late.text
    assert "document-ingezien" not in await reader.kamer.journal()


async def test_a_form_that_is_sent_twice_is_one_attempt(reader: Reader) -> None:
    """G2, also for a wrong code: a button that is pressed twice costs one try."""
    form = await reader.ask()
    wrong = next(wrong_for(await reader.code()))
    first, second = await reader.send(form, wrong), await reader.send(form, wrong)
    assert "nog 4 keer" in first.text
    assert "nog 4 keer" in second.text
    assert (await reader.kamer.journal()).count("leescode-onjuist") == 1


async def test_a_code_works_once(reader: Reader) -> None:
    form = await reader.ask()
    code = await reader.code()
    assert (await reader.send(form, code)).status_code == 200
    fresh = Form(await reader.browser.get(f"{reader.link}/leescodes"))
    again = await reader.send(fresh, code)
    assert (again.status_code, "Deze code is al gebruikt" in again.text) == (409, True)
    reader.kamer.klok.move(RULES.leescode_geldig)
    replayed = await reader.send(form, code)
    assert (replayed.status_code, "Femke" in replayed.text) == (409, False)


async def test_what_a_code_opened_closes_after_minutes_and_for_another_link(reader: Reader) -> None:
    form = await reader.ask()
    shown = Form(await reader.send(form, await reader.code()))
    recht = shown.fields_of["document"]
    _, other = await reader.kamer.hand_over(RUCPHEN)
    for forged in (recht, {"leesrecht": ""}, {"leesrecht": "x.1.y"}, {"leesrecht": recht["leesrecht"][:-1] + "x"}):
        tried = await reader.browser.post(f"{other}/document", data=forged)
        assert (tried.status_code, "Femke" in tried.text) == (403, False)
    reader.kamer.klok.move(RULES.leescode_geldig)
    late = await reader.browser.post(f"{reader.link}/document", data=recht)
    assert (late.status_code, "Femke" in late.text) == (403, False)


async def test_a_code_that_expired_opens_nothing(reader: Reader) -> None:
    form = await reader.ask()
    code = await reader.code()
    reader.kamer.klok.move(RULES.leescode_geldig)
    late = await reader.send(form, code)
    assert (late.status_code, "Deze code is verlopen" in late.text) == (409, True)


async def test_a_newer_code_takes_the_place_of_the_one_before(reader: Reader) -> None:
    await reader.ask()
    older = await reader.code()
    form = await reader.ask()
    newer = await reader.code()
    assert older != newer
    assert (await reader.send(form, older)).status_code == 400
    assert (await reader.send(form, newer)).status_code == 200


async def test_a_code_for_one_link_opens_no_other(reader: Reader) -> None:
    form = await reader.ask()
    code = await reader.code()
    _, other = await reader.kamer.hand_over(RUCPHEN)
    none = await reader.send(form, code, link=other)
    assert (none.status_code, "nog geen code gevraagd" in none.text) == (409, True)
    await Reader(reader.kamer, other).ask()
    await reader.kamer.until_mailed("Code voor overdracht")
    assert (await reader.send(form, code, link=other)).status_code == 400


async def test_a_link_gives_a_few_codes_a_day(reader: Reader) -> None:
    for _ in range(RULES.leescode_per_dag):
        assert (await reader.ask()).status == 200
    refused = await reader.ask()
    assert (refused.status, "te veel codes gevraagd" in refused.text) == (409, True)
    await reader.kamer.until_mailed("Code voor overdracht")
    codes = [mail for mail in reader.kamer.mail.mails if "Code voor" in mail.onderwerp]
    assert len(codes) == RULES.leescode_per_dag
    reader.kamer.klok.move(timedelta(days=1))
    assert "Vul de code in" in (await reader.ask()).text


async def test_the_form_sent_twice_brings_one_code(reader: Reader) -> None:
    page = await reader.page()
    data = page.fields_of["leescodes"] | {"weg": page.choices[0]}
    for _ in range(2):
        await reader.browser.post(f"{reader.link}/leescodes", data=data)
    assert (await reader.kamer.journal()).count("leescode-gevraagd") == 1


async def test_the_page_names_nobody_and_offers_only_who_may_read(reader: Reader) -> None:
    """Who is there for the gemeente itself reads no document, also not with a code."""
    response = await reader.browser.get(reader.link)
    page = Form(response)
    assert re.findall(r"([A-Z.]+) \(([^)]*)\), (per e-mail|in Teams)", page.text) == [
        ("I.S.", "coördinator, teamcoördinator", "per e-mail"),
        ("Y.L.", "leidinggevende", "per e-mail"),
        ("Y.L.", "leidinggevende", "in Teams"),
    ]
    assert not any(word in response.text for word in ("Schellekens", "Leijten", "Buijs", "@rucphen"))


@pytest.mark.parametrize("weg", ["", "x", "x" * 5000, "é\x00"])
async def test_a_road_that_is_none_is_told_at_the_field(reader: Reader, weg: str) -> None:
    page = await reader.page()
    wrong = Form(await reader.browser.post(f"{reader.link}/leescodes", data=page.fields_of["leescodes"] | {"weg": weg}))
    assert (wrong.status, "Kies langs welke weg de code moet komen." in wrong.text) == (409, True)
    empty = Form(await reader.browser.post(f"{reader.link}/inzagen", data={"code": "  "}))
    assert (empty.status, "Vul de code in." in empty.text) == (400, True)
    assert "leescode-gevraagd" not in await reader.kamer.journal()


async def test_of_an_overdracht_that_is_over_no_code_opens_anything(reader: Reader) -> None:
    form = await reader.ask()
    code = await reader.code()
    await reader.kamer.withdraw(REGIO[RUCPHEN])
    for tried in (
        await reader.send(form, code),
        await reader.browser.get(f"{reader.link}/leescodes"),
        await reader.browser.post(f"{reader.link}/leescodes", data={"weg": "x"}),
    ):
        assert (tried.status_code, "Femke" in tried.text) == (410, False)


async def test_a_mailbox_that_is_safe_asks_for_no_code(kamer: Postkamer) -> None:
    _, link = await kamer.hand_over(GOIRLE)
    page = Form(await kamer.browser.get(link))
    assert "leescodes" not in page.fields_of
    assert "code" not in page.text.lower()


def without_roads() -> Register:
    """The sample register in which everybody of Rucphen reads the mailbox that the link goes to."""
    text = (DEPLOY / "register.toml").read_text("utf-8")
    start, end = text.index('code = "GM0840"'), text.index('code = "GM0851"')
    shared = r'e_mail = "Lokaalteam@rucphen.example"\naanmeldnaam = "\1"'
    own = re.sub(r'e_mail = "(.*)"', shared, text[start:end])
    own = re.sub(r'\nteams = ".*"', "", own)
    changed = text[:start] + own + text[end:]
    return parse_register(changed, bestand="register.toml", variabelen={"sandbox": "http://127.0.0.1:1"})


async def test_where_the_register_knows_no_other_road_signing_in_is_all_there_is(
    fresh_database: str, tmp_path: Path
) -> None:
    async with open_postkamer(fresh_database, tmp_path, register=without_roads()) as kamer:
        _, link = await kamer.hand_over(RUCPHEN)
        page = Form(await kamer.browser.get(link))
        assert "leescodes" not in page.fields_of
        assert "Met een code lezen kan hier niet" in page.text
        assert "Meld u aan en open het overdrachtsdocument" in page.text

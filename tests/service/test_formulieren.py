"""Every act on a page: the form does what its operation does, refuses what that refuses, and tells it at the fields."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from contracts.afspraken.ankers import Rol
from contracts.messages.topics import Service
from contracts.rechten import HANDELINGEN, Handeling, find_handeling
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.http.forms.coding import encode
from services.runtime.http.forms.shapes import shape_of
from services.runtime.http.forms.views import spoken
from tests.fakes.rechtenhuis import (
    GGZ,
    GOIRLE,
    NERGENS,
    RELATIES,
    START,
    VT,
    Geval,
    Huis,
    Toegang,
    hand_over,
    open_huis,
)
from tests.service.test_rechten import ABOUT_PEOPLE, body_of, fill, read_table
from tests.unit.rechten.test_handelingen import models
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

PAGE = {"accept": "text/html"}
SENT = PAGE | {"content-type": "application/x-www-form-urlencoded"}
DONE = 303


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        yield huis


def by(wie: str) -> dict[str, str]:
    return {"authorization": f"Bearer {wie}"} if wie else {}


def form_of(act: Handeling, body: Any, **more: str) -> bytes:
    """What a browser sends when this body was typed."""
    pairs = [(name, value) for name, value in encode(shape_of(models()[act.pad]), body) if name not in act.vast]
    return urlencode([*pairs, *((f"_{name}", value) for name, value in more.items())]).encode()


def path_of(act: Handeling, geval: Geval) -> str:
    return f"{fill(act.pad, geval)}/formulier" + (f"?handeling={act.naam}" if act.vast else "")


def act_for(pad: str, body: Any) -> Handeling:
    """The act of this operation by which this body can be sent."""
    acts = [act for act in HANDELINGEN if act.pad == pad]
    return next((act for act in acts if act.vast and act.vast.items() <= body.items()), acts[0])


@pytest.mark.parametrize("relatie", ["vt", "aangeboden", "vreemd", "weigerde", "geen-scope", "geen-token"])
async def test_page_and_operation_let_in_the_same_people(huis: Huis, relatie: str) -> None:
    """By the same table as the operations themselves: what answers them 201 brings a person on to the case.

    What was done already is done once, however often it is sent; whoever opens its form anew is told so.
    """
    geval = await RELATIES[relatie](huis)
    table = read_table()
    for pad in sorted(models()):
        said = table[f"POST {pad}"][relatie]
        expected = said.removesuffix("=")
        mine = await RELATIES[relatie](huis) if expected == "201" else geval
        body = body_of(pad, huis.klok.now())
        act = act_for(pad, body)
        seen = await huis.http.get(path_of(act, mine), headers=by(mine.wie) | PAGE)
        again = {409} if said.endswith("=") else set[int]()
        assert seen.status_code in ({200} | again if expected == "201" else {200, 303, 403, 404, 409, 410}), (
            f"GET {pad}"
        )
        assert mine.leest or not any(name in seen.text for name in ABOUT_PEOPLE), f"GET {pad} tells of people"
        before = await huis.written()
        answer = await huis.http.post(
            path_of(act, mine), content=form_of(act, body, sleutel=pad), headers=by(mine.wie) | SENT
        )
        wanted = DONE if expected == "201" else int(expected)
        assert answer.status_code == wanted, f"POST {pad}: {_said(answer.text)}"
        assert wanted == DONE or await huis.written() == before, f"POST {pad}: what was refused left something behind"
        if wanted == DONE:
            assert re.fullmatch(
                rf"/(\?gedaan={act.naam}|casus/{_ID}\?gedaan={act.naam}{_about(pad)})", answer.headers["location"]
            )


_FEIT = re.compile(r'(?:<option|name="feit") value="([^"]+)"[^>]*>(?: <label[^>]*>)?([^<]+)<')


async def test_a_correction_offers_the_moments_of_this_case_by_their_words_and_day(huis: Huis) -> None:
    """Veilig Thuis all of them, a team its own; of which thing is asked only where a moment came more than once."""
    ids = await hand_over(huis)
    received = f"/overdracht/v1/overdrachten/{ids['overdrachten']}/ontvangstbevestigingen"
    await huis.post(received, example("ontvangstbevestiging"), GOIRLE)
    act = find_handeling("feit-corrigeren")
    address = act.address(ids["casussen"])
    page = (await huis.http.get(address, headers=by(VT) | PAGE)).text
    offered = dict(_FEIT.findall(page))
    assert {"melding-ontvangen", "triagebesluit-genomen", "ontvangst-bevestigd"} <= offered.keys()
    assert "casus-gesloten" not in offered, "that did not happen"
    assert offered["ontvangst-bevestigd"].endswith(": ma 02-03 09:00")
    assert "onderwerpId" not in page, "every moment came once"
    body = example("correctie", feit="ontvangst-bevestigd", op=(START + timedelta(minutes=1)).isoformat())
    huis.klok.move(timedelta(hours=1))
    done = await huis.http.post(address, content=form_of(act, body, sleutel="juist"), headers=by(VT) | SENT)
    assert done.status_code == DONE, _said(done.text)
    own = (await huis.http.get(address, headers=by(f"{GOIRLE}/teamcoordinator") | PAGE)).text
    assert dict(_FEIT.findall(own)) == {"ontvangst-bevestigd": "De ontvangstbevestiging: ma 02-03 09:01"}


async def test_where_a_moment_came_more_than_once_a_correction_asks_of_which(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    casus = str(melding["casusId"])
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}, {"partij": GGZ}])
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", body)
    page = (await huis.http.get(find_handeling("feit-corrigeren").address(casus), headers=by(VT) | PAGE)).text
    of_ggz = await huis.first(Service.HANDOVER, "select id from overdracht where partij is not null")
    (label,) = re.findall(rf'value="{of_ggz}"[^>]*>(?: <label[^>]*>)?([^<]+)<', page)
    assert "GGZ-crisisdienst Midden-Brabant, van 02-03-2026" in label


_ID = "[0-9a-f-]{36}"


def _about(pad: str) -> str:
    """What follows where an act is about something: which thing that is."""
    return f"&over={_ID}" if "{" in pad else ""


@pytest.mark.parametrize("pad", sorted(models()))
async def test_what_the_operation_says_of_an_empty_body_stands_on_the_page(huis: Huis, pad: str) -> None:
    geval = Geval(VT, {})
    act = next(act for act in HANDELINGEN if act.pad == pad)
    told = await huis.http.post(fill(pad, geval), json=dict(act.vast), headers=by(VT))
    answer = await huis.http.post(path_of(act, geval), content=b"_sleutel=leeg", headers=by(VT) | SENT)
    if told.status_code == DONE or not told.json().get("fouten"):
        return
    assert answer.status_code == told.status_code
    page = html.unescape(answer.text)
    missing = [fout for fout in told.json()["fouten"] if spoken(fout["melding"]) not in page]
    assert missing == []


async def test_a_form_that_is_sent_twice_is_done_once(huis: Huis) -> None:
    act = find_handeling("melding-registreren")
    sent = form_of(act, example("melding", gemeente=GOIRLE, kenmerk=None), sleutel="een-sleutel")
    first = await huis.http.post(act.address(), content=sent, headers=by(VT) | SENT)
    written = await huis.written()
    again = await huis.http.post(act.address(), content=sent, headers=by(VT) | SENT)
    assert (first.status_code, again.headers["location"]) == (DONE, first.headers["location"])
    assert await huis.written() == written


async def test_a_form_that_was_sent_and_then_changed_says_that_it_was_sent(huis: Huis) -> None:
    """Back in the browser, and once more: what was sent first holds, and the page says so."""
    act = find_handeling("melding-registreren")
    body = example("melding", gemeente=GOIRLE, kenmerk=None)
    await huis.http.post(act.address(), content=form_of(act, body, sleutel="terug"), headers=by(VT) | SENT)
    written = await huis.written()
    changed = form_of(act, body | {"omschrijving": "Iets anders."}, sleutel="terug")
    answer = await huis.http.post(act.address(), content=changed, headers=by(VT) | SENT)
    assert answer.status_code == 422
    assert "Dit formulier is al verstuurd" in answer.text
    assert await huis.written() == written


async def test_looking_at_a_form_does_nothing(huis: Huis) -> None:
    ids = await hand_over(huis)
    before = await huis.written()
    for act in HANDELINGEN:
        answer = await huis.http.get(path_of(act, Geval(VT, ids)), headers=by(VT) | PAGE)
        assert answer.status_code in {200, 404, 409}, act.naam
    assert await huis.written() == before


async def test_everything_that_was_typed_is_still_there_with_each_error_at_its_field(huis: Huis) -> None:
    act = find_handeling("melding-registreren")
    body = example("melding", gemeente="GM9999", omschrijving="Glas <b>viel</b>.", ontvangenOp="morgen")
    answer = await huis.http.post(act.address(), content=form_of(act, body, sleutel="x"), headers=by(VT) | SENT)
    assert answer.status_code == 400
    page = answer.text
    assert "Glas &lt;b&gt;viel&lt;/b&gt;." in page
    assert 'value="Femke Voorbeeld"' in page
    assert 'value="morgen"' in page
    for place in ("gemeente", "ontvangenOp"):
        assert f'href="#veld-{place}"' in page, place
        assert re.search(rf'id="veld-{place}"[^>]*aria-describedby="[^"]*veld-{place}-fout1"', page), place
    assert 'role="alert" tabindex="-1" autofocus' in page
    assert _key(page) != "x", "what was refused is sent again under a key of its own"


async def test_a_session_that_ended_loses_nothing_and_does_nothing(huis: Huis) -> None:
    act = find_handeling("melding-registreren")
    sent = form_of(act, example("melding", gemeente=GOIRLE, kenmerk=None), sleutel="blijft")
    before = await huis.written()
    answer = await huis.http.post(act.address(), content=sent, headers=SENT)
    assert answer.status_code == 401
    assert "Uw sessie is verlopen" in answer.text
    assert 'href="/inloggen?naar=%2Ftriage%2Fv1%2Fmeldingen%2Fformulier"' in answer.text
    assert 'value="Femke Voorbeeld"' in answer.text
    assert _key(answer.text) == "blijft"
    assert "set-cookie" not in answer.headers
    assert await huis.written() == before
    again = await huis.http.post(act.address(), content=sent, headers=by(VT) | SENT)
    assert again.status_code == DONE


async def test_a_form_is_not_sent_under_the_name_of_who_signed_in_meanwhile(huis: Huis) -> None:
    """A second tab: one browser, one session. What was typed stays for whoever typed it, and is shown to nobody else."""
    act, mine, other = find_handeling("melding-registreren"), f"{VT}/triagist", f"{GOIRLE}/teamcoordinator"
    owner = hidden((await huis.http.get(act.address(), headers=by(mine) | PAGE)).text, "wie")
    sent = form_of(act, example("melding", gemeente=GOIRLE, kenmerk=None), sleutel="een-keer", wie=owner)
    before = await huis.written()
    answer = await huis.http.post(act.address(), content=sent, headers=by(other) | SENT)
    assert (answer.status_code, "Er is nu iemand anders aangemeld" in answer.text) == (409, True)
    assert not any(word in answer.text for word in ABOUT_PEOPLE)
    kept = urlencode({"_wie": hidden(answer.text, "wie"), "_bewaard": hidden(answer.text, "bewaard")}).encode()
    still = await huis.http.post(act.address(), content=kept, headers=by(other) | SENT)
    assert (still.status_code, hidden(still.text, "bewaard")) == (409, hidden(answer.text, "bewaard"))
    taken = urlencode({"_bewaard": hidden(answer.text, "bewaard")}).encode()
    assert (await huis.http.post(act.address(), content=taken, headers=by(VT) | SENT)).status_code == 400
    ended = await huis.http.post(act.address(), content=sent, headers=SENT)
    assert (ended.status_code, hidden(ended.text, "wie")) == (401, owner), "and whose it is, is not lost on the way"
    assert await huis.written() == before
    back = await huis.http.post(act.address(), content=kept, headers=by(mine) | SENT)
    assert (back.status_code, 'value="Femke Voorbeeld"' in back.text, _key(back.text)) == (200, True, "een-keer")
    assert await huis.written() == before
    assert (await huis.http.post(act.address(), content=sent, headers=by(mine) | SENT)).status_code == DONE


@pytest.mark.parametrize("name", ["afzender", "melder.rol", "betrokkenen.0.casusId", "besluit"])
async def test_a_field_that_the_form_does_not_have_is_refused(huis: Huis, name: str) -> None:
    """Mass assignment."""
    act = find_handeling("melding-registreren")
    sent = form_of(act, example("melding", gemeente=GOIRLE)) + b"&" + urlencode({name: "x"}).encode()
    before = await huis.written()
    answer = await huis.http.post(act.address(), content=sent, headers=by(VT) | SENT)
    assert answer.status_code == 400
    assert await huis.written() == before


async def test_what_an_act_fills_in_itself_cannot_be_sent(huis: Huis) -> None:
    act = find_handeling("wachtlijst-melden")
    sent = urlencode({"stand": "zicht-bevestigd"}).encode()
    answer = await huis.http.post(act.address(NERGENS), content=sent, headers=by(VT) | SENT)
    assert answer.status_code == 400


@pytest.mark.parametrize("headers", [{"origin": "https://elders.example"}, {"sec-fetch-site": "cross-site"}])
async def test_another_site_cannot_send_a_form(huis: Huis, headers: dict[str, str]) -> None:
    """Nor have its own words shown as if somebody here typed them: also where nobody is signed in."""
    act = find_handeling("melding-registreren")
    sent = form_of(act, example("melding", gemeente=GOIRLE))
    for wie in (VT, ""):
        answer = await huis.http.post(act.address(), content=sent, headers=by(wie) | SENT | headers)
        assert answer.status_code == 403
        assert "Femke" not in answer.text


async def test_a_form_cannot_be_framed_or_run_a_script(huis: Huis) -> None:
    answer = await huis.http.get(find_handeling("melding-registreren").address(), headers=by(VT) | PAGE)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_a_row_more_and_a_row_less_without_a_script(huis: Huis) -> None:
    act = find_handeling("melding-registreren")
    body = example("melding", gemeente=GOIRLE)
    people = len(body["betrokkenen"])
    more = form_of(act, body, sleutel="x", doe="erbij:betrokkenen")
    page = (await huis.http.post(act.address(), content=more, headers=by(VT) | SENT)).text
    assert f'name="betrokkenen.{people}.naam"' in page
    less = form_of(act, body, sleutel="x", doe="weg:betrokkenen.0")
    page = (await huis.http.post(act.address(), content=less, headers=by(VT) | SENT)).text
    assert body["betrokkenen"][0]["naam"] not in page
    assert body["betrokkenen"][1]["naam"] in page
    assert _key(page) == "x"


async def test_an_overdracht_begins_with_what_the_melding_says(huis: Huis) -> None:
    """What is known is not asked again; that it was read is noted, and the advice stands beside it."""
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    path = find_handeling("directe-overdracht").address(melding["id"])
    answer = await huis.http.get(path, headers=by(VT) | PAGE)
    for known in ("Femke Voorbeeld", "glasgerinkel", "Triageadvies", "Nog in te vullen"):
        assert known in answer.text
    notes = "select count(*) from journaal where wat like '%ingezien'"
    assert await huis.parts[Service.TRIAGE].hub.pool.fetchval(notes) == 1
    refused = await huis.http.post(path, content=b"_sleutel=x&overdrachtsdocument=1", headers=by(VT) | SENT)
    assert refused.status_code == 400
    for place in ("afwegingen", "overdrachtsdocument.veiligheidstaxatie", "overdrachtsdocument.betrokkenen"):
        assert f'href="#veld-{place}"' in refused.text, "everything that is missing is told at once"
    assert await huis.parts[Service.TRIAGE].hub.pool.fetchval(notes) == 1


async def test_what_is_over_says_what_is_true_now(huis: Huis) -> None:
    """Two people at one case: the second one is told, keeps what was typed, and finds the way to the case."""
    ids = await hand_over(huis)
    act = find_handeling("overdracht-weigeren")
    body = {"code": "dubbel", "toelichting": "Deze kennen wij al."}
    path = act.address(ids["overdrachten"])
    await huis.http.post(path, content=form_of(act, body, sleutel="1"), headers=by(GOIRLE) | SENT)
    taken = find_handeling("casus-oppakken").address(ids["overdrachten"])
    seen = await huis.http.get(taken, headers=by(GOIRLE) | PAGE)
    assert seen.status_code in {404, 410}
    again = form_of(act, body | {"toelichting": "Nog eens."}, sleutel="2")
    answer = await huis.http.post(path, content=again, headers=by(GOIRLE) | SENT)
    assert answer.status_code in {404, 409, 410}
    assert "Nog eens." in answer.text


async def test_a_form_is_no_other_kind_of_body(huis: Huis) -> None:
    address = find_handeling("melding-registreren").address()
    answer = await huis.http.post(address, json=example("melding"), headers=by(VT) | PAGE)
    assert answer.status_code == 415


async def test_a_page_of_which_several_acts_are_possible_lets_choose(huis: Huis) -> None:
    casus = (await hand_over(huis))["casussen"]
    address = f"/monitoring/v1/casussen/{casus}/standen/formulier"
    answer = await huis.http.get(address, headers=by(GOIRLE) | PAGE)
    assert answer.status_code == httpx.codes.OK
    assert f"{address}?handeling=wachtlijst-melden" in answer.text
    elsewhere = f"/monitoring/v1/casussen/{NERGENS}/standen/formulier"
    assert (await huis.http.get(elsewhere, headers=by(VT) | PAGE)).status_code == httpx.codes.NOT_FOUND


class Mensen:
    """The people of Veilig Thuis by their role, beside whoever else calls."""

    async def verify(self, token: str) -> Caller | None:
        if token not in {rol.value for rol in Rol}:
            return await Toegang().verify(token)
        return Caller(VT, default_scopes("veilig-thuis"), persoon="Roos Verzonnen", rollen=frozenset({token}))


async def test_a_person_acts_under_its_own_name(huis: Huis) -> None:
    triage = huis.parts[Service.TRIAGE]
    triage.api.state.verifier = Mensen()
    act = find_handeling("melding-registreren")
    sent = form_of(act, example("melding", gemeente=GOIRLE), sleutel="naam")
    answer = await huis.http.post(act.address(), content=sent, headers=by("triagist") | SENT)
    assert answer.status_code == DONE
    actors = {row["actor"] for row in await triage.hub.pool.fetch("select actor from journaal")}
    assert any("Roos Verzonnen" in actor for actor in actors), actors


async def test_a_role_that_may_not_is_told_so_by_page_and_operation_alike(huis: Huis) -> None:
    huis.parts[Service.TRIAGE].api.state.verifier = Mensen()
    act = find_handeling("melding-registreren")
    body = example("melding", gemeente=GOIRLE)
    told = await huis.http.post(act.pad, json=body, headers=by("beleidsmedewerker"))
    seen = await huis.http.get(act.address(), headers=by("beleidsmedewerker") | PAGE)
    answer = await huis.http.post(act.address(), content=form_of(act, body), headers=by("beleidsmedewerker") | SENT)
    assert (told.status_code, seen.status_code, answer.status_code) == (403, 403, 403)
    for page in (seen.text, answer.text):
        assert told.json()["detail"] in html.unescape(page)


def hidden(page: str, name: str) -> str:
    """What the form says of itself under this name."""
    (value,) = set(re.findall(rf'name="_{name}" value="([^"]*)"', page))
    return str(value)


def _key(page: str) -> str:
    found = re.search(r'name="_sleutel" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def _said(page: str) -> str:
    """What an error page says, for who reads why a test fails."""
    found = re.search(r'role="alert".*?</div></div>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[0] if found else page[-600:])

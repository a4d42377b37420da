"""The pages about the register, over PostgreSQL: who gets in, what they change, and what they do not."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.afspraken import Rol
from services.runtime.http import create_site
from services.runtime.http.beheer import register_router
from services.runtime.http.mensen import mensen_router
from services.runtime.http.mensen.pages import key_of
from services.runtime.process.clock import VirtueleKlok
from services.runtime.register import RegisterKeeper, list_versions
from tests.fakes.desk import lay_schema
from tests.fakes.rechtenhuis import BEHEER, VT, Toegang
from tests.service.test_register import GONE, RENAMED, SAMPLE, WRONG, keeper_of
from tests.unit.triage.road import START

pytestmark = [pytest.mark.anyio, pytest.mark.database]

BREDA = "GM0758"
BEHEERDER, TEAM, BAAS = f"{BEHEER}/beheerder", f"{BREDA}/teamcoordinator", f"{BREDA}/leidinggevende"
REGISTER = ("/beheer/register", "/beheer/register/wijzigen", "/beheer/register/verschil")
MENSEN = ("/mensen", "/mensen/persoon")
PAGE = {"accept": "text/html"}
SASKIA = {
    "naam": "Saskia Lauwers",
    "e_mail": "saskia.lauwers@breda.example",
    "teams": "sandbox:teams-GM0758-gedrag",
    "vervanger": "Liesbeth Nooijens",
    "rollen.0.rol": "gedragswetenschapper",
    "rollen.0.doelgroep": "jeugd",
    "afwezig.0.van": "2026-03-04",
    "afwezig.0.tot_en_met": "2026-03-11",
}


@dataclass
class Site:
    """The pages of one process."""

    http: httpx.AsyncClient
    keeper: RegisterKeeper

    async def get(self, path: str, by: str = BEHEERDER) -> httpx.Response:
        return await self.http.get(path, headers=PAGE | {"authorization": f"Bearer {by}"})

    async def post(self, path: str, form: Mapping[str, str], by: str = BEHEERDER, **headers: str) -> httpx.Response:
        return await self.http.post(path, data=form, headers=PAGE | {"authorization": f"Bearer {by}"} | headers)

    async def set(self, form: Mapping[str, str]) -> httpx.Response:
        """A version as the form sends it."""
        files = {name: (None, value) for name, value in form.items()}
        headers = PAGE | {"authorization": f"Bearer {BEHEERDER}"}
        return await self.http.post("/beheer/register/wijzigen", files=files, headers=headers)

    async def form_of(self, naam: str, by: str = TEAM) -> tuple[str, str]:
        """The form of a person of Breda: where it goes, and its key."""
        shown = await self.get(f"/mensen/persoon?wie={key_of(BREDA, naam)}" if naam else "/mensen/persoon", by)
        assert shown.status_code == 200, shown.text
        return target_of(shown.text)

    async def number(self) -> int:
        return (await list_versions(self.keeper.pool, number=1))[0].nummer


def target_of(text: str) -> tuple[str, str]:
    (action,) = re.findall(r'action="(/mensen/persoon[^"]*)"', text)
    (key,) = re.findall(r'name="_sleutel" value="([^"]*)"', text)
    return action.replace("&amp;", "&"), key


@pytest.fixture
async def site(fresh_database: str) -> AsyncIterator[Site]:
    await lay_schema(fresh_database)
    pool: Any = await asyncpg.create_pool(fresh_database, min_size=1, max_size=4)
    keeper = keeper_of(pool, fresh_database)
    await keeper.begin()
    made = create_site(name="site", verifier=Toegang())
    made.router.routes.extend(register_router(keeper, VirtueleKlok(START)).routes)
    made.router.routes.extend(mensen_router(keeper).routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=made), base_url="http://houvast") as http:
        yield Site(http, keeper)
    await pool.close()


def version(**given: str) -> dict[str, str]:
    return {"tekst": RENAMED, "basis": "1", "sleutel": str(uuid4()), "waarom": "Nieuwe naam.", **given}


async def test_the_register_is_for_the_beheerder_alone(site: Site) -> None:
    others = [f"{partij}/{rol.value}" for partij in (VT, BREDA) for rol in Rol if rol is not Rol.BEHEERDER]
    for page in REGISTER:
        assert (await site.get(page)).status_code == 200, page
        assert (await site.http.get(page, headers=PAGE)).headers["location"].startswith("/inloggen"), page
        for other in (*others, VT, BREDA, f"{BREDA}/beheerder", "zonder-scope"):
            assert (await site.get(page, other)).status_code == 403, (page, other)
    for other in (*others, VT, "zonder-scope"):
        assert (await site.post(REGISTER[1], version(), other)).status_code == 403, other
    assert (await site.post(REGISTER[1], version(), **{"sec-fetch-site": "cross-site"})).status_code == 403
    assert await site.number() == 1


async def test_people_are_kept_by_whose_role_is_to_keep_them(site: Site) -> None:
    keep = {Rol.COORDINATOR, Rol.TEAMCOORDINATOR, Rol.LEIDINGGEVENDE, Rol.GEMEENTE_AMBTELIJK}
    for page in MENSEN:
        assert (await site.http.get(page, headers=PAGE)).headers["location"].startswith("/inloggen"), page
        for rol in Rol:
            expected = 200 if rol in keep else 403
            if rol is not Rol.BEHEERDER:
                assert (await site.get(page, f"{BREDA}/{rol.value}")).status_code == expected, (page, rol)
        for other in (VT, BREDA, BEHEER, "zonder-scope"):
            assert (await site.get(page, other)).status_code == 403, (page, other)
        assert (await site.get(page, BEHEERDER)).status_code == 200
    for path in ("/mensen/persoon?basis=1", f"/mensen?basis=1&wie={key_of(BREDA, 'Saskia Lauwers')}"):
        form = SASKIA | {"_sleutel": str(uuid4())}
        assert (await site.post(path, form, f"{BREDA}/beleidsmedewerker")).status_code == 403
        assert (await site.post(path, form, TEAM, **{"sec-fetch-site": "cross-site"})).status_code == 403
    assert await site.number() == 1


async def test_a_version_is_set_with_who_and_why_and_gone_back_from(site: Site) -> None:
    form = version()
    for _ in range(2):  # a form that is sent twice is one change
        done = await site.set(form)
        assert done.headers["location"] == "/beheer/register?gezet=2", done.text
    shown = (await site.get(done.headers["location"])).text
    assert "Versie 2 is gezet" in shown
    assert "Robin Zandbak (houvast)" in shown
    assert "Nieuwe naam." in shown
    assert site.keeper.register.naam(BREDA) == "Breda aan de Mark"
    compared = (await site.get("/beheer/register/verschil?naar=2")).text
    assert "<ins>+ naam = &#34;Breda aan de Mark&#34;</ins>" in compared
    assert "<del>- naam = &#34;Breda&#34;</del>" in compared
    assert "Versie 1 wordt opnieuw gezet" in (await site.get("/beheer/register/wijzigen?terug=1")).text
    back = await site.set({"terug": "1", "basis": "2", "sleutel": str(uuid4()), "waarom": "Toch niet."})
    assert back.headers["location"] == "/beheer/register?gezet=3", back.text
    assert site.keeper.register.naam(BREDA) == "Breda"
    assert "Terug naar versie 1. Toch niet." in (await site.get("/beheer/register")).text
    same = await site.set({"terug": "1", "basis": "3", "sleutel": str(uuid4()), "waarom": "Nog eens."})
    assert "Er was niets te wijzigen" in (await site.get(same.headers["location"])).text
    assert (await site.get("/beheer/register/verschil?naar=9")).status_code == 404


async def test_a_file_goes_before_the_text(site: Site) -> None:
    files = {name: (None, value) for name, value in version(tekst="onzin").items()}
    headers = PAGE | {"authorization": f"Bearer {BEHEERDER}"}
    with_file: Any = {**files, "bestand": ("register.toml", RENAMED.encode(), "text/plain")}
    done = await site.http.post("/beheer/register/wijzigen", files=with_file, headers=headers)
    assert done.status_code == 303, done.text
    no_text: Any = {**files, "bestand": ("register.toml", b"\xff\xfe", "text/plain")}
    assert (await site.http.post("/beheer/register/wijzigen", files=no_text, headers=headers)).status_code == 400


async def test_every_error_is_told_at_its_line_and_nothing_holds(site: Site) -> None:
    wrong = WRONG.replace('e_mail = "otto.franken@breda.example"', 'e_mail = "otto"')
    answer = await site.set(version(tekst=wrong))
    assert answer.status_code == 400
    assert "Er zijn 2 dingen om te verbeteren" in answer.text
    for line, field, message in (
        (wrong[: wrong.index('naam = ""')].count("\n") + 1, "gemeente[1].naam", "mag niet leeg zijn"),
        (wrong[: wrong.index('"otto"')].count("\n") + 1, "gemeente[1].persoon[2].e_mail", "is geen e-mailadres"),
    ):
        assert f"Regel {line}, {field}: {message}" in answer.text
    assert "Nieuwe naam." in answer.text, "what was typed is there still"
    assert "Vul in waarom" in (await site.set(version(waarom=" "))).text
    assert await site.number() == 1


async def test_what_leaves_somebody_without_asks_for_a_yes(site: Site) -> None:
    answer = await site.set(version(tekst=GONE))
    assert answer.status_code == 400
    assert "Partij Safegroup (safegroup) verdwijnt" in answer.text
    assert 'name="toch"' in answer.text
    assert (await site.set(version(tekst=GONE, toch="ja"))).status_code == 303


async def test_who_comes_second_is_told_and_keeps_what_was_typed(site: Site) -> None:
    await site.set(version())
    answer = await site.set(version(tekst=SAMPLE + "# mijn regel\n"))
    assert answer.status_code == 409
    assert "wijzigde het register intussen" in answer.text
    assert "# mijn regel" in answer.text
    assert 'name="basis" value="2"' in answer.text


async def test_an_absence_is_kept_and_holds(site: Site) -> None:
    target, key = await site.form_of("Saskia Lauwers")
    form = SASKIA | {"afwezig.1.van": "2026-07-01", "afwezig.1.tot_en_met": "2026-07-21", "_sleutel": key}
    for _ in range(2):
        done = await site.post(target, form, TEAM)
        assert done.headers["location"] == "/mensen?gedaan=gewijzigd", done.text
    assert await site.number() == 2
    assert "01-07-2026 t/m 21-07-2026" in (await site.get("/mensen", TEAM)).text
    (last,) = await list_versions(site.keeper.pool, number=1)
    assert (last.wie, last.bron.value) == (f"Robin Zandbak ({BREDA})", "mensen")
    assert last.waarom == "Breda: Saskia Lauwers gewijzigd"
    target, key = await site.form_of("Saskia Lauwers")
    same = await site.post(target, form | {"_sleutel": key}, TEAM)
    assert same.headers["location"] == "/mensen?gedaan=ongewijzigd"


async def test_somebody_new_and_somebody_gone(site: Site) -> None:
    target, key = await site.form_of("")
    new = {"naam": "Noor Tol", "e_mail": "noor@breda.example", "rollen.0.rol": "teamcoordinator", "_sleutel": key}
    new["rollen.0.team"] = "breda-noord"
    done = await site.post(target, new, TEAM)
    assert done.headers["location"] == "/mensen?gedaan=toegevoegd", done.text
    listed = (await site.get("/mensen", TEAM)).text
    assert "teamcoördinator (Lokaal team Breda Noord)" in listed
    gone = f"/mensen?wie={key_of(BREDA, 'Noor Tol')}&basis=2"
    form = {"_sleutel": str(uuid4())}
    for _ in range(2):
        assert (await site.post(gone, form, TEAM)).headers["location"] == "/mensen?gedaan=weggehaald"
    assert "Noor Tol" not in (await site.get("/mensen", TEAM)).text
    assert (await site.post(gone, {"_sleutel": str(uuid4())}, TEAM)).status_code == 404
    assert site.keeper.versie.tekst.rstrip() == SAMPLE.rstrip()


async def test_every_error_stands_at_its_field_at_once(site: Site) -> None:
    target, key = await site.form_of("")
    form = {
        "naam": "Saskia Lauwers",
        "e_mail": "saskia",
        "vervanger": "Saskia Lauwers",
        "rollen.0.rol": "beheerder",
        "afwezig.0.van": "2026-03-11",
        "afwezig.0.tot_en_met": "2026-03-04",
        "teams": "env:HOUVAST_MASTER_KEY",
        "_sleutel": key,
    }
    answer = await site.post(target, form, TEAM)
    assert answer.status_code == 400
    assert "Er zijn 4 dingen om te verbeteren" in answer.text
    for field, message in (
        ("e_mail-fout1", "Is geen e-mailadres"),
        ("rollen.0.rol-fout1", "Deze rol kunt u niet geven"),
        ("afwezig.0-fout1", "De laatste dag ligt vóór de eerste"),
        ("teams-fout1", "Kies iets wat uw organisatie al gebruikt; iets nieuws zet de beheerder klaar"),
    ):
        assert f'id="veld-{field}">{message}<' in answer.text, field
    target, key = target_of(answer.text)
    mended = {"naam": "Saskia Lauwers", "e_mail": "s@breda.example", "vervanger": "Saskia Lauwers", "_sleutel": key}
    answer = await site.post(target, mended, TEAM)
    assert "Saskia Lauwers staat er twee keer in" in answer.text, "what the whole check says stands at its field too"
    unreachable = await site.post(target, {"naam": "Noor", "_sleutel": str(uuid4())}, TEAM)
    assert 'id="veld-e_mail-fout1">Vul een e-mailadres in, of kies een kanaal in Teams<' in unreachable.text
    assert (await site.post(target, {"naam": "N", "partij": "x"}, TEAM)).status_code == 400, "no such field"
    assert await site.number() == 1


async def test_who_is_above_is_not_changed_by_who_is_below(site: Site) -> None:
    """Nor by a form that was made by hand."""
    baas = "Frank van Rijckevorsel"
    listed = (await site.get("/mensen", TEAM)).text
    assert f"?wie={key_of(BREDA, baas)}" not in listed
    assert f"?wie={key_of(BREDA, baas)}" in (await site.get("/mensen", BAAS)).text
    path = f"/mensen/persoon?basis=1&wie={key_of(BREDA, baas)}"
    assert (await site.get(path, TEAM)).status_code == 403
    form = {"naam": baas, "e_mail": "ik@breda.example", "_sleutel": str(uuid4())}
    assert (await site.post(path, form, TEAM)).status_code == 403
    assert (await site.post(f"/mensen?basis=1&wie={key_of(BREDA, baas)}", form, TEAM)).status_code == 403
    assert (
        await site.get(f"/mensen/persoon?wie={key_of(BREDA, 'Saskia Lauwers')}", f"{VT}/coordinator")
    ).status_code == 404
    assert await site.number() == 1


async def test_two_who_change_the_same_people_do_not_undo_each_other(site: Site) -> None:
    """What somebody changes at another organisation is no matter."""
    mine, key = await site.form_of("Saskia Lauwers")
    theirs, other_key = await site.form_of("Liesbeth Nooijens")
    elsewhere = SAMPLE.replace("judith.vancampen@", "judith.van.campen@")
    assert (await site.set(version(tekst=elsewhere))).status_code == 303
    assert (await site.post(mine, SASKIA | {"e_mail": "sas@breda.example", "_sleutel": key}, TEAM)).status_code == 303
    assert "judith.van.campen@" in site.keeper.versie.tekst
    liesbeth = {"naam": "Liesbeth Nooijens", "e_mail": "lies@breda.example", "_sleutel": other_key}
    answer = await site.post(theirs, liesbeth, TEAM)
    assert answer.status_code == 409
    assert "Een collega wijzigde de mensen intussen ook" in answer.text
    assert "lies@breda.example" in answer.text
    again, key = target_of(answer.text)
    assert (await site.post(again, liesbeth | {"_sleutel": key}, TEAM)).status_code == 303
    assert "sas@breda.example" in site.keeper.versie.tekst


async def test_the_last_in_a_role_that_is_called_stays(site: Site) -> None:
    by = f"{BREDA}/gemeente-ambtelijk"
    organisatie = site.keeper.register.gemeente(BREDA, on=site.keeper.today)
    (naam,) = next(rol.personen for rol in organisatie.rollen if rol.rol is Rol.GEMEENTE_AMBTELIJK)
    answer = await site.post(f"/mensen?basis=1&wie={key_of(BREDA, naam)}", {"_sleutel": str(uuid4())}, by)
    assert answer.status_code == 409
    assert "heeft niemand in de rol gemeente-ambtelijk" in answer.text
    assert await site.number() == 1


async def test_a_form_survives_the_end_of_a_session(site: Site) -> None:
    target, key = await site.form_of("Saskia Lauwers")
    form = SASKIA | {"e_mail": "sas@breda.example", "_sleutel": key}
    answer = await site.http.post(target, data=form, headers=PAGE)
    assert answer.status_code == 401
    assert "Uw sessie is verlopen" in answer.text
    assert "sas@breda.example" in answer.text
    assert "Frank" not in answer.text, "nothing of others is told"
    target, key = target_of(answer.text)
    assert (await site.post(target, form | {"_sleutel": key}, TEAM)).status_code == 303


@pytest.mark.parametrize("path", ["/mensen", "/mensen/persoon", "/beheer/register/wijzigen"])
async def test_a_page_of_another_who_was_signed_in_before_changes_nothing(site: Site, path: str) -> None:
    """A second tab: what somebody opened is not sent under the name of whoever signed in after."""
    opened = (await site.get("/mensen/persoon", BAAS)).text
    (owner,) = re.findall(r'name="_wie" value="([^"]*)"', opened)
    form = SASKIA | {"_sleutel": str(uuid4()), "_wie": owner}
    told = await site.post(path, form, BEHEERDER)
    assert (told.status_code, "intussen iemand anders aangemeld" in told.text) == (409, True)
    assert "Saskia" not in told.text
    assert await site.number() == 1


async def test_rows_are_added_and_taken_out_without_script(site: Site) -> None:
    target, key = await site.form_of("Saskia Lauwers")
    more = await site.post(target, SASKIA | {"_sleutel": key, "_doe": "erbij:afwezig"}, TEAM)
    assert more.text.count('type="date"') == 4
    less = await site.post(target, SASKIA | {"_sleutel": key, "_doe": "weg:afwezig.0"}, TEAM)
    assert less.text.count('type="date"') == 0
    assert await site.number() == 1


async def test_where_the_file_is_the_source_pages_say_so_and_change_nothing(
    site: Site, fresh_database: str, tmp_path: Any
) -> None:
    file = tmp_path / "register.toml"
    file.write_text(SAMPLE, "utf-8")
    keeper = keeper_of(site.keeper.pool, fresh_database, file=file, holds=True)
    await keeper.begin()
    made = create_site(name="site", verifier=Toegang())
    made.router.routes.extend(register_router(keeper, VirtueleKlok(START)).routes)
    made.router.routes.extend(mensen_router(keeper).routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=made), base_url="http://houvast") as http:
        fixed = Site(http, keeper)
        said = "houdt het register bij in een bestand (register.toml)"
        for page, by in ((REGISTER[0], BEHEERDER), (REGISTER[1], BEHEERDER), *((page, TEAM) for page in MENSEN)):
            assert said in (await fixed.get(page, by)).text, page
        assert (await fixed.set(version())).status_code == 409
        target, key = await fixed.form_of("Saskia Lauwers")
        answer = await fixed.post(target, SASKIA | {"e_mail": "sas@breda.example", "_sleutel": key}, TEAM)
        assert answer.status_code == 400
        assert said in answer.text
        file.write_text(WRONG, "utf-8")
        await keeper._look_at_file()
        shown = (await fixed.get("/beheer/register")).text
        assert "In het bestand register.toml staan fouten (één fout); versie 1 blijft gelden." in shown
        assert "gemeente[1].naam: mag niet leeg zijn" in shown
    assert await site.number() == 1

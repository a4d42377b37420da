"""Keys, tokens, sessions and the shared clock against a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.identifiers import CasusId
from services.runtime.access.case_keys import KeyExists, insert_keys, load_keys
from services.runtime.access.listing import open_tokens
from services.runtime.access.sealing import CaseShredded, MasterKey, SealerBatch
from services.runtime.access.tokens import LOGIN_LINK_LIFETIME, SESSION_LIFETIME, Scope, issue, revoke_text
from services.runtime.access.verifying import Access
from services.runtime.database.shared import KlokTerug, migrate_gedeeld, shared_klok, start_klok, stop_klok
from services.runtime.http import create_site, identify, json_response, login_router
from services.runtime.process.clock import Klok, KlokInstelling, VersneldeKlok, VirtueleKlok
from tests.fixtures.sleutels import destroy_key

pytestmark = [pytest.mark.anyio, pytest.mark.database]

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CASUS = CasusId(UUID("0195f2f0-0000-7000-8000-000000000001"))
ANDERE = CasusId(UUID("0195f2f0-0000-7000-8000-000000000002"))


class Persoon(BaseModel):
    naam: str


Pool = asyncpg.Pool


@pytest.fixture
async def pool(fresh_database: str) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(fresh_database, min_size=1, max_size=5) as opened:
        async with opened.acquire() as connection:
            assert await migrate_gedeeld(connection) > 0
            assert await migrate_gedeeld(connection) == 0
        yield opened


# Keys of cases


async def test_a_key_that_is_kept_opens_what_was_sealed(pool: Pool) -> None:
    master = MasterKey.generate()
    batch = SealerBatch(master, await load_keys(pool, [CASUS, ANDERE]))
    sealed = batch.for_case(CASUS).seal(Persoon(naam="Jan"))
    await insert_keys(pool, batch.new_keys, now=START)
    keys = await load_keys(pool, [CASUS, ANDERE])
    assert set(keys) == {CASUS}
    assert SealerBatch(master, keys).for_case(CASUS).open(sealed, Persoon) == Persoon(naam="Jan")


async def test_a_destroyed_key_makes_every_copy_unreadable_for_ever(pool: Pool) -> None:
    """G6: after shredding nothing opens, and the case never silently gets another key."""
    master = MasterKey.generate()
    batch = SealerBatch(master, {})
    sealed = batch.for_case(CASUS).seal(Persoon(naam="Jan"))
    await insert_keys(pool, batch.new_keys, now=START)
    assert await destroy_key(pool, CASUS, now=START + timedelta(days=1)) is True
    assert await destroy_key(pool, CASUS, now=START + timedelta(days=2)) is False
    row = await pool.fetchrow("SELECT gewikkeld, vernietigd_op FROM houvast.sleutel")
    assert tuple(row) == (None, START + timedelta(days=1))
    with pytest.raises(CaseShredded):
        SealerBatch(master, await load_keys(pool, [CASUS])).for_case(CASUS).open(sealed, Persoon)
    with pytest.raises(KeyExists):
        await insert_keys(pool, batch.new_keys, now=START)


async def test_a_case_without_a_key_can_be_shredded_too(pool: Pool) -> None:
    assert await destroy_key(pool, CASUS, now=START) is True
    assert await load_keys(pool, [CASUS]) == {CASUS: None}


async def test_of_two_processes_that_make_the_first_key_one_is_told(pool: Pool) -> None:
    """Both seal for the same cases at the same moment, in another order; the second must seal again."""
    master = MasterKey.generate()
    batches = [SealerBatch(master, {}), SealerBatch(master, {})]
    for batch, order in zip(batches, ([CASUS, ANDERE], [ANDERE, CASUS]), strict=True):
        for casus_id in order:
            batch.for_case(casus_id).seal(Persoon(naam="Jan"))

    async def insert(batch: SealerBatch) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await insert_keys(connection, batch.new_keys, now=START)

    outcomes = await asyncio.gather(*map(insert, batches), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["KeyExists", "NoneType"]
    winner = batches[outcomes.index(None)]
    assert await load_keys(pool, [CASUS, ANDERE]) == winner.new_keys


# Tokens


async def test_an_issued_token_gives_its_party_until_it_is_revoked(pool: Pool) -> None:
    klok, seconds = VirtueleKlok(START), [0.0]
    toegang = Access(pool, klok, monotonic=lambda: seconds[0])
    scopes = {Scope.OVERDRACHTEN_LEZEN}
    token = await issue(pool, partij="GM0758", scopes=scopes, omschrijving="proef", now=START, rol="triagist")
    caller = await toegang.verify(token)
    assert caller is not None
    assert (caller.partij, caller.rol, caller.scopes) == ("GM0758", "triagist", frozenset(scopes))
    assert await revoke_text(pool, token, now=START) is True
    assert await revoke_text(pool, token, now=START) is False
    seconds[0] = 5.0
    assert await toegang.verify(token) is None


async def test_the_use_of_a_token_is_kept_to_the_hour(pool: Pool) -> None:
    """Whoever runs the hub sees which tokens nobody needs any more; not every call writes a row."""
    klok, seconds = VirtueleKlok(START), [0.0]
    toegang = Access(pool, klok, monotonic=lambda: seconds[0])
    token = await issue(pool, partij="GM0758", scopes=(), omschrijving="proef", now=START)
    used: list[object] = []
    for minutes in (0, 59, 61, 90):
        klok.move_to(START + timedelta(minutes=minutes))
        seconds[0] += 10.0
        assert await toegang.verify(token) is not None
        used += [found.used_at for found in await open_tokens(pool, now=klok.now())]
    later = START + timedelta(minutes=61)
    assert used == [START, START, later, later]


async def test_the_text_of_a_token_is_nowhere_in_the_database(pool: Pool) -> None:
    token = await issue(pool, partij="GM0758", scopes=(), omschrijving="proef", now=START)
    rows = await pool.fetch("SELECT t::text AS regel FROM houvast.toegangstoken t")
    assert token not in rows[0]["regel"]
    assert token.removeprefix("hv_").encode().hex() not in rows[0]["regel"]


# Logging in


async def _code(pool: Pool) -> str:
    return await issue(
        pool,
        partij="veilig-thuis-west-brabant",
        scopes=set(Scope),
        omschrijving="inloglink",
        now=START,
        rol="triagist",
        lifetime=LOGIN_LINK_LIFETIME,
        eenmalig=True,
    )


async def test_a_login_code_works_once_also_when_two_try_at_the_same_moment(pool: Pool) -> None:
    toegang = Access(pool, VirtueleKlok(START))
    code = await _code(pool)
    assert await toegang.verify(code) is None
    sessions = await asyncio.gather(*(toegang.exchange(code) for _ in range(4)))
    (session,) = [session for session in sessions if session is not None]
    caller = await toegang.verify(session)
    assert caller is not None
    assert (caller.partij, caller.rol) == ("veilig-thuis-west-brabant", "triagist")


async def test_a_login_code_and_a_session_expire(pool: Pool) -> None:
    klok = VirtueleKlok(START)
    toegang = Access(pool, klok)
    session = await toegang.exchange(await _code(pool))
    assert session is not None
    late = await _code(pool)
    klok.move(LOGIN_LINK_LIFETIME)
    assert await toegang.exchange(late) is None
    assert await toegang.verify(session) is not None
    klok.move(SESSION_LIFETIME)
    assert await toegang.verify(session) is None


@pytest.fixture
async def browser(pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    toegang = Access(pool, VirtueleKlok(START))
    site = create_site(name="site", verifier=toegang)
    site.include_router(login_router(toegang, secure_cookie=False))

    @site.get("/wie")
    async def show_who(request: Request) -> Response:
        return json_response({"partij": (await identify(request)).partij})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://hub.test") as opened:
        yield opened


async def test_opening_a_login_link_does_nothing_and_the_button_logs_in(pool: Pool, browser: httpx.AsyncClient) -> None:
    """Mail gateways open links; only a person presses the button."""
    code = await _code(pool)
    for _ in range(3):
        page = await browser.get("/inloggen", params={"code": code})
        assert page.status_code == 200
        assert f'value="{code}"' in page.text
        assert "set-cookie" not in page.headers
    assert (await browser.get("/wie")).status_code == 401
    pressed = await browser.post("/inloggen", data={"code": code})
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/")
    cookie = pressed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=43200" in cookie
    assert (await browser.get("/wie")).json() == {"partij": "veilig-thuis-west-brabant"}
    assert (await browser.post("/uitloggen")).status_code == 303
    assert (await browser.get("/wie")).status_code == 401


async def test_a_used_code_is_told_so_and_another_website_cannot_log_anybody_in(
    pool: Pool,
    browser: httpx.AsyncClient,
) -> None:
    code = await _code(pool)
    foreign = {"Origin": "https://elders.example"}
    assert (await browser.post("/inloggen", data={"code": code}, headers=foreign)).status_code == 403
    assert (await browser.post("/inloggen", data={"code": code})).status_code == 303
    again = await browser.post("/inloggen", data={"code": code})
    assert again.status_code == 410
    assert "werkt niet meer" in again.text


async def test_after_logging_in_one_is_where_one_wanted_to_be(pool: Pool, browser: httpx.AsyncClient) -> None:
    """Asked for, then a link from the administrator in another tab, then there; and so again after logging out."""
    asked = "/casus/0196f0a8-0000-7000-8000-000000000000?van=mail"
    told = await browser.get("/inloggen", params={"naar": asked})
    assert "Na het inloggen komt u op de pagina die u opende." in told.text
    kept = told.headers["set-cookie"].lower()
    assert ("httponly" in kept, "samesite=lax" in kept, "path=/inloggen" in kept) == (True, True, True)
    code = await _code(pool)
    page = await browser.get("/inloggen", params={"code": code})
    assert f'name="naar" value="{asked}"' in page.text
    pressed = await browser.post("/inloggen", data={"code": code, "naar": asked})
    assert (pressed.status_code, pressed.headers["location"]) == (303, asked)
    assert asked not in (await browser.get("/inloggen")).text, "once there it is forgotten"
    left = await browser.post("/uitloggen", data={"naar": asked})
    assert httpx.URL(left.headers["location"]).params["naar"] == asked


async def test_a_login_link_can_be_pasted_whole(pool: Pool, browser: httpx.AsyncClient) -> None:
    link = f" http://hub.test/inloggen?code={await _code(pool)} "
    pasted = await browser.post("/inloggen", data={"code": link, "naar": "/casus/x"})
    assert (pasted.status_code, pasted.headers["location"]) == (303, "/casus/x")


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example/", "/%2Fevil.example"]
)
async def test_logging_in_and_out_lead_to_no_other_site(pool: Pool, browser: httpx.AsyncClient, elsewhere: str) -> None:
    told = await browser.get("/inloggen", params={"naar": elsewhere})
    assert "evil" not in told.text
    assert "set-cookie" not in told.headers
    pressed = await browser.post("/inloggen", data={"code": await _code(pool), "naar": elsewhere})
    assert pressed.headers["location"] == "/"
    assert (await browser.post("/uitloggen", data={"naar": elsewhere})).headers["location"] == "/inloggen"
    browser.cookies.set("houvast_naar", elsewhere)
    assert "evil" not in (await browser.get("/inloggen")).text


async def test_what_stands_in_the_link_never_becomes_markup(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/inloggen", params={"code": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"


# The shared clock


def _shown(klok: Klok, wall: Klok) -> datetime:
    assert isinstance(klok, VersneldeKlok)
    return klok.shown_at(wall.now().timestamp())


def _at(text: str) -> KlokInstelling:
    return KlokInstelling.parse(text)


async def test_without_a_setting_the_clock_is_the_one_on_the_wall(pool: Pool) -> None:
    wall = VirtueleKlok(START)
    assert await shared_klok(pool, None, wall=wall) is wall


async def test_every_process_shows_the_same_moved_time_and_goes_on_after_a_restart(pool: Pool) -> None:
    wall = VirtueleKlok(datetime(2026, 11, 1, tzinfo=UTC))
    setting = _at("2026-03-02T09:00+01:00@3600")
    first, second = await asyncio.gather(*(shared_klok(pool, setting, wall=wall) for _ in range(2)))
    reader = await shared_klok(pool, None, wall=wall)
    wall.move(timedelta(seconds=10))
    restarted = await shared_klok(pool, setting, wall=wall)
    for klok in (first, second, reader, restarted):
        assert _shown(klok, wall) == datetime(2026, 3, 2, 18, tzinfo=UTC)


async def test_a_later_start_or_another_speed_anchors_the_clock_anew(pool: Pool) -> None:
    wall = VirtueleKlok(datetime(2026, 11, 1, tzinfo=UTC))
    await shared_klok(pool, _at("2026-03-02T09:00Z@3600"), wall=wall)
    wall.move(timedelta(seconds=10))
    faster = await shared_klok(pool, _at("2026-03-02T09:00Z@60"), wall=wall)
    assert _shown(faster, wall) == datetime(2026, 3, 2, 19, tzinfo=UTC)
    later = await shared_klok(pool, _at("2026-05-01T09:00Z@60"), wall=wall)
    wall.move(timedelta(seconds=1))
    assert _shown(later, wall) == datetime(2026, 5, 1, 9, 1, tzinfo=UTC)


async def test_a_clock_that_was_stopped_goes_on_from_there_when_a_hub_starts(pool: Pool) -> None:
    """Whoever only reads it sets nothing in motion; how long the hub was away does not count."""
    wall = VirtueleKlok(datetime(2026, 11, 1, tzinfo=UTC))
    stopped_at = datetime(2026, 3, 23, 8, tzinfo=UTC)
    await shared_klok(pool, _at("2026-03-02T09:00+01:00@34000"), wall=wall)
    await stop_klok(pool, VirtueleKlok(stopped_at))
    for _ in range(2):
        wall.move(timedelta(days=9))
        assert _shown(await shared_klok(pool, None, wall=wall), wall) == stopped_at
    await start_klok(pool, wall=wall)
    wall.move(timedelta(hours=1))
    await start_klok(pool, wall=wall)
    assert _shown(await shared_klok(pool, None, wall=wall), wall) == stopped_at + timedelta(hours=1)
    with pytest.raises(KlokTerug, match="terug"):
        await shared_klok(pool, _at("2026-03-02T09:00Z@60"), wall=wall)


async def test_a_clock_never_goes_back(pool: Pool) -> None:
    wall = VirtueleKlok(datetime(2026, 11, 1, tzinfo=UTC))
    await shared_klok(pool, _at("2026-03-02T09:00Z@3600"), wall=wall)
    wall.move(timedelta(seconds=10))
    with pytest.raises(KlokTerug, match="terug"):
        await shared_klok(pool, _at("2026-03-02T12:00Z@3600"), wall=wall)


async def test_a_database_with_a_past_does_not_start_before_it(pool: Pool) -> None:
    await insert_keys(pool, {CASUS: b"sleutel"}, now=START)
    with pytest.raises(KlokTerug, match="terug"):
        await shared_klok(pool, _at("2026-03-01T09:00Z"), wall=VirtueleKlok(START))


async def test_a_database_with_a_moved_clock_is_refused_where_that_is_not_allowed(pool: Pool) -> None:
    wall = VirtueleKlok(START)
    assert await shared_klok(pool, None, wall=wall, allow_moved=False) is wall
    await shared_klok(pool, _at("2026-03-02T09:00Z"), wall=wall)
    with pytest.raises(KlokTerug, match="productie"):
        await shared_klok(pool, None, wall=wall, allow_moved=False)

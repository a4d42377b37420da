"""A destination that does not let us in: trouble of the endpoint, told once, and everything goes on when it is mended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from contracts.messages.identifiers import CasusId
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.mail import RELAY
from services.runtime.process.metrics import exposition
from services.runtime.unit.decision import Attempt, Request, Result
from services.runtime.unit.destinations import Ending, Tempo, note_endings, pauses
from services.runtime.unit.gauges import measure
from tests.fakes.desk import START, lay_schema, until
from tests.integration.test_bestemmingen import (
    BREAKER,
    BREDA,
    OOSTERHOUT,
    Gemeenten,
    ask,
    attempted,
    case,
    done,
    move,
    settled,
    standing,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.database]

REFUSED = Attempt(Result.TEMPORARY, "wij worden niet toegelaten (status 401)", status=401, refused=True)
ONE = {BREDA: Tempo(at_once=1), OOSTERHOUT: Tempo(at_once=1)}


async def test_one_refusal_parks_all_and_is_told_once(fresh_database: str) -> None:
    """A hundred cases behind one wrong secret are one trouble, and none of them was refused."""
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: REFUSED})
    with capture_logs() as logs:
        async with working(fresh_database, gemeenten, tempos=ONE) as desk:
            await ask(desk, range(1, 8))
            await ask(desk, range(8, 9), gemeente=OOSTERHOUT)
            await until(lambda: attempted(desk, 2))
            await until(lambda: settled(desk))
            await move(desk, BREAKER.first)
            await until(lambda: attempted(desk, 3))
            await until(lambda: settled(desk))
            assert gemeenten.times(BREDA) == gemeenten.times(BREDA)[:2], "and one that tries"
            found = await standing(desk)
            assert (found.waiting, found.refused_at, found.refuse_reason) == (7, START, REFUSED.detail)
            told = await pauses(desk.pool, [case(5)])
            assert list(told.values()) == [f"wij worden daar niet toegelaten: {REFUSED.detail}"]
            await measure(desk.pool, desk.klok, service="handover", known=set())
            assert 'houvast_destinations_refusing{service="handover"} 1.0' in exposition().decode()
    alarms = [line for line in logs if line["event"] == "destination_refuses_us"]
    assert [(line["log_level"], line["bestemming"]) for line in alarms] == [("error", BREDA)]


async def test_when_we_are_let_in_again_everything_goes_together(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: REFUSED})
    async with working(fresh_database, gemeenten, tempos=ONE) as desk:
        await ask(desk, range(1, 8))
        await until(lambda: attempted(desk, 1))
        await until(lambda: settled(desk))
        gemeenten.answers.clear()
        await move(desk, BREAKER.first)
        await until(lambda: done(desk, 7))
        assert desk.klok.now() == START + BREAKER.first
        assert (await standing(desk)).refused_at is None


class Eigenaardig(Gemeenten):
    """Lets everybody in but one case."""

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        passed = await super().__call__(request, casus_id, sealer)
        return REFUSED if casus_id == case(1) else passed


async def test_one_case_that_is_refused_while_others_pass_is_of_that_case(fresh_database: str) -> None:
    """Else it would keep the others waiting again and again, and nobody would hear about it."""
    await lay_schema(fresh_database, "handover")
    async with working(fresh_database, Eigenaardig(), tempos=ONE) as desk:
        await ask(desk, range(1, 2))
        await until(lambda: attempted(desk, 1))
        await until(lambda: settled(desk))
        await ask(desk, range(2, 3))
        later = START + timedelta(days=1)
        await desk.pool.execute("update opdracht set due_at = $1 where casus_id = $2", later, case(1))
        await move(desk, BREAKER.first)
        await until(lambda: attempted(desk, 3))
        rows = await desk.pool.fetch("select resultaat, toelichting from poging order by op, nummer")
        assert [row["resultaat"] for row in rows if row["resultaat"] != "gelukt"] == ["tijdelijk", "blijvend"]
        assert f"{REFUSED.detail}; andere worden daar wel aangenomen" in [row["toelichting"] for row in rows]
        assert (await standing(desk)).refused_at is None


async def test_reading_that_is_let_in_says_nothing_about_writing(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    async with working(fresh_database, Gemeenten()) as desk:
        written = Ending(BREDA, answered=False, kind="aflevering-zgw", refused="mag niet")
        assert await note_endings(desk.pool, [written], BREAKER, now=START) == {BREDA: "mag niet"}
        read = Ending(BREDA, answered=True, kind="zaakstatus-zgw")
        assert await note_endings(desk.pool, [read], BREAKER, now=START) == {}
        assert (await standing(desk)).refused_at == START
        assert await note_endings(desk.pool, [read, written], BREAKER, now=START) == {}, "not told again"
        await note_endings(desk.pool, [replace(written, answered=True, refused=None)], BREAKER, now=START)
        assert (await standing(desk)).refused_at is None


async def test_a_mail_server_that_does_not_let_us_in_is_one_trouble_for_all_mailboxes(fresh_database: str) -> None:
    """One alarm for the relay; what waits for whichever mailbox goes when it takes one mail."""
    await lay_schema(fresh_database, "handover")
    refused = Attempt(Result.TEMPORARY, "de mailserver accepteert de aanmelding niet", 535, refused=True, via=RELAY)
    gemeenten = Gemeenten({BREDA: refused, OOSTERHOUT: refused})
    with capture_logs() as logs:
        async with working(fresh_database, gemeenten, tempos=ONE) as desk:
            await ask(desk, range(1, 3))
            await ask(desk, range(3, 5), gemeente=OOSTERHOUT)
            await until(lambda: attempted(desk, 2))
            await until(lambda: settled(desk))
            assert (await standing(desk, RELAY)).refused_at == START
            taken = Attempt(Result.DONE, "de mailserver heeft het bericht aangenomen", 250, via=RELAY)
            gemeenten.answers = {BREDA: taken, OOSTERHOUT: taken}
            await desk.pool.execute("update bestemming set open_tot = $1 where naam = $2", START, BREDA)
            await move(desk, timedelta(seconds=1))
            await until(lambda: done(desk, 4))
            assert desk.klok.now() == START + timedelta(seconds=1)
            assert (await standing(desk, RELAY)).refused_at is None
    alarms = [line["bestemming"] for line in logs if line["event"] == "destination_refuses_us"]
    assert alarms == [RELAY]

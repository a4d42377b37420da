"""The world outside fails: a mail server that is out, an endpoint that says nothing. Others do not notice, nothing is lost."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from contracts.register import RestEndpoint
from lab.invented import verzin_meldingen
from lab.sandbox import Gedrag, Storing, Storingsoort
from lab.stack import Stack, running_stack
from services.runtime.access.tokens import default_scopes
from services.runtime.process.clock import KlokInstelling
from services.runtime.settings import load_settings

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.timeout(180)]

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SPEED = 7200.0
SILENT = "GM0758"
SILENT_UNTIL = MONDAY + timedelta(hours=60)
"""On the Clock: longer than the first attempts, well before the end of the test."""
MAIL_BACK_AT = MONDAY + timedelta(hours=90)
"""On Wednesday night the terms of WB for the ontvangstbevestiging pass, and the first people are called."""
VEILIG_THUIS = "veilig-thuis-west-brabant"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


async def test_mail_is_out_for_days_and_one_endpoint_is_silent(tmp_path: Path) -> None:
    """G7: who is silent gets it later, who is not gets it at once; and what people had to be told, they are told."""
    settings = load_settings({}, data_dir=tmp_path / "data", port=0)
    settings = settings.model_copy(update={"clock": KlokInstelling(MONDAY, SPEED)})
    silent = replace(Gedrag(), storingen=(Storing(MONDAY, SILENT_UNTIL, Storingsoort.STIL),))
    async with running_stack(
        settings,
        tell=lambda _: None,
        gedrag={SILENT: silent},
        standaard_gedrag=Gedrag.nooit(),
    ) as hub:
        hub.sandbox.mail.storingen = (Storing(MONDAY, MAIL_BACK_AT),)
        others = await _hand_over_to_all(hub)
        await _until(lambda: _delivered_to(hub, others), what="the deliveries to the others")
        assert hub.klok.now() < SILENT_UNTIL, "nobody waited for the silent one"
        assert not any(ontvangst.aanbod.gemeente == SILENT for ontvangst in hub.sandbox.ontvangsten)
        await _until(lambda: _delivered_to(hub, {SILENT}), what="the delivery to the silent one")
        received = Counter(ontvangst.overdracht_id for ontvangst in hub.sandbox.ontvangsten)
        assert set(received.values()) == {1}

        await _until(lambda: _mail_waits(hub), what="somebody to be called")
        assert hub.sandbox.mail.mails == []
        await _until(lambda: _clock_passes(hub, MAIL_BACK_AT), what="the mail server")
        await _until(lambda: _all_told(hub), what="the mails that waited")
        sent = Counter(mail.message_id for mail in hub.sandbox.mail.mails)
        assert sent
        assert set(sent.values()) == {1}
        assert await _ask(hub, "select count(*) from notificatie where kanaal = 'e-mail' and status = 'verzonden'") > 0


async def _hand_over_to_all(hub: Stack) -> set[str]:
    """One overdracht for the silent gemeente and for each of five others; who those are."""
    on = date(2026, 3, 2)
    rest = [g.code for g in hub.register.gemeenten(on, regio="west-brabant") if isinstance(g.endpoint, RestEndpoint)]
    chosen = [SILENT, *[code for code in rest if code != SILENT][:5]]
    token = await hub.issue_token(VEILIG_THUIS, default_scopes("veilig-thuis"), omschrijving="test")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=hub.address, headers=headers, timeout=30, trust_env=False) as client:
        for melding in verzin_meldingen(hub.register, aantal=len(chosen), seed=3, on=on, gemeenten=chosen):
            answer = await client.post("/triage/v1/meldingen", json=melding.melding)
            path = f"/triage/v1/meldingen/{answer.json()['id']}/triagebesluiten"
            assert (await client.post(path, json=melding.triagebesluit)).status_code == 201
    return set(chosen) - {SILENT}


async def _delivered_to(hub: Stack, gemeenten: set[str]) -> bool:
    return gemeenten <= {ontvangst.aanbod.gemeente for ontvangst in hub.sandbox.ontvangsten}


async def _clock_passes(hub: Stack, moment: datetime) -> bool:
    return hub.klok.now() > moment


async def _mail_waits(hub: Stack) -> bool:
    """A mail was tried, and waits for a next attempt."""
    return (
        await _ask(hub, "select count(*) from opdracht where soort = 'e-mail' and status = 'open' and pogingen > 0") > 0
    )


async def _all_told(hub: Stack) -> bool:
    """Nothing that was asked before the mail server came back still waits."""
    query = "select count(*) from opdracht where soort = 'e-mail' and status = 'open' and gemaakt_op < $1"
    return not await _ask(hub, query, MAIL_BACK_AT)


async def _ask(hub: Stack, query: str, *values: object) -> int:
    notifier = next(running for running in hub.services if running.path == "notificaties")
    number: int = await notifier.process.hub.pool.fetchval(query, *values)
    return number


async def _until(condition: Callable[[], Awaitable[bool]], *, what: str, seconds: float = 60) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await condition():
        assert loop.time() < deadline, f"{what} did not come within {seconds:.0f} s"
        await asyncio.sleep(0.05)

"""Whoever asks how it goes gets an answer in time, also where looking hangs."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from services.runtime.http.health import health_router
from services.runtime.process.probing import Finding, Probe

pytestmark = pytest.mark.anyio


async def test_a_check_that_hangs_is_told_and_begun_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.process.probing.DEADLINE_SECONDS", 0.01)
    begun, gate = 0, asyncio.Event()

    async def hang() -> Finding | None:
        nonlocal begun
        begun += 1
        await gate.wait()
        return None

    probe = Probe(hang)
    for _ in range(3):
        finding = await probe()
        assert finding is not None
        assert finding.blocks
        assert "antwoordt niet" in finding.sentence
    assert begun == 1
    gate.set()
    assert await probe() is None


async def test_a_check_that_fails_is_a_finding() -> None:
    async def fail() -> Finding | None:
        raise ZeroDivisionError

    assert await Probe(fail)() == Finding("is niet na te gaan (ZeroDivisionError)")


@pytest.mark.parametrize(
    ("finding", "status", "told"),
    [
        (None, 200, "ok"),
        (Finding("relay begint steeds opnieuw", blocks=False), 200, "beperkt"),
        (Finding("de database antwoordt niet"), 503, "storing"),
    ],
)
async def test_who_can_take_calls_is_ready_and_says_what_else_is_wrong(
    finding: Finding | None, status: int, told: str
) -> None:
    async def look() -> Finding | None:
        return finding

    app = FastAPI()
    app.include_router(health_router(live={}, ready={"triage": look}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub.test") as client:
        answer = await client.get("/gezond/klaar")
    assert answer.status_code == status
    expected = {"status": told, "onderdelen": {"triage": "ok" if finding is None else finding.sentence}}
    assert answer.json() == expected

"""The receiver of docs/connecting.md: it runs, takes what is signed and nothing else, and is what the page shows."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from contracts.register import RestEndpoint, parse_register
from lab.ground.local_server import free_port
from services.cli.gemeente_proef import Proef
from services.handover.adapters import Endpoints
from services.runtime.outbound.webhooks import hmac_secret
from services.runtime.process.clock import SystemKlok
from tests.fakes.desk import until

ROOT = Path(__file__).parents[2]
RECEIVER = ROOT / "docs" / "voorbeelden" / "ontvanger.py"
NEW, OLD = hmac_secret(b"n" * 32), hmac_secret(b"o" * 32)
WALL = SystemKlok()

pytestmark = pytest.mark.anyio

REGISTER = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"

[[gemeente]]
code = "GM0758"
naam = "Breda"
regio = "west-brabant"
oin = "00000099000000000758"
endpoint = {{ soort = "rest", url = "http://127.0.0.1:{port}/in", geheimen = ["env:NEW", "env:OLD"] }}
"""


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where the receiver of the page listens; it knows only the new key."""
    chosen = free_port()
    process = subprocess.Popen(  # noqa: ASYNC220  it runs beside the test
        [sys.executable, str(RECEIVER), str(chosen)],
        env=os.environ | {"HOUVAST_GEHEIM": NEW},
        stderr=subprocess.DEVNULL,
    )

    async def answers() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"http://127.0.0.1:{chosen}/")).status_code > 0
            except httpx.TransportError:
                return False

    try:
        await until(answers)
        yield chosen
    finally:
        process.terminate()
        process.wait(timeout=10)


def secret(reference: str) -> str:
    return {"env:NEW": NEW, "env:OLD": OLD}[reference]


async def test_the_receiver_passes_the_test_of_the_command_line(port: int) -> None:
    """Also while a key rotates: two signatures of which it knows one."""
    register = parse_register(REGISTER.format(port=port), bestand="r.toml")
    breda = register.gemeente("GM0758", on=WALL.now().date())
    steps = [step async for step in Proef(secret, WALL, "00000099000000001000").run(breda, None)]
    assert [(step.naam, step.goed) for step in steps] == [
        ("register", True),
        ("DNS", True),
        ("TCP", True),
        ("aanmelding", True),
        ("proeflevering", True),
        ("handtekening", True),
    ], steps


async def test_the_receiver_refuses_what_is_not_signed_and_what_was_altered(port: int) -> None:
    endpoint = RestEndpoint(soort="rest", url=f"http://127.0.0.1:{port}/in", geheimen=("env:NEW",))
    endpoints = Endpoints(secret=secret, wall=WALL, timeout=timedelta(seconds=10))
    signer, _ = endpoints.signer(endpoint)
    body = json.dumps({"type": "nl.sociaaldomein.overdrachten.overdracht-proef.v1", "data": {}}).encode()
    headers = signer.headers(message_id="m1", at=WALL.now(), body=body)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def post(headers: dict[str, str], content: bytes) -> int:
            return (await client.post(endpoint.url, headers=headers, content=content)).status_code

        assert await post(headers, body) == 202
        assert await post(headers, body + b" ") == 401
        assert await post({}, body) == 401
        old = signer.headers(message_id="m1", at=WALL.now() - timedelta(minutes=6), body=body)
        assert await post(old, body) == 401
    await endpoints.close()


def test_the_page_shows_the_receiver_that_runs() -> None:
    """Thirty lines of code, the blank ones and the title left out."""
    lines = [line for line in RECEIVER.read_text("utf-8").splitlines() if not line.startswith("# ruff")]
    shown = (ROOT / "docs" / "connecting.md").read_text("utf-8").partition("```python\n")[2].partition("\n```")[0]
    assert shown.rstrip() == "\n".join(lines).rstrip()
    code = [line for line in lines if line.strip() and not line.startswith(('"""', "#"))]
    assert len(code) <= 30

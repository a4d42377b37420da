"""Mutual TLS to a zaaksysteem: a real server that asks who we are, and lets in whoever its own issuer vouches for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from contracts.afspraken import load_rule_book
from contracts.register import Tls, ZgwEndpoint
from services.handover.adapters.bijlagen import PostgresBijlagen
from services.handover.adapters.brieven import TypstBrieven
from services.handover.adapters.zgw import Catalogi, Stukken, Verbinding, Zaaksystemen, ZgwAflevering
from services.runtime.outbound.network import open_client
from services.runtime.outbound.secrets import Geheimen
from services.runtime.process.clock import SystemKlok
from services.runtime.unit.decision import Attempt, Result
from tests.contract.zgw.opstelling import SECRET, Opstelling, Weg, build, register_of, sandbox
from tests.fakes.ontvanger import Ontvanger, Uitgever, listening
from tests.fakes.tussenstation import Tussenstation

pytestmark = pytest.mark.anyio

ALL = Tls(ca="file:ca.pem", certificaat="file:eigen.pem", sleutel="file:eigen.key")


@asynccontextmanager
async def guarded(tmp_path: Path, uitgever: Uitgever) -> AsyncIterator[tuple[Opstelling, ZgwEndpoint, Ontvanger]]:
    """A zaaksysteem behind TLS that asks for a certificate; how it is reached is all that the register has wrong."""
    async with (
        sandbox(tmp_path, klok=SystemKlok()) as (zaaksysteem, _),
        httpx.AsyncClient(trust_env=False) as client,
        httpx.AsyncHTTPTransport() as transport,
    ):
        real = httpx.URL(zaaksysteem.endpoint.url)
        passing = Tussenstation(f"http://127.0.0.1:{real.port}", client)
        context = uitgever.context(uitgever.issue(), tmp_path, asks=True)
        async with listening(passing, context) as ontvanger:
            url = str(real.copy_with(scheme="https", port=ontvanger.port))
            seen = build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok(), sandbox=zaaksysteem)
            yield seen, zaaksysteem.endpoint.model_copy(update={"url": url}), ontvanger


async def deliver(opstelling: Opstelling, endpoint: ZgwEndpoint, folder: Path) -> Attempt:
    """Over the network that the hub really uses, with secrets that stand in files."""
    secret = Geheimen(data_dir=folder, environment={"HOUVAST_ZGW_SECRET": SECRET}).resolve
    verbinding = Verbinding(
        partial(open_client, timeout_seconds=5.0),
        secret=secret,
        wall=SystemKlok(),
        timeout=5.0,
    )
    register = register_of(endpoint)
    zaaksystemen = Zaaksystemen(verbinding, register, secret, SystemKlok(), Catalogi(SystemKlok()))
    bijlagen = PostgresBijlagen(SystemKlok())
    stukken = Stukken(register=register, rule_book=load_rule_book(), brieven=TypstBrieven(), bijlagen=bijlagen)
    aflevering = ZgwAflevering(zaaksystemen, stukken=stukken)
    try:
        return await aflevering(*opstelling.request(uuid4()))
    finally:
        await aflevering.close()


async def test_a_zaaksysteem_that_asks_who_we_are_is_shown_our_certificate(tmp_path: Path) -> None:
    """STANDARDS, Digikoppeling: mutual TLS. Without our certificate nothing is asked at all."""
    uitgever = Uitgever()
    own = uitgever.issue("houvast.example")
    for name, text in {"ca.pem": uitgever.ca, "eigen.pem": own.certificate, "eigen.key": own.key}.items():
        (tmp_path / name).write_text(text)
    async with guarded(tmp_path, uitgever) as (opstelling, endpoint, ontvanger):
        shown = await deliver(opstelling, endpoint.model_copy(update={"tls": ALL}), tmp_path)
        assert shown.result is Result.DONE, shown
        assert {"houvast.example" in str(vraag.certificate) for vraag in ontvanger.asked} == {True}
        asked = len(ontvanger.asked)
        hidden = await deliver(opstelling, endpoint.model_copy(update={"tls": Tls(ca="file:ca.pem")}), tmp_path)
        assert hidden.result is Result.TEMPORARY
        unknown = await deliver(opstelling, endpoint, tmp_path)
        assert "niet uitgegeven door wie wij vertrouwen" in unknown.detail
        assert len(ontvanger.asked) == asked


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"eigen.pem": ""}, "ontbreekt file:eigen.pem: het bestand is niet te lezen"),
        (
            {"eigen.key": "geen sleutel"},
            "klopt een instelling niet: ons certificaat en zijn sleutel passen niet bij elkaar",
        ),
        (
            {"ca.pem": "geen certificaat"},
            "klopt een instelling niet: de vertrouwde uitgever (ca) is geen certificaat in PEM",
        ),
    ],
)
async def test_a_certificate_that_is_not_right_on_our_side_is_no_refusal_by_the_gemeente(
    tmp_path: Path,
    files: dict[str, str],
    told: str,
) -> None:
    uitgever = Uitgever()
    own = uitgever.issue("houvast.example")
    given = {"ca.pem": uitgever.ca, "eigen.pem": own.certificate, "eigen.key": own.key} | files
    for name, text in given.items():
        if text:
            (tmp_path / name).write_text(text)
    async with guarded(tmp_path, uitgever) as (opstelling, endpoint, ontvanger):
        found = await deliver(opstelling, endpoint.model_copy(update={"tls": ALL}), tmp_path)
        assert found.result is Result.TEMPORARY
        assert found.detail.startswith(f"bij Houvast {told}"), found.detail
        assert ontvanger.asked == []

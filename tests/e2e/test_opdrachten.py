"""The commands beside a hub that runs: tokens that end, records that were set aside, everything sent again."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from tests.fixtures.processen import Up, eventually, houvast, running_hub

pytestmark = pytest.mark.database

VEILIG_THUIS = "veilig-thuis-west-brabant"
MELDINGEN = "/triage/v1/meldingen"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with running_hub(tmp_path_factory.mktemp("opdrachten") / "data", clock="2026-03-02T09:00+01:00@60") as running:
        yield running


def test_a_token_ends_when_it_is_revoked_and_only_by_its_own_party(hub: Up) -> None:
    where = ("--data", str(hub.data))
    token = hub.token(VEILIG_THUIS)
    of_another = houvast("token", "GM0758", "--intrekken", token, *where)
    assert (of_another.returncode, "GM0758" in of_another.stderr) == (1, True)
    ended = houvast("token", VEILIG_THUIS, "--intrekken", token, *where)
    assert (ended.returncode, ended.stdout) == (0, "")
    with hub.client(VEILIG_THUIS) as other:
        assert other.get(MELDINGEN).status_code == 200, "its other tokens go on"
        other.headers["Authorization"] = f"Bearer {token}"
        refused = other.get(MELDINGEN)
        assert refused.status_code == 401
        assert "geldt niet meer" in refused.json()["detail"]
    assert houvast("token", VEILIG_THUIS, "--intrekken", token, *where).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--dagen", "0"), "--dagen"),
        (("--dagen", "99999999"), "--dagen"),
        (("--scope", "alles:mogen"), "meldingen:schrijven"),
    ],
)
def test_a_token_that_would_be_of_no_use_is_not_issued(hub: Up, arguments: tuple[str, ...], told: str) -> None:
    done = houvast("token", "GM0758", *arguments, "--data", str(hub.data))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_person_of_a_party_logs_in_once_with_a_link_for_that_party(hub: Up) -> None:
    """In production nothing else makes one; mails lead to pages for whoever is logged in."""
    done = houvast("inloglink", "GM0758", "--data", str(hub.data))
    link = httpx.URL(done.stdout.strip())
    assert str(link).startswith(hub.address + "/inloggen?code=hv_")
    with httpx.Client(trust_env=False, base_url=hub.address) as browser:
        code = link.params["code"]
        assert browser.get(MELDINGEN, headers={"Authorization": f"Bearer {code}"}).status_code == 401, "no token itself"
        assert browser.post("/inloggen", data={"code": code, "naar": "/"}).headers["location"] == "/"
        assert "Breda" in browser.get("/").text
        assert browser.post("/inloggen", data={"code": code}).status_code == 410


def test_a_record_that_cannot_be_read_is_listed_and_dropped_with_a_reason(hub: Up) -> None:
    """Issue 2, bad input: a clear error with the place; whoever drops it says why."""
    asyncio.run(_send(hub.bootstrap, "houvast.correcties.v1", b"{geen json"))
    where = ("--data", str(hub.data))
    line = eventually(lambda: _listed(hub, "triage"), what="the dead letter")
    assert "houvast.correcties.v1/" in line
    assert "geen geldige JSON" in line
    key = next(word for word in line.split() if word.count("-") == 4)
    without = houvast("dlq", "drop", "triage", key, "--reden", "  ", *where)
    assert (without.returncode, "zeg waarom" in without.stderr) == (2, True)
    assert houvast("dlq", "retry", "triage", key, *where).returncode == 1
    assert houvast("dlq", "drop", "triage", key, "--reden", "onleesbaar", *where).returncode == 0
    assert _listed(hub, "triage") is None
    assert houvast("dlq", "drop", "triage", str(uuid4()), "--reden", "weg", *where).returncode == 1


@pytest.mark.parametrize("since", ["2026-03-02", "2026-03-02T08:00", "2026-03-02T09:00:00+01:00", "2026-03-02T08:00Z"])
def test_everything_is_sent_again_since_a_moment_with_or_without_its_zone(hub: Up, since: str) -> None:
    done = houvast("herstel", "--sinds", since, "--alles", "--data", str(hub.data))
    assert done.returncode == 0, done.stderr
    assert "opnieuw verzonden" in done.stderr


def test_a_moment_that_no_calendar_holds_is_told(hub: Up) -> None:
    done = houvast("herstel", "--sinds", "0001-01-01T00:00:00+14:00", "--data", str(hub.data))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def _listed(hub: Up, service: str) -> str | None:
    done = houvast("dlq", "list", "--data", str(hub.data))
    return next((line for line in done.stdout.splitlines() if line.startswith(service)), None)


async def _send(bootstrap: str, topic: str, raw: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(topic, raw, key=b"x")
    finally:
        await producer.stop()

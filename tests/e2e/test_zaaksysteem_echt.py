"""`houvast gemeente test` and `abonneer` for a gemeente with a zaaksysteem, against a hub and its sandbox as processes."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from contracts.register import ZgwEndpoint
from services.handover.adapters.zgw.client import mint_token
from services.runtime.process.clock import SystemKlok
from tests.fixtures.processen import (
    Up,
    created,
    data_folder,
    delivered,
    eventually,
    houvast,
    sample_register,
    start_up,
    voorbeeld,
)

pytestmark = pytest.mark.database

ETTEN_LEUR, VEILIG_THUIS = "GM0777", "veilig-thuis-west-brabant"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Up]:
    with data_folder(tmp_path / "data") as path:
        found = start_up(path, clock="2026-03-02T09:00+01:00@3600")
        try:
            yield found
        finally:
            found.process.ensure_ended()


def tokens(hub: Up) -> list[str]:
    """What the zaaksysteem of Etten-Leur lets the hub be told with, one per abonnement."""
    kept = json.loads((hub.data / "sandbox-abonnementen.json").read_text("utf-8"))
    return [item["auth"] for item in kept[ETTEN_LEUR].values()]


def gemeente(command: str, hub: Up, *arguments: str) -> str:
    done = houvast("gemeente", command, ETTEN_LEUR, "--data", str(hub.data), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_an_abonnement_is_taken_kept_renewed_and_hears_what_people_do(hub: Up) -> None:
    """Issue 4.1: made by the hub itself, idempotently, and tried by the command that tries an endpoint."""
    (first,) = tokens(hub)
    tried = gemeente("test", hub)
    assert "✗" not in tried
    for step in (
        "zaken.lezen",
        "geldigheid",
        "zaaktype",
        "roltypen",
        "statussen",
        "resultaattype",
        "ontvangstbewijs",
        "abonnement",
    ):
        assert f"✓ {step}" in tried
    assert "abonnement bijgewerkt" in gemeente("abonneer", hub)
    assert tokens(hub) == [first]
    gemeente("abonneer", hub, "--vernieuw")
    (renewed,) = tokens(hub)
    assert renewed != first
    assert "✗" not in gemeente("test", hub)
    gemeente("abonneer", hub)
    assert tokens(hub) == [renewed]

    with hub.client(VEILIG_THUIS) as veilig_thuis:
        refused = veilig_thuis.post("/overdracht/v1/notificaties", json={}, headers={"Authorization": first})
        assert refused.status_code == 401, "the token of before is over"
        may_only_tell = veilig_thuis.get("/overdracht/v1/overdrachten", headers={"Authorization": renewed})
        assert may_only_tell.status_code == 403
        path = f"/overdracht/v1/overdrachten/{_hand_over(veilig_thuis)}"
        eventually(lambda: veilig_thuis.get(path).json()["opgepaktOp"], seconds=60, what="what people did there")


def test_what_was_missed_without_an_abonnement_is_asked_for_when_there_is_one_again(hub: Up) -> None:
    """Somebody threw it away over there; people went on working."""
    path = hub.data / "sandbox-abonnementen.json"
    (abonnement_id,) = json.loads(path.read_text("utf-8"))[ETTEN_LEUR]
    with hub.client(VEILIG_THUIS) as veilig_thuis:
        headers = {"Authorization": f"Bearer {_zgw_token(hub)}"}
        base = f"/sandbox/zgw/{ETTEN_LEUR}/notificaties/api/v1/abonnement"
        assert veilig_thuis.delete(f"{base}/{abonnement_id}", headers=headers).status_code == 204
        overdracht = f"/overdracht/v1/overdrachten/{_hand_over(veilig_thuis)}"
        eventually(lambda: _worked(veilig_thuis, headers), seconds=60, what="what people did there")
        assert veilig_thuis.get(overdracht).json()["opgepaktOp"] is None
        assert "✗ abonnement" in houvast("gemeente", "test", ETTEN_LEUR, "--data", str(hub.data)).stdout
        assert "van 1 overdracht(en) wordt de stand nu opgevraagd" in gemeente("abonneer", hub)
        eventually(lambda: veilig_thuis.get(overdracht).json()["opgepaktOp"], what="what was missed")


def _zgw_token(hub: Up) -> str:
    """As the hub mints them."""
    secret = json.loads((hub.data / "sandbox-geheimen.json").read_text("utf-8"))[f"zgw-{ETTEN_LEUR}"]
    endpoint = sample_register().gemeente(ETTEN_LEUR, on=date(2026, 3, 2)).endpoint
    assert isinstance(endpoint, ZgwEndpoint)
    return mint_token(endpoint, secret, SystemKlok().now())


def _worked(client: httpx.Client, headers: dict[str, str]) -> bool:
    """Whether people there gave the one zaak its statussen, seen in the zaaksysteem itself."""
    base = f"/sandbox/zgw/{ETTEN_LEUR}/zaken/api/v1/statussen"
    found = client.get(base, headers=headers)
    return found.status_code == 200 and found.json()["count"] == 3


def _hand_over(veilig_thuis: httpx.Client) -> str:
    """A case that goes to Etten-Leur; the id of its overdracht, once delivered."""
    melding = created(veilig_thuis.post("/triage/v1/meldingen", json=voorbeeld("melding") | {"gemeente": ETTEN_LEUR}))
    besluit = voorbeeld("triagebesluit")
    del besluit["ontvangers"]
    created(veilig_thuis.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", json=besluit))
    casus = eventually(lambda: delivered(veilig_thuis, melding["casusId"]), what="the delivery")
    overdracht_id: str = casus["overdrachten"][0]["id"]
    return overdracht_id


def test_a_zaaksysteem_that_is_not_there_is_told_with_who_mends_it(tmp_path: Path) -> None:
    tried = houvast("gemeente", "test", ETTEN_LEUR, "--data", str(tmp_path))
    assert tried.returncode == 1
    assert "✗ TCP" in tried.stdout
    no_zaaksysteem = houvast("gemeente", "abonneer", "GM0758", "--data", str(tmp_path))
    assert no_zaaksysteem.returncode == 2
    assert "Breda heeft geen zaaksysteem in het register, maar rest." in no_zaaksysteem.stderr

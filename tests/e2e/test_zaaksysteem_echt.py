"""`houvast gemeente test` and `abonneer` for a gemeente with a zaaksysteem, against a hub and its sandbox as processes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.processen import Up, created, data_folder, delivered, eventually, houvast, start_up, voorbeeld

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
    for step in ("aanmelding en zaaktype", "roltypen", "statussen", "resultaattype", "rechten", "abonnement"):
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
        melding = created(
            veilig_thuis.post("/triage/v1/meldingen", json=voorbeeld("melding") | {"gemeente": ETTEN_LEUR})
        )
        besluit = voorbeeld("triagebesluit")
        del besluit["ontvangers"]
        created(veilig_thuis.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", json=besluit))
        casus = eventually(lambda: delivered(veilig_thuis, melding["casusId"]), what="the delivery")
        path = f"/overdracht/v1/overdrachten/{casus['overdrachten'][0]['id']}"
        eventually(lambda: veilig_thuis.get(path).json()["opgepaktOp"], seconds=60, what="what people did there")


def test_a_zaaksysteem_that_is_not_there_is_told_with_who_mends_it(tmp_path: Path) -> None:
    tried = houvast("gemeente", "test", ETTEN_LEUR, "--data", str(tmp_path))
    assert tried.returncode == 1
    assert "✗ TCP" in tried.stdout
    no_zaaksysteem = houvast("gemeente", "abonneer", "GM0758", "--data", str(tmp_path))
    assert no_zaaksysteem.returncode == 2
    assert "Breda heeft geen zaaksysteem in het register, maar rest." in no_zaaksysteem.stderr

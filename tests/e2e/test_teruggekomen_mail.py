"""`houvast up` with mailboxes that do not exist: the mail is accepted, comes back, and everybody hears so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.ground import SAMPLE_REGISTER
from tests.fixtures.processen import Up, created, data_folder, eventually, start_up, voorbeeld

pytestmark = pytest.mark.database

MONDAY = "2026-03-02T09:00+01:00"
VEILIG_THUIS = "veilig-thuis-west-brabant"
RUCPHEN = "GM0840"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Up]:
    """In Rucphen neither the mailbox of the team nor those of its people exist."""
    register = tmp_path / "register.toml"
    text = SAMPLE_REGISTER.read_text(encoding="utf-8")
    for name in ("lokaalteam", "youssef.leijten", "iris.schellekens"):
        assert f'"{name}@rucphen.example"' in text
        text = text.replace(f'"{name}@rucphen.example"', f'"bestaat-niet.{name}@rucphen.example"')
    register.write_text(text, encoding="utf-8")
    with data_folder(tmp_path / "data") as data:
        running = start_up(data, clock=f"{MONDAY}@60", register=str(register))
        try:
            yield running
        finally:
            running.process.ensure_ended()


def test_an_overdracht_by_mail_that_comes_back_was_not_delivered(hub: Up) -> None:
    """G8: the relay took it; the receiver's server did not. Zicht stays with Veilig Thuis, and people are told."""
    with hub.client(VEILIG_THUIS) as veilig_thuis:
        melding = created(veilig_thuis.post("/triage/v1/meldingen", json=voorbeeld("melding") | {"gemeente": RUCPHEN}))
        besluit = voorbeeld("triagebesluit") | {"ontvangers": [{"gemeente": RUCPHEN}]}
        created(veilig_thuis.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", json=besluit))

        def refused() -> dict[str, Any]:
            answer = veilig_thuis.get("/overdracht/v1/overdrachten", params={"status": "geweigerd"})
            found: list[dict[str, Any]] = answer.json()["overdrachten"]
            return found[0] if found else {}

        overdracht = eventually(refused, what="the mail to come back")
        assert overdracht["laatsteFout"] == "de mail kwam terug als onbestelbaar (5.1.1)"
        assert overdracht["afgeleverdOp"] is None

        def case() -> dict[str, Any]:
            answer = veilig_thuis.get(f"/monitoring/v1/casussen/{melding['casusId']}")
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            (seen,) = found["overdrachten"]
            assert seen["gestagneerdOp"] is not None
            assert seen["afgeleverdOp"] is None
            return found

        eventually(case, what="monitoring to hear of it")
        zicht = veilig_thuis.get(f"/monitoring/v1/casussen/{melding['casusId']}/zicht-op-veiligheid").json()
        assert zicht["partij"] == VEILIG_THUIS

        def told() -> list[dict[str, Any]]:
            answer = veilig_thuis.get("/notificaties/v1/notificaties", params={"casus": melding["casusId"]})
            rows: list[dict[str, Any]] = answer.json()["notificaties"]
            assert any(row["partij"] == VEILIG_THUIS and row["status"] == "verzonden" for row in rows)
            back = [row for row in rows if row["partij"] == RUCPHEN and row["kanaal"] == "e-mail"]
            assert [row["reden"] for row in back] == ["de mail kwam terug als onbestelbaar (5.1.1)"]
            assert [row["status"] for row in back] == ["mislukt"]
            return rows

        eventually(told, what="people to be told, and the mail to Rucphen to come back")
    assert "@rucphen" not in hub.process.said

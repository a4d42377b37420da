"""`houvast up` on a Kafka cluster that asks for a password over TLS: a melding travels; a wrong password is told."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.beveiligde_kafka import USER, BeveiligdeKafka
from tests.fixtures.processen import created, data_folder, delivered, eventually, houvast, start_up, voorbeeld

pytestmark = [pytest.mark.database, pytest.mark.durable_broker, pytest.mark.timeout(240)]

VEILIG_THUIS = "veilig-thuis-west-brabant"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with data_folder(tmp_path / "data") as path:
        yield path


def test_a_melding_travels_over_a_secured_cluster_and_a_wrong_password_is_told(
    beveiligde_kafka: BeveiligdeKafka, data: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "verkeerd"
    wrong.write_text("niet-dit")
    settings = {
        "kafka_security": "SASL_SSL",
        "kafka_user": USER,
        "kafka_password": f"file:{beveiligde_kafka.password_file}",
        "kafka_ca_file": str(beveiligde_kafka.ca_file),
    }
    broker = ("--broker", beveiligde_kafka.address("SASL_SSL"))
    hub = start_up(data, *broker, clock="2026-03-02T09:00+01:00@60", **settings)
    try:
        with hub.client(VEILIG_THUIS) as veilig_thuis:
            melding = created(veilig_thuis.post("/triage/v1/meldingen", json=voorbeeld("melding")))
            besluiten = f"/triage/v1/meldingen/{melding['id']}/triagebesluiten"
            created(veilig_thuis.post(besluiten, json=voorbeeld("triagebesluit")))
            eventually(lambda: delivered(veilig_thuis, melding["casusId"]), what="the delivery")
            assert veilig_thuis.get("/gezond/klaar").status_code == 200
        assert hub.process.end()[0] == 0
    finally:
        hub.process.ensure_ended()

    environment = {f"HOUVAST_{name.upper()}": value for name, value in settings.items()}
    started = time.monotonic()
    refused = houvast(
        *("up", "--data", str(data), "--port", "0", *broker),
        environment=environment | {"HOUVAST_KAFKA_PASSWORD": f"file:{wrong}"},
    )
    assert time.monotonic() - started < 20
    assert refused.returncode == 1
    (said,) = [line for line in refused.stderr.splitlines() if not line.startswith("…")]
    assert "weigert de aanmelding" in said
    assert "HOUVAST_KAFKA_PASSWORD" in said
    assert "niet-dit" not in refused.stderr + refused.stdout

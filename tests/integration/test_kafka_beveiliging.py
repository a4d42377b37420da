"""A cluster that asks who calls: every client of the hub makes itself known, and a refusal is told in a sentence."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from faststream.kafka import KafkaBroker

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import TOPICS, Service
from contracts.messages.topics import TRIAGE as TRIAGE_TOPIC
from services.cli.servers import start_broker
from services.runtime.database.signals import Signals
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.consumers import Consumer, Reading, Take, bind_batches
from services.runtime.kafka.consumption import ConsumptionWatch
from services.runtime.kafka.relay import Relay
from services.runtime.kafka.security import client_options
from services.runtime.outbound.secrets import Geheimen
from services.runtime.process.starting import ServerStartError
from services.runtime.process.supervision import Supervisor
from services.runtime.settings import KafkaSettings
from services.runtime.unit.decision import Record
from tests.fakes.desk import Desk, lay_schema, meld, open_desk, until
from tests.fakes.estafette import TRIAGE
from tests.fixtures.beveiligde_kafka import USER, BeveiligdeKafka

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.durable_broker]

TOPIC_NAMES = tuple(topic.name for topic in TOPICS)
SECRET = Geheimen(environment={"VERKEERD": "iets-anders"}).resolve


def login(kafka: BeveiligdeKafka) -> KafkaSettings:
    """Over TLS, with a user name and a password."""
    return KafkaSettings(
        protocol="SASL_SSL",
        mechanism="SCRAM-SHA-512",
        user=USER,
        password=f"file:{kafka.password_file}",
        ca_file=kafka.ca_file,
        certificate_file=None,
        key=None,
    )


def certified(kafka: BeveiligdeKafka) -> KafkaSettings:
    """With a certificate of our own."""
    return replace(
        login(kafka),
        protocol="SSL",
        user=None,
        password=None,
        certificate_file=kafka.certificate_file,
        key=f"file:{kafka.key_file}",
    )


async def connect(kafka: BeveiligdeKafka, settings: KafkaSettings, folder: Path) -> RunningBroker:
    return await start_broker(
        kafka.address(settings.protocol),
        data_dir=folder,
        topics=TOPIC_NAMES,
        client=client_options(settings, SECRET),
    )


@pytest.mark.parametrize("way", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "SASL_PLAINTEXT", "certificaat"])
async def test_what_is_written_travels_over_a_secured_cluster(
    way: str, beveiligde_kafka: BeveiligdeKafka, fresh_database: str, tmp_path: Path
) -> None:
    """Admin, producer, consumer and the watch: each has to make itself known."""
    settings = {
        "SCRAM-SHA-512": login(beveiligde_kafka),
        "SCRAM-SHA-256": replace(login(beveiligde_kafka), mechanism="SCRAM-SHA-256"),
        "PLAIN": replace(login(beveiligde_kafka), mechanism="PLAIN"),
        "SASL_PLAINTEXT": replace(login(beveiligde_kafka), protocol="SASL_PLAINTEXT", ca_file=None),
        "certificaat": certified(beveiligde_kafka),
    }[way]
    broker = await connect(beveiligde_kafka, settings, tmp_path)
    await lay_schema(fresh_database, "triage")
    casus_id = CasusId(derived_id("beveiligd", way))
    heard: list[Record] = []

    async def take(records: Sequence[Record]) -> None:
        heard.extend(records)

    def bind(kafka: KafkaBroker, take_here: Take, reading: Reading) -> None:
        bind_batches(kafka, Service.HANDOVER, take_here, reading)

    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(casus_id, way))
        supervisor = Supervisor()
        supervisor.start("relay", relay_of(desk, broker).run)
        consumer = Consumer(broker.bootstrap, bind, take, Reading(), service="handover", client=broker.client)
        supervisor.start("consument", consumer.run)
        try:
            await until(lambda: _heard(heard, casus_id), seconds=30)
            listeners = {TRIAGE_TOPIC.name: (Service.HANDOVER,)}
            async with ConsumptionWatch(broker.bootstrap, client=broker.client, listeners=listeners) as watch:
                await until(lambda: _committed(watch, heard[-1]), seconds=30)
        finally:
            await supervisor.stop()


def relay_of(desk: Desk, broker: RunningBroker) -> Relay:
    return Relay(
        desk.pool,
        desk.klok,
        Signals(desk.url, "triage"),
        service="triage",
        bootstrap=broker.bootstrap,
        instance="triage-0",
        client=broker.client,
    )


async def _committed(watch: ConsumptionWatch, last: Record) -> bool:
    return (await watch.committed(last.topic))[last.partition] > last.offset


async def _heard(records: list[Record], casus_id: CasusId) -> bool:
    return any(str(casus_id).encode() in record.raw for record in records)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"password": "env:VERKEERD"}, "HOUVAST_KAFKA_PASSWORD"),
        ({"user": "een-ander"}, "HOUVAST_KAFKA_USER"),
        ({"mechanism": "PLAIN", "password": "env:VERKEERD"}, "weigert de aanmelding met PLAIN"),
        ({"ca_file": None}, "niet uitgegeven door wie wij vertrouwen"),
    ],
)
async def test_who_is_not_known_is_told_why_within_seconds(
    wrong: dict[str, str], told: str, beveiligde_kafka: BeveiligdeKafka, tmp_path: Path
) -> None:
    settings = replace(login(beveiligde_kafka), **wrong)
    started = time.monotonic()
    with pytest.raises(ServerStartError, match=told) as error:
        await connect(beveiligde_kafka, settings, tmp_path)
    assert time.monotonic() - started < 5
    assert beveiligde_kafka.address("SASL_SSL") in str(error.value)
    assert "iets-anders" not in str(error.value)


async def test_without_a_certificate_where_one_is_asked_is_told(
    beveiligde_kafka: BeveiligdeKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under TLS 1.3 such a cluster only hangs up, which it also does while it starts: hence the usual patience."""
    monkeypatch.setattr("services.runtime.kafka.cluster.ANSWER_LIMIT_SECONDS", 2.0)
    settings = replace(certified(beveiligde_kafka), certificate_file=None, key=None)
    with pytest.raises(ServerStartError, match="HOUVAST_KAFKA_SECURITY"):
        await connect(beveiligde_kafka, settings, tmp_path)


def test_a_secret_that_is_not_there_is_named() -> None:
    settings = KafkaSettings("SASL_PLAINTEXT", "PLAIN", USER, "env:ER_IS_NIETS", None, None, None)
    with pytest.raises(ServerStartError, match="env:ER_IS_NIETS"):
        client_options(settings, SECRET)

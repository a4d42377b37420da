"""Apache Kafka in a container, where a Docker engine answers."""

import asyncio
import os
import socket
from collections.abc import Sequence

from lab.ground.local_server import free_port
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.topics import DEFAULT_FETCH_MAX_WAIT_MS, NoAnswerError, ensure_topics
from services.runtime.process.starting import ServerStartError, Tell

DEFAULT_HOST = "unix:///var/run/docker.sock"
IMAGE = "apache/kafka:4.1.1"
START_LIMIT_SECONDS = 90.0
PING_LIMIT_SECONDS = 3


def engine_answers() -> bool:
    """Whether there is a Docker engine to start containers with."""
    if not _somebody_listens():
        return False
    try:
        import docker
        from docker.errors import DockerException
    except ImportError:
        return False
    try:
        engine = docker.DockerClient.from_env(timeout=PING_LIMIT_SECONDS)
        try:
            return bool(engine.ping())
        finally:
            engine.close()
    except (DockerException, OSError):
        return False


def _somebody_listens() -> bool:
    """Saves the client of Docker a try in vain, over which it leaves its socket open."""
    address = os.environ.get("DOCKER_HOST", DEFAULT_HOST)
    if not address.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(address.removeprefix("unix://")) == 0


async def start_docker(topics: Sequence[str], *, partitions: int, tell: Tell) -> RunningBroker:
    """One node of Apache Kafka in a container; stopping it throws its data away."""
    if not await asyncio.to_thread(engine_answers):
        raise ServerStartError(
            "Er antwoordt geen Docker, of het pakket testcontainers ontbreekt. Start Docker, of neem --broker local "
            "(JDK 17 en Maven) of --broker embedded."
        )
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = DockerContainer(IMAGE).with_bind_ports(port, port)
    for name, value in _environment(port).items():
        container = container.with_env(name, value)
    tell(f"Apache Kafka start in Docker ({IMAGE}) …")
    await asyncio.to_thread(container.start)

    async def stop() -> None:
        await asyncio.to_thread(container.stop)

    bootstrap = f"{container.get_container_host_ip()}:{port}"
    try:
        await ensure_topics(bootstrap, topics, partitions=partitions, client={}, limit_seconds=START_LIMIT_SECONDS)
    except NoAnswerError as error:
        output, errors = container.get_logs()
        await stop()
        lines = (output + errors).decode(errors="replace").splitlines()[-15:]
        raise ServerStartError("Kafka in Docker antwoordt niet. Laatste logregels:\n" + "\n".join(lines)) from error
    return RunningBroker(
        bootstrap,
        kind="docker",
        durable=True,
        fetch_max_wait_ms=DEFAULT_FETCH_MAX_WAIT_MS,
        partitions=partitions,
        _stop=stop,
    )


def _environment(port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:29093",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:29093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }

"""Real Apache Kafka on this machine, without Docker: a JDK, the jars, and a folder for its data.

The nodes outlive a crash of the process that started them; the next start finds them by their pid file and the ports
they wrote down, and uses them again.
"""

import asyncio
import base64
import json
import signal
import subprocess
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from lab.ground.kafka_jars import POM, fetch_jars, find_java
from lab.ground.local_server import OwnProcess, Share, free_port, last_lines, one_at_a_time, port_is_free, wait_until
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.topics import DEFAULT_FETCH_MAX_WAIT_MS, MOST_COPIES, NoAnswerError, ensure_topics
from services.runtime.process.starting import ServerStartError, Tell, tell_stderr

TEMPLATE = POM.with_name("server.properties")
START_LIMIT_SECONDS = 90.0
STOP_LIMIT_SECONDS = 15.0


async def start_local(
    data_dir: Path, topics: Sequence[str], *, partitions: int, nodes: int = 1, tell: Tell = tell_stderr
) -> RunningBroker:
    """Apache Kafka with its data in `data_dir`/kafka, on one node or more.

    Raises `ServerStartError` with the last lines of its log and what to do.
    """
    cluster = await open_cluster(data_dir, nodes=nodes, tell=tell)
    lock = cluster.folder / "slot"
    async with one_at_a_time(lock):
        share = Share(cluster.folder / "gebruikers")
        try:
            await cluster.start(topics, partitions=partitions)
        except BaseException:
            if share.give_back():
                await cluster.stop()
            raise

    async def stop() -> None:
        async with one_at_a_time(lock):
            if share.give_back():
                await cluster.stop()

    return RunningBroker(
        cluster.bootstrap,
        kind="local",
        durable=True,
        fetch_max_wait_ms=DEFAULT_FETCH_MAX_WAIT_MS,
        partitions=partitions,
        _stop=stop,
    )


async def open_cluster(
    data_dir: Path, *, nodes: int = 1, tell: Tell = tell_stderr, in_front: int | None = None
) -> "Cluster":
    """The cluster of this folder, not started yet. The fault tests take its nodes apart.

    `in_front` is the port of a proxy that its clients are to come by, for a cluster of one node.
    """
    java = await asyncio.to_thread(find_java)
    jars = await fetch_jars(tell)
    return await asyncio.to_thread(Cluster, data_dir, nodes, java=java, jars=jars, in_front=in_front)


@dataclass(frozen=True, slots=True)
class _Ports:
    broker: int
    controller: int


class Cluster:
    """`nodes` brokers on this machine, each a controller too. Three keep going when one is lost."""

    def __init__(self, data_dir: Path, nodes: int, *, java: str, jars: Path, in_front: int | None = None) -> None:
        self.in_front = in_front
        self.folder = data_dir.resolve() / "kafka"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.nodes = [Node(self.folder, number, cluster=self) for number in range(1, nodes + 1)]
        self.java = java
        self.jars = jars
        self.id = self._read_id()

    @property
    def bootstrap(self) -> str:
        return ",".join(node.address for node in self.nodes)

    @property
    def voters(self) -> str:
        return ",".join(f"{node.number}@127.0.0.1:{node.ports.controller}" for node in self.nodes)

    async def start(self, topics: Sequence[str] = (), *, partitions: int = 4) -> None:
        """Start the nodes that do not run yet, and wait until they answer and the topics are there."""
        if not any(node.runs for node in self.nodes):
            for node in self.nodes:
                node.move_from_taken_ports()
        for node in self.nodes:
            if not node.runs:
                await asyncio.to_thread(node.start)
        await asyncio.gather(*(node.wait_until_listening() for node in self.nodes))
        copies = min(len(self.nodes), MOST_COPIES)
        try:
            await ensure_topics(
                self.bootstrap,
                topics,
                partitions=partitions,
                client={},
                limit_seconds=START_LIMIT_SECONDS,
                copies=copies,
            )
        except NoAnswerError as error:
            raise self.nodes[0].failure(f"antwoordt niet ({error})") from error

    async def stop(self) -> None:
        await asyncio.gather(*(node.stop() for node in self.nodes))

    def _read_id(self) -> str:
        note = self.folder / "cluster-id"
        if not note.exists():
            # Kafka wants 22 URL-safe characters; the first keeps it from looking like an option
            note.write_text("H" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:])
        return note.read_text()


class Node:
    """One broker of the cluster, with a folder of its own."""

    def __init__(self, folder: Path, number: int, *, cluster: Cluster) -> None:
        self.number = number
        self.folder = folder / f"node-{number}"
        self.log = self.folder / "kafka.log"
        self.folder.mkdir(exist_ok=True)
        self._cluster = cluster
        self._properties = self.folder / "server.properties"
        self._pid_note = self.folder / "pid"
        self._started: OwnProcess | None = None
        self.ports = self._read_ports()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports.broker}"

    @property
    def runs(self) -> bool:
        return self._find_running() is not None

    def move_from_taken_ports(self) -> None:
        """Take other ports where somebody else has ours since the last time."""
        for name in ("broker", "controller"):
            if not port_is_free(getattr(self.ports, name)):
                self.ports = replace(self.ports, **{name: free_port()})
        self._write_ports()

    def start(self) -> None:
        """Start the process; it does not answer yet when this returns."""
        self._write_properties()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        heap = "1g" if len(self._cluster.nodes) == 1 else "512m"
        command = self._java("kafka.Kafka", str(self._properties), options=[f"-Xmx{heap}", "-Xms128m"])
        self._started = OwnProcess.start(command, mark=str(self._properties), log=self.log, cwd=self.folder)
        self._pid_note.write_text(str(self._started.pid))

    async def wait_until_listening(self) -> None:
        def settled() -> bool:
            return not self.runs or not port_is_free(self.ports.broker)

        if not await wait_until(settled, limit_seconds=START_LIMIT_SECONDS) or not self.runs:
            raise self.failure("komt niet op")

    def kill(self) -> None:
        """End it as a power cut would."""
        if (process := self._find_running()) is not None:
            process.kill()

    async def stop(self) -> None:
        if (process := self._find_running()) is not None:
            await process.stop(by=signal.SIGTERM, limit_seconds=STOP_LIMIT_SECONDS)
        self._pid_note.unlink(missing_ok=True)

    def failure(self, what: str) -> ServerStartError:
        return ServerStartError(
            f"Apache Kafka in {self.folder} {what}. Laatste regels van {self.log}:\n{last_lines(self.log)}\n"
            "Is er geheugen (1 GB) en schijfruimte? Zonder eigen Kafka verder: --broker embedded."
        )

    def _find_running(self) -> OwnProcess | None:
        """Our own process, or one of an earlier life by its note.

        A process that was started just now has no command line for a moment, so it is not looked for by that.
        """
        if self._started is not None and self._started.runs:
            return self._started
        with suppress(FileNotFoundError, ValueError):
            process = OwnProcess(int(self._pid_note.read_text()), mark=str(self._properties))
            return process if process.runs else None
        return None

    def _read_ports(self) -> _Ports:
        with suppress(FileNotFoundError, ValueError, TypeError):
            return _Ports(**json.loads((self.folder / "ports.json").read_text()))
        return _Ports(free_port(), free_port())

    def _write_ports(self) -> None:
        note = {"broker": self.ports.broker, "controller": self.ports.controller}
        (self.folder / "ports.json").write_text(json.dumps(note))

    def _write_properties(self) -> None:
        nodes = len(self._cluster.nodes)
        self._properties.write_text(
            TEMPLATE.read_text().format(
                node=self.number,
                voters=self._cluster.voters,
                port=self.ports.broker,
                advertised=self._cluster.in_front or self.ports.broker,
                controller_port=self.ports.controller,
                data=self.folder / "data",
                copies=min(nodes, MOST_COPIES),
                in_sync=min(nodes, 2),
            )
        )

    def _format(self) -> None:
        command = self._java(
            "kafka.tools.StorageTool",
            "format",
            "-t",
            self._cluster.id,
            "-c",
            str(self._properties),
            options=["-XX:TieredStopAtLevel=1"],
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise ServerStartError(f"De map {self.folder} is niet klaar te maken voor Kafka:\n{done.stderr[-1500:]}")

    def _java(self, main: str, *arguments: str, options: list[str]) -> list[str]:
        logging = "-Dorg.slf4j.simpleLogger.showDateTime=true"
        return [self._cluster.java, *options, logging, "-cp", f"{self._cluster.jars}/*", main, *arguments]

"""The jars of Apache Kafka: fetched once by Maven, kept in the cache of the user."""

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.ground.local_server import one_at_a_time
from services.runtime.process.starting import ServerStartError, Tell, tell_stderr

POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
OLDEST_JAVA = 17


async def fetch_jars(tell: Tell = tell_stderr) -> Path:
    """The folder with the jars that `deploy/kafka/pom.xml` asks for; fetched when they are not there yet.

    Raises `ServerStartError` when Maven is missing or fails.
    """
    version = _kafka_version()
    folder = _cache() / f"kafka-{version}"
    complete = folder / "complete"
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    async with one_at_a_time(folder / "slot", limit_seconds=600):
        if not complete.exists() or complete.read_text() != wanted:
            tell(f"Apache Kafka {version} wordt eenmalig opgehaald met Maven (ongeveer 55 MB) …")
            await asyncio.to_thread(_fetch, folder)
            complete.write_text(wanted)
    return folder / "libs"


def find_java() -> str:
    """The `java` to run Kafka with. Raises `ServerStartError` where there is none, or none new enough."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else None
    java = java or shutil.which("java")
    advice = f"Installeer een JDK vanaf versie {OLDEST_JAVA}, of neem --broker embedded."
    if java is None:
        raise ServerStartError(f"Apache Kafka draait op Java, en dat is er niet. {advice}")
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r'version "(\d+)', shown.stderr)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise ServerStartError(f"{java} is te oud voor Apache Kafka. {advice}")
    return java


def can_run() -> str | None:
    """Why Apache Kafka cannot be run on this machine; None when it can."""
    try:
        find_java()
    except ServerStartError as error:
        return str(error)
    fetched = (_cache() / f"kafka-{_kafka_version()}" / "complete").exists()
    return None if fetched or shutil.which("mvn") else "Maven (mvn) ontbreekt om Apache Kafka op te halen."


def _kafka_version() -> str:
    found = re.search(r"<kafka\.version>([\d.]+)<", POM.read_text())
    assert found is not None, f"{POM} names no version"
    return found[1]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "houvast"


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerStartError("Maven (mvn) ontbreekt om Apache Kafka op te halen. Neem anders --broker embedded.")
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        options = ["-DincludeScope=runtime", f"-DoutputDirectory={fresh}/libs"]
        command = [maven, "-B", "-q", "-f", str(POM), COPY, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=fresh)  # noqa: S603
        if done.returncode != 0:
            raise ServerStartError(
                f"Maven kan Apache Kafka niet ophalen:\n{(done.stdout + done.stderr)[-1500:]}\n"
                "Is er verbinding met een Maven-spiegel? Neem anders --broker embedded."
            )
        shutil.rmtree(folder / "libs", ignore_errors=True)
        (Path(fresh) / "libs").rename(folder / "libs")

"""`houvast demo` as whoever tries it out sees it: a story to follow, a table, the promises kept, and a look around."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.processen import Process, data_folder, eventually, houvast, start_process, start_up

pytestmark = [pytest.mark.database, pytest.mark.timeout(900)]

STORY_LIMIT = 800.0
"""Seconds after which it hangs; how long the story takes is up to the machine."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with data_folder(tmp_path_factory.mktemp("demo") / "data") as folder:
        yield folder


@pytest.fixture(scope="module")
def told(data: Path) -> Iterator[Process]:
    """A demo that was played to its end and lets somebody look around."""
    demo = start_process("demo", "--rondkijken", "--data", str(data), log=data.parent / "demo.log")
    try:
        eventually(
            lambda: "Stoppen: Ctrl-C" in demo.said or demo.running.poll() is not None,
            seconds=STORY_LIMIT,
            what="the end of the story",
        )
        assert demo.running.poll() is None, demo.said
        yield demo
    finally:
        demo.ensure_ended()


def test_the_demo_keeps_the_promises_and_shows_what_happened(told: Process) -> None:
    said = told.said
    for promise in ("G1", "G2", "G3", "G4", "G10"):
        assert re.search(rf"{promise} .*: ✓ gehouden", said), promise
    assert "GEBROKEN" not in said
    assert "onverwacht" not in said
    first = re.search(r"^(\w\w \d\d-\d\d \d\d:\d\d) ", said, re.MULTILINE)
    assert first is not None
    assert first[1].startswith("ma 02-03"), "however long the machine takes to get ready"
    assert "directe overdracht aan Safegroup" in said
    for column in ("Aan", "Kanaal", "Afgeleverd", "Ontvangen", "Opgepakt", "Zicht op veiligheid", "Opgeschaald"):
        assert column in said
    overdrachten = said.partition("Overdrachten")[2]
    for channel in ("rest", "zgw", "e-mail"):
        assert f"│ {channel} " in overdrachten, channel
    assert "herkend, er verandert niets" in said, "one melding comes twice"
    assert "er ontbreekt: " in said, "one overdrachtsdocument is incomplete"
    assert said.count("crisis bij het meldpunt, vermoeden van huiselijk geweld") == 2
    assert "anoniem" in said or "dienst Onderzoek" in said, "one is anonymous with a closed family"
    assert re.search(r"\d+ mails en \d+ Teams-kaarten", said)
    assert "Traceback" not in said


def test_whoever_looks_around_logs_in_and_finds_the_folder_again_where_the_clock_stopped(
    told: Process, data: Path
) -> None:
    """Monday 23 March 2026 09:00 in Amsterdam, and not a day later than somebody looked around."""
    link = re.search(r"Rondkijken\s+(http\S+)", told.said)
    assert link is not None
    assert len(_board(link[1])) > 1000
    assert told.end()[0] == 0, told.said
    assert f"up --data {data}" in told.said

    again = start_up(data)
    try:
        assert re.search(r"klok\s+2026-03-23 08:", again.process.said), again.process.said
        assert len(_board(again.login_link)) > 1000
        assert again.process.end()[0] == 0
    finally:
        again.process.ensure_ended()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_text("van een ander")
    refused = houvast("demo", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "niet leeg" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["brief.txt"]


def _board(link: str) -> str:
    """The first page, for whoever follows the link and logs in."""
    address = httpx.URL(link)
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(address).status_code == 200
        start = address.copy_with(query=None)
        assert browser.post(start, data={"code": address.params["code"]}).status_code == 303
        page = browser.get(start.join("/"))
    assert page.status_code == 200
    return page.text

"""A third of the stories over the hub as it runs: PostgreSQL, Kafka, HTTP, the sandbox; the clock steps from act to act.

They are told side by side in the order of their moments, from 2022 to 2027, in one hub.
"""

import asyncio
import logging
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog

from lab.sandbox import Gedrag
from lab.stack import running_stack
from services.runtime.process.clock import VirtueleKlok
from services.runtime.settings import Settings, load_settings
from tests.scenarios.echt import Echt
from tests.scenarios.geheugen import rule_book, sample_register
from tests.scenarios.lezen import read_map
from tests.scenarios.runner import tell_together
from tests.scenarios.vertelling import Verhaal

READ, _ = read_map(Path(__file__).parents[1] / "scenarios", rule_book=rule_book(), register=sample_register())
"""A story that cannot be read fails where the stories are told in memory, by itself."""
VERHALEN = [verhaal for verhaal in READ if verhaal.echt]

pytestmark = [pytest.mark.database, pytest.mark.broker, pytest.mark.timeout(900)]


@contextmanager
def only_warnings() -> Generator[None, None, None]:
    """Thousands of log lines that nobody reads cost a third of the time."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**usual)


async def tell_all(data_dir: Path) -> Mapping[str, str]:
    """What did not hold, by story."""
    klok = VirtueleKlok(min(verhaal.regels[0].moment for verhaal in VERHALEN))
    settings = load_settings({}, data_dir=data_dir, port=0)
    with only_warnings():
        return await tell_over_stack(settings, klok)


async def tell_over_stack(settings: Settings, klok: VirtueleKlok) -> Mapping[str, str]:
    async with (
        running_stack(settings, tell=lambda _: None, standaard_gedrag=Gedrag.nooit(), klok=klok) as stack,
        httpx.AsyncClient(base_url=stack.address, timeout=30) as client,
    ):
        echt = Echt(stack, klok, client)
        return await tell_together(VERHALEN, echt, echt.forget)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """All stories are told once, for every test of this file.

    Nobody's messages wait for each other here: the stories share their people and would wait for what another one says.
    """
    with ThreadPoolExecutor(max_workers=1) as pool, pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOUVAST_NOTIFIER_BUNDLE_SECONDS", "0")
        environment.setenv("HOUVAST_NOTIFIER_DIGEST_SECONDS", "0")
        return pool.submit(asyncio.run, tell_all(tmp_path_factory.mktemp("verhalen"))).result()


def test_a_third_of_the_stories_is_told_for_real() -> None:
    """Of both regions and of the agreements of 2017."""
    assert {verhaal.bestand.partition("/")[0] for verhaal in VERHALEN} == {
        "west-brabant",
        "west-brabant-2017",
        "midden-brabant",
    }


@pytest.mark.parametrize("verhaal", [pytest.param(verhaal, id=verhaal.bestand) for verhaal in VERHALEN])
def test_the_story_holds_over_the_real_stack(verhaal: Verhaal, outcome: Mapping[str, str]) -> None:
    """The same lines as in memory, by HTTP, over Kafka and in PostgreSQL."""
    assert outcome.get(verhaal.bestand) is None

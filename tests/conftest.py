"""What holds for every test, and what every test may ask for. A server starts once, when the first test asks for it."""

import atexit
import gc

import pytest
import structlog
from hypothesis import settings

from services.runtime.process.logging import describe_exception, keep_allowed, render
from services.runtime.process.memory import relax_collector

pytest_plugins = [
    "tests.fixtures.beveiligde_kafka",
    "tests.fixtures.kafka",
    "tests.fixtures.postgres",
    "tests.fixtures.vastgelopen",
    "tests.fixtures.werkplek",
]

# what is imported stays: nobody looks for garbage in it before there are tests, nor when pytest has done so at the end
gc.disable()
atexit.register(gc.freeze)

settings.register_profile("houvast", deadline=None, database=None)
settings.register_profile("ruim", settings.get_profile("houvast"), max_examples=400)
settings.register_profile("vlug", settings.get_profile("houvast"), max_examples=20)
settings.load_profile("houvast")

# as in production; the default of structlog draws every exception with its locals, which takes seconds
structlog.configure(
    processors=[describe_exception, keep_allowed, structlog.processors.add_log_level, render],
    logger_factory=structlog.BytesLoggerFactory(),
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_collection_finish() -> None:
    gc.enable()
    relax_collector()

"""What a log line may hold (G6)."""

import ast
import io
import logging
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.messages.identifiers import passes_bsn_check
from services.runtime.access.sealing import SealBroken
from services.runtime.process.logging import ALLOWED_KEYS, REMOVED, configure_logging, redact
from services.runtime.process.metrics import REGISTRY
from tests.architecture.sources import python_sources

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


@pytest.fixture
def written() -> Iterator[io.BytesIO]:
    """What is logged during a test; afterwards logging is as it was."""
    before, hook, root = structlog.get_config(), sys.excepthook, logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.BytesIO()
    configure_logging("INFO", stream=stream)
    yield stream
    structlog.configure(**before)
    sys.excepthook = hook
    root.handlers[:], root.level = handlers, level


def _lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_level_and_moment_in_utc(written: io.BytesIO) -> None:
    structlog.get_logger().info("overdracht_afgeleverd", casus_id="0195f2f0-0000-7000-8000-000000000001")
    (line,) = _lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "overdracht_afgeleverd",
        "level": "info",
        "casus_id": "0195f2f0-0000-7000-8000-000000000001",
    }


def test_a_key_that_is_not_on_the_list_is_dropped_and_counted(written: io.BytesIO) -> None:
    before = REGISTRY.get_sample_value("houvast_log_keys_dropped_total") or 0
    structlog.get_logger().info("iets_gebeurd", naam="Jan Jansen", status=1)
    assert b"Jansen" not in written.getvalue()
    assert b"naam" not in written.getvalue()
    assert _lines(written)[0]["status"] == 1
    assert REGISTRY.get_sample_value("houvast_log_keys_dropped_total") == before + 1


@pytest.mark.parametrize(
    "text",
    [
        "999990019",
        "bsn 999990019.",
        "9999.90.019",
        "jan.jansen@voorbeeld.example",
        "06 12345678",
        "06-12345678",
        "+31 6 1234 5678",
        "+31(0)612345678",
        "0031201234567",
        "076-1234567",
        "tel:0761234567",
    ],
)
def test_what_looks_like_a_bsn_mail_address_or_telephone_number_is_removed(text: str) -> None:
    assert REMOVED in redact(text)
    assert "1234567" not in redact(text)
    assert "99990" not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "0195f2f0-0000-7000-8000-000000000001",
        "01234567-8901-7234-8567-012345678901",
        "2026-03-02T09:00:00.123456Z",
        "HV-06123456",
        "00000001003214345000",
        "123456789",
        "GM0758",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "/overdracht/v1/overdrachten/{id}",
    ],
)
def test_identifiers_and_moments_stay_whole(text: str) -> None:
    assert redact(text) == text


@given(number=st.integers(100_000_000, 999_999_999), before=st.sampled_from(["", "nr ", "(", "=", "'"]))
def test_every_number_that_passes_the_eleven_test_is_removed(number: int, before: str) -> None:
    assert (REMOVED in redact(f"{before}{number}")) == passes_bsn_check(str(number))


def test_values_are_cleaned_however_deep_they_lie(written: io.BytesIO) -> None:
    structlog.get_logger().info("iets_gebeurd", places=[{"x": ("999990019",)}], reason="mail jan@voorbeeld.example")
    assert b"999990019" not in written.getvalue()
    assert b"voorbeeld" not in written.getvalue()


def test_an_object_shows_its_kind_and_nothing_else(written: io.BytesIO) -> None:
    class Persoon(BaseModel):
        naam: str

    structlog.get_logger().info("iets_gebeurd", result=Persoon(naam="Jan Jansen"))
    assert _lines(written)[0]["result"] == "<Persoon>"


def test_an_exception_tells_where_and_not_what(written: io.BytesIO) -> None:
    def fail(naam: str) -> None:
        raise ValueError(f"{naam} past niet")

    try:
        fail("Jan Jansen")
    except ValueError:
        structlog.get_logger().exception("handler_failed")
    (line,) = _lines(written)
    assert line["exception"]["type"] == "ValueError"
    assert line["exception"]["frames"][-1].endswith("test_an_exception_tells_where_and_not_what.<locals>.fail")
    assert b"Jansen" not in written.getvalue()


def test_the_message_of_our_own_exceptions_is_kept_and_their_causes_are_described(written: io.BytesIO) -> None:
    try:
        try:
            raise KeyError("Jan Jansen")
        except KeyError as cause:
            raise SealBroken("de verzegelde inhoud is veranderd") from cause
    except SealBroken as error:
        structlog.get_logger().error("handler_failed", exc_info=error)
    described = _lines(written)[0]["exception"]
    assert described["message"] == "de verzegelde inhoud is veranderd"
    assert described["cause"]["type"] == "KeyError"
    assert "message" not in described["cause"]


def test_a_group_of_exceptions_describes_its_parts(written: io.BytesIO) -> None:
    structlog.get_logger().error("lus_gestopt", exc_info=ExceptionGroup("Jan", [ValueError("Jan"), OSError("Jan")]))
    described = _lines(written)[0]["exception"]
    assert [part["type"] for part in described["parts"]] == ["ValueError", "OSError"]
    assert b"Jan" not in written.getvalue()


def test_libraries_are_heard_from_warning_on_with_their_first_line_only(written: io.BytesIO) -> None:
    library = logging.getLogger("aiokafka.consumer")
    library.info("record Jan Jansen")
    library.warning("Heartbeat failed for %s\nfuture: <Task exception=Jan Jansen>", "groep")
    (line,) = _lines(written)
    assert line["message"] == "Heartbeat failed for groep"
    assert (line["logger"], line["level"]) == ("aiokafka.consumer", "warning")


def test_a_crash_is_one_line_without_its_message(written: io.BytesIO) -> None:
    error = RuntimeError("Jan Jansen")
    sys.excepthook(RuntimeError, error, None)
    (line,) = _lines(written)
    assert (line["event"], line["level"], line["exception"]["type"]) == ("process_crashed", "critical", "RuntimeError")
    assert b"Jansen" not in written.getvalue()


@cache
def _log_calls() -> tuple[tuple[str, ast.Call], ...]:
    return tuple(_find_log_calls())


def _find_log_calls() -> Iterator[tuple[str, ast.Call]]:
    for source in python_sources("services"):
        for node in source.nodes if "log" in source.text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                target = node.func.value
                if isinstance(target, ast.Name) and target.id in {"log", "logger"} and node.func.attr in LEVELS:
                    yield source.at(node), node


def test_every_log_call_of_the_house_uses_keys_from_the_list() -> None:
    """A key that is not on the list would be dropped in silence; put it there, or choose one that is."""
    calls = _log_calls()
    assert calls
    unknown = [
        f"{place}: {keyword.arg}"
        for place, call in calls
        for keyword in call.keywords
        if keyword.arg is None or keyword.arg not in ALLOWED_KEYS | {"exc_info"}
    ]
    assert unknown == []


def test_every_log_call_of_the_house_has_a_fixed_name() -> None:
    loose = [place for place, call in _log_calls() if call.args and not isinstance(call.args[0], ast.Constant)]
    assert loose == []

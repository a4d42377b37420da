"""Log lines: JSON on stdout, in UTC, with a closed list of keys. Personal data has no key, so it has no place.

The pattern net over values is only the second line of defence. Of an exception the log tells its kind and where it
happened; its message only when it is one of our own, because those of libraries repeat what they were given.
"""

import logging
import re
import sys
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, BinaryIO, cast

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from contracts.messages.identifiers import passes_bsn_check
from services.runtime.process.metrics import count_dropped_key
from services.runtime.process.tracing import current_traceparent, trace_id_of

REMOVED = "[verwijderd]"

ALLOWED_KEYS = frozenset(
    {
        # every line
        "event",
        "level",
        "timestamp",
        "exception",
        # what it is about
        "casus_id",
        "melding_id",
        "overdracht_id",
        "termijn_id",
        "escalatie_id",
        "notificatie_id",
        "request_id",
        "event_id",
        "token_id",
        "rule_id",
        "rule_version",
        "soort",
        "gemeente",
        "regio",
        "partij",
        "rol",
        "kanaal",
        "trace_id",
        # HTTP
        "app",
        "method",
        "route",
        "status",
        "duration_ms",
        "host",
        "port",
        # messages and work
        "service",
        "topic",
        "topics",
        "partition",
        "partitions",
        "offset",
        "group",
        "source",
        "size",
        "count",
        "cases",
        "kind",
        "destination",
        "attempt",
        "attempts",
        "result",
        "reason",
        "outcome",
        "place",
        "places",
        "name",
        "task",
        "error",
        "sqlstate",
        "seconds",
        "delay_seconds",
        "late_seconds",
        "due_at",
        "moment",
        "start",
        "speed",
        "version",
        "schema",
        "migrations",
        "file",
        "fout",
        "lus",
        "timer",
        "reden",
        "bestemming",
        "aantal",
        # libraries
        "logger",
        "message",
    }
)

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+31|0031|0)[ -]?(?:\(0\))?[1-9](?:[ -]?\d){8}(?![\w-])")
_NINE_DIGITS = re.compile(r"(?<![\w-])\d{4}[. ]?\d{2}[. ]?\d{3}(?![\w-])")
_SUSPECT = re.compile(r"@|\d[\d .()-]{7}")
_LONGEST_LIBRARY_MESSAGE = 300
_DEEPEST_CAUSE = 5


def configure_logging(level: str = "INFO", *, stream: BinaryIO | None = None) -> None:
    """From here on every log line of this process, libraries and crashes included, takes this road.

    `stream` defaults to stdout. `level` is for our own lines; libraries are heard from WARNING on.
    """
    structlog.configure(
        processors=[
            describe_exception,
            add_trace,
            keep_allowed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(stream or sys.stdout.buffer),
        cache_logger_on_first_use=stream is None,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler()]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "aiokafka", "faststream", "asyncpg", "httpx"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)
    sys.excepthook = _log_crash if stream is None else _log_and_tell_crash


def describe_exception(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The kind of exception and its frames, without locals; the same for what caused it."""
    del logger, method
    given: object = line.pop("exc_info", None)
    if isinstance(given, tuple):
        given = cast("tuple[object, ...]", given)[1]
    error = sys.exception() if given is True else given
    if isinstance(error, BaseException):
        line["exception"] = _describe(error, _DEEPEST_CAUSE)
    return line


def add_trace(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """To which trace a line belongs, so that the lines of all services about one call are found together."""
    del logger, method
    if (traceparent := current_traceparent.get()) is not None:
        line.setdefault("trace_id", trace_id_of(traceparent))
    return line


def keep_allowed(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Only keys on the list; what was dropped is counted, and named nowhere."""
    del logger, method
    kept = {key: _clean(value) for key, value in line.items() if key in ALLOWED_KEYS}
    if len(kept) < len(line):
        count_dropped_key(len(line) - len(kept))
    return kept


def render(logger: WrappedLogger, method: str, line: EventDict) -> bytes:
    del logger, method
    return orjson.dumps(line, default=_kind_of, option=orjson.OPT_NON_STR_KEYS)


def redact(text: str) -> str:
    """The text without what looks like a BSN, a mail address or a telephone number."""
    if not _SUSPECT.search(text):
        return text
    text = _MAIL.sub(REMOVED, text)
    text = _NINE_DIGITS.sub(_without_bsn, text)
    return _PHONE.sub(REMOVED, text)


def _without_bsn(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return REMOVED if passes_bsn_check(digits) else match.group()


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        return {redact(str(key)): _clean(inner) for key, inner in pairs.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in cast("Collection[object]", value)]
    return value


def _kind_of(value: object) -> str:
    """What has no JSON form shows its kind and nothing of its content."""
    return f"<{type(value).__name__}>"


def _describe(error: BaseException, deepest: int) -> dict[str, Any]:
    described: dict[str, Any] = {"type": type(error).__qualname__, "frames": _frames(error.__traceback__)}
    if type(error).__module__.partition(".")[0] in {"contracts", "services"}:
        described["message"] = str(error)
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        described["sqlstate"] = sqlstate
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and deepest:
        described["cause"] = _describe(cause, deepest - 1)
    if isinstance(error, BaseExceptionGroup) and deepest:
        parts = cast("BaseExceptionGroup[BaseException]", error).exceptions
        described["parts"] = [_describe(part, deepest - 1) for part in parts]
    return described


def _frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{_short(code.co_filename)}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    return frames


def _short(path: str) -> str:
    return "/".join(path.rsplit("/", 3)[-3:])


class _LibraryHandler(logging.Handler):
    """What a library logs: the first line of its message, which holds no object dumps, and the kind of exception."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().partition("\n")[0][:_LONGEST_LIBRARY_MESSAGE]
        level = record.levelname.lower()
        write = getattr(structlog.get_logger(), level if level in _LEVELS else "warning")
        write("library_logged", logger=record.name, message=message, exc_info=record.exc_info)


_LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})


def _log_crash(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    structlog.get_logger().critical("process_crashed", exc_info=error)


def _log_and_tell_crash(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Where the log goes to a file, whoever started this is told as well."""
    _log_crash(kind, error, traceback)
    sys.stderr.write(f"Houvast is onverwacht gestopt ({kind.__name__}); het logboek zegt waar.\n")

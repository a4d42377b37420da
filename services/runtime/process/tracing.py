"""W3C Trace Context: one thread through a call and everything that follows from it, over events and deliveries."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

current_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The `traceparent` of what is being handled; copied into the events and calls that follow from it."""

_FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def continue_trace(traceparent: str | None) -> str:
    """A new span in the trace that a caller started, or the start of a trace when it sent none, or rubbish."""
    match = _FORM.fullmatch(traceparent or "")
    trace_id, flags = match.groups() if match else (os.urandom(16).hex(), "00")
    return f"00-{trace_id}-{os.urandom(8).hex()}-{flags}"


def follow_trace(traceparent: str | None, event_id: UUID) -> str:
    """The span of an event: of the trace it follows from, or of one that begins with it. The same whenever asked."""
    if traceparent is None or _FORM.fullmatch(traceparent) is None:
        return f"00-{event_id.hex}-{event_id.hex[16:]}-00"
    return next_span(traceparent, event_id)


def next_span(traceparent: str, event_id: UUID) -> str:
    """The span of an event in a trace that is known to be well-formed, because it was made here."""
    return f"{traceparent[:36]}{event_id.hex[16:]}{traceparent[52:]}"


def trace_id_of(traceparent: str) -> str:
    """The 32 characters that all spans of a trace have in common."""
    return traceparent[3:35]


@contextmanager
def in_trace(traceparent: str | None) -> Generator[None]:
    """What happens inside belongs to this trace."""
    token = current_traceparent.set(traceparent)
    try:
        yield
    finally:
        current_traceparent.reset(token)

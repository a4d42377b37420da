"""W3C Trace Context: one thread through a request and everything that follows from it."""

import os
import re
from contextvars import ContextVar

current_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The `traceparent` of the request being handled; to be copied into the events and calls that follow from it."""

_FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def continue_trace(traceparent: str | None) -> str:
    """A new span in the trace that a caller started, or the start of a trace when it sent none, or rubbish."""
    found = _FORM.fullmatch(traceparent or "")
    trace_id, flags = found.groups() if found else (os.urandom(16).hex(), "00")
    return f"00-{trace_id}-{os.urandom(8).hex()}-{flags}"

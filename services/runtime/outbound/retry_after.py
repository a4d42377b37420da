"""What whoever answers asks for with `Retry-After`: read in one place, and never believed beyond bounds."""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
_SECONDS = re.compile(r"[0-9]{1,9}")
_DATE = re.compile(r"[A-Za-z0-9,: -]{1,50} GMT")


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long to wait: seconds or a date in GMT (RFC 9110, 10.2.3), from nothing up to a day.

    None where it was not said, and where it was said in any other form.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), LONGEST)
    if not _DATE.fullmatch(text):
        return None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(until - now, timedelta(0)), LONGEST) if until.tzinfo is not None else None

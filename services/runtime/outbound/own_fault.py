"""What is missing or wrong at the hub itself: told as ours, and not held against whoever is waiting for it."""

from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.unit.decision import Attempt, Result

GEEN_MAILSERVER = "een mailserver (HOUVAST_SMTP_HOST)"


def own_fault(error: Exception) -> Attempt:
    """An attempt that was none, because of a setting or secret of ours; tried again, for it will be mended."""
    if isinstance(error, SecretUnavailable):
        return is_missing(str(error))
    return Attempt(Result.TEMPORARY, f"bij Houvast klopt een instelling niet: {error}", ours=True)


def is_missing(what: str) -> Attempt:
    """The same, for what was not given at all."""
    return Attempt(Result.TEMPORARY, f"bij Houvast ontbreekt {what}", ours=True)

"""What of our own secrets is missing or unusable, told when the hub starts and not when a case waits for it."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog

from contracts.messages.envelope import Problem
from contracts.register import Register, RestEndpoint, find_verwijzingen
from services.handover.adapters import Endpoints
from services.runtime.outbound.network import UnusableCertificate, tls_context
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.outbound.webhooks import UnusableKey
from services.runtime.process.clock import SystemKlok
from services.runtime.process.probing import Check, Finding
from services.runtime.settings import Settings, SettingsFouten, variable_of

log = structlog.get_logger(__name__)
_UNUSED = timedelta(seconds=1)
"""Nothing is called here."""


def check_own_secrets(settings: Settings, secret: Callable[[str], str]) -> None:
    """Raises `SettingsFouten` with every setting whose secret is not where it says."""
    given = {
        "smtp_password": settings.smtp_password if settings.smtp_host is not None else None,
        "kafka_password": settings.kafka_password,
        "kafka_key": settings.kafka_key,
    }
    missing = {field: _missing(reference, secret) for field, reference in given.items() if reference is not None}
    if fouten := [Problem(variable_of(field), str(error)) for field, error in missing.items() if error is not None]:
        raise SettingsFouten(fouten)


def wrong_secrets(register: Register, secret: Callable[[str], str]) -> Iterator[str]:
    """A sentence for every secret of the register that is missing or of no use, and for whom it is needed."""
    whole = True
    for verwijzing, names in find_verwijzingen(register).items():
        if (error := _missing(verwijzing, secret)) is not None:
            whole = False
            yield f"{own_fault(error).detail} (nodig voor {', '.join(names)})"
    if whole:
        yield from _unusable(register, secret)


def look_at_secrets(register: Register, secret: Callable[[str], str]) -> Check:
    """Whether every secret of the register is there now, for `klaar`: what is missing may be put there while it runs.

    Which one is in the log, not here: anybody may ask whether the hub is ready.
    """

    async def check() -> Finding | None:
        wrong = await asyncio.to_thread(lambda: [*wrong_secrets(register, secret)])
        if not wrong:
            return None
        return Finding(f"bij Houvast ontbreken of kloppen {len(wrong)} geheimen niet; zie het log", blocks=False)

    return check


def log_wrong_secrets(register: Register, secret: Callable[[str], str]) -> None:
    """A line for each, for whoever runs the hub."""
    for sentence in wrong_secrets(register, secret):
        log.warning("secret_unusable", reason=sentence)


def _unusable(register: Register, secret: Callable[[str], str]) -> Iterator[str]:
    endpoints = Endpoints(secret=secret, wall=SystemKlok(), timeout=_UNUSED)
    for receiver in register.receivers():
        for road in (road for road in receiver.all_roads() if isinstance(road, RestEndpoint)):
            try:
                endpoints.signer(road)
                if road.tls is not None:
                    tls_context(endpoints.uitgang(road))
            except (UnusableKey, UnusableCertificate) as error:
                yield f"{own_fault(error).detail} (nodig voor {receiver.naam})"


def _missing(reference: str, secret: Callable[[str], str]) -> SecretUnavailable | None:
    try:
        secret(reference)
    except SecretUnavailable as error:
        return error
    return None

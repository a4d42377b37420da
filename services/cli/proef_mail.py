"""Trying a mailbox: a mail about nobody, by the mail server that overdrachten go by."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from uuid import uuid4

from contracts.register import MailEndpoint
from services.cli.proefstap import THEM, US, Stap, Stops
from services.handover.adapters.mail import compose_mail
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing
from services.runtime.process.clock import Klok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Result

_PROEF = "p"


async def check_mailbox(
    endpoint: MailEndpoint,
    smtp: SmtpSettings | None,
    *,
    secret: Callable[[str], str],
    wall: Klok,
    timeout: timedelta,  # noqa: ASYNC109  how long the mail server may take, not this
) -> AsyncGenerator[Stap, None]:
    """The steps as they are taken; the relay checks STARTTLS, its certificate and our login. May raise `Stops`."""
    if smtp is None:
        raise Stops(Stap("mailserver", False, is_missing(GEEN_MAILSERVER).detail, US))
    if endpoint.nta_7516 and not smtp.starttls:
        yield Stap("mailserver", False, "geen STARTTLS (HOUVAST_SMTP_STARTTLS), dus het document gaat niet mee", US)
    else:
        yield Stap("mailserver", True, f"{smtp.host}:{smtp.port}, {'met' if smtp.starttls else 'zonder'} STARTTLS")
    relay = MailRelay(smtp, secret=secret, timeout_seconds=timeout.total_seconds())
    number = MailNumber(_PROEF, uuid4())
    message = compose_mail(
        "mail_proef",
        {},
        sender=relay.sender,
        to=endpoint.adres,
        subject="Proefbericht van Houvast: u hoeft niets te doen",
        message_id=relay.message_id(f"{number.id}.proef"),
        at=wall.now(),
    )
    attempt = await relay.send(message, number)
    if attempt.result is Result.DONE:
        yield Stap("proeflevering", True, f"{attempt.detail}; vraag of het proefbericht in het postvak staat")
        return
    if attempt.ours:
        raise Stops(Stap("proeflevering", False, attempt.detail, US))
    who = f"{US} (adres in het register) of {THEM}" if attempt.result is Result.PERMANENT else f"{US} (mailserver)"
    yield Stap("proeflevering", False, attempt.detail, who)

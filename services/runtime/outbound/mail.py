"""The mail relay: SMTP with STARTTLS and a checked certificate, and what its answer means for the next attempt."""

import ssl
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from services.runtime.outbound.bounces import MailNumber, ReturnAddress
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Attempt, Result

_PERMANENT_FROM = 500

RELAY = "mailserver"
"""By which name it stands among the destinations: who does not let us in there keeps all mail waiting."""


class MailRelay:
    """Hands mails to the relay that was set. `secret` resolves the reference to its password.

    `return_address` makes the envelope senders; without it what cannot be delivered goes back to the sender, unread.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        secret: Callable[[str], str],
        timeout_seconds: float,
        return_address: ReturnAddress | None = None,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._retouradres = return_address
        self._timeout = timeout_seconds
        self._tls = tls_context(settings.ca_file)

    @property
    def sender(self) -> str:
        return self._settings.sender

    @property
    def encrypts(self) -> bool:
        """Whether nothing leaves for the relay unless over TLS."""
        return self._settings.starttls

    def message_id(self, of: object) -> str:
        """The same Message-ID for the same thing, so that a repetition can be recognised."""
        return f"<{of}@{self._settings.sender.rpartition('@')[2]}>"

    async def send(self, message: EmailMessage, mail: MailNumber) -> Attempt:
        """One attempt. What the relay refuses for good (5xx) is permanent, everything else can be tried again."""
        settings = self._settings
        envelope_sender = None if self._retouradres is None else self._retouradres.write(mail)
        try:
            password = None if settings.password is None else self._secret(settings.password)
            client = aiosmtplib.SMTP(
                hostname=settings.host,
                port=settings.port,
                local_hostname=settings.greeting,
                username=settings.user,
                password=password,
                start_tls=settings.starttls,
                tls_context=self._tls if settings.starttls else None,
                timeout=self._timeout,
            )
            with closing(client):  # also where connecting breaks off halfway
                async with client:
                    await client.send_message(message, sender=envelope_sender, mail_options=await _mail_options(client))
        except SecretUnavailable as error:
            return own_fault(error)
        except aiosmtplib.SMTPAuthenticationError as error:
            told = "bij Houvast klopt een instelling niet: de mailserver accepteert de aanmelding niet"
            return Attempt(Result.TEMPORARY, told, status=error.code, refused=True, via=RELAY, ours=True)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(max((each.code for each in error.recipients), default=_PERMANENT_FROM))
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Attempt(Result.TEMPORARY, _describe(error))
        return Attempt(Result.DONE, "de mailserver heeft het bericht aangenomen", status=250, via=RELAY)


def return_address_of(settings: SmtpSettings | None, derive_token: Callable[[str], str]) -> ReturnAddress | None:
    """The return addresses of this installation, where a mailbox was set for what comes back."""
    if settings is None or settings.bounce_address is None:
        return None
    return ReturnAddress(settings.bounce_address, derive_token)


async def _mail_options(client: aiosmtplib.SMTP) -> tuple[str, ...]:
    """Where the relay knows how: should the mail come back, then without the document that is in it (RFC 3461)."""
    await client.ehlo()
    return ("RET=HDRS",) if client.supports_extension("dsn") else ()


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """A context that checks the certificate and the name; `ca_file` is trusted besides what the system trusts."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def _describe(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "het certificaat van de mailserver is niet te vertrouwen of van een andere naam"
    if "STARTTLS" in str(error):  # it has no class of its own
        return "de mailserver biedt geen STARTTLS; onbeveiligd gaat er niets uit"
    return f"de mailserver is niet bereikbaar ({type(error).__name__})"


def _refused(code: int) -> Attempt:
    """Without the text of the relay: it tends to repeat the address."""
    if code >= _PERMANENT_FROM:
        return Attempt(Result.PERMANENT, f"de mailserver weigert het bericht (SMTP {code})", status=code)
    return Attempt(Result.TEMPORARY, f"de mailserver neemt het bericht nu niet aan (SMTP {code})", status=code)

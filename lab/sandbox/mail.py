"""A mail server that keeps what it is given, to be read. It insists on STARTTLS, as a relay would."""

import asyncio
import ssl
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from lab.sandbox.certificaat import sandbox_certificaat
from lab.sandbox.gedrag import Storing
from lab.sandbox.retour import write_dsn
from services.runtime.process.clock import Klok

HOST = "127.0.0.1"
NOWHERE = "bestaat-niet"
"""How addresses begin that the sandbox accepts mail for and then turns out not to know."""
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it came in, with the moment on the Clock."""

    ontvangen_op: datetime
    van: str
    aan: tuple[str, ...]
    onderwerp: str
    tekst: str
    html: str | None
    message_id: str | None
    over_tls: bool
    bijlagen: tuple["Bijlage", ...] = ()
    begroeting: str = ""
    """By which name the sender greeted."""


@dataclass(frozen=True, slots=True)
class Bijlage:
    """A file that came with a mail."""

    naam: str
    soort: str
    inhoud: bytes


class MailSink:
    """An SMTP server on 127.0.0.1 with a certificate of its own; clients trust `ca_file`.

    It refuses the addresses in `onbekend` for good (550) and everything during a `storing` for now (451). A mail to
    `bestaat-niet…@` is accepted and comes back, as from a server further on; each letter about it goes to `retour`.
    Whoever is in `lezers` is shown every other mail when it has come in.
    """

    def __init__(
        self,
        klok: Klok,
        *,
        wall: Klok,
        data_dir: Path,
        onbekend: Container[str] = (),
        storingen: tuple[Storing, ...] = (),
    ) -> None:
        self.host = HOST
        self.port = 0
        self.mails: list[Mail] = []
        self.onbekend = onbekend
        self.storingen = storingen
        self.lezers: list[Callable[[Mail], None]] = []
        self.retour: list[Callable[[Message], None]] = []
        self._klok = klok
        self._certificaat = sandbox_certificaat(data_dir, now=wall.now())
        self._server: asyncio.Server | None = None

    @property
    def ca_file(self) -> Path:
        return self._certificaat.ca_file

    async def start(self, port: int = 0) -> None:
        """Listen, on a free port unless one is given; `port` says which."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._certificaat.chain_file)
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(
                self,
                data_size_limit=_MAX_BYTES,
                enable_SMTPUTF8=True,
                hostname="localhost",
                tls_context=context,
                require_starttls=True,
                loop=loop,
            )

        self._server = await loop.create_server(protocol, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        del server, session
        if any(storing.covers(self._klok.now()) for storing in self.storingen):
            return "451 4.3.0 Even niet beschikbaar"
        if address in self.onbekend:
            return "550 5.1.1 Dit adres bestaat niet"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  idem
        del server
        content = envelope.content
        message = message_from_bytes(content if isinstance(content, bytes) else b"", policy=modern)
        mail = Mail(
            ontvangen_op=self._klok.now(),
            van=envelope.mail_from or "",
            aan=tuple(envelope.rcpt_tos),
            onderwerp=str(message["Subject"] or "").strip(),
            tekst=_part(message, "plain") or "",
            html=_part(message, "html"),
            message_id=str(message["Message-ID"]).strip() if message["Message-ID"] else None,
            over_tls=session.ssl is not None,
            bijlagen=tuple(_attachments(message)),
            begroeting=session.host_name or "",
        )
        self.mails.append(mail)
        returned = [address for address in mail.aan if address.startswith(NOWHERE)]
        for address in returned if mail.van else []:
            self._send_back(write_dsn(to=mail.van, recipient=address, returned=message, now=mail.ontvangen_op))
        if len(returned) < len(mail.aan):
            for lezer in self.lezers:
                lezer(mail)
        return "250 OK"

    def _send_back(self, letter: Message) -> None:
        for receive in self.retour:
            receive(letter)


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    content = part.get_content() if part is not None else None
    return content.replace("\r\n", "\n") if isinstance(content, str) else None


def _attachments(message: EmailMessage) -> Iterator[Bijlage]:
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield Bijlage(part.get_filename() or "", part.get_content_type(), content)

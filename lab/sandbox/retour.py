"""What a mail server does with a mail it accepted and cannot deliver: it writes to the envelope sender (RFC 3464).

The mailbox of that sender is the hub's: every such letter is posted to it, until it is taken.
"""

import asyncio
from datetime import datetime, timedelta
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

import httpx

from services.runtime.http.bounces import PATH
from services.runtime.process.clock import Klok

_SERVER = "mail.sandbox.example"
_TIMEOUT_SECONDS = 15.0
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_SERVICES = ("/overdracht/v1", "/notificaties/v1")
"""Both get every letter; each knows its own mails."""


class Retourpost:
    """Sends letters back. They wait for `connect`, because the hub starts after its mail server."""

    def __init__(self, klok: Klok) -> None:
        self._klok = klok
        self._hub: asyncio.Future[tuple[str, str]] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        self._hub = asyncio.get_running_loop().create_future()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)

    def connect(self, hub_url: str, token: str) -> None:
        """From here on letters can be handed over."""
        if self._hub is None:
            raise RuntimeError("start() comes first")
        if not self._hub.done():
            self._hub.set_result((hub_url.rstrip("/"), token))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def send(self, letter: Message) -> None:
        """Arrange that the hub gets this letter."""
        task = asyncio.create_task(self._hand_over(letter.as_bytes()), name="sandbox-retour")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, letter: bytes) -> None:
        assert self._hub is not None
        url, token = await asyncio.shield(self._hub)
        for service in _SERVICES:
            wait = _FIRST_WAIT
            while not await self._post(f"{url}{service}{PATH}", token, letter):
                await self._klok.sleep_until(self._klok.now() + wait)
                wait = min(2 * wait, _LONGEST_WAIT)

    async def _post(self, url: str, token: str, letter: bytes) -> bool:
        assert self._client is not None
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "message/rfc822"}
        try:
            response = await self._client.post(url, content=letter, headers=headers)
        except httpx.HTTPError:
            return False
        return response.is_success


def write_dsn(
    *, to: str, recipient: str, returned: Message, now: datetime, action: str = "failed", status: str = "5.1.1"
) -> Message:
    """The letter of a mail server about one recipient: three parts, as every server writes it (RFC 3462, 3464)."""
    letter = MIMEMultipart("report")
    letter.set_param("report-type", "delivery-status")
    letter["From"] = f"Mail Delivery System <mailer-daemon@{_SERVER}>"
    letter["To"] = to
    letter["Subject"] = "Undelivered Mail Returned to Sender"
    letter["Date"] = format_datetime(now)
    letter["Auto-Submitted"] = "auto-replied"
    letter.attach(MIMEText(f"Uw bericht aan <{recipient}> is niet bezorgd.\n", _charset="utf-8"))
    about_mail, about_recipient = Message(), Message()
    about_mail["Reporting-MTA"] = f"dns; {_SERVER}"
    about_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    about_recipient["Action"] = action
    about_recipient["Status"] = status
    about_recipient["Diagnostic-Code"] = f"smtp; 550 {status} <{recipient}>: Recipient address rejected"
    report = Message()
    report["Content-Type"] = "message/delivery-status"
    report.set_payload([about_mail, about_recipient])  # pyright: ignore[reportArgumentType]  how the library has it
    letter.attach(report)
    letter.attach(MIMEMessage(_headers_of(returned)))
    return letter


def _headers_of(mail: Message) -> Message:
    """The mail that comes back, without its content."""
    headers = Message()
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        if mail[name] is not None:
            headers[name] = str(mail[name])
    headers.set_payload("")
    return headers

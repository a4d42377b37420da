"""What people are told, as a mail: no personal data, and an id that a repetition shares."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.handlers import MAIL
from services.notifier.ports import Bericht
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, Result
from services.runtime.unit.frozen import replace


class MailBode:
    """Sends messages as mail. `relay` is None where none is set: then mail is no way to reach anyone."""

    def __init__(self, relay: MailRelay | None, *, sjablonen: Sjablonen, klok: Klok) -> None:
        self._relay = relay
        self._sjablonen = sjablonen
        self._klok = klok

    async def send(self, bericht: Bericht) -> Attempt:
        """Hand it to the relay."""
        if self._relay is None:
            return replace(is_missing(GEEN_MAILSERVER), result=Result.PERMANENT)
        message = self._compose(bericht, self._relay)
        return await self._relay.send(message, MailNumber(MAIL, bericht.id))

    def _compose(self, bericht: Bericht, relay: MailRelay) -> EmailMessage:
        text = self._sjablonen.render(bericht.vragen, bericht.waarom)
        message = EmailMessage(policy=SMTP)
        message["From"] = f"Houvast <{relay.sender}>"
        message["To"] = bericht.adres
        message["Subject"] = text.subject
        message["Date"] = format_datetime(self._klok.now())
        message["Message-ID"] = relay.message_id(bericht.id)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = "nl"
        message.set_content(text.plain)
        message.add_alternative(text.html, subtype="html")
        return message

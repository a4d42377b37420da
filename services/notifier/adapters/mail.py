"""What people are told, as a mail: no personal data, and an id that a repetition shares."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from contracts.messages.identifiers import CasusId
from services.notifier.adapters.sjablonen import Sjablonen, Tekst, vragen_of
from services.notifier.handlers import MAIL
from services.notifier.ports import Adresboek
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, Request, Result
from services.runtime.unit.frozen import replace


class MailPerformer:
    """Sends a notificatie as a mail. `relay` is None where none is set: then mail is no way to reach anyone."""

    def __init__(self, relay: MailRelay | None, *, adresboek: Adresboek, sjablonen: Sjablonen, klok: Klok) -> None:
        self._relay = relay
        self._adresboek = adresboek
        self._sjablonen = sjablonen
        self._klok = klok

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """Send it, to the address that the person has now."""
        del casus_id, sealer
        if self._relay is None:
            return replace(is_missing(GEEN_MAILSERVER), result=Result.PERMANENT)
        partij, persoon = str(request.content["partij"]), str(request.content["persoon"])
        now = self._klok.now()
        address = self._adresboek.e_mail(partij, persoon, at=now)
        if address is None:
            return Attempt(Result.PERMANENT, "deze persoon heeft geen e-mailadres meer in het register")
        text = self._sjablonen.render(vragen_of(request), lambda vraag: self._adresboek.waarom(vraag, persoon, at=now))
        message = self._compose(request, text, address, self._relay)
        return await self._relay.send(message, MailNumber(MAIL, request.id))

    def _compose(self, request: Request, text: Tekst, address: str, relay: MailRelay) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = f"Houvast <{relay.sender}>"
        message["To"] = address
        message["Subject"] = text.subject
        message["Date"] = format_datetime(self._klok.now())
        message["Message-ID"] = relay.message_id(request.id)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = "nl"
        message.set_content(text.plain)
        message.add_alternative(text.html, subtype="html")
        return message

"""Mailing that an overdracht was taken back, to the address that it went to; nothing in it is about people."""

from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.identifiers import CasusId, short_reference
from contracts.register import NietInRegister, Register
from services.handover.adapters.gegevens import read_intrekker
from services.handover.adapters.mail import NoMailEndpoint, compose_mail, find_mailbox
from services.handover.domain.kader import gemeente_of
from services.handover.domain.retour import MAIL_INTREKKING
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing, own_fault
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Request
from services.runtime.unit.frozen import replace


class MailIntrekking:
    """Tells a team by mail; the page behind the link in the earlier mail says so too, and takes nothing any more.

    `relay` is None where none is set: then it waits.
    """

    def __init__(self, relay: MailRelay | None, *, register: Register, klok: Klok) -> None:
        self._relay = relay
        self._register = register
        self._klok = klok

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. Nothing has to be opened for it: also of a case that was destroyed it is told."""
        del sealer
        if self._relay is None:
            return is_missing(GEEN_MAILSERVER)
        now, content = self._klok.now(), request.content
        try:
            receiver, endpoint = find_mailbox(self._register, content, on=local_date(now))
            afzender = read_intrekker(content, self._register, regio=str(content["regio"]))
        except (NietInRegister, NoMailEndpoint) as error:
            return own_fault(error)
        referentie, is_aanbod = short_reference(casus_id), content.get("aangebodenDoor") is not None
        values: dict[str, object] = {
            "team": receiver.naam_of_team(str(content["team"]) if content["team"] is not None else None),
            "gemeente": self._register.naam(gemeente_of(content, receiver)),
            "afzender": afzender,
            "referentie": referentie,
            "aanbod": is_aanbod,
            "met_bijlage": endpoint.nta_7516,
        }
        message = compose_mail(
            "mail_ingetrokken",
            values,
            sender=self._relay.sender,
            to=endpoint.adres,
            subject=f"{'Aanbod' if is_aanbod else 'Overdracht'} {referentie} is ingetrokken",
            message_id=self._relay.message_id(f"{content['overdrachtId']}.ingetrokken"),
            at=now,
        )
        attempt = await self._relay.send(message, MailNumber(MAIL_INTREKKING, UUID(str(content["overdrachtId"]))))
        sent: JsonObject = {"type": "e-mail", "ingetrokken": True}
        return replace(attempt, sent=sent)

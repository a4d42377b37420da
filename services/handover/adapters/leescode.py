"""Bringing a code to a person of the receiver, by another road than the mailbox that the link came by.

What is sent holds no link and nothing about people: with the code alone nobody opens anything.
"""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import AMSTERDAM, local_date
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.notifier import Notificatiekanaal
from contracts.register import NietInRegister, Register
from services.handover.adapters.mail import compose_mail
from services.handover.domain.leescode import Derive, code_of, sleutel_of
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing, own_fault
from services.runtime.outbound.teams import TeamsWorkflow, card, text, text_run
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Request, Result

MAIL_LEESCODE = "c"
"""The kind of mail that a return address of a code is about: nothing follows where it comes back."""


class Leescodepost:
    """Looks up the address at the moment of sending. `relay` is None where none is set."""

    def __init__(
        self,
        relay: MailRelay | None,
        workflow: TeamsWorkflow,
        *,
        register: Register,
        derive_token: Derive,
        klok: Klok,
    ) -> None:
        self._relay = relay
        self._workflow = workflow
        self._register = register
        self._derive_token = derive_token
        self._klok = klok

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt, while the code still works."""
        del sealer
        content = request.content
        until = datetime.fromisoformat(str(content["geldigTot"]))
        if until <= self._klok.now():
            return Attempt(Result.PERMANENT, "de code is verlopen voor hij kon worden verstuurd")
        try:
            adres = self._adres(content)
        except NietInRegister as error:
            return own_fault(error)
        if adres is None:
            return Attempt(Result.PERMANENT, "deze weg staat niet meer in het register")
        values = self._values(content, short_reference(casus_id), until)
        if content["kanaal"] == Notificatiekanaal.TEAMS.value:
            return await self._workflow.post(adres, _card(values))
        return await self._mail(request.id, adres, values)

    def _adres(self, content: JsonObject) -> str | None:
        """The address of the person that the key names; None where the register has it no more."""
        receiver = self._register.receiver(str(content["ontvanger"]), on=local_date(self._klok.now()))
        kanaal, overdracht_id = Notificatiekanaal(str(content["kanaal"])), UUID(str(content["overdrachtId"]))
        return next(
            (
                persoon.adressen.get(kanaal)
                for persoon in receiver.personen
                if sleutel_of(overdracht_id, kanaal, persoon, self._derive_token) == content["weg"]
            ),
            None,
        )

    def _values(self, content: JsonObject, referentie: str, until: datetime) -> dict[str, str]:
        code = code_of(
            UUID(str(content["overdrachtId"])),
            int(str(content["ronde"])),
            int(str(content["nummer"])),
            self._derive_token,
        )
        local, half = until.astimezone(AMSTERDAM), len(code) // 2
        return {
            "referentie": referentie,
            "code": f"{code[:half]} {code[half:]}",
            "tot": f"{local.hour}.{local.minute:02d} uur",
        }

    async def _mail(self, request_id: UUID, adres: str, values: dict[str, str]) -> Attempt:
        if self._relay is None:
            return is_missing(GEEN_MAILSERVER)
        message = compose_mail(
            "mail_leescode",
            {**values},
            sender=self._relay.sender,
            to=adres,
            subject=f"Code voor overdracht {values['referentie']}",
            message_id=self._relay.message_id(request_id),
            at=self._klok.now(),
        )
        return await self._relay.send(message, MailNumber(MAIL_LEESCODE, request_id))


def _card(values: dict[str, str]) -> JsonObject:
    return card(
        [
            text(text_run(f"Code voor overdracht {values['referentie']}", weight="Bolder", size="Medium")),
            text(text_run(values["code"], weight="Bolder", size="Large")),
            text(text_run(f"{_ASKED} De code werkt één keer, tot {values['tot']}.")),
            text(text_run(_NOT_ASKED, isSubtle=True)),
        ],
        [],
    )


_ASKED = "Iemand van uw team wil het overdrachtsdocument lezen en vroeg om deze code."
_NOT_ASKED = "Was u of een collega dat niet? Geef de code aan niemand, en bel Veilig Thuis."

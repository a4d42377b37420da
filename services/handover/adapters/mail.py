"""Delivery to the agreed mail address: with the document where that road may carry it, else nothing about people.

That the relay takes the mail is a technical receipt. Receiving, taking up and giving back are done by people, on the
page that the link in the mail leads to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from contracts.afspraken import GeenAfspraken, RuleBook, local_date
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from contracts.register import Gemeente, MailEndpoint, NietInRegister, Partij, Register
from services.handover.adapters.gegevens import read_gegevens
from services.handover.domain.bevestigen import asked_of_receiver, token_of, write_due, write_until
from services.handover.domain.brieven import Briefgegevens, Briefsoort, write_brief
from services.handover.domain.kader import receiver_of
from services.handover.domain.retour import MAIL
from services.handover.ports import Brieven
from services.runtime.access.sealing import SealBroken, Sealer
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.own_fault import GEEN_MAILSERVER, is_missing, own_fault
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Refused, Request, Result
from services.runtime.unit.frozen import replace

PAGE = "/overdracht/v1/bevestigen"


@dataclass(frozen=True, slots=True)
class Bevestigpagina:
    """Where teams confirm, and what makes the token of a link there."""

    public_url: str
    derive_token: Callable[[str], str]

    def link(self, overdracht_id: UUID, ronde: int) -> str:
        token = token_of(overdracht_id, ronde, self.derive_token)
        return f"{self.public_url.rstrip('/')}{PAGE}/{token}"


class MailAflevering:
    """Mails an overdracht to the address of its gemeente or team.

    `relay` is None where none is set: then it waits, and people are told in time. The document goes along only where
    the register says that the road to that address is NTA 7516 and the relay is reached over TLS; in every other case
    the mail says nothing about people.
    """

    def __init__(
        self,
        relay: MailRelay | None,
        *,
        register: Register,
        rule_book: RuleBook,
        brieven: Brieven,
        pagina: Bevestigpagina,
        klok: Klok,
    ) -> None:
        self._relay = relay
        self._register = register
        self._rule_book = rule_book
        self._brieven = brieven
        self._pagina = pagina
        self._klok = klok

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. Raises `CaseShredded` where there is nothing left to send."""
        if self._relay is None:
            return is_missing(GEEN_MAILSERVER)
        try:
            post = self._read(request, casus_id, sealer)
        except (NietInRegister, GeenAfspraken, NoMailEndpoint) as error:
            return own_fault(error)
        except SealBroken as error:
            return Attempt(Result.PERMANENT, str(error))
        letter = await self._letter(post) if post.endpoint.nta_7516 and self._relay.encrypts else None
        attempt = await self._relay.send(
            self._compose(post, letter, self._relay), MailNumber(MAIL, post.overdracht_id, post.ronde)
        )
        sent: JsonObject = {"type": "e-mail", "metDocument": letter is not None}
        return replace(attempt, sent=sent)

    def _read(self, request: Request, casus_id: CasusId, sealer: Sealer) -> "_Post":
        content, on = request.content, local_date(self._klok.now())
        receiver, endpoint = find_mailbox(self._register, content, on=on)
        sealed: Verzegeld[Overdrachtsdocument] = Verzegeld(str(content["document"]))
        gegevens = read_gegevens(
            content,
            casus_id,
            receiver,
            sealer.open(sealed, Overdrachtsdocument),
            overgedragen_op=self._klok.now(),
            register=self._register,
            rule_book=self._rule_book,
        )
        return _Post(
            overdracht_id=UUID(str(content["overdrachtId"])),
            ronde=int(str(content["ronde"])),
            geldig_tot=datetime.fromisoformat(str(content["linkGeldigTot"])),
            endpoint=endpoint,
            gegevens=gegevens,
        )

    async def _letter(self, post: "_Post") -> bytes:
        brief = write_brief(Briefsoort.OVERDRACHT, post.gegevens, on=local_date(self._klok.now()))
        assert not isinstance(brief, Refused), "the letter to the receiver is always there"
        return await self._brieven.render(brief)

    def _compose(self, post: "_Post", letter: bytes | None, relay: MailRelay) -> EmailMessage:
        gegevens = post.gegevens
        message = compose_mail(
            "mail",
            self._values(post, with_document=letter is not None),
            sender=relay.sender,
            to=post.endpoint.adres,
            subject=_subject(gegevens),
            message_id=id_of_mail(relay, post.overdracht_id, post.ronde),
            at=self._klok.now(),
        )
        if letter is not None:
            name = f"{'overdracht' if gegevens.aangeboden_door is None else 'aanbod'}-{gegevens.referentie}.pdf"
            message.add_attachment(letter, maintype="application", subtype="pdf", filename=name)
        return message

    def _values(self, post: "_Post", *, with_document: bool) -> dict[str, object]:
        gegevens = post.gegevens
        asked = asked_of_receiver(gegevens.situatie, gegevens.overgedragen_op, gegevens.afspraken)
        return {
            "team": gegevens.team,
            "gemeente": gegevens.gemeente,
            "veilig_thuis": gegevens.veilig_thuis,
            "aangeboden_door": gegevens.aangeboden_door,
            "referentie": gegevens.referentie,
            "gevraagd": [f"{item.label}: {write_due(item.uiterlijk_op)}" for item in asked]
            or ["Bevestig dat u de overdracht hebt ontvangen."],
            "link": self._pagina.link(post.overdracht_id, post.ronde),
            "geldig_tot": write_until(post.geldig_tot),
            "document": with_document,
            "aanmelden": not post.endpoint.nta_7516,
            "bijlagen": with_document and gegevens.document.bijlagen is not None,
        }


@dataclass(frozen=True, slots=True)
class _Post:
    """What is mailed, to whom."""

    overdracht_id: UUID
    ronde: int
    geldig_tot: datetime
    endpoint: MailEndpoint
    gegevens: Briefgegevens


def _subject(gegevens: Briefgegevens) -> str:
    if gegevens.aangeboden_door is None:
        return f"Overdracht {gegevens.referentie}: bevestig de ontvangst"
    return f"Aanbod {gegevens.referentie}: neemt u deze casus over?"


class NoMailEndpoint(LookupError):
    """The register gives this receiver another kind of endpoint by now."""


def find_mailbox(register: Register, content: JsonObject, *, on: date) -> tuple[Gemeente | Partij, MailEndpoint]:
    """Whom a request is for, and its address. Raises `NietInRegister` or `NoMailEndpoint`."""
    receiver = receiver_of(register, content, on=on)
    endpoint = receiver.endpoint_for(str(content["team"]) if content["team"] is not None else None, "e-mail")
    if not isinstance(endpoint, MailEndpoint):
        raise NoMailEndpoint(f"{receiver.naam} heeft nu een endpoint van soort {endpoint.soort}")
    return receiver, endpoint


def id_of_mail(relay: MailRelay, overdracht_id: UUID, ronde: int) -> str:
    """The Message-ID of the mail that hands it over: the same over every attempt, another for every round."""
    return relay.message_id(f"{overdracht_id}.{ronde}")


def compose_mail(
    template: str, values: dict[str, object], *, sender: str, to: str, subject: str, message_id: str, at: datetime
) -> EmailMessage:
    """A mail in text and HTML that no machine should answer."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Houvast <{sender}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "nl"
    message.set_content(_templates().get_template(f"{template}.txt.j2").render(values))
    message.add_alternative(_templates().get_template(f"{template}.html.j2").render(values), subtype="html")
    return message


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.handover", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

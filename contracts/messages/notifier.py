"""Events of the service notifier, and the one request the others send it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.messages.adressen import E_MAILADRES, GEHEIMVERWIJZING, Adresvorm
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment


class Notificatiekanaal(StrEnum):
    """By which channel a person is told (D12)."""

    _value_: str
    vorm: Adresvorm
    """What an address for it looks like in the register."""

    def __new__(cls, value: str, vorm: Adresvorm) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.vorm = vorm
        return member

    E_MAIL = "e-mail", E_MAILADRES
    TEAMS = "teams", GEHEIMVERWIJZING

    @property
    def veld(self) -> str:
        """The field of a person in the register that holds the address for this channel."""
        return self.value.replace("-", "_")


class NotificatieUrgentie(StrEnum):
    """How soon a person must be told: crisis at once, day and night (D12)."""

    GEWOON = "gewoon"
    SPOED = "spoed"
    CRISIS = "crisis"


class Doelgroep(StrEnum):
    """Whose cases a person in a role is there for, and for whom a case asks: children, adults, or both (D11)."""

    JEUGD = "jeugd"
    VOLWASSENEN = "volwassenen"
    ALLE = "alle"

    @classmethod
    def of_melding(cls, *, minderjarigen_betrokken: bool) -> "Doelgroep":
        """For whom a melding asks: a child among those involved makes it one of jeugd."""
        return cls.JEUGD if minderjarigen_betrokken else cls.VOLWASSENEN

    def serves(self, other: "Doelgroep") -> bool:
        """Whether someone for this doelgroep is there for a case of the other one."""
        return self == other or Doelgroep.ALLE in {self, other}

    def along_with(self, other: "Doelgroep | None") -> "Doelgroep":
        """For whom a case asks that asked for the other before: for both where they differ."""
        return self if other in {None, self} else Doelgroep.ALLE


class Aanleiding(StrEnum):
    """Why people are told something; decides how the message is worded."""

    ESCALATIE = "escalatie"
    TERMIJN_NADERT = "termijn-nadert"
    AFLEVERING_GESTAGNEERD = "aflevering-gestagneerd"
    NIET_BEKEND = "niet-bekend"
    CASUS_STAAT_STIL = "casus-staat-stil"
    INGETROKKEN = "ingetrokken"
    OVERIG = "overig"


class NotificatieGevraagd(Gebeurtenis):
    """Tell the people in a role something. No personal data: a reference, what is asked, the legal moment, a path.

    `link` is a path below the hub's public address. `zegt_meer`: beside its term or escalatie it says what does not end
    with these, so it leaves though they did. `samen`: more comes for people of this party at this very moment.
    `doelgroep` is all that is said of who is involved; `alle` also where that is not known.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.notificatie-gevraagd.v1"
    notificatie_id: UUID
    regio: RegioCode
    partij: PartijCode
    gemeente: GemeenteCode | None = None
    team: str | None = None
    rol: str
    doelgroep: Doelgroep = Doelgroep.ALLE
    urgentie: NotificatieUrgentie = NotificatieUrgentie.GEWOON
    onderwerp: str
    gevraagd: str
    referentie: str
    wettelijk_moment: Moment | None = None
    bron: str | None = None
    link: str
    escalatie_id: UUID | None = None
    termijn_id: UUID | None = None
    aanleiding: Aanleiding = Aanleiding.OVERIG
    zegt_meer: bool = False
    samen: bool = False


def asked_for(events: Iterable[Gebeurtenis], doelgroep: Doelgroep | None) -> tuple[Gebeurtenis, ...]:
    """The same events, with what people are to be told meant for those who are there for this doelgroep."""
    return tuple(
        event.model_copy(update={"doelgroep": doelgroep or Doelgroep.ALLE})
        if isinstance(event, NotificatieGevraagd)
        else event
        for event in events
    )


class Intrekkingsreden(StrEnum):
    """Why people need not be told any more what was asked about a term."""

    ACHTERHAALD = "achterhaald"
    ONJUIST = "onjuist"


class IntrekkingGevraagd(Gebeurtenis):
    """What was asked about a term, an escalatie or by itself is not to be told any more: what has not left stays.

    `onjuist`: it was not so. Then everybody who was told that the term was missed is told `uitleg`.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.intrekking-gevraagd.v1"
    termijn_id: UUID | None = None
    escalatie_id: UUID | None = None
    notificatie_id: UUID | None = None
    waarom: Intrekkingsreden
    uitleg: str


class NotificatieVervallen(Gebeurtenis):
    """A message that did not leave, because it was no longer so when it could."""

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.notificatie-vervallen.v1"
    notificatie_id: UUID
    partij: PartijCode
    rol: str
    kanaal: Notificatiekanaal | None = None
    referentie: str
    vervallen_op: Moment
    reden: str


class Notificatiebericht(Gebeurtenis):
    """What every event about one notificatie says."""

    notificatie_id: UUID
    partij: PartijCode
    rol: str
    kanaal: Notificatiekanaal
    referentie: str


class NotificatieVerzonden(Notificatiebericht):
    """The relay or the workflow accepted it. Sent is not read."""

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.notificatie-verzonden.v1"
    verzonden_op: Moment
    pogingen: int


class NotificatieMislukt(Notificatiebericht):
    """A channel to a person failed for good or for too long; someone else has to be told (D12).

    `niemand_bereikt`: and with it the last way to reach anyone asked for. `teruggekomen`: the relay had accepted the
    mail, and it came back later.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.notificatie-mislukt.v1"
    mislukt_op: Moment
    pogingen: int
    reden: str
    niemand_bereikt: bool = False
    teruggekomen: bool = False


class NotificatieGebundeld(Gebeurtenis):
    """Several messages for one mailbox left together, as one mail or one card with a list (D12).

    Each of them is also a notificatie-verzonden in its own case; this event is of no case: its subject is the mailbox.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.notificaties.notificatie-gebundeld.v1"
    bundel_id: UUID
    partij: PartijCode
    kanaal: Notificatiekanaal
    notificaties: tuple[UUID, ...]
    verzonden_op: Moment
    pogingen: int


EVENTS: tuple[type[Gebeurtenis], ...] = (
    NotificatieVerzonden,
    NotificatieMislukt,
    NotificatieGebundeld,
    NotificatieVervallen,
)

"""What holds for every case and stays the same while the process runs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from contracts.afspraken import AMSTERDAM, Afspraken, Ontvangersoort, Overdrachtswijze, RuleBook, local_date
from contracts.afspraken.feiten import Besluit, SoortOverdracht
from contracts.messages.handover import Kanaal
from contracts.messages.notifier import Notificatiekanaal
from contracts.rechten import Daad, Kring, is_veilig_thuis_of, kring_of
from contracts.register import Gemeente, MailEndpoint, NietInRegister, Partij, Register
from services.handover.domain.casus import Overdracht
from services.handover.domain.herhaling import Herhaling
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import JsonObject

BEHEER = "beheerder"
"""The role of whoever runs the hub: may send something again or look again, and sees nothing of it."""

INTREKKING = "intrekking-"
"""What the kinds of request begin with that tell a receiver that an overdracht was taken back."""


@dataclass(frozen=True, slots=True)
class Stagnatie:
    """When people are told that a delivery does not arrive: after `deel` of the time that is left before the legal
    moment, but no sooner than `minstens` and no later than `hoogstens` after it was made.
    """

    deel: float
    minstens: timedelta
    hoogstens: timedelta

    def due_at(self, start: datetime, uiterlijk_op: datetime) -> datetime:
        after = min(max((uiterlijk_op - start) * self.deel, self.minstens), self.hoogstens)
        return start + after


@dataclass(frozen=True, slots=True)
class Leescoderegels:
    """How long a code works and then what it opened, how often one may be wrong, how many a day there are for one link,
    and by which channels one can come.
    """

    geldig: timedelta
    pogingen: int
    per_dag: int
    kanalen: Collection[Notificatiekanaal] = ()


class Overgedragen(Protocol):
    """What an overdracht has in common with its row in the read table."""

    @property
    def regio(self) -> str: ...
    @property
    def gemeente(self) -> str: ...
    @property
    def team(self) -> str | None: ...
    @property
    def partij(self) -> str | None: ...
    @property
    def soort(self) -> str: ...
    @property
    def aangeboden_door(self) -> str | None: ...
    @property
    def melding_ontvangen_op(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Kader:
    """`kanalen` are the kinds of endpoint that this process can deliver to.

    `derive_token` makes a secret of a text, always the same and only here. `public_url` is where a gemeente answers.
    A link in a mail works `link_speling` longer than a case may be given back, or `link_geldig` where the region has
    agreed no such time.
    """

    rule_book: RuleBook
    register: Register
    herhaling: Herhaling
    stagnatie: Stagnatie
    moment_vooruit: timedelta
    kanalen: Collection[Kanaal]
    derive_token: Callable[[str], str]
    public_url: str
    link_geldig: timedelta
    link_speling: timedelta
    leescode: Leescoderegels

    def afspraken(self, overdracht: Overgedragen) -> Afspraken:
        """The agreements of the day of the melding. Raises `GeenAfspraken`."""
        return self.rule_book.for_case(
            regio=overdracht.regio,
            gemeente=overdracht.gemeente,
            on=local_date(overdracht.melding_ontvangen_op),
        )

    def destination(self, overdracht: Overdracht, at: datetime) -> str:
        """The endpoint as breakers count it: the team where it has one of its own, else the gemeente.

        Another road than the usual one (`e-mail:GM0758`) does not stop when the usual one is stopped.
        """
        receiver = self.register.receiver(overdracht.ontvanger, on=local_date(at))
        return destination_of(receiver, overdracht.team, overdracht.kanaal.value)

    def naam_of_team(self, overdracht: Overgedragen, at: datetime) -> str:
        """What the receiver is called in a sentence, also where the register no longer has it."""
        if overdracht.partij is not None:
            return self.register.naam(overdracht.partij)
        try:
            gemeente = self.register.going_on_for(overdracht.gemeente, on=local_date(at))
        except NietInRegister:
            return f"het lokale team van {self.register.naam(overdracht.gemeente)}"
        return gemeente.naam_of_team(overdracht.team)

    def opens_by_mail(self, overdracht: Overgedragen, at: datetime) -> bool:
        """Whether having its mail is enough to read its document: where the register says that road may carry it.

        What was mailed over another road, or to somebody the register has no mailbox of any more, is read by who signs in.
        """
        try:
            receiver = self.register.receiver(overdracht.partij or overdracht.gemeente, on=local_date(at))
        except NietInRegister:
            return False
        endpoint = receiver.endpoint_for(overdracht.team, "e-mail")
        return isinstance(endpoint, MailEndpoint) and endpoint.nta_7516

    def kring(self, daad: Daad, partij: str, at: datetime) -> Kring | None:
        """Where this party looks for what it may do or read; None where there is nothing for it."""
        return kring_of(daad, partij, self.register, on=local_date(at))

    def goes_to(self, actor: Actor, ontvanger: str, at: datetime) -> bool:
        """Whether what went to this receiver is by now with who acts: itself, or who goes on with its cases."""
        return actor.partij == self.register.bearer_of(ontvanger, on=local_date(at))

    def is_veilig_thuis_of(self, actor: Actor, regio: str) -> bool:
        """Whether who acts is the Veilig Thuis of this region."""
        return is_veilig_thuis_of(actor.partij, regio, self.register)


def intrekking_over(kanaal: Kanaal) -> str:
    """The kind of request that tells it over this road."""
    return f"{INTREKKING}{kanaal.value}"


def situatie_of(overdracht: Overgedragen) -> dict[str, str]:
    """The circumstances that the afspraken limit a rule about an overdracht by."""
    return situatie(overdracht.soort, overdracht.partij, aangeboden=overdracht.aangeboden_door is not None)


def situatie(soort: str, partij: str | None, *, aangeboden: bool = False) -> dict[str, str]:
    """The same from the kind of overdracht, the party it is for where that is not a lokaal team, and who said so."""
    ontvanger = Ontvangersoort.LOKAAL_TEAM if partij is None else Ontvangersoort.KETENPARTNER
    wijze = Overdrachtswijze.AANGEBODEN if aangeboden else Overdrachtswijze.OVERGEDRAGEN
    circumstances = {"soort_overdracht": str(soort), "ontvanger": ontvanger.value, "overdrachtswijze": wijze.value}
    return circumstances | ({"besluit": Besluit.DIRECTE_OVERDRACHT.value} if soort == SoortOverdracht.DIRECT else {})


def destination_of(receiver: Gemeente | Partij, team: str | None, soort: str) -> str:
    """The name under which the endpoint of this kind is known to breakers and throttles."""
    found = receiver.team(team) if team is not None else None
    has_own = found is not None and found.endpoint is not None
    name = f"{receiver.code}/{team}" if has_own else receiver.code
    return name if receiver.endpoint_for(team).soort == soort else f"{soort}:{name}"


def code_of_partij(content: JsonObject) -> str | None:
    """The party that a request is for, where it is not for a lokaal team; older requests do not say."""
    partij = content.get("partij")
    return None if partij is None else str(partij)


def receiver_of(register: Register, content: JsonObject, *, on: date) -> Gemeente | Partij:
    """Whom a request is for on this day. Raises `NietInRegister`."""
    return register.receiver(code_of_partij(content) or str(content["gemeente"]), on=on)


def gemeente_of(content: JsonObject, receiver: Gemeente | Partij) -> str:
    """Where the case of a request belongs: by now perhaps to whoever goes on with the cases of its gemeente."""
    return receiver.code if isinstance(receiver, Gemeente) else str(content["gemeente"])


def local_iso(moment: datetime) -> str:
    """The same moment with the offset of Amsterdam, for a reader that takes its day from what it reads."""
    return moment.astimezone(AMSTERDAM).isoformat()

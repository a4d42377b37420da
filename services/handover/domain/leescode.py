"""A code by a second road, for who has the link of a mailbox that is not safe and no account (STANDARDS, Mail).

The link alone tells nothing about people there. With a code that goes to a person of the receiver by another road of
the register, whoever holds both has shown to be of the team. A code follows from a key of this installation, as the link
does (docs/decisions/0005): what is kept is its number, until when it works and how often somebody was wrong.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.documenten import Professional
from contracts.messages.notifier import Notificatiekanaal
from contracts.rechten import Daad, may
from contracts.register import Gemeente, MailEndpoint, NietInRegister, Partij, Persoon
from contracts.register.vervanging import Medewerker, works_as
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus, Overdracht
from services.handover.domain.kader import Kader, Overgedragen
from services.handover.domain.link import Leescode
from services.handover.domain.relaties import Gericht, of_overdracht, refuse_reading
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import (
    Context,
    Decision,
    JournalLine,
    Outcome,
    Refused,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, iso, unchanged

LEESCODE = "leescode"
"""The kind of request that brings a code."""
DIGITS = 8
_AGAIN = timedelta(seconds=20)
"""Between two attempts to bring a code: somebody is waiting for it."""
_DAY = timedelta(days=1)
_LONG_ENOUGH = 22
"""Characters of a key that names a road: 132 bits."""

Derive = Callable[[str], str]
"""Makes a secret of a text that only this installation can make."""


class Leesbaar(Gericht, Overgedragen, Protocol):
    """What an overdracht has in common with its row in the read table, for who wants to read it."""

    @property
    def id(self) -> UUID: ...
    @property
    def ronde(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Leesweg:
    """A person of the receiver who may read it, and a road to them other than the mailbox that the link came by.

    `sleutel` names it on a page and in the state, and tells nothing.
    """

    sleutel: str
    persoon: Persoon
    functie: str
    kanaal: Notificatiekanaal
    adres: str

    @property
    def lezer(self) -> Professional:
        return Professional(naam=self.persoon.naam, functie=self.functie)

    @property
    def initialen(self) -> str:
        """Enough for colleagues to know themselves by; a stranger learns no name."""
        return "".join(f"{word[0].upper()}." for word in self.persoon.naam.split())


def find_leeswegen(overdracht: Leesbaar, *, kader: Kader, at: datetime) -> tuple[Leesweg, ...]:
    """Every road by which a code can come, by the name of its person; none where the register knows no other."""
    on = local_date(at)
    try:
        receiver = kader.register.receiver(overdracht.ontvanger, on=on)
    except NietInRegister:
        return ()
    mailboxes = {road.adres.casefold() for road in receiver.all_roads() if isinstance(road, MailEndpoint)}
    wegen = (
        weg
        for persoon in receiver.personen
        if (functie := _functie(receiver, persoon, overdracht, kader=kader, at=at))
        for weg in _wegen(overdracht, persoon, functie, kader)
        if weg.adres.casefold() not in mailboxes
    )
    return tuple(sorted(wegen, key=lambda weg: (weg.persoon.naam, weg.kanaal.value)))


def find_leesweg(overdracht: Leesbaar, sleutel: str, *, kader: Kader, at: datetime) -> Leesweg | None:
    """The one with this key, while the register has it."""
    return next((weg for weg in find_leeswegen(overdracht, kader=kader, at=at) if weg.sleutel == sleutel), None)


def code_of(overdracht_id: UUID, ronde: int, nummer: int, derive: Derive) -> str:
    """The digits of this code, for the link of this round of this overdracht."""
    drawn = hashlib.sha256(derive(f"{LEESCODE}/{overdracht_id}/{ronde}/{nummer}").encode()).digest()
    return f"{int.from_bytes(drawn) % 10**DIGITS:0{DIGITS}d}"


def sleutel_of(overdracht_id: UUID, kanaal: Notificatiekanaal, persoon: Persoon, derive: Derive) -> str:
    """What names the road to this person by this channel, for this overdracht alone."""
    return derive(f"leesweg/{overdracht_id}/{kanaal.value}/{persoon.naam}")[:_LONG_ENOUGH]


def ask_code(
    state: Casus | None, overdracht_id: UUID, sleutel: str, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """A new code sets out by this road; the one before works no longer."""
    overdracht = _readable(state, overdracht_id, context=context, kader=kader)
    if isinstance(overdracht, Refused):
        return overdracht
    assert state is not None
    weg = find_leesweg(overdracht, sleutel, kader=kader, at=context.now)
    if weg is None:
        return conflict("Geen weg", "kies langs welke weg de code moet komen", place="weg", code="geen-weg")
    regels, before = kader.leescode, overdracht.leescode
    asked = () if before is None else tuple(at for at in before.gevraagd if at > context.now - _DAY)
    if len(asked) >= regels.per_dag:
        message = "er zijn vandaag te veel codes gevraagd; meld u aan, of bel Veilig Thuis"
        return conflict("Te veel codes", message, place="weg", code="te-veel-codes")
    code = Leescode(
        nummer=1 if before is None else before.nummer + 1,
        weg=weg.sleutel,
        geldig_tot=context.now + regels.geldig,
        gevraagd=(*asked, context.now),
    )
    request = Request(
        id=context.new_id(),
        kind=LEESCODE,
        destination=f"{LEESCODE}/{weg.sleutel}",
        content={
            "overdrachtId": str(overdracht.id),
            "ronde": overdracht.ronde,
            "nummer": code.nummer,
            "ontvanger": overdracht.ontvanger,
            "kanaal": weg.kanaal.value,
            "weg": weg.sleutel,
            "geldigTot": iso(code.geldig_tot),
        },
        due_at=context.now,
    )
    return Decision(
        state.with_overdracht(replace(overdracht, leescode=code)),
        requests=(request,),
        journal=(_line("leescode-gevraagd", overdracht, kanaal=weg.kanaal.value),),
        answer={"geldigTot": iso(code.geldig_tot)},
    )


def try_code(
    state: Casus | None, overdracht_id: UUID, cijfers: str, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Somebody types a code. Wrong is an outcome that is kept: after a few times the code works for nobody.

    The answer to the right one says by which road it came, and until when what it opens can be read.
    """
    overdracht = _readable(state, overdracht_id, context=context, kader=kader)
    if isinstance(overdracht, Refused):
        return overdracht
    assert state is not None
    code, regels = overdracht.leescode, kader.leescode
    if (why := _why_dead(code, kader=kader, at=context.now)) or code is None:
        return conflict("Geen code", why, place="code", code="geen-code")
    right = code_of(overdracht.id, overdracht.ronde, code.nummer, kader.derive_token)
    if not hmac.compare_digest(cijfers.encode(), right.encode()):
        wrong = replace(code, fouten=code.fouten + 1)
        return Decision(
            state.with_overdracht(replace(overdracht, leescode=wrong)),
            journal=(_line("leescode-onjuist", overdracht, fouten=wrong.fouten),),
            answer={"over": regels.pogingen - wrong.fouten},
        )
    used = replace(code, gebruikt_op=context.now)
    return Decision(
        state.with_overdracht(replace(overdracht, leescode=used)),
        journal=(_line("leescode-gebruikt", overdracht),),
        answer={"weg": code.weg, "tot": iso(context.now + regels.geldig)},
    )


def record_code(state: Casus | None, attempted: RequestAttempted, *, context: Context) -> Outcome[Casus]:
    """A code was brought, or not: tried again as long as it works. Who waits sees nothing come, and asks again."""
    request, attempt = attempted.request, attempted.attempt
    overdracht = None if state is None else state.overdracht(UUID(str(request.content["overdrachtId"])))
    if state is None or overdracht is None:
        return unchanged(state)
    due_at = context.now + max(_AGAIN, attempt.retry_after or _AGAIN)
    if attempt.result is Result.TEMPORARY and due_at < datetime.fromisoformat(str(request.content["geldigTot"])):
        return Decision(state, requests=(RetryRequest(request.id, due_at),))
    what = "leescode-verzonden" if attempt.result is Result.DONE else "leescode-niet-verzonden"
    return Decision(state, journal=(_line(what, overdracht, reden=attempt.detail),))


@dataclass(frozen=True, slots=True)
class Leesrecht:
    """What a right code opens: for whom it came, and until when. It travels with the forms of the document."""

    weg: str
    tot: datetime

    def sign(self, overdracht: Leesbaar, kader: Kader) -> str:
        """As it stands in a form, so that nobody makes one or takes it to another overdracht."""
        return f"{self.weg}.{int(self.tot.timestamp())}.{self._proof(overdracht, kader)}"

    def _proof(self, overdracht: Leesbaar, kader: Kader) -> str:
        until = int(self.tot.timestamp())
        return kader.derive_token(f"leesrecht/{overdracht.id}/{overdracht.ronde}/{self.weg}/{until}")


def read_leesrecht(text: str, overdracht: Leesbaar, *, kader: Kader, at: datetime) -> Leesweg | None:
    """By which road the code came that opened this; None where none did, it is over, or its person may read no more."""
    weg, _, rest = text.partition(".")
    until, _, _ = rest.partition(".")
    if not until.isdecimal() or len(until) > len(str(2**40)):
        return None
    recht = Leesrecht(weg, datetime.fromtimestamp(int(until), tz=at.tzinfo))
    if not hmac.compare_digest(text.encode(), recht.sign(overdracht, kader).encode()) or recht.tot <= at:
        return None
    return find_leesweg(overdracht, weg, kader=kader, at=at)


def _readable(state: Casus | None, overdracht_id: UUID, *, context: Context, kader: Kader) -> Overdracht | Refused:
    """The overdracht, where whoever has the link may read it still."""
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if overdracht is None:
        return NOT_FOUND
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    return refuse_reading(Daad.OVERDRACHT_LEZEN, relaties) or overdracht


def _functie(receiver: Gemeente | Partij, persoon: Persoon, overdracht: Leesbaar, *, kader: Kader, at: datetime) -> str:
    """As what this person may read it, of this team or of the whole; empty where not, or while away."""
    on, medewerker = local_date(at), Medewerker(receiver.code, persoon)
    rollen = frozenset(
        bezetting.rol
        for bezetting in receiver.rollen
        if bezetting.team in {None, overdracht.team}
        and works_as(kader.register, receiver.code, bezetting, medewerker, on)
    )
    relaties = of_overdracht(Actor(receiver.code, persoon=persoon.naam), overdracht, kader=kader, at=at)
    able = [rol.label for rol in rollen if may(Daad.OVERDRACHT_LEZEN, relaties, (rol,))]
    return ", ".join(sorted(able)) if persoon.is_present(on) else ""


def _wegen(overdracht: Leesbaar, persoon: Persoon, functie: str, kader: Kader) -> Iterator[Leesweg]:
    for kanaal, adres in persoon.adressen.items():
        if kanaal in kader.leescode.kanalen:
            sleutel = sleutel_of(overdracht.id, kanaal, persoon, kader.derive_token)
            yield Leesweg(sleutel, persoon, functie, kanaal, adres)


def _why_dead(code: Leescode | None, *, kader: Kader, at: datetime) -> str:
    """Why no digits at all would be right; empty where they can be."""
    if code is None:
        return "er is voor deze overdracht nog geen code gevraagd"
    if code.gebruikt_op is not None:
        return "deze code is al gebruikt; vraag een nieuwe"
    if code.geldig_tot <= at:
        return "deze code is verlopen; vraag een nieuwe"
    if code.fouten >= kader.leescode.pogingen:
        return "er is te vaak een verkeerde code ingevuld; vraag een nieuwe"
    return ""


def _line(what: str, overdracht: Overdracht, **facts: str | int) -> JournalLine:
    return JournalLine(what, facts={"overdracht": str(overdracht.id), **facts})

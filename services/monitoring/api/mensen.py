"""Who did what in a case and who goes on with it, by name: opened for whoever may follow the case, and put in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from contracts.afspraken import Anker
from contracts.formulieren import choice_label
from contracts.messages.documenten import Professional
from contracts.messages.verzegeld import Verzegeld
from contracts.register import NietInRegister, Register
from services.monitoring.api.presentation import show_actor
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.verder import Verder, goes_on
from services.monitoring.ports import Namen

_OF_VEILIG_THUIS = frozenset({"melding", "dienst", "gesprek"})
"""What these facts are about is with Veilig Thuis; the events that tell of them name no party."""
_HUB = "houvast-"
_BY_THE_HUB = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD, Anker.AFLEVERING_GESTAGNEERD})
_PARTY = re.compile(r"\(([^()]+)\)$")


@dataclass(frozen=True, slots=True)
class Gedaan:
    """Something that somebody did, in words."""

    feit: Anker
    wat: str
    op: datetime
    over_id: UUID | None
    door: str


class Mensen:
    """The people of one case."""

    def __init__(self, toezicht: Toezicht, names: Mapping[str, Professional], register: Register) -> None:
        self._toezicht = toezicht
        self._names = names
        self._register = register

    @classmethod
    async def of_case(cls, casus_id: UUID, toezicht: Toezicht, namen: Namen, register: Register) -> Self:
        """With every name in it opened, once."""
        sealed = {feit.medewerker for feit in toezicht.feiten if feit.medewerker is not None}
        asked = [(casus_id, name) for name in sealed | {one.wie for one in goes_on(toezicht)}]
        opened = await namen.open(asked)
        names = {name.jwe: who for (_, name), who in zip(asked, opened, strict=True) if who is not None}
        return cls(toezicht, names, register)

    def gedaan(self) -> list[Gedaan]:
        """What people and systems did, in order; what the hub did or concluded itself is not among it."""
        found = [
            Gedaan(feit.anker, choice_label("Anker", feit.anker.value), feit.op, feit.onderwerp_id, door)
            for feit in self._toezicht.feiten
            if (door := self._door(feit)) is not None
        ]
        return sorted(found, key=lambda one: one.op)

    def door(self, anker: str, op: datetime, over_id: UUID | None = None) -> str | None:
        """Who made this fact at this moment, about this thing where that is told; None where nobody knows."""
        return next(
            (
                door
                for feit in self._toezicht.feiten
                if (feit.anker.value, feit.op) == (anker, op) and over_id in {None, feit.onderwerp_id}
                if (door := self._door(feit)) is not None
            ),
            None,
        )

    def verder(self) -> Iterator[tuple[Verder, str]]:
        """Who goes on with what, as far as they are known by name."""
        for one in goes_on(self._toezicht):
            who = self._opened(one.wie)
            if who is not None:
                yield one, in_words(who, one.partij, self._register)

    def oppakker(self, escalatie_id: UUID) -> str | None:
        """Who took this escalatie up."""
        return next((who for one, who in self.verder() if one.over_id == escalatie_id), None)

    def _door(self, feit: Feit) -> str | None:
        if feit.anker in _BY_THE_HUB:
            return None
        who = None if feit.medewerker is None else self._opened(feit.medewerker)
        if who is not None:
            return in_words(who, self._party(feit), self._register)
        return None if feit.door.startswith(_HUB) else show_actor(feit.door, self._register.naam)

    def _opened(self, sealed: Verzegeld[Professional]) -> Professional | None:
        return self._names.get(sealed.jwe)

    def _party(self, feit: Feit) -> str:
        """For which party it was done."""
        if found := _PARTY.search(feit.door):
            return found[1]
        if not feit.door.startswith(_HUB) and feit.anker.soort not in _OF_VEILIG_THUIS:
            return feit.door
        try:
            return self._register.veilig_thuis(self._toezicht.regio or "").naam
        except NietInRegister:
            return "Veilig Thuis"


def in_words(who: Professional, partij: str, register: Register) -> str:
    """A person with what they are, and where."""
    return f"{who.naam} ({who.functie}, {register.naam(who.organisatie or partij)})"

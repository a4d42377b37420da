"""What holds for every case and stays the same while the process runs: the afspraken, the register, the limits."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel

from contracts.afspraken import Afspraken, GeenAfspraken, RuleBook, local_date
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import PartijCode, RegioCode
from contracts.rechten import is_veilig_thuis_of
from contracts.register import NietInRegister, Partijsoort, Register
from services.runtime.access.actor import Actor

_GEMEENTE = re.compile(r"GM\d{4}")


@dataclass(frozen=True, slots=True)
class Grenzen:
    """How far a moment that a caller gives may lie from now, and how large sealed content may be."""

    vooruit: timedelta
    terug: timedelta
    verzegeld_bytes: int


@dataclass(frozen=True, slots=True)
class Kader:
    """`blind` turns a text into a key that says nothing without the master key.

    `open_offered` opens what systems outside sealed to this hub; it raises `SealBroken`. `prove` makes of a text what
    only this installation can make.
    """

    rule_book: RuleBook
    register: Register
    grenzen: Grenzen
    blind: Callable[[str], str]
    open_offered: Callable[[str], bytes]
    prove: Callable[[str], str]

    def find_regio(self, gemeente: str, on: date) -> RegioCode | Problem:
        """The region of a gemeente on a day, or what is wrong with the gemeente."""
        try:
            regio = self.register.gemeente(gemeente, on=on).regio
            self.rule_book.for_case(regio=regio, gemeente=gemeente, on=on)
        except (NietInRegister, GeenAfspraken) as error:
            return Problem("gemeente", self.in_words(error, gemeente))
        return regio

    def in_words(self, error: NietInRegister | GeenAfspraken, gemeente: str) -> str:
        """Why this gemeente cannot be chosen, by its name where it has one."""
        naam = self.register.naam(gemeente)
        return str(error) if naam in str(error) else str(error).replace(gemeente, f"{naam} ({gemeente})")

    def wrong_gemeente(self, body: Mapping[str, object], on: date) -> Iterator[Problem]:
        """What is wrong with the gemeente of a body whose form is wrong as well, where it is one by its form."""
        code = body.get("gemeente")
        if isinstance(code, str) and _GEMEENTE.fullmatch(code):
            regio = self.find_regio(code, on)
            if isinstance(regio, Problem):
                yield regio

    def afspraken(self, *, regio: str, gemeente: str, ontvangen_op: datetime) -> Afspraken:
        """The agreements of the day of the melding, for as long as the case lives. Raises `GeenAfspraken`."""
        return self.rule_book.for_case(regio=regio, gemeente=gemeente, on=local_date(ontvangen_op))

    def is_veilig_thuis_of(self, actor: Actor, regio: str) -> bool:
        """Whether who acts is the Veilig Thuis of this region."""
        return is_veilig_thuis_of(actor.partij, regio, self.register)

    def is_veilig_thuis_elsewhere(self, actor: Actor, regio: str) -> bool:
        """Whether who acts is a Veilig Thuis, but that of another region."""
        return self._is(actor.partij, Partijsoort.VEILIG_THUIS) and not self.is_veilig_thuis_of(actor, regio)

    def is_meldpunt(self, code: PartijCode) -> bool:
        """Whether the register knows this party as a meldpunt."""
        return self._is(code, Partijsoort.MELDPUNT)

    def is_veilig_thuis(self, code: PartijCode) -> bool:
        """Whether the register knows this party as a Veilig Thuis."""
        return self._is(code, Partijsoort.VEILIG_THUIS)

    def receives(self, code: PartijCode, at: datetime) -> bool:
        """Whether the register has a road to this gemeente or party on this day."""
        try:
            self.register.receiver(code, on=local_date(at))
        except NietInRegister:
            return False
        return True

    def is_ggz(self, code: PartijCode) -> bool:
        """Whether the register knows this party as one of the GGZ."""
        return self._is(code, Partijsoort.GGZ)

    def regio_of(self, code: PartijCode) -> RegioCode | None:
        """The region of a party that is no gemeente."""
        try:
            return self.register.partij(code).regio
        except NietInRegister:
            return None

    def fingerprint(self, invoer: BaseModel) -> str:
        """The same for the same content; tells nobody what that was."""
        content = invoer.model_dump_json(by_alias=True, exclude_none=True).encode()
        return self.blind(f"vingerafdruk {hashlib.blake2b(content, digest_size=32).hexdigest()}")

    def check_size(self, place: str, *parts: BaseModel | None) -> list[Problem]:
        """Whether what will be sealed still fits in one event."""
        size = sum(len(part.model_dump_json(by_alias=True, exclude_none=True).encode()) for part in parts if part)
        limit = self.grenzen.verzegeld_bytes
        return [Problem(place, f"is samen te groot: {size} bytes, hoogstens {limit}")] if size > limit else []

    def check_moment(self, place: str, given: datetime | None, now: datetime) -> list[Problem]:
        """Whether a moment that a caller gave can be true."""
        if given is None:
            return []
        if given > now + self.grenzen.vooruit:
            return [Problem(place, "ligt in de toekomst")]
        if given < now - self.grenzen.terug:
            return [Problem(place, f"ligt meer dan {self.grenzen.terug.days} dagen terug")]
        return []

    def _is(self, code: str, soort: Partijsoort) -> bool:
        try:
            return self.register.partij(code).soort is soort
        except NietInRegister:
            return False

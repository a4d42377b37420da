"""Who looks at the workplace: under which names things are asked of them, which kinds, and what they can filter by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from re import fullmatch
from urllib.parse import urlencode
from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.monitoring import Drager
from contracts.rechten import HUB, Daad
from contracts.register import Gemeente, NietInRegister, Organisatie, Partijsoort, Register
from contracts.register.vervanging import find_medewerker, works_as
from services.monitoring.api.balie import reading_kring
from services.monitoring.domain.werk import Werk, Werksoort, at_region
from services.monitoring.ports import Eigen, Plek, Zoekterm
from services.runtime.access.tokens import Caller
from services.runtime.http import refusal

_ALONE_IN_REGION: Mapping[Partijsoort, Drager] = {
    Partijsoort.VEILIG_THUIS: Drager.VEILIG_THUIS,
    Partijsoort.MELDPUNT: Drager.MELDPUNT,
    Partijsoort.RVDK: Drager.RAAD_VOOR_DE_KINDERBESCHERMING,
}


@dataclass(frozen=True, slots=True)
class Kijker:
    """Somebody at the workplace, today."""

    wie: Caller
    register: Register
    nu: datetime

    @property
    def aan(self) -> frozenset[str] | None:
        """Under which names things are asked of the party. Whoever looks for the hub itself, as no person of it, sees
        what is asked of anybody.
        """
        if self.wie.partij == HUB:
            return None if self.wie.persoon is None else frozenset({HUB})
        codes = reading_kring(self.wie, self.register, self.nu, daad=Daad.WERKPLEK_OPENEN).partijen
        found = frozenset({self.wie.partij}) if codes is None else codes
        try:
            partij = self.register.partij(self.wie.partij)
        except NietInRegister:
            return found
        drager = _ALONE_IN_REGION.get(partij.soort)
        return found if drager is None else found | {at_region(drager, partij.regio)}

    def naam_van(self, aan: str) -> str:
        """Who is asked, in words."""
        soort, at, regio = aan.partition("@")
        if not at:
            return self.register.naam(aan)
        drager = Drager(soort)
        found = [known for known, borne in _ALONE_IN_REGION.items() if borne is drager]
        parties = [partij for kind in found for partij in self.register.partijen(soort=kind) if partij.regio == regio]
        return parties[0].naam if parties else drager.naam

    @property
    def soorten(self) -> frozenset[Werksoort]:
        """What can be asked of somebody in these roles."""
        return frozenset(soort for soort in Werksoort if any(self.wie.may(daad) for daad in soort.daden))

    @property
    def rollen(self) -> frozenset[str] | None:
        """The roles in which they are called; None where that does not limit."""
        return None if self.wie.persoon is None else self.wie.rollen

    def asked(self, werk: Iterable[Werk]) -> list[Werk]:
        """Of all that is asked in a case what is asked of them, the most urgent first, as their home page has it."""
        names, kinds, roles = self.aan, self.soorten, self.rollen
        found = (
            one
            for one in werk
            if (names is None or one.aan in names)
            and one.soort in kinds
            and (roles is None or one.rol is None or one.rol in roles)
        )
        return sorted(found, key=lambda one: (one.rang, one.id))

    @property
    def eigen(self) -> Eigen | None:
        """The teams and roles of one person; None for a system."""
        organisatie = self.organisatie
        if self.wie.persoon is None or organisatie is None:
            return None
        on, code = local_date(self.nu), self.wie.partij
        me = find_medewerker(self.register, code, self.wie.persoon, on)
        mine = [
            bezetting
            for bezetting in organisatie.rollen
            if me is not None and works_as(self.register, code, bezetting, me, on)
        ]
        teams = frozenset(bezetting.team for bezetting in mine if bezetting.team is not None)
        return Eigen(teams, self.wie.rollen)

    @property
    def organisatie(self) -> Organisatie | None:
        """Where they work."""
        try:
            return self.register.partij(self.wie.partij)
        except NietInRegister:
            pass
        try:
            return self.register.gemeente(self.wie.partij, on=local_date(self.nu))
        except NietInRegister:
            return None

    @property
    def gemeenten(self) -> Sequence[tuple[str, str]]:
        """The gemeenten to choose from, by name: code and name. Empty where there is only the own."""
        organisatie = self.organisatie
        if isinstance(organisatie, Gemeente):
            return ()
        regio = None if organisatie is None else organisatie.regio
        found = self.register.gemeenten(local_date(self.nu), regio=regio)
        return sorted(((gemeente.code, gemeente.naam) for gemeente in found), key=lambda pair: pair[1])

    @property
    def teams(self) -> Sequence[tuple[str, str]]:
        """The teams of the own gemeente to choose from: code and name."""
        organisatie = self.organisatie
        if not isinstance(organisatie, Gemeente):
            return ()
        return [(team.code, team.naam) for team in organisatie.teams]


def read_search(text: str) -> Zoekterm | None:
    """What was typed in the search field. Raises `ValueError` for what is neither a reference nor an id."""
    typed = "".join(text.split())
    if not typed:
        return None
    try:
        return Zoekterm(id=UUID(typed))
    except ValueError:
        reference = typed.upper().removeprefix("HV-").removeprefix("HV")
    if not fullmatch(r"[0-9A-F]{1,8}", reference):
        raise ValueError("neither a reference nor an id")
    return Zoekterm(referentie=f"HV-{reference}")


def read_place(text: str) -> Plek | None:
    """Where the page before this one ended. Raises the 400 for what no page gave."""
    if not text:
        return None
    rang, _, identifier = text.partition("_")
    try:
        found = Plek(datetime.fromisoformat(rang), UUID(identifier))
    except ValueError:
        found = None
    if found is None or found.rang.tzinfo is None:
        message = "Deze plek in de lijst bestaat niet. Begin bij het begin van de lijst"
        raise refusal(400, message, code="ongeldige-aanvraag", place="query.na")
    return found


def address(path: str, filters: Mapping[str, str], **changes: str) -> str:
    """The address of this list with other filters; an empty one is left out, and it starts at the beginning."""
    kept = {name: value for name, value in {**filters, "na": "", **changes}.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def place_of(rang: datetime, identifier: UUID) -> str:
    """What `read_place` reads."""
    return f"{rang.isoformat()}_{identifier}"

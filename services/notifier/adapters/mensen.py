"""Which people a role means, out of the register. What leaves here is a key and a channel, never a name."""

from datetime import datetime

from contracts.afspraken import Berichtsoort, RuleBook, local_date
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from contracts.rechten import HUB, Daad, roles_for
from contracts.register import NietInRegister, Ontvanger, Organisatie, Persoon, Register
from services.notifier.adapters.sjablonen import nl_rol
from services.notifier.domain import Bereikbaar, persoon_key, postvak_key
from services.notifier.ports import Beheerder


class RegisterMensen:
    """`Mensen` and `Adresboek` out of the register; the agreements say whom else a region turns to."""

    def __init__(self, register: Register, rule_book: RuleBook) -> None:
        self._register = register
        self._rule_book = rule_book

    def who(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The people of the role, replaced where they are away; empty when nobody fills it."""
        return self._people(vraag.partij, vraag, at)

    def instead(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The same role at Veilig Thuis of the region, or whom the agreements name for what reaches nobody."""
        try:
            partij = self._register.veilig_thuis(vraag.regio).code
        except NietInRegister:
            return ()
        if partij != vraag.partij and (found := self._people(partij, vraag, at)):
            return found
        rol = self._rule_book.rol_voor(Berichtsoort.NIEMAND_BEREIKT, regio=vraag.regio, on=local_date(at))
        return self._people(partij, vraag.model_copy(update={"rol": rol.value}), at)

    def who_runs_hub(self, kanaal: Notificatiekanaal, *, at: datetime) -> Beheerder | None:
        """The first who is there, of those whose role it is to keep the endpoints."""
        for rol in roles_for(Daad.ENDPOINTS_BEHEREN):
            try:
                found = self._register.recipients(partij=HUB, rol=rol.value, on=local_date(at))
            except NietInRegister:
                return None
            for ontvanger in found:
                if ontvanger.partij == HUB and kanaal in ontvanger.adressen:
                    return Beheerder(HUB, persoon_key(HUB, ontvanger.naam), rol.value)
        return None

    def adres(self, kanaal: Notificatiekanaal, partij: str, persoon: str, *, at: datetime) -> str | None:
        """The address of a person for this channel."""
        mens = self._find(partij, persoon, at)
        return None if mens is None else mens.adressen.get(kanaal)

    def waarom(self, vraag: NotificatieGevraagd, persoon: str, *, at: datetime) -> str | None:
        """Why this person, where somebody else was meant: away, the role filled elsewhere, or nobody could be reached."""
        recipients = self._recipients(vraag.partij, vraag, at)
        meant = {persoon_key(ontvanger.partij, ontvanger.naam): ontvanger for ontvanger in recipients}
        rol, naam = nl_rol(vraag.rol), self._register.naam(vraag.partij)
        match meant.get(persoon):
            case None:
                return f"Dit bericht was voor de rol {rol} bij {naam}. Daar is niemand bereikt; daarom krijgt u het."
            case Ontvanger(partij=partij) if partij != vraag.partij:
                return (
                    f"Dit bericht is voor de rol {rol} bij {naam}. Daar is nu niemand in die rol; daarom krijgt u het."
                )
            case Ontvanger(vervangt=str()):
                return "U krijgt dit bericht omdat u een collega vervangt die afwezig is."
            case _:
                return None

    def _recipients(self, partij: str, vraag: NotificatieGevraagd, at: datetime) -> tuple[Ontvanger, ...]:
        try:
            return self._register.recipients(
                partij=partij, rol=vraag.rol, gemeente=vraag.gemeente, team=vraag.team, on=local_date(at)
            )
        except NietInRegister:
            return ()

    def _people(self, partij: str, vraag: NotificatieGevraagd, at: datetime) -> tuple[Bereikbaar, ...]:
        return tuple(_bereikbaar(ontvanger) for ontvanger in self._recipients(partij, vraag, at))

    def _find(self, partij: str, persoon: str, at: datetime) -> Persoon | None:
        try:
            organisatie: Organisatie = (
                self._register.gemeente(partij, on=local_date(at))
                if partij.startswith("GM")
                else self._register.partij(partij)
            )
        except NietInRegister:
            return None
        return next((mens for mens in organisatie.personen if persoon_key(partij, mens.naam) == persoon), None)


def _bereikbaar(ontvanger: Ontvanger) -> Bereikbaar:
    persoon = persoon_key(ontvanger.partij, ontvanger.naam)
    postvakken = {kanaal: postvak_key(kanaal, adres, persoon=persoon) for kanaal, adres in ontvanger.adressen.items()}
    return Bereikbaar(ontvanger.partij, persoon, postvakken)

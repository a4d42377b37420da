"""Which people a role means, out of the register. What leaves here is a key and a channel, never a name."""

from datetime import datetime

from contracts.afspraken import local_date
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from contracts.register import NietInRegister, Ontvanger, Organisatie, Persoon, Register
from services.notifier.adapters.sjablonen import nl_rol
from services.notifier.domain import Bereikbaar, kanaal_key, persoon_key


class RegisterMensen:
    """`Mensen` and `Adresboek` out of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def who(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The people of the role, replaced where they are away; empty when nobody fills it."""
        return self._people(vraag.partij, vraag, at)

    def instead(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The same role at Veilig Thuis of the region, or its leidinggevende."""
        try:
            partij = self._register.veilig_thuis(vraag.regio).code
        except NietInRegister:
            return ()
        found = self._people(partij, vraag, at) if partij != vraag.partij else ()
        return found or self._people(partij, vraag.model_copy(update={"rol": "leidinggevende"}), at)

    def e_mail(self, partij: str, persoon: str, *, at: datetime) -> str | None:
        """The mail address of a person."""
        found = self._find(partij, persoon, at)
        return None if found is None else found.e_mail

    def teams(self, partij: str, persoon: str, *, at: datetime) -> str | None:
        """The reference to the Workflows address of a person."""
        found = self._find(partij, persoon, at)
        return None if found is None else found.teams

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
    channels = ((Notificatiekanaal.E_MAIL, ontvanger.e_mail), (Notificatiekanaal.TEAMS, ontvanger.teams))
    return Bereikbaar(
        partij=ontvanger.partij,
        persoon=persoon_key(ontvanger.partij, ontvanger.naam),
        kanalen=tuple(kanaal for kanaal, where in channels if where is not None),
        teams_kanaal=None if ontvanger.teams is None else kanaal_key(ontvanger.teams),
    )

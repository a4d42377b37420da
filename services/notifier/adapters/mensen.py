"""Which people a role means, out of the register. What leaves here is a key and a channel, never a name."""

from dataclasses import replace
from datetime import datetime

from contracts.afspraken import Berichtsoort, RuleBook, local_date
from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal, NotificatieUrgentie
from contracts.rechten import HUB, Daad, roles_for
from contracts.register import Gezocht, Herkomst, Keuze, NietInRegister, Ontvanger, Persoon, Register, choose
from services.notifier.adapters.sjablonen import nl_rol
from services.notifier.domain import Bereikbaar, leaves_from, persoon_key, postvak_key
from services.notifier.ports import Beheerder

REGISTERPAGINA = "beheer/register"
"""Where a beheerder changes the register."""


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
                keuze = choose(self._register, Gezocht(HUB, rol.value, at), self._rule_book.kalender)
            except NietInRegister:
                return None
            for ontvanger in keuze.ontvangers:
                if ontvanger.partij == HUB and kanaal in ontvanger.adressen:
                    return Beheerder(HUB, persoon_key(HUB, ontvanger.naam), rol.value)
        return None

    def adres(self, kanaal: Notificatiekanaal, partij: str, persoon: str, *, at: datetime) -> str | None:
        """The address of a person for this channel."""
        mens = self._find(partij, persoon, at)
        return None if mens is None else mens.adressen.get(kanaal)

    def waarom(self, vraag: NotificatieGevraagd, persoon: str, *, at: datetime) -> str | None:
        """Why this person, where somebody else was meant: away, the role filled elsewhere, or nobody could be reached."""
        meant = {
            persoon_key(ontvanger.partij, ontvanger.naam): ontvanger
            for ontvanger in self._choose(vraag.partij, vraag, at).ontvangers
        }
        rol, naam = nl_rol(vraag.rol), self._register.naam(vraag.partij)
        match meant.get(persoon):
            case None:
                return f"Dit bericht was voor de rol {rol} bij {naam}. Daar is niemand bereikt; daarom krijgt u het."
            case Ontvanger(vervangt=str(), partij=partij) if partij != vraag.partij:
                return f"Dit bericht is voor de rol {rol} bij {naam}. U krijgt het omdat u daar iemand vervangt."
            case Ontvanger(vervangt=str()):
                return "U krijgt dit bericht omdat u een collega vervangt die afwezig is."
            case Ontvanger(herkomst=Herkomst.INGEKOCHT, partij=partij):
                provider = self._register.naam(partij)
                return f"Dit bericht is voor de rol {rol} bij {naam}. Die rol vervult {provider} daar; daarom krijgt u het."
            case Ontvanger(partij=partij) if partij != vraag.partij:
                return (
                    f"Dit bericht is voor de rol {rol} bij {naam}. Daar is nu niemand in die rol; daarom krijgt u het."
                )
            case _:
                return None

    def reads_from(self, vraag: NotificatieGevraagd, partij: str, persoon: str, *, at: datetime) -> datetime:
        """When the work time of this person includes this moment, or begins next; of who is gone at once."""
        found = self._find(partij, persoon, at)
        if found is None:
            return at
        organisatie = self._register.organisatie(partij, on=local_date(at))
        return organisatie.werktijd_of(found, vraag.rol).next_from(at, self._rule_book.kalender)

    def tekort(self, vraag: NotificatieGevraagd, *, at: datetime) -> NotificatieGevraagd | None:
        """What the beheerder has to mend in the register: a role of nobody, a rota with a hole. Told once a day each."""
        if vraag.partij == HUB:
            return None
        keuze, rol = self._choose(vraag.partij, vraag, at), nl_rol(vraag.rol)
        if keuze.gat_bij is not None:
            naam = self._register.naam(keuze.gat_bij)
            return self._to_beheerder(
                vraag,
                f"Het rooster van de rol {rol} bij {naam} heeft een gat",
                "Vul het rooster aan. Met `houvast register controleer` ziet u elk gat van de komende acht weken. Zolang er"
                " niemand dienst heeft, krijgt iedereen in deze rol het bericht.",
                urgentie=NotificatieUrgentie.GEWOON,
                at=at,
            )
        if keuze.ontvangers:
            return None
        return self._to_beheerder(
            vraag,
            f"Niemand in het register is {rol} bij {self._register.naam(vraag.partij)}",
            f"Zorg dat iemand deze rol vervult. Met `houvast wie {vraag.partij} {vraag.rol}` ziet u waar is gezocht. Veilig"
            " Thuis krijgt intussen wat voor deze rol is.",
            urgentie=NotificatieUrgentie.SPOED,
            at=at,
        )

    def _to_beheerder(
        self, vraag: NotificatieGevraagd, onderwerp: str, gevraagd: str, *, urgentie: NotificatieUrgentie, at: datetime
    ) -> NotificatieGevraagd:
        today = local_date(at)
        aanspreekpunt = self._rule_book.aanspreekpunt(Berichtsoort.BEHEER_GEVRAAGD, regio=vraag.regio, on=today)
        return NotificatieGevraagd(
            notificatie_id=derived_id("tekort", onderwerp, today.isoformat()),
            regio=vraag.regio,
            partij=HUB,
            rol=aanspreekpunt.rol.value,
            urgentie=urgentie,
            onderwerp=onderwerp,
            gevraagd=gevraagd,
            bron=aanspreekpunt.herkomst,
            referentie="register",
            link=REGISTERPAGINA,
        )

    def _choose(self, partij: str, vraag: NotificatieGevraagd, at: datetime) -> Keuze:
        """The people for the moment at which they read it: of what is not urgent in work time, whoever is there then."""
        gezocht = Gezocht(partij, vraag.rol, at, gemeente=vraag.gemeente, team=vraag.team, doelgroep=vraag.doelgroep)
        kalender = self._rule_book.kalender
        try:
            werktijd = self._register.organisatie(partij, on=local_date(at)).werktijd
            leaves = leaves_from(vraag, now=at, reads_from=werktijd.next_from(at, kalender))
            return choose(self._register, replace(gezocht, op=leaves), kalender)
        except NietInRegister:
            pass
        try:
            return choose(self._register, gezocht, kalender)
        except NietInRegister:
            return Keuze((), ())

    def _people(self, partij: str, vraag: NotificatieGevraagd, at: datetime) -> tuple[Bereikbaar, ...]:
        return tuple(_bereikbaar(ontvanger) for ontvanger in self._choose(partij, vraag, at).ontvangers)

    def _find(self, partij: str, persoon: str, at: datetime) -> Persoon | None:
        try:
            organisatie = self._register.organisatie(partij, on=local_date(at))
        except NietInRegister:
            return None
        found = (mens for mens in organisatie.personen if persoon_key(partij, mens.naam) == persoon)
        return next((mens for mens in found if not mens.has_left(local_date(at))), None)


def _bereikbaar(ontvanger: Ontvanger) -> Bereikbaar:
    persoon = persoon_key(ontvanger.partij, ontvanger.naam)
    postvakken = {kanaal: postvak_key(kanaal, adres, persoon=persoon) for kanaal, adres in ontvanger.adressen.items()}
    return Bereikbaar(ontvanger.partij, persoon, postvakken)

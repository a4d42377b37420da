"""What people are told of a delivery that stalls, in Dutch: what is the matter, what goes on by itself, who mends it."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Rol
from contracts.messages.handover import AfleveringGestagneerd, Kanaal
from contracts.messages.identifiers import derived_id, short_reference
from contracts.messages.notifier import Aanleiding, NotificatieGevraagd, NotificatieUrgentie
from contracts.rechten import HUB
from services.monitoring.domain.berichten import ORDER, urgentie_of
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Overdrachtbeeld, Toezicht


def about_stalled(
    beeld: Overdrachtbeeld,
    *,
    wie: tuple[str, Rol, str],
    partijen: Partijen,
    toezicht: Toezicht,
    casus_id: UUID,
    voor: datetime | None,
    stagnatie: AfleveringGestagneerd,
) -> NotificatieGevraagd:
    """An overdracht cannot be delivered: use another road in time. `wie`: a party, the role there, why that role."""
    partij, rol, bron = wie
    naam = partijen.naam(beeld.ontvanger)
    return NotificatieGevraagd(
        notificatie_id=_id_of_stalled(beeld, stagnatie, partij, rol),
        regio=toezicht.regio or "",
        partij=partij,
        gemeente=beeld.gemeente,
        team=beeld.team,
        rol=rol.value,
        urgentie=max(urgentie_of(toezicht), NotificatieUrgentie.SPOED, key=ORDER),
        onderwerp=f"{_wat(beeld).capitalize()} niet afgeleverd: {naam}",
        gevraagd=(
            f"{_what_stalled(naam, beeld, stagnatie)} {_what_to_do(partij, partijen, beeld, stagnatie)}"
            f"{_who_bears(toezicht, partijen)}"
        ),
        referentie=short_reference(casus_id),
        wettelijk_moment=voor,
        bron=bron,
        link=f"/casus/{casus_id}",
        aanleiding=Aanleiding.AFLEVERING_GESTAGNEERD,
    )


def _id_of_stalled(beeld: Overdrachtbeeld, stagnatie: AfleveringGestagneerd, partij: str, rol: Rol) -> UUID:
    """Each time that a mail comes back is told; every other stalling once, and once more when it is for good."""
    told = "blijvend" if stagnatie.blijvend else "tijdelijk"
    if stagnatie.teruggekomen_op is not None:
        told = f"teruggekomen {stagnatie.teruggekomen_op.astimezone(UTC).isoformat()}"
    return derived_id("notificatie", str(beeld.overdracht_id), "gestagneerd", told, partij, rol.value)


def _wat(beeld: Overdrachtbeeld) -> str:
    """What it is: an offer has gone over to nobody."""
    return "overdracht" if beeld.aangeboden_door is None else "vraag om over te nemen"


def _what_stalled(naam: str, beeld: Overdrachtbeeld, stagnatie: AfleveringGestagneerd) -> str:
    wat = _wat(beeld)
    if stagnatie.teruggekomen_op is not None:
        return f"De mail met de {wat} aan {naam} leek afgeleverd, maar {stagnatie.reden}."
    if stagnatie.bij_houvast:
        return f"De {wat} aan {naam} kan niet weg door een fout bij Houvast zelf: {stagnatie.reden}."
    wie = "De mailserver" if stagnatie.kanaal is Kanaal.E_MAIL else "Het systeem"
    doet = "weigert" if stagnatie.blijvend else "is niet bereikbaar voor"
    return f"{wie} van {naam} {doet} de {wat}."


def _what_to_do(partij: str, partijen: Partijen, beeld: Overdrachtbeeld, stagnatie: AfleveringGestagneerd) -> str:
    """What goes on by itself and what does not: people act on it."""
    return (
        f"{_what_goes_on(beeld, stagnatie)} {_other_road(partij, partijen, beeld)}, bijvoorbeeld telefonisch. "
        f"{_who_mends(partij, stagnatie)}{_who_sends_again(partij, beeld, stagnatie)}"
    )


def _who_bears(toezicht: Toezicht, partijen: Partijen) -> str:
    """Also where it came back to who bore it, because nothing had arrived after all."""
    code = toezicht.zicht[-1].partij if toezicht.zicht else None
    return "" if code is None else f" Zicht op veiligheid ligt bij {partijen.naam(code)}."


def _what_goes_on(beeld: Overdrachtbeeld, stagnatie: AfleveringGestagneerd) -> str:
    if stagnatie.blijvend:
        return f"De {_wat(beeld)} wordt niet opnieuw aangeboden."
    if stagnatie.teruggekomen_op is not None:
        return (
            "Houvast stuurt de mail niet vanzelf opnieuw en telt haar pas als afgeleverd als vaststaat dat zij aankwam."
        )
    if stagnatie.tot_hervatten:
        return "Houvast biedt hier niets meer aan tot de beheerder van Houvast het endpoint weer aanzet."
    return "Houvast blijft het proberen."


def _other_road(partij: str, partijen: Partijen, beeld: Overdrachtbeeld) -> str:
    """Whose turn it is to choose one: of who handed it over or asks."""
    wie = "Veilig Thuis" if beeld.aangeboden_door is None else partijen.naam(beeld.aangeboden_door)
    if partij == HUB:
        return f"{wie} kiest intussen een andere weg"
    if partij == beeld.ontvanger:
        return f"Spreek met {wie} een andere weg af"
    if beeld.aangeboden_door is None:
        return "Kies een andere weg om de casus over te dragen"
    return "Zorg dat de vraag langs een andere weg wordt gesteld"


def _who_mends(partij: str, stagnatie: AfleveringGestagneerd) -> str:
    if stagnatie.bij_houvast:
        return "Herstel de fout." if partij == HUB else "De beheerder van Houvast weet ervan en herstelt het."
    if stagnatie.tot_hervatten:
        return "Laat het systeem herstellen en vraag de beheerder van Houvast daarna het endpoint weer aan te zetten."
    if stagnatie.kanaal is Kanaal.E_MAIL:
        return "Laat het mailadres nagaan."
    return "Laat het systeem herstellen."


def _who_sends_again(partij: str, beeld: Overdrachtbeeld, stagnatie: AfleveringGestagneerd) -> str:
    """Of what does not go on by itself."""
    if not stagnatie.blijvend:
        return ""
    if partij in {HUB, beeld.ontvanger}:
        return " Veilig Thuis kan haar daarna opnieuw aanbieden."
    return " Bied haar daarna in Houvast opnieuw aan als dat nog nodig is."

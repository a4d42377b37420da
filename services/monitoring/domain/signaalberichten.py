"""What people are told about a structureel signaal, in Dutch: that it is drafted, given, answered (FS, MB 6.2)."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.afspraken import Rol
from contracts.afspraken.model import Aanspreekpunt
from contracts.messages.identifiers import derived_id, short_reference
from contracts.messages.notifier import NotificatieGevraagd
from services.monitoring.domain.signalen import Misser, Signaal

if TYPE_CHECKING:
    from contracts.afspraken import Regel


def about_concept(
    signaal: Signaal, misser: Misser, *, rol: Rol, naam: str, casus_id: UUID, voor: datetime | None, regel: "Regel"
) -> NotificatieGevraagd:
    """To the party that informs the gemeente: a signal is drafted, a person sends it."""
    opgesteld = "" if signaal.opgesteld_door is None else f"Opgesteld door {signaal.opgesteld_door}. "
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(signaal.id), "opgesteld"),
        regio=misser.regio,
        partij=signaal.meldt,
        gemeente=misser.gemeente,
        rol=rol.value,
        onderwerp="Structureel signaal staat klaar",
        gevraagd=(
            f"{opgesteld}{naam} haalde {signaal.aantal} keer een afgesproken termijn niet. Lees in Houvast waarop het "
            "signaal rust en verstuur het aan de gemeente. Houvast verstuurt het niet zelf."
        ),
        referentie=short_reference(casus_id),
        wettelijk_moment=voor,
        bron=regel.herkomst,
        link=f"/casus/{casus_id}",
    )


def about_signaal(
    signaal: Signaal, misser: Misser, *, aanspreekpunt: Aanspreekpunt, naam: str, casus_id: UUID, voor: datetime | None
) -> NotificatieGevraagd:
    """To the gemeente: a party keeps failing the agreements."""
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(signaal.id), "afgegeven"),
        regio=misser.regio,
        partij=misser.gemeente,
        gemeente=misser.gemeente,
        rol=aanspreekpunt.rol.value,
        onderwerp="Structureel signaal: afspraken niet uitgevoerd",
        gevraagd=(
            f"{naam} haalde {signaal.aantal} keer een afgesproken termijn niet. Laat Veilig Thuis en het lokale team "
            "weten welke stappen de gemeente neemt, en leg het antwoord vast in Houvast."
        ),
        bron=aanspreekpunt.herkomst,
        referentie=short_reference(casus_id),
        wettelijk_moment=voor,
        link=f"/casus/{casus_id}",
    )


def about_antwoord(
    signaal: Signaal, *, aanspreekpunt: Aanspreekpunt, partij: str, regio: str, gemeente: str, casus_id: UUID
) -> NotificatieGevraagd:
    """To Veilig Thuis and the team: the gemeente answered a structureel signaal."""
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(signaal.id), "beantwoord", partij),
        regio=regio,
        partij=partij,
        gemeente=gemeente,
        rol=aanspreekpunt.rol.value,
        onderwerp="Structureel signaal beantwoord",
        gevraagd="Lees in Houvast welke stappen de gemeente neemt.",
        bron=aanspreekpunt.herkomst,
        referentie=short_reference(casus_id),
        link=f"/casus/{casus_id}",
    )

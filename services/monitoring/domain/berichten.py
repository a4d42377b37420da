"""What people are told, in Dutch and without anything about anyone: a reference, what is asked, until when, a path."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.afspraken import Anker, Berichtsoort, Rol
from contracts.afspraken.mededelingen import Mededeling
from contracts.afspraken.model import Aanspreekpunt, Herinnering, Opschaling, TermijnRegel, Zichtbericht
from contracts.messages.dlq import DodeBrief
from contracts.messages.documenten import Urgentie
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import derived_id, short_reference
from contracts.messages.monitoring import Drager
from contracts.messages.notifier import Aanleiding, NotificatieGevraagd, NotificatieUrgentie
from contracts.rechten import HUB
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Escalatie, Termijn, Toezicht

if TYPE_CHECKING:
    from contracts.afspraken import Regel

_URGENTIE = {
    Urgentie.REGULIER: NotificatieUrgentie.GEWOON,
    Urgentie.SPOED: NotificatieUrgentie.SPOED,
    Urgentie.CRISIS: NotificatieUrgentie.CRISIS,
}

ORDER = list(NotificatieUrgentie).index
"""Which of two is the more urgent."""

Bericht = NotificatieGevraagd
Crisis = tuple[datetime, datetime | None]
"""From when until when a case is a crisis without a next step (`find_crises`)."""
ONBEKENDE_REGIO = "onbekend"
"""Of a case of which not even the melding could be read."""


@dataclass(frozen=True, slots=True)
class Boodschap:
    """What to tell people, and what tells it from every other message about the same case."""

    soort: str
    nummer: str
    onderwerp: str
    gevraagd: str
    voor: datetime | None = None
    urgentie: str = "gewoon"


def urgentie_of(toezicht: Toezicht) -> NotificatieUrgentie:
    """How soon people must see that something stands still in this case."""
    if toezicht.meldpunt_acuut or any(feit.anker is Anker.ACUTE_CRISIS_VASTGESTELD for feit in toezicht.feiten):
        return NotificatieUrgentie.CRISIS
    return _URGENTIE[toezicht.urgentie or Urgentie.REGULIER]


def urgentie_van(minstens: str, toezicht: Toezicht) -> NotificatieUrgentie:
    """How soon people must see a message of which the agreements say how urgent it is at least.

    Not all that happens in a case of crisis calls people at night: only what the agreements or the vangnet call crisis.
    """
    van_casus = min(urgentie_of(toezicht), NotificatieUrgentie.SPOED, key=ORDER)
    return max(van_casus, NotificatieUrgentie(minstens), key=ORDER)


def herkomst_of(regels: "Sequence[Regel]") -> str:
    """Where these come from, each once; that nobody agreed on it is said once."""
    agreed = [regel.herkomst for regel in regels if not regel.is_vangnet]
    vangnet = {regel.lezing: regel for regel in reversed(regels) if regel.is_vangnet}
    first, *others = [*reversed(vangnet.values())] or [None]
    reasons = () if first is None else (first.herkomst, *(regel.lezing for regel in others if regel is not None))
    return " ".join(dict.fromkeys(filter(None, (*agreed, *reasons))))


def urgentie_van_regel(regel: "Regel | None") -> str:
    """How urgent the agreements call what this term asks; nothing is said of a ladder alone."""
    return regel.urgentie if isinstance(regel, TermijnRegel) else "gewoon"


def about_trede(
    escalatie: Escalatie,
    termijn: Termijn | None,
    *,
    partij: str,
    notificatie_id: UUID,
    partijen: Partijen,
    toezicht: Toezicht,
    casus_id: UUID,
    regel: "Regel | None",
) -> NotificatieGevraagd:
    """The message to the people of a rung at one party."""
    wie = _responsible(escalatie, partijen, toezicht)
    ander = "het lokale team" if escalatie.partij is None else partijen.naam(escalatie.partij)
    if isinstance(regel, Opschaling):
        onderwerp = regel.label
        gevraagd = f"Zoek als Veilig Thuis en {ander} samen een oplossing, en leg in Houvast vast wat is besloten."
    elif termijn is None:
        onderwerp = "Verschil van inzicht gemeld"
        gevraagd = f"Breng Veilig Thuis en {ander} bij elkaar en leg vast wat is besloten."
    else:
        onderwerp = f"Termijn verstreken: {termijn.label}"
        gevraagd = f"Zorg met {wie} dat dit alsnog gebeurt, en handel de escalatie af in Houvast."
    if escalatie.herhaald and escalatie.opgepakt_op is not None:
        gevraagd = f"Dit is opgepakt en nog niet afgehandeld. {gevraagd}"
    elif escalatie.trede > 0 or escalatie.herhaald:
        gevraagd = f"Na eerdere oproepen is dit niet opgelost. {gevraagd}"
    return NotificatieGevraagd(
        notificatie_id=notificatie_id,
        regio=toezicht.regio or "",
        partij=partij,
        gemeente=escalatie.gemeente,
        team=escalatie.team,
        rol=escalatie.rol,
        urgentie=urgentie_van(urgentie_van_regel(regel), toezicht),
        onderwerp=onderwerp,
        gevraagd=gevraagd,
        referentie=short_reference(casus_id),
        wettelijk_moment=None if termijn is None else termijn.eindigt_op,
        bron=None if regel is None else regel.herkomst,
        link=f"/casus/{casus_id}",
        escalatie_id=escalatie.id,
        termijn_id=escalatie.termijn_id,
        aanleiding=Aanleiding.ESCALATIE,
    )


def about_top(
    escalatie: Escalatie,
    *,
    partij: str,
    aanspreekpunt: Aanspreekpunt,
    toezicht: Toezicht,
    casus_id: UUID,
    regel: "Regel | None",
) -> NotificatieGevraagd:
    """To Veilig Thuis: the people of the last rung were called again, and above them there is nobody."""
    wat = Boodschap(
        "ladder-ten-einde",
        f"{escalatie.id} {escalatie.trede} {escalatie.geroepen_op.astimezone(UTC).isoformat()}",
        "De laatste trede is opnieuw geroepen",
        f"De rol {Rol(escalatie.rol).label} is opnieuw geroepen en daarboven is er niemand meer. Zoek zelf contact; deze "
        "oproep komt terug tot de escalatie is afgehandeld.",
        urgentie=urgentie_van_regel(regel),
    )
    told = about_casus(
        wat, partij=partij, rol=aanspreekpunt.rol, toezicht=toezicht, casus_id=casus_id, regel=aanspreekpunt
    )
    return told.model_copy(update={"escalatie_id": escalatie.id, "termijn_id": escalatie.termijn_id})


def about_ended(
    escalatie: Escalatie, toezicht: Toezicht, *, casus_id: UUID, regel: "Regel | None"
) -> NotificatieGevraagd:
    """To whom a ladder called last: the case is closed, so it ends here."""
    wat = Boodschap(
        "escalatie-ten-einde",
        str(escalatie.id),
        "De casus is gesloten",
        "De casus waarover u geroepen bent, is gesloten; er wordt niemand meer geroepen. Bent u het niet eens met het "
        "sluiten, of zijn er nieuwe zorgen, doe dan een nieuwe melding.",
    )
    told = about_casus(
        wat, partij=escalatie.bij, rol=Rol(escalatie.rol), toezicht=toezicht, casus_id=casus_id, regel=regel
    )
    return told.model_copy(update={"gemeente": escalatie.gemeente, "team": escalatie.team})


def about_nearing(
    termijn: Termijn, *, rol: Rol, partij: str, toezicht: Toezicht, casus_id: UUID, regel: "Regel | None"
) -> NotificatieGevraagd:
    """The early warning: the term still runs."""
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(termijn.id), "nadert", partij),
        regio=toezicht.regio or "",
        partij=partij,
        gemeente=termijn.gemeente,
        team=termijn.team,
        rol=rol.value,
        urgentie=urgentie_van(urgentie_van_regel(regel), toezicht),
        onderwerp=f"Termijn nadert: {termijn.label}",
        gevraagd="Zorg dat dit voor het genoemde moment gebeurt. Is het al gebeurd, leg het dan vast in Houvast.",
        referentie=short_reference(casus_id),
        wettelijk_moment=termijn.eindigt_op,
        bron=None if regel is None else regel.herkomst,
        link=f"/casus/{casus_id}",
        termijn_id=termijn.id,
        aanleiding=Aanleiding.TERMIJN_NADERT,
    )


def about_casus(
    wat: Boodschap, *, partij: str, rol: Rol, toezicht: Toezicht, casus_id: UUID, regel: "Regel | None"
) -> NotificatieGevraagd:
    """To a party of the case: something happened that it has to act on."""
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(casus_id), wat.soort, wat.nummer, partij),
        regio=toezicht.regio or "",
        partij=partij,
        gemeente=toezicht.gemeente,
        rol=rol.value,
        urgentie=urgentie_van(wat.urgentie, toezicht),
        onderwerp=wat.onderwerp,
        gevraagd=wat.gevraagd,
        referentie=short_reference(casus_id),
        wettelijk_moment=wat.voor,
        bron=None if regel is None else regel.herkomst,
        link=f"/casus/{casus_id}",
    )


def about_mededelingen(
    gelijk: Sequence[tuple[Mededeling, datetime]],
    *,
    notificatie_id: UUID,
    toezicht: Toezicht,
    crises: Sequence[Crisis],
    casus_id: UUID,
) -> NotificatieGevraagd:
    """What the agreements have one role told at one moment without a term, as one message; told once per moment."""
    eerste, _ = gelijk[0]
    regels = [item.regel for item, _ in gelijk]
    gemeente, team = toezicht.place_of(eerste.over)
    return NotificatieGevraagd(
        notificatie_id=notificatie_id,
        regio=toezicht.regio or "",
        partij=eerste.partij,
        gemeente=gemeente,
        team=team,
        rol=eerste.regel.rol.value,
        urgentie=max((_urgentie_nu(item, toezicht, crises) for item, _ in gelijk), key=ORDER),
        onderwerp=eerste.regel.label,
        gevraagd=" ".join(dict.fromkeys(regel.gevraagd for regel in regels)),
        referentie=short_reference(casus_id),
        bron=herkomst_of(regels),
        link=f"/casus/{casus_id}",
    )


def with_herinneringen(
    bericht: NotificatieGevraagd,
    gelijk: Sequence[tuple[Mededeling, datetime]],
    *,
    toezicht: Toezicht,
    crises: Sequence[Crisis],
) -> NotificatieGevraagd:
    """The same message, that also asks what these remind its people of: they get one at a moment."""
    regels = [item.regel for item, _ in gelijk]
    asked = [bericht.gevraagd, *(regel.gevraagd for regel in regels if regel.gevraagd not in bericht.gevraagd)]
    urgenties = (bericht.urgentie, *(_urgentie_nu(item, toezicht, crises) for item, _ in gelijk))
    return bericht.model_copy(
        update={"gevraagd": " ".join(dict.fromkeys(asked)), "urgentie": max(urgenties, key=ORDER), "zegt_meer": True}
    )


def leave_together(events: Iterable[Gebeurtenis], *, ook_elders: bool = False) -> Iterator[Gebeurtenis]:
    """Give these, where messages for one party say so: who has more than one role there gets one mail with all of it.

    `ook_elders`: other cases tell their people at this moment as well.
    """
    events = list(events)
    asked = Counter(item.partij for item in events if isinstance(item, NotificatieGevraagd))
    for item in events:
        many = isinstance(item, NotificatieGevraagd) and (ook_elders or asked[item.partij] > 1)
        yield item.model_copy(update={"samen": True}) if many else item


def id_of_mededelingen(told: Iterable[tuple[str, datetime]], *, toezicht: Toezicht, casus_id: UUID) -> UUID:
    """Every moment at which something is told has an id of its own, for good; told anew after it was taken back another."""
    parts = [part for name, op in told for part in (name, op.astimezone(UTC).isoformat())]
    found = derived_id("notificatie", str(casus_id), *parts)
    while found in toezicht.herroepen:
        found = derived_id("notificatie", str(found), "opnieuw")
    return found


def _urgentie_nu(item: Mededeling, toezicht: Toezicht, crises: Sequence[Crisis]) -> NotificatieUrgentie:
    """That of the rule; not that of the case where only time went by, and crisis for what is told at once in one."""
    regel = item.regel
    if isinstance(regel, Herinnering):
        return urgentie_van(regel.urgentie, toezicht) if regel.tot else NotificatieUrgentie(regel.urgentie)
    lasts = any(begin <= item.vanaf and (end is None or item.vanaf <= end) for begin, end in crises)
    loses = isinstance(regel, Zichtbericht) and regel.wat != "krijgt"
    return NotificatieUrgentie.CRISIS if lasts and not loses else urgentie_van(regel.urgentie, toezicht)


def hub_and_veilig_thuis(
    veilig_thuis: str | None, aanspreekpunt: Callable[[Berichtsoort], Aanspreekpunt]
) -> list[tuple[str, Aanspreekpunt]]:
    """Who hears what the hub cannot do: those who look after the family meanwhile, and those who mend the hub."""
    looking_after = [] if veilig_thuis is None else [(veilig_thuis, aanspreekpunt(Berichtsoort.NIET_BEKEND))]
    return [*looking_after, (HUB, aanspreekpunt(Berichtsoort.BEHEER_GEVRAAGD))]


def about_onbekend(
    termijn: Termijn,
    op: datetime,
    *,
    wie: tuple[str, Aanspreekpunt],
    toezicht: Toezicht,
    casus_id: UUID,
    regel: "Regel | None",
) -> NotificatieGevraagd:
    """It is not known whether this was done: no miss of anybody."""
    partij, aanspreekpunt = wie
    gevraagd = (
        f"Vraag zelf na of dit gebeurd is: “{termijn.label}”. Niemand is hierop aangesproken; weet Houvast het weer, dan "
        "volgt de uitkomst vanzelf."
    )
    if partij == HUB:
        gevraagd = (
            "Zoek uit waarom Houvast achterloopt: kijk met `houvast dlq list` wat terzijde ligt, en of alle diensten en "
            "Kafka draaien. Daarna volgt de uitkomst vanzelf."
        )
    return NotificatieGevraagd(
        notificatie_id=derived_id(
            "notificatie", str(termijn.id), "niet-bekend", op.astimezone(UTC).isoformat(), partij
        ),
        regio=toezicht.regio or "",
        partij=partij,
        gemeente=termijn.gemeente,
        rol=aanspreekpunt.rol.value,
        urgentie=max(urgentie_of(toezicht), NotificatieUrgentie.SPOED, key=ORDER),
        onderwerp=f"Houvast weet niet of dit gebeurd is: {termijn.label}",
        gevraagd=gevraagd,
        referentie=short_reference(casus_id),
        wettelijk_moment=termijn.eindigt_op,
        bron=None if regel is None else regel.herkomst,
        link=f"/casus/{casus_id}",
        termijn_id=termijn.id,
        aanleiding=Aanleiding.NIET_BEKEND,
    )


def about_stilstand(
    brief: DodeBrief, sleutel: UUID, *, wie: tuple[str, Aanspreekpunt], toezicht: Toezicht, casus_id: UUID
) -> NotificatieGevraagd:
    """A service cannot go on with this case until somebody mends the cause, or knows less of it than it has told."""
    partij, aanspreekpunt = wie
    onderwerp = f"Houvast kan een bericht in deze casus niet verwerken ({brief.service})"
    gevraagd = (
        "Volg deze casus zelf, buiten Houvast om, tot de beheerder dit heeft hersteld: wat er nu gebeurt wordt bewaard, "
        "maar nog niet verwerkt. Niemand wordt intussen aangesproken op een termijn."
    )
    if partij == HUB:
        gevraagd = (
            f"Herstel de oorzaak en geef daarna: houvast dlq retry {brief.service} --casus {casus_id}. "
            f"Waarom het bericht terzijde ligt, staat in `houvast dlq list` onder {sleutel}."
        )
    if brief.oudere_back_up:
        onderwerp = f"Houvast weet in deze casus niet alles meer ({brief.service})"
        gevraagd = (
            "Er is een oudere back-up teruggezet. Loop na wat in deze casus daarna gedaan is en leg het zo nodig opnieuw"
            f" vast. Is dat gedaan, dan geeft de beheerder: houvast dlq retry {brief.service} --casus {casus_id}. Niemand"
            " wordt intussen aangesproken op een termijn."
        )
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", brief.service, str(sleutel), "staat-stil", partij),
        regio=toezicht.regio or ONBEKENDE_REGIO,
        partij=partij,
        gemeente=toezicht.gemeente,
        rol=aanspreekpunt.rol.value,
        urgentie=max(urgentie_of(toezicht), NotificatieUrgentie.SPOED, key=ORDER),
        onderwerp=onderwerp,
        gevraagd=gevraagd,
        bron=aanspreekpunt.herkomst,
        referentie=short_reference(casus_id),
        link=f"/casus/{casus_id}",
        aanleiding=Aanleiding.CASUS_STAAT_STIL,
    )


def _responsible(escalatie: Escalatie, partijen: Partijen, toezicht: Toezicht) -> str:
    drager = escalatie.verantwoordelijke
    if drager is None:
        return "de betrokken partijen"
    code = partijen.code(drager, regio=toezicht.regio or "", gemeente=escalatie.gemeente, partij=escalatie.partij)
    if drager is Drager.LOKAAL_TEAM:
        return f"het lokale team van {partijen.naam(code)}"
    return partijen.naam(code)

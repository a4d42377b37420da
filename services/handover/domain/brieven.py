"""The letters about an overdracht: what stands in them, as plain values. How they look is the adapter's."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, DocumentVeld, local_date
from contracts.afspraken.zinnen import write_date
from contracts.messages.documenten import Betrokkene, Bijlage, Overdrachtsdocument
from contracts.messages.envelope import Problem
from contracts.messages.geboortedatum import Geboortedatum, Precisie
from services.handover.domain.bevestigen import asked_of_receiver, write_due, zicht_of_receiver
from services.handover.domain.kader import situatie
from services.runtime.unit.decision import Refused


class Briefsoort(StrEnum):
    """Which letter: to the receiver, to those involved in the two variants of MB 4.1, to the melder (BK)."""

    OVERDRACHT = "overdracht"
    BETROKKENEN_MET_DOCUMENT = "betrokkenen-met-document"
    BETROKKENEN_ZONDER_CONTACT = "betrokkenen-zonder-contact"
    MELDER = "melder"


@dataclass(frozen=True, slots=True)
class Regel:
    """One item of the overdrachtsdocument: its label in the afspraken, and what was filled in."""

    label: str
    waarden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A letter. `geadresseerde` is the address block, by line; `regels` the overdrachtsdocument where it goes along."""

    titel: str
    afzender: str
    geadresseerde: tuple[str, ...]
    kenmerk: str
    datum: str
    aanhef: str
    alineas: tuple[str, ...]
    regels: tuple[Regel, ...] = ()
    gevraagd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Briefgegevens:
    """What a letter is written from. `team` is the receiver by name, `veilig_thuis` the sender.

    `partij` is the code of the receiver where that is not a lokaal team of `gemeente`. `aangeboden_door`, by name, said
    that the receiver takes over; Veilig Thuis did not hand it over. `is_gevraagd`: the receiver did not say so itself yet.
    """

    referentie: str
    soort: str
    team: str
    gemeente: str
    veilig_thuis: str
    melding_ontvangen_op: datetime
    overgedragen_op: datetime
    document: Overdrachtsdocument
    afspraken: Afspraken
    partij: str | None = None
    aangeboden_door: str | None = None
    is_gevraagd: bool = False

    @property
    def situatie(self) -> dict[str, str]:
        """The circumstances that the afspraken limit a rule by."""
        return situatie(self.soort, self.partij, aangeboden=self.aangeboden_door is not None)


GEEN_CONTACT = Refused(
    409,
    "Deze brief past niet bij de overdracht",
    (
        Problem(
            "$",
            "er is geen contact met de direct betrokkenen geweest: zij krijgen alleen een brief dat er is overgedragen"
            " (betrokkenen-zonder-contact)",
        ),
    ),
    code="geen-contact-met-betrokkenen",
)


def write_brief(
    soort: Briefsoort, gegevens: Briefgegevens, *, on: date, betrokkene: Betrokkene | None = None
) -> Brief | Refused:
    """The letter, dated `on`. Those involved get the document only where there was contact with them (MB 4.1)."""
    match soort:
        case Briefsoort.OVERDRACHT:
            return _to_receiver(gegevens, on)
        case Briefsoort.BETROKKENEN_MET_DOCUMENT:
            if gegevens.document.contact_met_betrokkenen is False:
                return GEEN_CONTACT
            return _to_betrokkene_with_document(gegevens, on, betrokkene)
        case Briefsoort.BETROKKENEN_ZONDER_CONTACT:
            return _to_betrokkene_without_contact(gegevens, on, betrokkene)
        case Briefsoort.MELDER:
            return _to_melder(gegevens, on)
    assert_never(soort)


def list_regels(document: Overdrachtsdocument, afspraken: Afspraken, *, with_bsn: bool) -> tuple[Regel, ...]:
    """Everything that was filled in, in the order and with the labels of the afspraken; nothing is left out."""
    labels = {veld.veld: veld.label for veld in afspraken.of_kind(DocumentVeld)}
    names = {to_camel(name): name for name in Overdrachtsdocument.model_fields}
    order = [*(veld for veld in labels if veld in names), *(veld for veld in names if veld not in labels)]
    found = ((veld, _written(document, names[veld], with_bsn=with_bsn)) for veld in order)
    return tuple(Regel(labels.get(veld) or _worded(veld), waarden) for veld, waarden in found if waarden)


def write_betrokkene(betrokkene: Betrokkene, *, with_bsn: bool) -> str:
    """One person in one line."""
    parts = [f"{betrokkene.naam} ({betrokkene.rol.value})"]
    if betrokkene.geboortedatum is not None:
        parts.append(f"geboren {_write_geboren(betrokkene.geboortedatum)}")
    if betrokkene.leeftijd is not None:
        parts.append(f"{betrokkene.leeftijd} jaar")
    if with_bsn and betrokkene.bsn is not None:
        parts.append(f"BSN {betrokkene.bsn}")
    parts += _address(betrokkene)
    parts += [value for value in (betrokkene.telefoon, betrokkene.email) if value is not None]
    return ", ".join(parts)


def _write_geboren(born: Geboortedatum) -> str:
    """As far as it is known, as it fits after "geboren"."""
    day = write_date(born.vroegst)
    match born.precisie:
        case Precisie.DAG:
            return day
        case Precisie.MAAND:
            return f"in {day.partition(' ')[2]}"
        case Precisie.JAAR:
            return f"in {born.jaar}"


def _address(betrokkene: Betrokkene) -> list[str]:
    adres = betrokkene.adres
    if adres is None:
        return []
    return [f"{adres.straat} {adres.huisnummer}", f"{adres.postcode} {adres.plaats}"]


def _written(document: Overdrachtsdocument, name: str, *, with_bsn: bool) -> tuple[str, ...]:
    value: tuple[Betrokkene | Bijlage | str, ...] | str | bool | None = getattr(document, name)
    match value:
        case None:
            return ()
        case bool():
            return ("ja" if value else "nee",)
        case str():
            return (value,)
        case items:
            return tuple(_written_item(item, with_bsn=with_bsn) for item in items)


def _written_item(item: Betrokkene | Bijlage | str, *, with_bsn: bool) -> str:
    match item:
        case Betrokkene():
            return write_betrokkene(item, with_bsn=with_bsn)
        case Bijlage():
            return f"{item.naam} ({max(1, round(item.grootte / 1024))} kB)"
        case str():
            return item


def _worded(veld: str) -> str:
    """`monitorFunctie` as words, for what the afspraken have no label for."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in veld)
    return words[:1].upper() + words[1:]


def _to_receiver(gegevens: Briefgegevens, on: date) -> Brief:
    """What is handed over to it; or, by whoever says that it takes over, what it is asked."""
    afspraken, aanbieder = gegevens.afspraken, gegevens.aangeboden_door
    asked = asked_of_receiver(gegevens.situatie, gegevens.overgedragen_op, afspraken)
    zicht = zicht_of_receiver(gegevens.situatie, afspraken)
    return Brief(
        titel=f"{'Overdracht' if aanbieder is None else 'Aanbod'} {gegevens.referentie}",
        afzender=aanbieder or gegevens.veilig_thuis,
        geadresseerde=(gegevens.team, *(() if gegevens.partij else (f"gemeente {gegevens.gemeente}",))),
        kenmerk=gegevens.referentie,
        datum=write_date(on),
        aanhef="Geachte collega’s,",
        alineas=_filled(_HANDED_OVER if aanbieder is None else _OFFERED, gegevens),
        regels=list_regels(gegevens.document, afspraken, with_bsn=True),
        gevraagd=(
            *(f"{item.label}: {write_due(item.uiterlijk_op)}." for item in asked),
            *((f"{zicht.label}.",) if zicht is not None else ()),
        ),
    )


def _to_betrokkene_with_document(gegevens: Briefgegevens, on: date, betrokkene: Betrokkene | None) -> Brief:
    aanbieder = gegevens.aangeboden_door
    return Brief(
        titel="Veilig Thuis heeft uw situatie overgedragen" if aanbieder is None else _TITEL_AANBOD,
        afzender=aanbieder or gegevens.veilig_thuis,
        geadresseerde=_addressee(betrokkene),
        kenmerk=gegevens.referentie,
        datum=write_date(on),
        aanhef=_salutation(betrokkene),
        alineas=_filled(_WITH_DOCUMENT if aanbieder is None else _WITH_DOCUMENT_OFFERED, gegevens),
        regels=list_regels(gegevens.document, gegevens.afspraken, with_bsn=False),
    )


def _to_betrokkene_without_contact(gegevens: Briefgegevens, on: date, betrokkene: Betrokkene | None) -> Brief:
    """Only that it was handed over: the team tells who reported, what, and why it makes an appointment (MB 4.1)."""
    aanbieder = gegevens.aangeboden_door
    return Brief(
        titel="Veilig Thuis heeft een melding overgedragen" if aanbieder is None else _TITEL_AANBOD,
        afzender=aanbieder or gegevens.veilig_thuis,
        geadresseerde=_addressee(betrokkene),
        kenmerk=gegevens.referentie,
        datum=write_date(on),
        aanhef=_salutation(betrokkene),
        alineas=_filled(_WITHOUT_CONTACT if aanbieder is None else _WITHOUT_CONTACT_OFFERED, gegevens),
    )


def _to_melder(gegevens: Briefgegevens, on: date) -> Brief:
    """That something was done with the melding, and nothing about the people it is about (BK annex 1)."""
    return Brief(
        titel="Wat er met uw melding is gebeurd",
        afzender=gegevens.veilig_thuis,
        geadresseerde=("Aan de melder",),
        kenmerk=gegevens.referentie,
        datum=write_date(on),
        aanhef="Geachte heer of mevrouw,",
        alineas=_filled(_TO_MELDER if gegevens.aangeboden_door is None else _TO_MELDER_OFFERED, gegevens),
    )


_TITEL_AANBOD = "Er is gevraagd of een andere organisatie uw situatie overneemt"
_HANDED_OVER = """
Op {melding_op} ontving {veilig_thuis} een melding. Wij dragen deze casus aan u over. Hieronder staat het
overdrachtsdocument.
"""
_OFFERED = """
{aanbieder} biedt u deze casus aan en meldt dat u haar overneemt. De melding is van {melding_op}. Een aanbod is een vraag en
geen overdracht: u neemt de casus over door dat zelf te laten weten, of u weigert met een reden.

Tot u zelf aanvaardt, blijft het zicht op veiligheid waar het nu is. Staat er al dat uw organisatie heeft aanvaard en klopt
dat niet, dan betwist u het door te weigeren. Hieronder staat wanneer uw antwoord wordt gevraagd, en wat wij van de casus
weten.
"""
_WITH_DOCUMENT = """
Op {melding_op} kreeg {veilig_thuis} een melding. Wij hebben daarover contact met u gehad. Op {overgedragen_op} hebben
wij de casus overgedragen aan {ontvanger} neemt contact met u op.

Hieronder leest u wat wij hebben overgedragen. Klopt er iets niet, of hebt u vragen? Neem dan contact met
ons op en noem het kenmerk van deze brief.
"""
_WITHOUT_CONTACT = """
Op {melding_op} kreeg {veilig_thuis} een melding waarin u wordt genoemd. Het is ons niet gelukt om daarover met u in
contact te komen.

Op {overgedragen_op} hebben wij de melding overgedragen aan {ontvanger} neemt contact met u op en vertelt u dan wie de
melding heeft gedaan, wat er is gemeld en waarom er een afspraak met u wordt gemaakt.

Hebt u nu al vragen? Neem dan contact met ons op en noem het kenmerk van deze brief.
"""
_TO_MELDER = """
Op {melding_op} deed u een melding bij {veilig_thuis}. Dank u wel dat u uw zorgen met ons deelde.

Wij hebben de melding beoordeeld en op {overgedragen_op} overgedragen aan {verder} gaat
ermee verder. Om de privacy van de betrokkenen mogen wij u niet vertellen wat er verder gebeurt.

Maakt u zich opnieuw zorgen? Bel dan Veilig Thuis: 0800-2000, gratis en dag en nacht bereikbaar. Is er direct gevaar?
Bel 112.
"""
_WITH_DOCUMENT_OFFERED = """
Op {melding_op} is een melding gedaan. Daarover is contact met u geweest. Op {overgedragen_op} hebben wij gevraagd of
{gevraagde} uw situatie van ons overneemt. {stand}

Hieronder leest u wat deze organisatie van ons te lezen kreeg. Klopt er iets niet, of hebt u vragen? Neem dan contact met
ons op en noem het kenmerk van deze brief.
"""
_WITHOUT_CONTACT_OFFERED = """
Op {melding_op} is een melding gedaan waarin u wordt genoemd. Het is niet gelukt om daarover met u in contact te komen.

Op {overgedragen_op} hebben wij gevraagd of {gevraagde} de melding van ons overneemt. {stand}

Hebt u nu al vragen? Neem dan contact met ons op en noem het kenmerk van deze brief.
"""
_TO_MELDER_OFFERED = """
Op {melding_op} deed u een melding. Dank u wel dat u uw zorgen deelde.

Uw melding is beoordeeld. Op {overgedragen_op} is {gevraagde_aan_melder} gevraagd haar over te nemen. {stand_aan_melder} Om de
privacy van de betrokkenen mogen wij u niet vertellen wat er verder gebeurt.

Maakt u zich opnieuw zorgen? Bel dan Veilig Thuis: 0800-2000, gratis en dag en nacht bereikbaar. Is er direct gevaar?
Bel 112.
"""
_ASKED = "Dat is een vraag: er is nog niets overgedragen. "
_ASKED_FAMILY = f"{_ASKED}Zegt deze organisatie ja, dan neemt zij contact met u op. Tot dan blijft alles zoals het was."
_TAKEN_FAMILY = "Deze organisatie heeft ja gezegd en neemt contact met u op."
_ASKED_MELDER = f"{_ASKED}Tot zij ja zegt, blijft de zorg waar die was."
_TAKEN_MELDER = "Zij heeft ja gezegd en gaat ermee verder."


def _filled(text: str, gegevens: Briefgegevens) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line."""
    filled = text.format(
        melding_op=_day(gegevens.melding_ontvangen_op),
        overgedragen_op=_day(gegevens.overgedragen_op),
        veilig_thuis=gegevens.veilig_thuis,
        ontvanger=_receiver(gegevens),
        verder=_goes_on(gegevens),
        aanbieder=gegevens.aangeboden_door,
        gevraagde=gegevens.team if gegevens.partij else f"{gegevens.team} (gemeente {gegevens.gemeente})",
        gevraagde_aan_melder="een andere organisatie" if gegevens.partij else f"de gemeente {gegevens.gemeente}",
        stand=_ASKED_FAMILY if gegevens.is_gevraagd else _TAKEN_FAMILY,
        stand_aan_melder=_ASKED_MELDER if gegevens.is_gevraagd else _TAKEN_MELDER,
    )
    return tuple(" ".join(paragraph.split()) for paragraph in filled.split("\n\n"))


def _receiver(gegevens: Briefgegevens) -> str:
    """Who received it, to those involved; the sentence goes on."""
    if gegevens.partij is not None:
        return f"{gegevens.team}. Deze organisatie"
    return f"{gegevens.team} (gemeente {gegevens.gemeente}). Dit team"


def _goes_on(gegevens: Briefgegevens) -> str:
    """Who goes on, to the melder: which other organisation it is would tell what is the matter with people."""
    if gegevens.partij is not None:
        return "een andere organisatie. Die organisatie"
    return f"de gemeente {gegevens.gemeente}. Het lokale team"


def _addressee(betrokkene: Betrokkene | None) -> tuple[str, ...]:
    return ("Aan de direct betrokkenen",) if betrokkene is None else (betrokkene.naam, *_address(betrokkene))


def _salutation(betrokkene: Betrokkene | None) -> str:
    return "Geachte heer of mevrouw," if betrokkene is None else f"Beste {betrokkene.naam},"


def _day(moment: datetime) -> str:
    return write_date(local_date(moment))

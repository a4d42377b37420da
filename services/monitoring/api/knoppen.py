"""The buttons of a case page: what this person can do now, what that is about, and what is asked of its party first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.messages.documenten import Urgentie
from contracts.rechten import Daad, Handeling, Relatie, find_handeling, may
from services.monitoring.domain.mogelijkheden import EENMALIG, Blik, Mogelijkheid, gevraagde_termijnen, mogelijkheden
from services.monitoring.domain.overnemen import passed_on
from services.monitoring.domain.toestand import Escalatie, Escalatiestatus, Overdrachtbeeld, Termijn
from services.monitoring.domain.werk import Werksoort

ZELDEN = frozenset(
    {
        "betrokkenen-informeren",
        "crisiscontact-vastleggen",
        "crisisstap-vastleggen",
        "dwangmaatregel-vastleggen",
        "feit-corrigeren",
        "feiten-toevoegen",
        "geen-capaciteit-melden",
        "melder-informeren",
        "meningsverschil-melden",
        "monitormoment-toevoegen",
        "niet-op-te-pakken-melden",
        "overdracht-intrekken",
        "overdracht-opnieuw-aanbieden",
        "plan-vastleggen",
        "samenwerking-vragen",
        "signaal-opstellen",
        "stagnatiestap-vastleggen",
        "zicht-bevestigen",
        "zorg-aanvaarden",
    }
)
"""What is not done in most cases: behind a summary, unless it is asked now."""
_ANSWERS_OFFER = frozenset({"casus-oppakken", "overdracht-weigeren"})
_MELDT = frozenset({"crisiscontact-vastleggen", "crisisstap-vastleggen"})


Gedaan = tuple[str, UUID | None]
"""The act that was just done, and the thing that it was done with where that is known."""


@dataclass(frozen=True, slots=True)
class Knop:
    """One act for this person. `voor`: until when it is asked. `verwerkt`: it was just done and is not heard of yet."""

    handeling: Handeling
    adres: str
    is_gevraagd: bool
    voor: datetime | None = None
    waarom_niet: str | None = None
    verwerkt: bool = False
    is_zelden: bool = False


@dataclass(frozen=True, slots=True)
class Blok:
    """The buttons about one thing, under what it is called."""

    over: str
    knoppen: Sequence[Knop] = field(default_factory=tuple[Knop, ...])


@dataclass(frozen=True, slots=True)
class Vraag:
    """What is asked of this party: in words, until when, and whether that moment has passed."""

    wat: str
    voor: datetime | None
    te_laat: bool


@dataclass(frozen=True, slots=True)
class Werk:
    """Everything on the page that is for this person."""

    gevraagd: Sequence[Vraag]
    kan: Sequence[Blok]
    zelden: Sequence[Blok]
    niet: Sequence[Knop]


def lay_out(blik: Blik, *, naam: Callable[[str], str], team: Callable[[str, str], str], gedaan: Gedaan | None) -> Werk:
    """What can be done in the case as it is, by this person."""
    found = list(_knoppen(blik, gedaan, _Namen(blik, naam, team)))
    able = [(over, knop) for over, knop in found if knop.waarom_niet is None]
    return Werk(
        gevraagd=[*_gevraagd(blik, naam, team)],
        kan=_blokken((over, knop) for over, knop in able if not knop.is_zelden),
        zelden=_blokken((over, knop) for over, knop in able if knop.is_zelden),
        niet=[knop for _, knop in found if knop.waarom_niet is not None],
    )


def _knoppen(blik: Blik, gedaan: Gedaan | None, namen: "_Namen") -> Iterator[tuple[str, Knop]]:
    for item in mogelijkheden(blik):
        handeling = find_handeling(item.naam)
        if not may(handeling.daad, item.relaties, blik.wie.rollen):
            continue
        elsewhere = not handeling.pad.startswith("/monitoring")
        asked = item.waarom_niet is None and _is_asked(item, blik)
        yield (
            namen.of(item.over_id),
            Knop(
                handeling,
                handeling.address(item.over_id),
                is_gevraagd=asked,
                is_zelden=not asked and _is_rare(item, blik),
                voor=item.voor,
                waarom_niet=item.waarom_niet,
                verwerkt=elsewhere and gedaan == (item.naam, item.over_id) and item.naam in EENMALIG,
            ),
        )


def _is_asked(item: Mogelijkheid, blik: Blik) -> bool:
    """Whether it is what the case waits for: by a term, a call, an offer, a melding to weigh, mail that does not arrive."""
    if item.voor is not None:
        return True
    escalatie = blik.toezicht.escalaties.get(item.over_id)
    if escalatie is not None:
        opens = item.naam == "escalatie-oppakken" or escalatie.status is Escalatiestatus.OPGEPAKT
        return opens and escalatie.bij in blik.wie.codes
    beeld = blik.toezicht.overdrachten.get(item.over_id)
    if beeld is not None:
        stalls = item.naam == "overdracht-opnieuw-aanbieden" and beeld.gestagneerd_op is not None
        return stalls or (item.naam in _ANSWERS_OFFER and Relatie.GEVRAAGD in item.relaties)
    if item.naam == "meldpuntmelding-overnemen":
        return Relatie.VEILIG_THUIS in item.relaties and passed_on(blik.toezicht) is not None
    if item.naam in _MELDT:
        return blik.toezicht.urgentie is Urgentie.CRISIS and not _weighed(blik)
    return item.naam in {"triagebesluit-nemen", "directe-overdracht", "dienst-starten"} and not blik.is_gesloten


def _weighed(blik: Blik) -> bool:
    return bool(blik.toezicht.besluiten)


def _is_rare(item: Mogelijkheid, blik: Blik) -> bool:
    """What is not for most days, and an escalatie that calls somebody else."""
    escalatie = blik.toezicht.escalaties.get(item.over_id)
    return item.naam in ZELDEN or (escalatie is not None and escalatie.bij not in blik.wie.codes)


def _blokken(found: Iterator[tuple[str, Knop]]) -> list[Blok]:
    """By what they are about; what is asked comes first, within each and among them."""
    by_thing: dict[str, list[Knop]] = {}
    for over, knop in found:
        by_thing.setdefault(over, []).append(knop)
    blokken = [Blok(over, sorted(knoppen, key=_asked_last)) for over, knoppen in by_thing.items()]
    return sorted(blokken, key=lambda blok: _asked_last(blok.knoppen[0]))


def _asked_last(knop: Knop) -> bool:
    return not knop.is_gevraagd


def _gevraagd(blik: Blik, naam: Callable[[str], str], team: Callable[[str, str], str]) -> Iterator[Vraag]:
    """The calls first, then the terms by their end, then offers."""
    namen = _Namen(blik, naam, team)
    if may(Daad.ESCALATIE_BEHANDELEN, blik.relaties, blik.wie.rollen):
        for escalatie in blik.toezicht.escalaties.values():
            if escalatie.bij in blik.wie.codes and escalatie.status is not Escalatiestatus.AFGEHANDELD:
                yield Vraag(namen.of(escalatie.id), escalatie.volgende_op, te_laat=False)
    if Relatie.VEILIG_THUIS in blik.relaties and passed_on(blik.toezicht) is not None:
        yield Vraag(Werksoort.OVERNAME.label, None, te_laat=False)
    for termijn in gevraagde_termijnen(blik):
        yield Vraag(_in_words(termijn, namen), termijn.eindigt_op, te_laat=termijn.eindigt_op <= blik.now)
    for beeld in blik.toezicht.overdrachten.values():
        offered = beeld.is_gevraagd and beeld.ontvanger in blik.wie.codes
        if offered and Relatie.GEVRAAGD in blik.relaties:
            yield Vraag(f"{naam(beeld.aangeboden_door or '')} vraagt u deze casus over te nemen", None, te_laat=False)


def _in_words(termijn: Termijn, namen: "_Namen") -> str:
    over = namen.of(termijn.onderwerp_id)
    return termijn.label if over == _CASUS else f"{termijn.label} ({over[:1].lower()}{over[1:]})"


_CASUS = "De casus"


class _Namen:
    """What the things in a case are called on a button."""

    def __init__(self, blik: Blik, naam: Callable[[str], str], team: Callable[[str, str], str]) -> None:
        self._blik, self._naam, self._team = blik, naam, team

    def of(self, over_id: UUID) -> str:
        toezicht = self._blik.toezicht
        if (beeld := toezicht.overdrachten.get(over_id)) is not None:
            return f"Overdracht aan {self.receiver(beeld)}"
        if (escalatie := toezicht.escalaties.get(over_id)) is not None:
            return f"Escalatie: {self._subject(escalatie)}"
        if (moment := toezicht.momenten.get(over_id)) is not None:
            return moment.label
        if (samen := toezicht.samenwerkingen.get(over_id)) is not None:
            return f"Samenwerking met {self._place(samen.gemeente, samen.team)}"
        return _CASUS

    def receiver(self, beeld: Overdrachtbeeld) -> str:
        return self._naam(beeld.partij) if beeld.partij is not None else self._place(beeld.gemeente, beeld.team)

    def _place(self, gemeente: str, team: str | None) -> str:
        return self._naam(gemeente) + (f", {self._team(gemeente, team)}" if team else "")

    def _subject(self, escalatie: Escalatie) -> str:
        termijn = None if escalatie.termijn_id is None else self._blik.toezicht.current(escalatie.termijn_id)
        label = "verschil van inzicht" if termijn is None else termijn.label
        return f"{label} (trede {escalatie.trede + 1})"


GEDAAN: Mapping[bool, str] = {
    True: "Het is vastgelegd en wordt verwerkt. Over enkele seconden staat het hieronder; deze bladzijde ververst zichzelf.",
    False: "Het is vastgelegd.",
}
"""What is said after an act; True while its effect was not heard of yet."""

"""The buttons of a case page: what this person can do now, what that is about, and what is asked of its party first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.rechten import Handeling, find_handeling, may
from services.monitoring.domain.mogelijkheden import EENMALIG, Blik, Mogelijkheid, mogelijkheden
from services.monitoring.domain.toestand import Escalatie, Overdrachtbeeld
from services.monitoring.domain.verder import Verdersoort
from services.monitoring.domain.werk import Werk, Werksoort, in_words

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
_CALLED, _TAKEN_UP = frozenset({"escalatie-oppakken"}), frozenset({"escalatie-opschalen", "escalatie-afhandelen"})
_WEIGHS = frozenset({"triagebesluit-nemen", "directe-overdracht", "dienst-starten"})
_TAKES_OVER = frozenset({"meldpuntmelding-overnemen"})
_MELDT = frozenset({"crisiscontact-vastleggen", "crisisstap-vastleggen"})
_ANSWERS: Mapping[Werksoort, frozenset[str]] = {
    Werksoort.TRIAGE: _WEIGHS,
    Werksoort.HERWEGING: _WEIGHS,
    Werksoort.MELDPUNT: _TAKES_OVER,
    Werksoort.OVERNAME: _TAKES_OVER,
    Werksoort.AANBOD: frozenset({"ontvangst-bevestigen", "casus-oppakken", "overdracht-weigeren"}),
    Werksoort.OPPAKKEN: frozenset({"casus-oppakken"}),
    Werksoort.WACHTLIJST: frozenset({"casus-oppakken"}),
    Werksoort.AFLEVERING: frozenset({"overdracht-opnieuw-aanbieden"}),
    Werksoort.SIGNAAL_VERSTUREN: frozenset({"signaal-versturen"}),
    Werksoort.SIGNAAL_BEANTWOORDEN: frozenset({"signaal-beantwoorden"}),
}
"""The acts by which each thing that is asked is done. What a term asks the term says itself."""
_ABOUT_THE_CASE = frozenset({Werksoort.TRIAGE, Werksoort.HERWEGING, Werksoort.MELDPUNT, Werksoort.OVERNAME})


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
    """What is asked of this person: in words, until when, and whether that moment has passed."""

    wat: str
    voor: datetime | None
    te_laat: bool
    crisis: bool


@dataclass(frozen=True, slots=True)
class Opzet:
    """Everything on the page that is for this person."""

    gevraagd: Sequence[Vraag]
    kan: Sequence[Blok]
    zelden: Sequence[Blok]
    niet: Sequence[Knop]


def lay_out(
    blik: Blik,
    gevraagd: Sequence[Werk],
    *,
    naam: Callable[[str], str],
    team: Callable[[str, str], str],
    gedaan: Gedaan | None,
) -> Opzet:
    """What can be done in the case as it is, by this person, and what of it is asked: the same as on the home page."""
    namen = _Namen(blik, naam, team)
    found = list(_knoppen(blik, gevraagd, gedaan, namen))
    able = [(over, knop) for over, knop in found if knop.waarom_niet is None]
    return Opzet(
        gevraagd=[_vraag(werk, blik, namen) for werk in gevraagd],
        kan=_blokken((over, knop) for over, knop in able if not knop.is_zelden),
        zelden=_blokken((over, knop) for over, knop in able if knop.is_zelden),
        niet=[knop for _, knop in found if knop.waarom_niet is not None],
    )


def _knoppen(
    blik: Blik, gevraagd: Sequence[Werk], gedaan: Gedaan | None, namen: "_Namen"
) -> Iterator[tuple[str, Knop]]:
    for item in mogelijkheden(blik):
        handeling = find_handeling(item.naam)
        if not may(handeling.daad, item.relaties, blik.wie.rollen):
            continue
        elsewhere = not handeling.pad.startswith("/monitoring")
        asked = item.waarom_niet is None and (item.voor is not None or any(_asks(werk, item) for werk in gevraagd))
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


def _asks(werk: Werk, item: Mogelijkheid) -> bool:
    """Whether this act does what is asked."""
    if werk.soort is Werksoort.ESCALATIE:
        return werk.onderwerp_id == item.over_id and item.naam in (_TAKEN_UP if werk.opgepakt else _CALLED)
    same = werk.onderwerp_id == item.over_id or werk.soort in _ABOUT_THE_CASE
    return (same and item.naam in _ANSWERS.get(werk.soort, ())) or (werk.crisis and item.naam in _MELDT)


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


def _vraag(werk: Werk, blik: Blik, namen: "_Namen") -> Vraag:
    over = namen.of(werk.onderwerp_id)
    until = werk.uiterlijk_op
    if werk.soort is Werksoort.ESCALATIE:
        return Vraag(over, until, te_laat=False, crisis=werk.crisis)
    words = in_words(werk) if over == _CASUS else f"{in_words(werk)} ({over[:1].lower()}{over[1:]})"
    return Vraag(words, until, te_laat=until is not None and until <= blik.now, crisis=werk.crisis)


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


def names_of(blik: Blik, naam: Callable[[str], str], team: Callable[[str, str], str]) -> Callable[[UUID], str]:
    """What each thing in the case is called, by its id."""
    return _Namen(blik, naam, team).of


GAAT_VERDER: Mapping[Verdersoort, str] = {
    Verdersoort.OVERDRACHT: "gaat verder met de",
    Verdersoort.SAMENWERKING: "loopt mee in de",
    Verdersoort.ESCALATIE: "heeft opgepakt: de",
}
"""What somebody does who goes on with something, before what that is called."""
GEDAAN: Mapping[bool, str] = {
    True: "Het is vastgelegd en wordt verwerkt. Over enkele seconden staat het hieronder; deze bladzijde ververst zichzelf.",
    False: "Het is vastgelegd.",
}
"""What is said after an act; True while its effect was not heard of yet."""

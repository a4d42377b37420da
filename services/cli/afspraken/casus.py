"""A case that somebody wrote down, in policy words and without names, to try the agreements out on."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from contracts.afspraken.ankers import Anker, Drager
from contracts.afspraken.berekening import AMSTERDAM
from contracts.afspraken.feiten import (
    Aanbieder,
    Besluit,
    Casusurgentie,
    Informant,
    Meldersoort,
    Ontvangersoort,
    Overdrachtswijze,
    SoortOverdracht,
    Triagefeit,
)
from contracts.afspraken.gebeurd import Gebeurd, Woord, goes_on, rests_on_a_word
from contracts.afspraken.model import Omstandigheden, Strikt, Vlag
from contracts.afspraken.model.basis import Tekst
from contracts.afspraken.toepassing import start_termijnen, termijn_id
from contracts.messages.identifiers import PartijCode, derived_id
from contracts.toml_plaats import BestandFouten, parse_toml, validation_fouten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.afspraken.rule_book import Afspraken

_ABOUT: Mapping[str, frozenset[str]] = {
    "soort_overdracht": frozenset({"overdracht"}),
    "ontvanger": frozenset({"overdracht", "dienst"}),
    "overdrachtswijze": frozenset({"overdracht"}),
    "aanbieder": frozenset({"overdracht"}),
    "vbs_urgentie": frozenset({"samenwerking"}),
    "besluit": frozenset({"melding"}),
    "melder": frozenset({"melding"}),
}
"""Of which kinds of things a circumstance says something; any other one is about the case as a whole."""
_GEWOONLIJK: Mapping[str, str] = {
    "ontvanger": Ontvangersoort.LOKAAL_TEAM.value,
    "informeert": Informant.VEILIG_THUIS.value,
    "melder": Meldersoort.EXTERN.value,
    "urgentie": Casusurgentie.REGULIER.value,
    "overdrachtswijze": Overdrachtswijze.OVERGEDRAGEN.value,
    "aanbieder": Aanbieder.VEILIG_THUIS.value,
}
"""What holds where a case does not say otherwise."""
_REPEATED = (
    Anker.TRIAGEBESLUIT_GENOMEN,
    Anker.BETROKKENEN_GEINFORMEERD,
    Anker.MONITORING_HERMELDING,
    Anker.MONITORING_HERMELDING_SPOED,
    Anker.HUISHOUDEN_OPNIEUW_GEMELD,
    Anker.HUISHOUDEN_IN_CRISIS,
    Anker.MENINGSVERSCHIL_GEMELD,
    Anker.ACUTE_CRISIS_VASTGESTELD,
    Anker.WACHTLIJST_GEMELD,
    Anker.NIET_OP_TE_PAKKEN,
)
"""What can happen more than once about the same thing."""
_VAN_EEN_MOMENT = (Anker.MONITORMOMENT_INGEPLAND, Anker.MONITORMOMENT_GEHOUDEN)
"""What is about one of the moments of monitoring."""


def _read_moment(value: object) -> object:
    """Take a moment without a zone as local time, which is how people write it down."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=AMSTERDAM) if value.tzinfo is None else value.astimezone(AMSTERDAM)
    if isinstance(value, date):
        raise ValueError("noem ook het tijdstip, zoals 2026-03-02T09:00:00")  # noqa: TRY004 - pydantic collects these
    return value


Moment = Annotated[datetime, BeforeValidator(_read_moment), Field(strict=True)]


class Gebeurtenis(Strikt):
    """Something that happened: a moment of the closed list, when, about what (`over`) and on whose act.

    Without `over` there is one thing of each kind; moments of monitoring are held one after the other. `voor` is the
    moment that it names: what something was planned for, or until when somebody waits. `volgens` is who says that the
    receiver accepted, where it did not say so itself: it may still do, or contradict it by refusing.
    """

    wat: Anker
    op: Moment
    over: Tekst | None = None
    door: PartijCode | None = None
    voor: Moment | None = None
    volgens: PartijCode | None = None

    @model_validator(mode="after")
    def _check_door(self) -> Gebeurtenis:
        if self.volgens is not None and self.wat is not Anker.OVERDRACHT_OPGEPAKT:
            raise ValueError(
                f"volgens hoort bij {Anker.OVERDRACHT_OPGEPAKT.value}: wie zegt dat de ontvanger aanvaardde"
            )
        if self.door is not None and self.door not in set(Drager) and self.wat is not Anker.ANDERE_PARTIJ_AANVAARD:
            raise ValueError(f"{self.door!r} is geen partij die dit doet; kies uit {', '.join(Drager)}")
        return self


class Voorbeeldcasus:
    """A case of which everything is known, as the agreements ask about it. `dubbel` is what was told before."""

    casus_id = derived_id("voorbeeldcasus")

    def __init__(self, gebeurtenissen: Iterable[Gebeurtenis], gezegd: Mapping[str, str], afspraken: Afspraken) -> None:
        self.gezegd = gezegd
        self.dubbel: list[Gebeurtenis] = []
        gebeurd: dict[object, Gebeurd] = {}
        held: list[Gebeurtenis] = []
        told = sorted(gebeurtenissen, key=lambda item: item.op)
        betwist = _find_betwist(told)
        self.betwiste_woorden = {derived_id("overdracht", over or ""): _find_woord(over, told) for over in betwist}
        for index, item in enumerate(told):
            key = (item.wat, item.over, item.volgens is None, index if item.wat in _REPEATED else 0)
            if item.wat in _VAN_EEN_MOMENT:
                held.append(item)
            elif item.volgens is not None and item.over in betwist:
                continue  # it never was
            elif rests_on_a_word(item.wat, item.op, self.betwiste_woorden.values()):
                continue
            elif key in gebeurd:
                self.dubbel.append(item)
            else:
                gebeurd[key] = Gebeurd(
                    item.wat,
                    item.op,
                    item.door or "",
                    _onderwerp_of(item),
                    UUID(int=index),
                    voor=item.voor,
                    volgens=item.volgens,
                    betwist=item.wat is Anker.OVERDRACHT_GEWEIGERD and item.over in betwist,
                )
        self.gebeurd = tuple(gebeurd.values())
        further = [item.op for item in self.gebeurd if goes_on(item, self.omstandigheden(item))]
        self.gebeurd = tuple(item for item in self.gebeurd if not self._is_overtaken(item, further))
        for wat in _VAN_EEN_MOMENT:
            self.gebeurd += tuple(self._hold([item for item in held if item.wat is wat], afspraken))

    @property
    def huishouden(self) -> tuple[Gebeurd, ...]:
        """A case that somebody wrote down stands by itself."""
        return self.gebeurd

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """The circumstances that the case gives, as far as they are about this kind of thing."""
        soort = over.anker.soort
        return {name: value for name, value in self.gezegd.items() if soort in _ABOUT.get(name, {soort})}

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """In a case without names a party is called after what it bears."""
        del over
        return drager.value

    def aanbieder(self, over: Gebeurd) -> str:
        """Who offers is called after what it is to the case, like any other."""
        del over
        return self.gezegd["aanbieder"]

    def namens(self, partij: str, op: datetime) -> tuple[str, ...]:
        """Nobody goes on for another in a case without names."""
        del op
        return (partij,)

    def _is_overtaken(self, item: Gebeurd, further: Iterable[datetime]) -> bool:
        """Whether it was closed and somebody went on with it all the same; a besluit that ends it is no such closure."""
        ends = self.gezegd.get("besluit") == Besluit.GEEN_VERVOLG
        return item.anker is Anker.CASUS_GESLOTEN and not ends and any(op > item.op for op in further)

    def _hold(self, held: Iterable[Gebeurtenis], afspraken: Afspraken) -> Iterator[Gebeurd]:
        """What happened to moments of monitoring: the one that is named (`over`), else the first to which it did not yet."""
        still_open = {
            termijn_id(self.casus_id, regel.id, item.onderwerp_id): regel.id
            for regel, item in start_termijnen(self, afspraken)
            if regel.id in afspraken.monitormomenten and item.onderwerp_id is not None
        }
        for item in held:
            wanted = (moment for moment, name in still_open.items() if item.over in {None, name})
            moment = next(wanted, None)
            still_open = {key: name for key, name in still_open.items() if key != moment}
            yield Gebeurd(item.wat, item.op, item.door or "", moment)


def _find_betwist(gebeurtenissen: Sequence[Gebeurtenis]) -> set[str | None]:
    """The overdrachten of which others said that they were accepted, and the receiver refused without having accepted."""
    said = {item.over for item in gebeurtenissen if item.volgens is not None}
    own = {item.over for item in gebeurtenissen if item.wat is Anker.OVERDRACHT_OPGEPAKT and item.volgens is None}
    refused = {item.over for item in gebeurtenissen if item.wat is Anker.OVERDRACHT_GEWEIGERD}
    return (said & refused) - own


def _find_woord(over: str | None, gebeurtenissen: Sequence[Gebeurtenis]) -> Woord:
    """From when to when others said that this was accepted, and the receiver had not contradicted it."""
    said = min(item.op for item in gebeurtenissen if item.over == over and item.volgens is not None)
    refusals = (item for item in gebeurtenissen if item.over == over and item.wat is Anker.OVERDRACHT_GEWEIGERD)
    return said, min(item.op for item in refusals)


def _onderwerp_of(item: Gebeurtenis) -> UUID | None:
    soort = item.wat.soort
    return None if soort == "casus" else derived_id(soort, item.over or "")


class Casus(Strikt):
    """A case in policy words, without anybody's name: facts, circumstances and what happened when."""

    regio: str
    gemeente: str
    melding: Moment
    feiten: dict[Triagefeit, Vlag] = Field(default_factory=dict)
    omstandigheden: Omstandigheden = Omstandigheden()
    gebeurtenis: tuple[Gebeurtenis, ...] = ()

    @model_validator(mode="after")
    def _check_order(self) -> Casus:
        for index, item in enumerate(self.gebeurtenis):
            if item.op < self.melding:
                raise ValueError(f"gebeurtenis {index + 1} ({item.wat}) ligt voor de melding")
        return self

    @property
    def aangenomen(self) -> SoortOverdracht | None:
        """What the first overdracht is taken for where the case does not say: after a dienst that began before it."""
        first = {item.wat: item.op for item in sorted(self.gebeurtenis, key=lambda item: item.op, reverse=True)}
        delivered, dienst = first.get(Anker.OVERDRACHT_AFGELEVERD), first.get(Anker.DIENST_GESTART)
        if delivered is None or self.omstandigheden.soort_overdracht is not None:
            return None
        return SoortOverdracht.NA_DIENST if dienst is not None and dienst < delivered else SoortOverdracht.DIRECT

    def to_voorbeeld(self, afspraken: Afspraken) -> Voorbeeldcasus:
        """Give the case as the agreements ask about it; unless it says otherwise an ordinary one for the lokale team."""
        given = cast("dict[str, str]", self.omstandigheden.model_dump(exclude_none=True))
        assumed = {} if self.aangenomen is None else {"soort_overdracht": self.aangenomen.value}
        if self.aangenomen is SoortOverdracht.DIRECT:
            assumed["besluit"] = Besluit.DIRECTE_OVERDRACHT.value
        gezegd = {**_GEWOONLIJK} | assumed | given
        melding = Gebeurtenis(wat=Anker.MELDING_ONTVANGEN, op=self.melding)
        return Voorbeeldcasus((melding, *self.gebeurtenis), gezegd, afspraken)


def parse_casus(text: str, *, bestand: str) -> Casus:
    """Read a case from TOML. Raises `BestandFouten` with every error, its line and its field."""
    inhoud, plaatsen = parse_toml(text, bestand=bestand)
    try:
        return Casus.model_validate(inhoud)
    except ValidationError as error:
        raise BestandFouten(validation_fouten(error, bestand=bestand, plaatsen=plaatsen)) from None

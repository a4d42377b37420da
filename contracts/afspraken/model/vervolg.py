"""What comes after an overdracht: giving back, monitoring, signals, coercion, other parties."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from contracts.afspraken.ankers import Anker, Berichtsoort, Drager, Rol
from contracts.afspraken.duur import DuurVeld
from contracts.afspraken.model.basis import Bron, Getal, Naam, Omstandigheden, Regel, Spoedigheid, Strikt, Tekst, Vlag
from contracts.afspraken.model.termijnen import Bewaakt, TermijnRegel


class Terugkoppelcriterium(Regel):
    """A ground on which a lokaal team may give a case back.

    `vraagt` are the fields of the form that it needs, `bevestigt` those in which the team has to say that it is so.
    """

    vraagt: tuple[Tekst, ...] = ("toelichting",)
    bevestigt: tuple[Tekst, ...] = ()


class Monitormoment(Strikt):
    """One moment: how long after the overdracht it is held at the latest, and planned where another party plans it."""

    id: Naam
    label: Tekst
    na: DuurVeld
    inplannen_binnen: DuurVeld | None = None


class Inplannen(Strikt):
    """That another party plans the moments than holds them, and who is called when it does not."""

    bij_verstrijken: Naam | None = None
    bron: Bron
    lezing: Tekst


class Planregel(TermijnRegel):
    """A moment of monitoring has to be planned; it is met by planning or holding that very moment."""

    moment: Naam


class MonitoringRegel(Bewaakt):
    """The monitoring after a dienst: its moments up to the mean duration, early stop, conversations.

    Whoever holds a moment (`voert_uit`) owes that; whoever plans it (`plant`), where that is another, owes the planning.
    """

    vanaf: Anker
    alleen_bij: Omstandigheden | None = None
    momenten: Annotated[tuple[Monitormoment, ...], Field(min_length=1, alias="moment")]
    gemiddelde_looptijd: DuurVeld
    plant: Drager
    voert_uit: Drager
    inplannen: Inplannen | None = None
    vervroegd_stoppen_na: tuple[DuurVeld, ...] = ()
    instemming_van: tuple[Tekst, ...] = ()
    fysieke_gesprekken_minstens: Annotated[Getal, Field(ge=0)] = 0
    kinderen_gesproken_of_onderbouwd: Vlag = False

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _check_moments(self) -> Self:
        """Up to the mean duration there is always a moment to come; and two parties owe two things."""
        if all(moment.na != self.gemiddelde_looptijd for moment in self.momenten):
            raise ValueError(f"er is geen moment na {self.gemiddelde_looptijd}, de gemiddelde looptijd")
        if (self.inplannen is None) != (self.plant is self.voert_uit):
            raise ValueError("inplannen hoort erbij wanneer een ander plant dan uitvoert, en alleen dan")
        if any((moment.inplannen_binnen is None) != (self.inplannen is None) for moment in self.momenten):
            raise ValueError("inplannen_binnen hoort bij elk moment wanneer een ander plant dan uitvoert")
        return self

    def to_termijnen(self) -> tuple[TermijnRegel, ...]:
        """Give the terms of every moment, so that one engine watches them all: holding it, and planning it."""
        return (*self._to_momenten(), *self._to_planregels())

    def _to_momenten(self) -> Iterator[TermijnRegel]:
        """To hold each moment, under the moment's own id."""
        for moment in self.momenten:
            yield TermijnRegel(
                id=moment.id,
                label=moment.label,
                geldig_van=self.geldig_van,
                geldig_tot=self.geldig_tot,
                bron=self.bron,
                lezing=self.lezing,
                duur=moment.na,
                vanaf=self.vanaf,
                tot=(Anker.MONITORMOMENT_GEHOUDEN,),
                verantwoordelijke=self.voert_uit,
                bij_verstrijken=self.bij_verstrijken,
                waarschuw_na=self.waarschuw_na,
                waarschuw_lezing=self.waarschuw_lezing,
                alleen_bij=self.alleen_bij,
            )

    def _to_planregels(self) -> Iterator[Planregel]:
        """To plan each moment, where that is for another party than holds it."""
        for moment in self.momenten:
            if self.inplannen is None or moment.inplannen_binnen is None:
                continue
            yield Planregel(
                id=f"{moment.id}-inplannen",
                moment=moment.id,
                label=f"{moment.label} inplannen",
                geldig_van=self.geldig_van,
                geldig_tot=self.geldig_tot,
                bron=self.inplannen.bron,
                lezing=self.inplannen.lezing,
                duur=moment.inplannen_binnen,
                vanaf=self.vanaf,
                tot=(Anker.MONITORMOMENT_INGEPLAND, Anker.MONITORMOMENT_GEHOUDEN),
                verantwoordelijke=self.plant,
                bij_verstrijken=self.inplannen.bij_verstrijken,
                waarschuw_na=self.waarschuw_na,
                waarschuw_lezing=self.waarschuw_lezing,
                alleen_bij=self.alleen_bij,
            )


class MonitoringUitsluiting(Regel):
    """A situation in which Veilig Thuis does not monitor, unless the dossier says why it does."""

    bij: Anker
    alleen_bij: Omstandigheden | None = None
    tenzij_vastgelegd: Vlag = False


class Stagnatiestap(Regel):
    """What to do, in order, when help stagnates during monitoring."""

    stap: Annotated[Getal, Field(ge=1)]
    wie: tuple[Drager, ...]
    hermelding: Vlag = False


class Huishoudregel(Regel):
    """From one of these moments on the earlier case and the new one are one household: one party bears zicht in both."""

    bij: Annotated[tuple[Anker, ...], Field(min_length=1)]


class StructureelSignaal(Regel):
    """Who informs the gemeente that a party does not carry out the agreements."""

    meldt: Literal["verantwoordelijke", "veilig-thuis"]
    aan: Drager = Drager.GEMEENTE


class Signaaldrempel(Regel):
    """From how many misses within what time on a person is asked to send a structureel signaal."""

    aantal: Annotated[Getal, Field(ge=1)]
    binnen: DuurVeld


class Initiatief(Regel):
    """Which party takes the initiative for a coercive measure, from one moment up to another."""

    vanaf: Anker
    tot: Anker | None = None
    initiatief: Drager
    voorwaarde: Tekst | None = None


class Samenwerkvorm(Regel):
    """What verbindend samenwerken asks: consent, who has the regie, and the fall-back where it cannot be done."""

    toestemming_client: Vlag
    regie: Drager
    zonder_toestemming: Tekst
    bij_capaciteitstekort: Tekst


class Onzekerheid(Regel):
    """How long after the end of a term it may stay unknown whether it was met, before people are told so."""

    melden_na_minuten: Annotated[Getal, Field(ge=1)]
    bij_crisis_na_minuten: Annotated[Getal, Field(ge=1)]


class Partijrol(Regel):
    """A party other than the lokaal team that a case can be handed to or that is involved, and when."""

    partij: Naam
    bij: Tekst


class Aanbod(Regel):
    """What somebody does (`bij`) asks another party (`aan`) to take over, where who bears zicht (`door`) did it itself.

    An offer: nothing goes over before that party acts.
    """

    bij: Anker
    door: Drager
    aan: Drager


class Gericht(Regel):
    """What a role is asked. `urgentie` is how soon at least; that of the case may be higher."""

    rol: Rol
    urgentie: Spoedigheid = "gewoon"
    gevraagd: Tekst


class Bericht(Gericht):
    """At a moment in a case a role is told at once what is asked, unless that was settled meanwhile.

    Either of a party (`aan`), or of who then bears zicht (`drager`), where it is this party and did not do it itself.
    With `wie_aanbood` of the offer that it is about the party that made it, where that receives one like it too. With
    `op_voor` not at once, but at the moment that what happened names (`Gebeurd.voor`): until when somebody waits.
    With `leest_mee` the party may read the case from then on, until the dienst that it is about ends. With `ook_daarna`
    so is who comes to bear zicht later, once, as long as what happened lasts (until `Gebeurd.voor`).
    """

    bij: Anker
    alleen_bij: Omstandigheden | None = None
    vervalt_bij: tuple[Anker, ...] = ()
    op_voor: Vlag = False
    aan: Drager | None = None
    wie_aanbood: Vlag = False
    drager: Drager | None = None
    leest_mee: Vlag = False
    ook_daarna: Vlag = False

    @model_validator(mode="after")
    def _check_receiver(self) -> Self:
        if (self.drager is None) == (self.aan is None):
            raise ValueError("een bericht gaat naar een partij (aan), of naar wie dan zicht draagt (drager)")
        offered = None if self.alleen_bij is None else self.alleen_bij.aanbieder
        if self.wie_aanbood and (self.aan is None or self.aan.value != offered):
            raise ValueError("wie_aanbood hoort bij een bericht aan precies de soort aanbieder van alleen_bij")
        if self.ook_daarna and (self.drager is None or self.op_voor):
            raise ValueError("ook_daarna hoort bij een bericht dat meteen gaat naar wie zicht draagt (drager)")
        return self


class Zichtbericht(Gericht):
    """Who gets zicht op veiligheid, or loses it, is told at once; not of what that party did itself.

    With `vervalt` whoever was handed the case, or asked to take it over, and bears no zicht when another party takes it;
    with `gesloten` the same when it is closed. With `ander` who let go on a word of others, and who gave it, when another
    party than was said takes the case over itself.
    """

    wie: Drager
    wat: Literal["krijgt", "verliest", "vervalt", "gesloten", "ander"]


class Herinnering(Gericht):
    """A role is reminded again and again until something happens (`tot`), or for as long as its party bears zicht.

    Either of what the bearer (`drager`) has not done since it bears zicht, or of what nobody has done since a moment
    (`vanaf`), which goes to the bearer or to a party (`aan`). Without `tot` it comes only when no other reminder about
    what the bearer is to do runs, and the bearer did nothing meanwhile.
    """

    drager: Drager | None = None
    vanaf: tuple[Anker, ...] = ()
    alleen_bij: Omstandigheden | None = None
    aan: Drager | None = None
    tot: tuple[Anker, ...] = ()
    elke: DuurVeld

    @property
    def is_eigen(self) -> bool:
        """Whether it is about what the bearer itself is to do, since it bears zicht."""
        return bool(self.tot) and not self.vanaf

    @model_validator(mode="after")
    def _check_begin(self) -> Self:
        if (self.drager is None) == (self.aan is None):
            raise ValueError(
                "een herinnering gaat naar wie zicht draagt (drager), of vanaf een moment naar een partij (aan)"
            )
        if (self.aan is not None and not self.vanaf) or (self.vanaf and not self.tot):
            raise ValueError("een herinnering vanaf een moment noemt ook tot wat")
        if self.alleen_bij is not None and not self.vanaf:
            raise ValueError("alleen_bij hoort bij een moment (vanaf)")
        return self


class Opschaling(Regel):
    """At a moment in a case a ladder is climbed without a term that was missed."""

    bij: Anker
    alleen_bij: Omstandigheden | None = None
    ladder: Naam
    verantwoordelijke: Drager


class Aanspreekpunt(Regel):
    """Which role at a party is told of something about which no ladder is climbed."""

    bericht: Berichtsoort
    rol: Rol

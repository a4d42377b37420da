"""The radarfunctie (MB 3.1): keys by which signals about one household meet, readable by nobody.

Three outcomes for an earlier case. *Linked*: the same BSN, or the same name and whole date of birth, whatever letters,
particles and hyphens it was written with. *Offered* to a person: what looks like that, and what shares an address, which
alone says nothing about who lives there. Nothing: everything else.

How a name or an address is read is part of every key, as `_VERSIE`: another way of reading is another version. Those of
the first release had none, and of those of a BSN there is one way only; the former are looked up too, so that the cases
of that release are found.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.documenten import Adres, Betrokkene
from contracts.messages.geboortedatum import Geboortedatum, Precisie
from services.triage.domain.casus import Hermeldinggrond, MogelijkeHermelding
from services.triage.domain.invoer import MeldingInvoer, MeldpuntmeldingInvoer
from services.triage.domain.namen import Naam, fold_huisnummer, read_naam

_VERSIE = "2"
_MOST_OFFERED = 50
"""More than anybody looks through; the best grounds come first."""

_NIETS = 0
"""Of whom nothing is known of when they were born; then the gemeente of the melding has to be the same."""
_PRECISIES: tuple[int, ...] = (_NIETS, *Precisie)

_Text = tuple[str, Hermeldinggrond | None]
"""What a key is made of, and why a case that is found by it is offered; None where it is linked."""


@dataclass(frozen=True, slots=True)
class Sleutels:
    """The keys of a household: those under which it is found later, and those under which it looks for earlier cases.

    Of a key that is looked for: why a case is offered, or None where it is linked.
    """

    eigen: tuple[str, ...] = ()
    gezocht: Mapping[str, Hermeldinggrond | None] = field(default_factory=dict[str, Hermeldinggrond | None])


@dataclass(frozen=True, slots=True)
class Gevonden:
    """An earlier case, the keys by which it was found, and whether it still runs."""

    casus_id: UUID
    sleutels: Collection[str]
    loopt: bool


@dataclass(frozen=True, slots=True)
class Radar:
    """What the radarfunctie found: the keys of this household, the earlier cases, those of them that still run, and
    those that a person has to look at.
    """

    huishouden: tuple[str, ...] = ()
    eerdere_casussen: tuple[UUID, ...] = ()
    lopende_casussen: tuple[UUID, ...] = ()
    mogelijke: tuple[MogelijkeHermelding, ...] = ()

    def without(self, casus_id: UUID) -> "Radar":
        """The same without this case, which is there when a melding is sent again under its own reference."""
        return Radar(
            self.huishouden,
            tuple(casus for casus in self.eerdere_casussen if casus != casus_id),
            tuple(casus for casus in self.lopende_casussen if casus != casus_id),
            tuple(item for item in self.mogelijke if item.casus_id != casus_id),
        )


def huishouden_sleutels(
    invoer: MeldingInvoer | MeldpuntmeldingInvoer, blind: Callable[[str], str], *, now: datetime
) -> Sleutels:
    """The keys of those involved and of their addresses; each once, in a fixed order."""
    on = local_date(invoer.ontvangen_op or now)
    own: set[str] = set()
    sought: dict[str, Hermeldinggrond | None] = {}
    for betrokkene in invoer.betrokkenen:
        wie = _Wie.of(betrokkene, on=on, gemeente=invoer.gemeente)
        own.update(wie.own())
        for text, grond in wie.sought():
            _keep(sought, text, grond)
    for adres in (invoer.adres, *(betrokkene.adres for betrokkene in invoer.betrokkenen)):
        if adres is not None:
            own.add(_adres(adres))
            for text in (_adres(adres), _adres_of_first_release(adres)):
                _keep(sought, text, Hermeldinggrond.ADRES)
    keys = {text: blind(text) for text in sorted(own | sought.keys())}
    return Sleutels(
        tuple(sorted(keys[text] for text in own)), {keys[text]: sought[text] for text in keys if text in sought}
    )


def make_radar(sleutels: Sleutels, found: Collection[Gevonden]) -> Radar:
    """What was found under these keys: linked by one that is sure, else offered with every ground there is."""
    linked: list[Gevonden] = []
    offered: list[MogelijkeHermelding] = []
    for case in sorted(found, key=lambda case: case.casus_id):
        gronden = {sleutels.gezocht[key] for key in case.sleutels}
        if None in gronden:
            linked.append(case)
        else:
            offered.append(
                MogelijkeHermelding(case.casus_id, tuple(grond for grond in Hermeldinggrond if grond in gronden))
            )
    order = list(Hermeldinggrond)
    offered.sort(key=lambda item: order.index(item.gronden[0]))
    return Radar(
        sleutels.eigen,
        tuple(case.casus_id for case in linked),
        tuple(case.casus_id for case in linked if case.loopt),
        tuple(offered[:_MOST_OFFERED]),
    )


def _text(parts: str) -> str:
    """What a key is made of, such that it differs as soon as one character does: a blind index overlooks what is no
    letter or number, and an 11-2 is no 112.
    """
    return f"huishouden {_VERSIE} {parts.encode().hex()}"


def _keep(sought: dict[str, Hermeldinggrond | None], text: str, grond: Hermeldinggrond | None) -> None:
    """The surest reason counts."""
    if text not in sought or grond is None:
        sought[text] = grond


@dataclass(frozen=True, slots=True)
class _Wie:
    """Somebody as far as is known; `jaren` are the years in which they can be born where only an age is known."""

    bsn: str | None
    geschreven: str
    naam: Naam
    geboren: Geboortedatum | None
    jaren: tuple[str, ...]
    gemeente: str

    @classmethod
    def of(cls, betrokkene: Betrokkene, *, on: date, gemeente: str) -> "_Wie":
        geboren, leeftijd = betrokkene.geboortedatum, betrokkene.leeftijd
        jaren: tuple[str, ...] = ()
        if geboren is not None:
            jaren = (geboren.until(Precisie.JAAR),)
        elif leeftijd is not None:
            jaren = (str(on.year - leeftijd - 1), str(on.year - leeftijd))
        naam = read_naam(betrokkene.naam)
        return cls(betrokkene.bsn, betrokkene.naam, naam, geboren, jaren, gemeente)

    @property
    def dag(self) -> str | None:
        """The whole date of birth, where it is known."""
        is_whole_date = self.geboren is not None and self.geboren.precisie is Precisie.DAG
        return str(self.geboren) if is_whole_date else None

    def own(self) -> Iterator[str]:
        """Under which they are found."""
        if self.bsn is not None:
            yield f"bsn {self.bsn}"
        if self.dag is not None and self.naam.is_vol:
            yield self._persoon("met" if self.bsn is not None else "zonder")
        yield from self._looks_like()
        for until in range(min(self._precisie, Precisie.MAAND) + 1):
            yield from self._deel(self._precisie, until)

    def sought(self) -> Iterator[_Text]:
        """Under which they are looked for. Who has another BSN is another person, however much alike."""
        if self.bsn is not None:
            yield f"bsn {self.bsn}", None
        if self.dag is not None:
            yield f"persoon {self.geschreven} {self.dag}", None  # of the first release
            if self.naam.is_vol:
                yield self._persoon("zonder"), None
                yield self._persoon("met"), None if self.bsn is None else Hermeldinggrond.NAAM
        yield from ((text, Hermeldinggrond.NAAM) for text in (*self._looks_like(), *self._with_date_turned()))
        for precisie in _PRECISIES:
            if (precisie, self._precisie) != (Precisie.DAG, Precisie.DAG):
                shared = min(precisie, self._precisie, Precisie.MAAND)
                yield from ((text, Hermeldinggrond.NAAM_ZONDER_DATUM) for text in self._deel(precisie, shared))

    def _persoon(self, bsn: str) -> str:
        return _text(f"persoon {bsn} bsn {self.naam.geschreven} {self.dag}")

    def _looks_like(self) -> Iterator[str]:
        """With a whole date of birth a word of the name is enough, or all its letters in another order."""
        if self.dag is not None:
            yield from (_text(f"klank {klank} {self.dag}") for klank in self.naam.klanken)
            yield from self._letters(self.dag)

    def _with_date_turned(self) -> Iterator[str]:
        """Of who has the same whole name and was born on 3 May where it says 5 March."""
        turned = None if self.geboren is None else self.geboren.omgedraaid
        if turned is not None:
            yield from self._letters(str(turned))

    def _letters(self, dag: str) -> Iterator[str]:
        yield from (_text(f"letters {letters} {dag}") for letters in self.naam.letters)

    @property
    def _precisie(self) -> int:
        """How much is known of when they were born."""
        if self.geboren is not None:
            return self.geboren.precisie
        return Precisie.JAAR if self.jaren else _NIETS

    def _deel(self, precisie: int, until: int) -> Iterator[str]:
        """The whole name with so much of the date of birth, of people of whom `precisie` is known."""
        for letters in self.naam.letters[:1]:
            yield from (_text(f"deel {precisie} {letters} {part}") for part in self._until(until))

    def _until(self, precisie: int) -> tuple[str, ...]:
        if precisie == _NIETS:
            return (self.gemeente,)
        if precisie == Precisie.JAAR or self.geboren is None:
            return self.jaren
        return (self.geboren.until(Precisie.MAAND),)


def _adres(adres: Adres) -> str:
    return _text(f"adres {adres.postcode.replace(' ', '')} {fold_huisnummer(adres.huisnummer)}")


def _adres_of_first_release(adres: Adres) -> str:
    return f"adres {adres.postcode.replace(' ', '')} {adres.huisnummer.replace(' ', '')}"

"""In which order an act asks its fields, what can wait behind a fold, and what it does not ask a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Indeling:
    """`eerst` is asked first, in this order, and the other fields behind a fold; empty: every field, as it comes.

    `zonder` is not asked, by its place in the body; of the choices of a field neither is `zonder_keuze`. `altijd` are
    parts that are sent also where nothing in them was filled in, so that what they lack is told. `een_ander` are those of
    them that ask for somebody else than whoever records the act: only that person is the answer, so nobody is filled in.
    `opent_casus`: there is a case to look at when it is done. `anders`: the same act is done in another way too.
    """

    eerst: tuple[str, ...] = ()
    zonder: frozenset[str] = frozenset()
    zonder_keuze: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    altijd: frozenset[str] = frozenset()
    een_ander: frozenset[str] = frozenset()
    opent_casus: bool = True
    anders: "Anders | None" = None

    @property
    def gaat_mee(self) -> frozenset[str]:
        """The parts that are sent whatever stands in them."""
        return self.altijd | self.een_ander


@dataclass(frozen=True, slots=True)
class Anders:
    """The other way to do an act, which asks other fields: what people read for it, and its own order."""

    knop: str
    uitleg: str
    indeling: Indeling


_GEEN_BIJLAGEN = frozenset({"overdrachtsdocument.bijlagen"})
"""What goes along is added by the system that keeps it."""

EERST_IN: Mapping[str, tuple[str, ...]] = {
    "Betrokkene": ("naam", "rol", "geboortedatum"),
    "Melder": ("naam", "organisatie", "telefoon", "wilAnoniemBlijven"),
    "Professional": ("naam", "functie"),
}
"""Of a part with many fields: those that are asked first, wherever it stands."""

INDELING: Mapping[str, Indeling] = {
    "melding-registreren": Indeling(
        eerst=("bron", "urgentie", "gemeente", "omschrijving", "betrokkenen", "melder"),
    ),
    "meldpuntmelding-registreren": Indeling(
        eerst=("gemeente", "crisis", "vermoedenHgkm", "uitkomst", "omschrijving", "betrokkenen", "melder"),
    ),
    "adviesvraag-vastleggen": Indeling(opent_casus=False),
    "triagebesluit-nemen": Indeling(
        eerst=("oordelen", "besluit", "afwegingen", "redenAfwijking", "genomenDoor"),
        zonder=frozenset({"ontvangers", "overdrachtsdocument"}),
        zonder_keuze={"besluit": frozenset({"directe-overdracht"})},
    ),
    "directe-overdracht": Indeling(
        eerst=("ontvangers", "oordelen", "afwegingen", "redenAfwijking", "genomenDoor", "overdrachtsdocument"),
        zonder=_GEEN_BIJLAGEN,
        altijd=frozenset({"overdrachtsdocument"}),
    ),
    "dienst-starten": Indeling(een_ander=frozenset({"verantwoordelijke"})),
    "dienst-afronden": Indeling(
        eerst=("ontvangers", "overdrachtsgesprek", "afgerondDoor", "overdrachtsdocument"),
        zonder=_GEEN_BIJLAGEN | {"redenGeenOverdracht"},
        altijd=frozenset({"overdrachtsgesprek", "overdrachtsdocument"}),
        anders=Anders(
            "Dienst afronden zonder overdracht",
            "U rondt de dienst af en draagt de casus niet over. U zegt waarom.",
            Indeling(zonder=frozenset({"ontvangers", "overdrachtsdocument", "overdrachtsgesprek"})),
        ),
    ),
    "casus-oppakken": Indeling(eerst=("medewerker", "opgepaktOp"), een_ander=frozenset({"medewerker"})),
    "samenwerking-verdelen": Indeling(eerst=("medewerker", "verdeeldOp"), een_ander=frozenset({"medewerker"})),
    "casus-teruggeven": Indeling(
        eerst=(
            "criteria",
            "toelichting",
            "gedragsdeskundigeGeraadpleegd",
            "gedragsdeskundigeToelichting",
            "betrokkenHulpverlening",
            "hulpGerichtOpGeweld",
            "veiligheidCentraal",
            "werkdagenAfzender",
            "afzender",
        ),
    ),
    "wachtlijst-melden": Indeling(eerst=("verwachtOp", "toelichting", "door"), zonder=frozenset({"partij"})),
    "niet-op-te-pakken-melden": Indeling(zonder=frozenset({"partij", "verwachtOp"})),
    "zicht-bevestigen": Indeling(zonder=frozenset({"partij", "verwachtOp"})),
    "crisiscontact-vastleggen": Indeling(zonder=frozenset({"verwachtOp"})),
    "crisisstap-vastleggen": Indeling(zonder=frozenset({"verwachtOp"})),
}

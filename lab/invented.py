"""Invented meldingen, for the demo and for measuring: the same seed gives the same ones, and no two are alike.

Nobody in them exists: BSNs come from the test range 9999xxxxx while it lasts, streets are made up, mail addresses end
in `.example`. What is made are bodies as callers post them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice
from random import Random

from contracts.messages.identifiers import passes_bsn_check
from contracts.register import Gemeente, Register
from services.runtime.unit.decision import JsonObject


def _names(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


_VOORNAMEN = _names(
    """Amber, Bram, Chantal, Daan, Elif, Fenna, Gijs, Hanna, Imane, Jesse, Kim, Lars, Maud, Naomi, Oscar, Puck, Quint,
    Rosa, Sem, Tess, Umut, Vince, Wende, Xavi, Yara, Zoë, Aylin, Bilal, Cato, Dewi, Emma, Finn, Gita, Hugo, Isa, Jip,
    Kaj, Lotte, Milan, Noor"""
)
_ACHTERNAMEN = _names(
    """Aerts, Boonen, van Campenhout, Dirven, van Eekelen, Franssen, Goossens, van den Heuvel, Ibrahimi, Jongenelen,
    Konings, Luijten, Martens, Nuijten, van Oers, Paulissen, Quist, Raaijmakers, Sips, Theeuwes, van Unen, Verbeek,
    van Wezel, Yildirim, Zijlmans, Antonissen, Braspenning, Claessens"""
)
_STRATEN = _names(
    """Denkbeeldstraat, Fabelpad, Fictiehof, Illusieplein, Legendestraat, Luchtkasteelweg, Mirakelhof, Nergensstraat,
    Sprookjesdreef, Utopiasingel, Verzinselpad, Zwamweg"""
)
_WANNEER = (
    "Zaterdagavond laat",
    "Vannacht rond twee uur",
    "Vanmorgen voor schooltijd",
    "Gisteravond tijdens het eten",
    "Zondagmiddag",
    "Na het weekend",
)
_WAT = (
    "was er langdurig geschreeuw en glasgerinkel te horen",
    "kwam iemand huilend bij de buren aan de deur",
    "heeft een van de bewoners de ander geduwd",
    "vertelde iemand over slaan thuis",
    "is een bewoner zonder eten aangetroffen",
    "stond een ex-partner dreigend voor de deur",
    "zagen hulpverleners blauwe plekken die niet werden verklaard",
    "ontstond er een felle ruzie over geld",
)
_VERDER = (
    "Er zijn geldzorgen.",
    "Een van hen gebruikt veel alcohol.",
    "Er wordt slecht geslapen.",
    "Er is weinig netwerk.",
    "De omgeving maakt zich al langer zorgen.",
    "De huisarts kent het huishouden.",
    "Er was eerder hulp, die is gestopt.",
    "Familie springt vaak bij.",
)
_MELDERS = (
    ("politie", "Politie Zeeland-West-Brabant", "wijkagent", 60),
    ("professional", "Basisschool De Verzonnen Boom", "intern begeleider", 14),
    ("professional", "Huisartsenpraktijk Nergenshuizen", "huisarts", 8),
    ("burger", None, None, 14),
    ("ambtshalve", "Veilig Thuis", "triagist", 4),
)
_URGENTIES = (("regulier", 85), ("spoed", 12), ("crisis", 3))
_BSN_KNOWN = 0.6
_TAILS = 100_000
_STRIDE = 38_197
"""Has no factor in common with the number of tails, so that walking in these steps meets each of them once."""
_ADULTS = (date(1958, 1, 1), date(2002, 12, 31))
_CHILDREN = (date(2010, 1, 1), date(2023, 12, 31))


@dataclass(frozen=True, slots=True)
class VerzonnenMelding:
    """A melding and the triagebesluit that hands it over, as bodies for the two POSTs."""

    gemeente: str
    melding: JsonObject
    triagebesluit: JsonObject

    def with_melding(self, **fields: object) -> "VerzonnenMelding":
        """The same with other fields in the melding."""
        return replace(self, melding=self.melding | fields)  # type: ignore[operator]

    def anonymous_with_closed_family(self) -> "VerzonnenMelding":
        """The melder wants to stay anonymous and the family is closed: a contra-indicatie of MB 4."""
        return self.with_melding(
            melder={"wilAnoniemBlijven": True}, bron="burger", feiten={"betrokkenenNietOpenVoorHulp": True}
        )

    def handed_to(self, partij: str) -> "VerzonnenMelding":
        """The same with another party than a lokaal team as its receiver."""
        return replace(self, triagebesluit=self.triagebesluit | {"ontvangers": [{"partij": partij}]})

    def incomplete(self, *missing: str) -> "VerzonnenMelding":
        """The same with items missing in the overdrachtsdocument, by default the two most often forgotten."""
        document = self.triagebesluit["overdrachtsdocument"]
        assert isinstance(document, dict)
        left_out = missing or ("grootsteZorg", "verrijking")
        kept = {key: value for key, value in document.items() if key not in left_out}
        return replace(self, triagebesluit=self.triagebesluit | {"overdrachtsdocument": kept})

    def to_meldpuntmelding(self, *, crisis: bool) -> JsonObject:
        """The same household as the Meldpunt Crisiszorg reports it, forwarded to Veilig Thuis."""
        taken = {key: value for key, value in self.melding.items() if key not in {"bron", "urgentie", "ontvangenOp"}}
        return taken | {"crisis": crisis, "vermoedenHgkm": True, "uitkomst": "veilig-thuis"}


def verzin_meldingen(
    register: Register, *, aantal: int, seed: int, on: date, regio: str | None = None, gemeenten: Sequence[str] = ()
) -> Iterator[VerzonnenMelding]:
    """So many meldingen over the gemeenten of a region on a day, or over those that are named; each gets its share."""
    chosen = [
        gemeente for gemeente in register.gemeenten(on, regio=regio) if not gemeenten or gemeente.code in gemeenten
    ]
    random = Random(seed)  # noqa: S311  invention, no secret
    random.shuffle(chosen)
    verzinner = _Verzinner(random, register, seed)
    return (verzinner.melding(gemeente) for gemeente in islice(cycle(chosen), aantal))


class _Verzinner:
    """Remembers what it made up, so that it makes nothing up twice."""

    def __init__(self, random: Random, register: Register, seed: int) -> None:
        self._random = random
        self._register = register
        self._seed = seed
        self._made = 0
        self._known: set[tuple[str, date]] = set()
        self._bsns = _test_bsns(random)

    def melding(self, gemeente: Gemeente) -> VerzonnenMelding:
        self._made += 1
        adres, betrokkenen = self._adres(gemeente), self._huishouden()
        omschrijving = self._omschrijving()
        bron, melder = self._melder()
        melding: JsonObject = {
            "kenmerk": f"verzonnen-{self._seed}-{self._made:06d}",
            "bron": bron,
            "urgentie": self._pick(_URGENTIES),
            "gemeente": gemeente.code,
            "melder": melder,
            "betrokkenen": [{**betrokkene, "adres": adres} for betrokkene in betrokkenen],
            "adres": adres,
            "omschrijving": omschrijving,
        }
        return VerzonnenMelding(gemeente.code, melding, self._besluit(gemeente, melding))

    def _besluit(self, gemeente: Gemeente, melding: JsonObject) -> JsonObject:
        veilig_thuis = self._register.veilig_thuis(gemeente.regio)
        triagisten = [naam for rol in veilig_thuis.rollen if rol.rol.value == "triagist" for naam in rol.personen]
        team = self._random.choice(gemeente.teams) if gemeente.teams else None
        ontvanger: JsonObject = {"gemeente": gemeente.code}
        if team is not None:
            ontvanger["team"] = team.code
        return {
            "besluit": "directe-overdracht",
            "genomenDoor": {
                "naam": self._random.choice(triagisten) if triagisten else "Robin Verzonnen",
                "functie": "triagist",
                "organisatie": veilig_thuis.naam,
            },
            "afwegingen": "Geen contra-indicatie; betrokkenen zijn gesproken en staan open voor hulp.",
            "ontvangers": [ontvanger],
            "overdrachtsdocument": _document(gemeente, melding, team.naam if team is not None else None),
        }

    def _huishouden(self) -> list[JsonObject]:
        achternaam = self._random.choice(_ACHTERNAMEN)
        volwassenen = self._random.choices((1, 2), (30, 70))[0]
        kinderen = self._random.choices((0, 1, 2, 3), (25, 30, 30, 15))[0]
        rol = "ouder" if kinderen else "partner"
        return [
            *(self._persoon(achternaam, rol, _ADULTS) for _ in range(volwassenen)),
            *(self._persoon(achternaam, "kind", _CHILDREN) for _ in range(kinderen)),
        ]

    def _persoon(self, achternaam: str, rol: str, born_between: tuple[date, date]) -> JsonObject:
        naam, geboren = self._unknown_person(achternaam, born_between)
        persoon: JsonObject = {"naam": naam, "rol": rol, "geboortedatum": geboren.isoformat()}
        if self._random.random() < _BSN_KNOWN and (bsn := next(self._bsns, None)) is not None:
            persoon["bsn"] = bsn
        return persoon

    def _unknown_person(self, achternaam: str, born_between: tuple[date, date]) -> tuple[str, date]:
        """Someone who was not made up before: the radarfunctie would take the two for one household."""
        first, last = born_between
        while True:
            naam = f"{self._random.choice(_VOORNAMEN)} {achternaam}"
            geboren = first + timedelta(days=self._random.randrange((last - first).days + 1))
            if (naam, geboren) not in self._known:
                self._known.add((naam, geboren))
                return naam, geboren

    def _adres(self, gemeente: Gemeente) -> JsonObject:
        """An address of this melding alone: the number of the melding is the number of the house."""
        straat = _STRATEN[self._made % len(_STRATEN)]
        letters = "".join(self._random.choice("BDFGHJKLMNPRSTVWXZ") for _ in range(2))
        return {
            "straat": straat,
            "huisnummer": str(self._made),
            "postcode": f"{4800 + self._random.randrange(200)} {letters}",
            "plaats": gemeente.naam,
        }

    def _omschrijving(self) -> str:
        parts = (self._random.choice(_WANNEER), self._random.choice(_WAT))
        further = " ".join(self._random.sample(_VERDER, 2))
        return f"{parts[0]} {parts[1]}. {further}"

    def _melder(self) -> tuple[str, JsonObject]:
        bron, organisatie, functie, _ = self._random.choices(_MELDERS, [melder[3] for melder in _MELDERS])[0]
        melder: JsonObject = {"naam": f"{self._random.choice(_VOORNAMEN)} {self._random.choice(_ACHTERNAMEN)}"}
        if organisatie is not None:
            melder |= {"organisatie": organisatie, "functie": functie, "email": "melder@verzonnen.example"}
        return bron, melder

    def _pick(self, weighted: Sequence[tuple[str, int]]) -> str:
        return self._random.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


def _document(gemeente: Gemeente, melding: JsonObject, team: str | None) -> JsonObject:
    """Everything that MB 4.1 asks for."""
    melder = melding["melder"]
    assert isinstance(melder, dict)
    return {
        "betrokkenen": melding["betrokkenen"],
        "overdrachtspartijen": [f"Gemeente {gemeente.naam}" + (f", {team}" if team else "")],
        "identiteitMelder": ", ".join(str(melder[key]) for key in ("organisatie", "naam") if key in melder),
        "weergaveMelding": melding["omschrijving"],
        "veiligheidstaxatie": "Geen acute onveiligheid; wel terugkerende spanningen.",
        "grootsteZorg": "Dat het opnieuw uit de hand loopt zonder dat iemand het ziet.",
        "contactMetBetrokkenen": True,
        "reactieBetrokkenen": "Betrokkenen herkennen de zorgen en willen hulp.",
        "triagebesluit": "Directe overdracht: geen contra-indicatie, het lokale team kan starten.",
        "verwachtingen": "Binnen een week een gesprek met alle betrokkenen.",
        "adviesRisicogestuurdeZorg": "Eerst afspraken over veiligheid, dan over hulp.",
        "afsprakenTerugkoppeling": "Terugkoppelen als contact niet lukt of de zorgen groter blijken.",
        "verrijking": "Bij school en huisarts nagevraagd; geen bijzonderheden.",
    }


def _test_bsns(random: Random) -> Iterator[str]:
    """Every BSN of the test range that passes the 11-test, each once, in an order of the seed."""
    start = random.randrange(_TAILS)
    for step in range(_TAILS):
        bsn = f"9999{(start + step * _STRIDE) % _TAILS:05d}"
        if passes_bsn_check(bsn):
            yield bsn

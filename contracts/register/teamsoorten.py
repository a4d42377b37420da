"""What the five kinds of lokaal team have themselves, as data with its sentence (AEF 2.5)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from contracts.afspraken.ankers import Rol
from contracts.afspraken.model import Bron
from contracts.register.model import Teamsoort
from contracts.register.velden import Strikt, Tekst
from contracts.toml_plaats import parse_toml

BESTAND = "teamsoorten.toml"


class Teamtype(Strikt):
    """Which roles a team of this kind fills itself; `lezing` where the sentence leaves room."""

    soort: Teamsoort
    eigen: tuple[Rol, ...]
    bron: Bron
    lezing: Tekst | None = None


@cache
def teamtypes() -> Mapping[Teamsoort, Teamtype]:
    """Each of the five."""
    inhoud, _ = parse_toml(files("contracts.register").joinpath(BESTAND).read_text("utf-8"), bestand=BESTAND)
    found = (Teamtype.model_validate(table) for table in inhoud["teamsoort"])
    return {teamtype.soort: teamtype for teamtype in found}


def is_expected(soort: Teamsoort, rol: str) -> bool:
    """Whether a team of this kind has the role itself, as far as the source says."""
    return any(eigen.value == rol for eigen in teamtypes()[soort].eigen)

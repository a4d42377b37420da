"""What organisations have agreed, as dated, quoted data that runs.

`load_rule_book()` reads the packaged TOML (`national/`, `regions/`); `RuleBook.for_case` gives the agreements that
hold for one case. Everything here is pure: no clock, no input or output except reading the packaged files.
"""

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Berichtsoort, Drager, Rol
from contracts.afspraken.berekening import AMSTERDAM, MomentZonderZone, end_of, local_date
from contracts.afspraken.duur import EENHEDEN, Duur, Eenheid, OngeldigeDuur
from contracts.afspraken.feiten import Feit, MeldpuntUrgentie, Ontvangersoort, SoortOverdracht, VbsUrgentie
from contracts.afspraken.kalender import BuitenKalender, Kalender
from contracts.afspraken.load import load_rule_book, packaged_bronnen
from contracts.afspraken.model import (
    Bron,
    ContraIndicatie,
    DocumentVeld,
    Initiatief,
    LadderRegel,
    MonitoringRegel,
    MonitoringUitsluiting,
    Regel,
    Stagnatiestap,
    StructureelSignaal,
    TermijnRegel,
    Terugkoppelcriterium,
    Trede,
    Uitgangspunt,
    Uitkomst,
    Venster,
    ZichtRegel,
)
from contracts.afspraken.rule_book import Afspraken, GeenAfspraken, OnbekendeLadder, OnbekendeRegio, RuleBook
from contracts.afspraken.triage import OnbekendFeit, Reden, TeBeoordelen, Triageadvies, evaluate_triage

__all__ = [
    "AMSTERDAM",
    "EENHEDEN",
    "OVERDRACHT_KWAM_TERUG",
    "Afspraken",
    "Anker",
    "Berichtsoort",
    "Bron",
    "BuitenKalender",
    "ContraIndicatie",
    "DocumentVeld",
    "Drager",
    "Duur",
    "Eenheid",
    "Feit",
    "GeenAfspraken",
    "Initiatief",
    "Kalender",
    "LadderRegel",
    "MeldpuntUrgentie",
    "MomentZonderZone",
    "MonitoringRegel",
    "MonitoringUitsluiting",
    "OnbekendFeit",
    "OnbekendeLadder",
    "OnbekendeRegio",
    "OngeldigeDuur",
    "Ontvangersoort",
    "Reden",
    "Regel",
    "Rol",
    "RuleBook",
    "SoortOverdracht",
    "Stagnatiestap",
    "StructureelSignaal",
    "TeBeoordelen",
    "TermijnRegel",
    "Terugkoppelcriterium",
    "Trede",
    "Triageadvies",
    "Uitgangspunt",
    "Uitkomst",
    "VbsUrgentie",
    "Venster",
    "ZichtRegel",
    "end_of",
    "evaluate_triage",
    "load_rule_book",
    "local_date",
    "packaged_bronnen",
]

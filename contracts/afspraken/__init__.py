"""What organisations have agreed, as dated, quoted data that runs.

`load_rule_book()` reads the packaged TOML (`national/`, `regions/`); `RuleBook.for_case` gives the agreements that
hold for one case; `toepassing` applies them to what happened in it. Everything here is pure: no clock, no input or output
except reading the packaged files.
"""

from contracts.afspraken import mededelingen, toepassing
from contracts.afspraken.ankers import MONITORING_STOPT, OVERDRACHT_KWAM_TERUG, Anker, Berichtsoort, Drager, Rol
from contracts.afspraken.berekening import AMSTERDAM, MomentZonderZone, end_of, local_date
from contracts.afspraken.duur import EENHEDEN, Duur, Eenheid, OngeldigeDuur
from contracts.afspraken.feiten import (
    Aanbieder,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Overdrachtswijze,
    Signaalmelder,
    Triagefeit,
)
from contracts.afspraken.kalender import BuitenKalender, Kalender
from contracts.afspraken.load import load_rule_book, packaged_bronnen
from contracts.afspraken.model import (
    Bron,
    ContraIndicatie,
    DocumentVeld,
    Initiatief,
    LadderRegel,
    MonitoringRegel,
    Regel,
    Signaaldrempel,
    Stagnatiestap,
    StructureelSignaal,
    TermijnRegel,
    Terugkoppelcriterium,
    Trede,
    Uitkomst,
    Venster,
    ZichtRegel,
)
from contracts.afspraken.rule_book import Afspraken, GeenAfspraken, OnbekendeLadder, OnbekendeRegio, RuleBook
from contracts.afspraken.toepassing import Gebeurd, Termijnstatus
from contracts.afspraken.triage import OnbekendFeit, Triageadvies, evaluate_triage

__all__ = [
    "AMSTERDAM",
    "EENHEDEN",
    "MONITORING_STOPT",
    "OVERDRACHT_KWAM_TERUG",
    "Aanbieder",
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
    "Gebeurd",
    "GeenAfspraken",
    "Initiatief",
    "Kalender",
    "LadderRegel",
    "MeldpuntUrgentie",
    "MeldpuntVermoeden",
    "MomentZonderZone",
    "MonitoringRegel",
    "OnbekendFeit",
    "OnbekendeLadder",
    "OnbekendeRegio",
    "OngeldigeDuur",
    "Ontvangersoort",
    "Overdrachtswijze",
    "Regel",
    "Rol",
    "RuleBook",
    "Signaaldrempel",
    "Signaalmelder",
    "Stagnatiestap",
    "StructureelSignaal",
    "TermijnRegel",
    "Termijnstatus",
    "Terugkoppelcriterium",
    "Trede",
    "Triageadvies",
    "Triagefeit",
    "Uitkomst",
    "Venster",
    "ZichtRegel",
    "end_of",
    "evaluate_triage",
    "load_rule_book",
    "local_date",
    "mededelingen",
    "packaged_bronnen",
    "toepassing",
]

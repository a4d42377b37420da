"""The kinds of agreement, one strict model each: what a table in a TOML file may say, and nothing more.

Every table carries its source sentence (`bron`), its validity (`geldig_van` up to but not including `geldig_tot`) and,
where the sentence leaves room, how it was read (`lezing`). What does not fit here becomes a new kind in code.
"""

from contracts.afspraken.model.basis import Bron, Omstandigheden, Regel, Strikt, Vlag
from contracts.afspraken.model.dagen import Feestdag, GelijkgesteldeDagen, VerlengingsRegel
from contracts.afspraken.model.documenten import Brondocument, Kop, Laag, Lidgemeente
from contracts.afspraken.model.termijnen import Bewaakt, LadderRegel, TermijnRegel, Trede, Venster, ZichtRegel
from contracts.afspraken.model.triage import ContraIndicatie, DocumentVeld, Uitgangspunt, Uitkomst
from contracts.afspraken.model.vervolg import (
    Aanspreekpunt,
    Bericht,
    Herinnering,
    Huishoudregel,
    Initiatief,
    Inplannen,
    MonitoringRegel,
    MonitoringUitsluiting,
    Monitormoment,
    Onzekerheid,
    Partijrol,
    Planregel,
    Samenwerkvorm,
    Stagnatiestap,
    StructureelSignaal,
    Terugkoppelcriterium,
)

KINDS: dict[str, type[Regel]] = {
    "termijn": TermijnRegel,
    "ladder": LadderRegel,
    "zicht": ZichtRegel,
    "uitgangspunt": Uitgangspunt,
    "contra_indicatie": ContraIndicatie,
    "documentveld": DocumentVeld,
    "venster": Venster,
    "terugkoppelcriterium": Terugkoppelcriterium,
    "monitoring": MonitoringRegel,
    "monitoring_uitsluiting": MonitoringUitsluiting,
    "stagnatiestap": Stagnatiestap,
    "huishouden": Huishoudregel,
    "structureel_signaal": StructureelSignaal,
    "initiatief": Initiatief,
    "samenwerkvorm": Samenwerkvorm,
    "partijrol": Partijrol,
    "aanspreekpunt": Aanspreekpunt,
    "onzekerheid": Onzekerheid,
    "bericht": Bericht,
    "herinnering": Herinnering,
    "feestdag": Feestdag,
    "gelijkgesteld": GelijkgesteldeDagen,
    "verlenging": VerlengingsRegel,
}
"""The tables a file may hold, by their name in TOML."""

__all__ = [
    "KINDS",
    "Aanspreekpunt",
    "Bericht",
    "Bewaakt",
    "Bron",
    "Brondocument",
    "ContraIndicatie",
    "DocumentVeld",
    "Feestdag",
    "GelijkgesteldeDagen",
    "Herinnering",
    "Huishoudregel",
    "Initiatief",
    "Inplannen",
    "Kop",
    "Laag",
    "LadderRegel",
    "Lidgemeente",
    "MonitoringRegel",
    "MonitoringUitsluiting",
    "Monitormoment",
    "Omstandigheden",
    "Onzekerheid",
    "Partijrol",
    "Planregel",
    "Regel",
    "Samenwerkvorm",
    "Stagnatiestap",
    "Strikt",
    "StructureelSignaal",
    "TermijnRegel",
    "Terugkoppelcriterium",
    "Trede",
    "Uitgangspunt",
    "Uitkomst",
    "Venster",
    "VerlengingsRegel",
    "Vlag",
    "ZichtRegel",
]

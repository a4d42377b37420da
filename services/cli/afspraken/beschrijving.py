"""Agreements as Dutch sentences, for people who read rather than program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG
from contracts.afspraken.feiten import MeldpuntUrgentie, MeldpuntVermoeden, Signaalmelder, SoortOverdracht, VbsUrgentie
from contracts.afspraken.model import (
    Aanspreekpunt,
    Bericht,
    ContraIndicatie,
    DocumentVeld,
    Herinnering,
    Initiatief,
    LadderRegel,
    MonitoringRegel,
    MonitoringUitsluiting,
    Omstandigheden,
    Onzekerheid,
    Partijrol,
    Regel,
    Samenwerkvorm,
    Stagnatiestap,
    StructureelSignaal,
    TermijnRegel,
    Terugkoppelcriterium,
    Uitgangspunt,
    Uitkomst,
    Venster,
    ZichtRegel,
)
from contracts.afspraken.zinnen import join, write_date

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.afspraken.ankers import Drager
    from contracts.afspraken.feiten import Feit

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_UITKOMSTEN = {
    Uitkomst.DIRECTE_OVERDRACHT: "directe overdracht aan het lokale team",
    Uitkomst.DIENST: "een dienst van Veilig Thuis",
    Uitkomst.AFSTEMMEN_GGZ: "afstemmen met de (crisisdienst van de) GGZ",
    Uitkomst.OVERLEG: "overleg met het lokale team",
}
_OMSTANDIGHEDEN = {
    SoortOverdracht.DIRECT: "na een directe overdracht",
    SoortOverdracht.NA_DIENST: "na een dienst",
    VbsUrgentie.CRISIS: "bij crisis of urgentie",
    VbsUrgentie.REGULIER: "bij een regulier verzoek",
    MeldpuntUrgentie.ACUUT: "bij een crisis",
    MeldpuntUrgentie.NIET_ACUUT: "als er geen crisis is",
    MeldpuntVermoeden.HGKM: "bij een vermoeden van huiselijk geweld of kindermishandeling",
    MeldpuntVermoeden.GEEN: "zonder vermoeden van huiselijk geweld of kindermishandeling",
    Signaalmelder.VEILIG_THUIS: "als Veilig Thuis de gemeente informeert",
    Signaalmelder.LOKAAL_TEAM: "als het lokale team de gemeente informeert",
}


def write_moment(moment: datetime) -> str:
    """Write a moment, already in local time, as `maandag 2 maart 2026 09:00`."""
    return f"{_DAYS[moment.weekday()]} {write_date(moment.date())} {moment:%H:%M}"


def write_uitkomst(uitkomst: Uitkomst) -> str:
    """Name an advice."""
    return _UITKOMSTEN[uitkomst]


def write_bron(regel: Regel) -> str:
    """Name the source, `WB a`."""
    return f"{regel.bron.document} {regel.bron.paragraaf}"


def describe(regel: Regel) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per kind is the clearest table
    """Say in one Dutch sentence what a table agrees."""
    match regel:
        case TermijnRegel():
            return _termijn(regel)
        case ZichtRegel():
            return _zicht(regel)
        case LadderRegel():
            return f"{regel.label}: {_treden(regel)}."
        case Uitgangspunt():
            return f"{regel.label}."
        case ContraIndicatie():
            return _contra_indicatie(regel)
        case DocumentVeld():
            return f"{regel.label}{'' if regel.verplicht else ' (indien bekend)'}."
        case Venster():
            return f"{regel.label}: binnen {regel.duur} na {regel.vanaf.label}. {regel.daarna}"
        case MonitoringRegel():
            return _monitoring(regel)
        case Stagnatiestap():
            return f"Stap {regel.stap}: {regel.label} ({join(drager.label for drager in regel.wie)})."
        case StructureelSignaal():
            wie = "Veilig Thuis" if regel.meldt == "veilig-thuis" else "de partij zelf"
            return f"{regel.label}: {wie} informeert {regel.aan.label}."
        case Initiatief():
            until = f" tot {regel.tot.label}" if regel.tot else ""
            condition = f" {regel.voorwaarde}" if regel.voorwaarde else ""
            return f"{regel.label}: vanaf {regel.vanaf.label}{until}.{condition}"
        case Samenwerkvorm():
            consent = "met toestemming van de cliënt" if regel.toestemming_client else "zonder toestemming vooraf"
            return (
                f"{regel.label}, {consent}, met regie bij {regel.regie.label}. Zonder toestemming: "
                f"{regel.zonder_toestemming} Bij te weinig mensen: {regel.bij_capaciteitstekort}"
            )
        case Aanspreekpunt():
            return f"{regel.label}: {regel.rol.label}."
        case Bericht():
            return _bericht(regel)
        case Herinnering():
            return _herinnering(regel)
        case Onzekerheid():
            return (
                f"{regel.label}: {regel.melden_na_minuten} minuten na het einde van de termijn, "
                f"bij een crisis {regel.bij_crisis_na_minuten} minuten."
            )
        case Partijrol():
            return f"{regel.label}: {regel.bij}."
        case MonitoringUitsluiting():
            return f"{regel.label}{', tenzij in het dossier staat waarom wel' if regel.tenzij_vastgelegd else ''}."
        case Terugkoppelcriterium():
            return f"{regel.label}."
        case _:
            return f"{regel.label}."


def write_omstandigheden(alleen_bij: Omstandigheden | None) -> str:
    """Say to which cases a rule is limited, or nothing. Who receives is said by the sentence itself."""
    if alleen_bij is None:
        return ""
    values = alleen_bij.model_dump(exclude_none=True, exclude={"ontvanger"}).values()
    return join(_OMSTANDIGHEDEN[value] for value in values)


def write_rung(rol: str, dragers: Iterable[Drager]) -> str:
    """Name who a rung calls, `gedragswetenschapper van het lokale team`."""
    return rol if rol.startswith("gemeente") else f"{rol} van {join(drager.label for drager in dragers)}"


def _termijn(regel: TermijnRegel) -> str:
    where = write_omstandigheden(regel.alleen_bij)
    extended = ", verlengd tot een werkdag" if regel.verlengen else ""
    statutory = "; wettelijk" if regel.wettelijk else ""
    return (
        f"{regel.label}{f' ({where})' if where else ''}: {regel.verantwoordelijke.label}, binnen {regel.duur} "
        f"na {regel.vanaf.label}{extended}{statutory}."
    )


def _bericht(regel: Bericht) -> str:
    where = write_omstandigheden(regel.alleen_bij)
    unless = (
        f", tenzij intussen: {join((anker.label for anker in regel.vervalt_bij), 'of')}" if regel.vervalt_bij else ""
    )
    wie = write_rung(regel.rol.label, (regel.aan,))
    return f"{regel.label}{f' ({where})' if where else ''}: meteen naar {wie}{unless}. Gevraagd: {regel.gevraagd}"


def _herinnering(regel: Herinnering) -> str:
    wie, until = write_rung(regel.rol.label, (regel.drager,)), join((anker.label for anker in regel.tot), "of")
    return f"{regel.label}: {wie}, elke {regel.elke}, tot {until}. Gevraagd: {regel.gevraagd}"


def _zicht(regel: ZichtRegel) -> str:
    lapses = ""
    if regel.vervalt_bij and set(OVERDRACHT_KWAM_TERUG).issubset(regel.vervalt_bij):
        lapses = ", tenzij de overdracht eerder terugkwam"
    elif regel.vervalt_bij:
        lapses = f", tenzij voor die tijd: {join(anker.label for anker in regel.vervalt_bij)}"
    return f"{regel.label}{lapses}."


def _treden(regel: LadderRegel) -> str:
    return " → ".join(
        f"{write_rung(trede.rol.label, (trede.bij, *trede.ook_bij))} ({trede.wachttijd})" for trede in regel.treden
    )


def _contra_indicatie(regel: ContraIndicatie) -> str:
    one_of = f" ({_list_feiten(regel.een_van)})" if regel.een_van else ""
    unless = f", tenzij {_list_feiten(regel.tenzij)}" if regel.tenzij else ""
    asked = "; dit is een oordeel van professionals en wordt gevraagd" if regel.oordeel else ""
    return f"{regel.label}{one_of}{unless} → {write_uitkomst(regel.uitkomst)}{asked}."


def _list_feiten(feiten: Iterable[Feit]) -> str:
    return join((feit.label.removeprefix("er is sprake van ") for feit in feiten), "of")


def _monitoring(regel: MonitoringRegel) -> str:
    moments = join(str(moment.na) for moment in regel.momenten)
    same = regel.plant is regel.voert_uit
    who = f"{regel.plant.label} plant{' en' if same else f', {regel.voert_uit.label}'} voert uit"
    parts = [
        f"{regel.label}: na {moments} vanaf {regel.vanaf.label}, gemiddeld {regel.gemiddelde_looptijd}; {who}.",
    ]
    if planned := [str(moment.inplannen_binnen) for moment in regel.momenten if moment.inplannen_binnen is not None]:
        parts.append(f"Inplannen gebeurt binnen {join(planned)}.")
    if regel.vervroegd_stoppen_na:
        stops = join((str(duur) for duur in regel.vervroegd_stoppen_na), "en")
        agreed = f", in overleg met {join(regel.instemming_van)}" if regel.instemming_van else ""
        parts.append(f"Vervroegd stoppen kan als het na {stops} stabiel en veilig is{agreed}.")
    if regel.fysieke_gesprekken_minstens:
        parts.append(f"Direct betrokkenen worden minstens {regel.fysieke_gesprekken_minstens} keer fysiek gesproken.")
    if regel.kinderen_gesproken_of_onderbouwd:
        parts.append("Kinderen worden gesproken, of de reden waarom niet wordt vastgelegd.")
    return " ".join(parts)

"""Agreements as Dutch sentences, for people who read rather than program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG
from contracts.afspraken.feiten import (
    Aanbieder,
    Aanvaarding,
    Besluit,
    Casusurgentie,
    Informant,
    Meldersoort,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Overdrachtswijze,
    Signaalmelder,
    SoortOverdracht,
    VbsUrgentie,
)
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
    Opschaling,
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
    Zichtbericht,
    ZichtRegel,
)
from contracts.afspraken.zinnen import join, write_date, write_weekday

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.afspraken.ankers import Drager
    from contracts.afspraken.feiten import Triagefeit

_UITKOMSTEN = {
    Uitkomst.DIRECTE_OVERDRACHT: "directe overdracht aan het lokale team",
    Uitkomst.DIENST: "een dienst van Veilig Thuis",
    Uitkomst.AFSTEMMEN_GGZ: "afstemmen met de (crisisdienst van de) GGZ",
    Uitkomst.OVERLEG: "overleg met het lokale team",
}
_OMSTANDIGHEDEN = {
    ("soort_overdracht", SoortOverdracht.DIRECT): "na een directe overdracht",
    ("soort_overdracht", SoortOverdracht.NA_DIENST): "na een dienst",
    ("urgentie", Casusurgentie.REGULIER): "bij een gewone melding",
    ("urgentie", Casusurgentie.SPOED): "bij spoed",
    ("urgentie", Casusurgentie.CRISIS): "bij een melding met urgentie crisis",
    ("vbs_urgentie", VbsUrgentie.CRISIS): "bij crisis of urgentie",
    ("vbs_urgentie", VbsUrgentie.REGULIER): "bij een regulier verzoek",
    ("meldpunt_urgentie", MeldpuntUrgentie.ACUUT): "bij een crisis",
    ("meldpunt_urgentie", MeldpuntUrgentie.NIET_ACUUT): "als er geen crisis is",
    ("meldpunt_vermoeden", MeldpuntVermoeden.HGKM): "bij een vermoeden van huiselijk geweld of kindermishandeling",
    ("meldpunt_vermoeden", MeldpuntVermoeden.GEEN): "zonder vermoeden van huiselijk geweld of kindermishandeling",
    ("signaal_van", Signaalmelder.VEILIG_THUIS): "als Veilig Thuis de gemeente informeert",
    ("signaal_van", Signaalmelder.LOKAAL_TEAM): "als het lokale team de gemeente informeert",
    ("besluit", Besluit.DIRECTE_OVERDRACHT): "bij directe overdracht",
    ("informeert", Informant.VEILIG_THUIS): "als het lokale team nog niet in het gezin werkt",
    ("informeert", Informant.LOKAAL_TEAM): "als het lokale team al in het gezin werkt",
    ("melder", Meldersoort.EXTERN): "als er een melder is",
    ("overdrachtswijze", Overdrachtswijze.AANGEBODEN): "bij een aanbod",
    ("aanbieder", Aanbieder.VEILIG_THUIS): "van Veilig Thuis",
    ("aanbieder", Aanbieder.LOKAAL_TEAM): "van het lokale team",
    ("aanbieder", Aanbieder.MELDPUNT): "van het meldpunt",
    ("aanbieder", Aanbieder.KETENPARTNER): "van een ketenpartner",
    ("aanvaarding", Aanvaarding.ZELF): "als de ontvanger dat zelf zegt",
    ("aanvaarding", Aanvaarding.VOLGENS_EEN_ANDER): "als een ander dat zegt",
    ("aanvaarding", Aanvaarding.BETWIST): "als de ontvanger betwist wat een ander zei",
}


def write_moment(moment: datetime) -> str:
    """Write a moment, already in local time, as `maandag 2 maart 2026 09:00`."""
    return f"{write_weekday(moment)} {write_date(moment.date())} {moment:%H:%M}"


def write_uitkomst(uitkomst: Uitkomst) -> str:
    """Name an advice."""
    return _UITKOMSTEN[uitkomst]


def write_bron(regel: Regel) -> str:
    """Name the source, `WB a`; of the vangnet that there is none, and the reason."""
    return regel.vindplaats


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
        case Zichtbericht():
            return _zichtbericht(regel)
        case Herinnering():
            return _herinnering(regel)
        case Opschaling():
            return _opschaling(regel)
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
    """Say to which cases a rule is limited, or nothing. Who receives is said by the sentence itself.

    That it was handed over, and not offered, goes without saying.
    """
    if alleen_bij is None:
        return ""
    named = alleen_bij.model_dump(exclude_none=True, exclude={"ontvanger"}).items()
    return join(_OMSTANDIGHEDEN[item] for item in named if item[1] != Overdrachtswijze.OVERGEDRAGEN)


def write_rung(rol: str, dragers: Iterable[Drager]) -> str:
    """Name who a rung calls, `gedragswetenschapper van het lokale team`."""
    return rol if rol.startswith("gemeente") else f"{rol} van {join(drager.label for drager in dragers)}"


def _termijn(regel: TermijnRegel) -> str:
    where = write_omstandigheden(regel.alleen_bij)
    extended = ", verlengd tot een werkdag" if regel.verlengen else ""
    statutory = "; wettelijk" if regel.wettelijk else ""
    return (
        f"{regel.label}{f' ({where})' if where else ''}: {regel.verantwoordelijke.label}, binnen {regel.duur} "
        f"na {(regel.telt_vanaf or regel.vanaf).label}{extended}{statutory}."
    )


def _bericht(regel: Bericht) -> str:
    where = write_omstandigheden(regel.alleen_bij)
    unless = (
        f", tenzij intussen: {join((anker.label for anker in regel.vervalt_bij), 'of')}" if regel.vervalt_bij else ""
    )
    wie = write_rung(regel.rol.label, (drager_of(regel),))
    when = "meteen" if not regel.op_voor else "op de genoemde dag"
    return f"{regel.label}{f' ({where})' if where else ''}: {when} naar {wie}{unless}. Gevraagd: {regel.gevraagd}"


def _zichtbericht(regel: Zichtbericht) -> str:
    return f"{regel.label}: meteen naar {write_rung(regel.rol.label, (regel.wie,))}. Gevraagd: {regel.gevraagd}"


def _herinnering(regel: Herinnering) -> str:
    where = write_omstandigheden(regel.alleen_bij)
    wie = write_rung(regel.rol.label, (drager_of(regel),))
    until = f"tot {join((anker.label for anker in regel.tot), 'of')}" if regel.tot else "zolang niets gebeurt"
    return (
        f"{regel.label}{f' ({where})' if where else ''}: {wie}, elke {regel.elke}, {until}. Gevraagd: {regel.gevraagd}"
    )


def drager_of(regel: Bericht | Herinnering) -> Drager:
    """Who is told or reminded: whoever bears zicht, or whom the rule names."""
    drager = regel.drager or regel.aan
    assert drager is not None, "the model asks for one of both"
    return drager


def _opschaling(regel: Opschaling) -> str:
    return f"{regel.label}: na {regel.bij.label} meteen de ladder {regel.ladder}."


def _zicht(regel: ZichtRegel) -> str:
    lapses = ""
    if regel.vervalt_bij and set(OVERDRACHT_KWAM_TERUG).issubset(regel.vervalt_bij):
        lapses = ", tenzij de overdracht eerder terugkwam"
    elif regel.vervalt_bij:
        lapses = f", tenzij voor die tijd: {join(anker.label for anker in regel.vervalt_bij)}"
    return f"{regel.label}{lapses}."


def _treden(regel: LadderRegel) -> str:
    """The rungs with how long each waits; after that time the last one is called again."""
    *before, last = (
        (write_rung(trede.rol.label, (trede.bij, *trede.ook_bij)), trede.wachttijd) for trede in regel.treden
    )
    return " → ".join([*(f"{wie} ({na})" for wie, na in before), f"{last[0]} (elke {last[1]} opnieuw)"])


def _contra_indicatie(regel: ContraIndicatie) -> str:
    one_of = f" ({_list_feiten(regel.een_van)})" if regel.een_van else ""
    unless = f", tenzij {_list_feiten(regel.tenzij)}" if regel.tenzij else ""
    asked = "; dit is een oordeel van professionals en wordt gevraagd" if regel.oordeel else ""
    return f"{regel.label}{one_of}{unless} → {write_uitkomst(regel.uitkomst)}{asked}."


def _list_feiten(feiten: Iterable[Triagefeit]) -> str:
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

"""Which rules led to this, sentence by sentence: a case in, its triageadvies, termijnen and zicht op veiligheid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.afspraken.ankers import Anker, Drager
from contracts.afspraken.berekening import AMSTERDAM
from contracts.afspraken.mededelingen import find_mededelingen
from contracts.afspraken.model import Herinnering
from contracts.afspraken.oproepen import follow_ladder, follow_opschalingen
from contracts.afspraken.situatie import holds
from contracts.afspraken.toepassing import (
    Termijnstatus,
    find_bewegingen,
    follow_termijnen,
    follow_zicht,
)
from contracts.afspraken.triage import evaluate_triage
from contracts.afspraken.zinnen import join
from services.cli.afspraken.beschrijving import write_moment, write_rung, write_uitkomst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.afspraken.model import Bron
    from contracts.afspraken.oproepen import Oproep
    from contracts.afspraken.rule_book import Afspraken, RuleBook
    from contracts.afspraken.toepassing import Termijnverloop, Wisseling
    from contracts.afspraken.triage import Reden, TeBeoordelen
    from services.cli.afspraken.casus import Casus, Voorbeeldcasus

_VAN_HET_MELDPUNT = frozenset({"meldpunt_urgentie", "meldpunt_vermoeden"})
"""What is known of a case that began at the meldpunt, and of no other."""


def explain_casus(book: RuleBook, casus: Casus) -> str:
    """Explain in Dutch, sentence by sentence, what the agreements of the melding date make of the case.

    Raises `GeenAfspraken` as `RuleBook.for_case` does.
    """
    afspraken = book.for_case(regio=casus.regio, gemeente=casus.gemeente, on=casus.melding.date())
    verhaal = casus.to_voorbeeld(afspraken)
    termijnen = follow_termijnen(verhaal, afspraken)
    lines = [
        f"Melding van {write_moment(casus.melding)}.",
        f"Daarvoor gelden de afspraken {afspraken.versie}, en die blijven gelden zolang de casus loopt.",
        *([f"Aangenomen, want het staat er niet: soort_overdracht is {casus.aangenomen}."] if casus.aangenomen else []),
        *_triage(afspraken, casus),
        "",
        "Termijnen",
        *(line for item in termijnen if not item.is_van_monitoring for line in _termijn(afspraken, verhaal, item)),
        "",
        "Zicht op veiligheid",
        *(line for item in follow_zicht(verhaal, find_bewegingen(verhaal, afspraken)) for line in _wisseling(item)),
        *_aanbiedingen(afspraken, verhaal),
        *_opschalingen(afspraken, verhaal),
        *_berichten(afspraken, verhaal),
        *_monitoring(afspraken, verhaal, [item for item in termijnen if item.is_van_monitoring]),
        *_not_said(afspraken, verhaal),
        *_no_moment(afspraken, verhaal),
        *_told_twice(verhaal),
    ]
    return "\n".join(lines) + "\n"


def _triage(afspraken: Afspraken, casus: Casus) -> Iterator[str]:
    advies = evaluate_triage(afspraken, {feit.value: waarde for feit, waarde in casus.feiten.items()})
    yield ""
    yield f"Triageadvies: {write_uitkomst(advies.uitkomst)}. Een professional neemt het besluit."
    for reden in advies.redenen:
        yield from _reden(reden)
    for vraag in advies.te_beoordelen:
        yield from _vraag(vraag)


def _reden(reden: Reden) -> Iterator[str]:
    because = f", want {join(feit.label for feit in reden.feiten)}" if reden.feiten else ""
    yield f"- {reden.label}{because}. [{reden.regel_id}]"
    yield from _source(reden.bron, reden.lezing)


def _vraag(vraag: TeBeoordelen) -> Iterator[str]:
    yield f"- Nog te beoordelen door professionals: {vraag.vraag} [{vraag.regel_id}, {vraag.oordeel}]"


def _termijn(afspraken: Afspraken, casus: Voorbeeldcasus, item: Termijnverloop) -> Iterator[str]:
    regel = item.regel
    yield (
        f"- {regel.label}: {regel.verantwoordelijke.label} heeft {regel.duur} vanaf {(regel.telt_vanaf or regel.vanaf).label} "
        f"({write_moment(item.geteld_vanaf)}), tot {write_moment(item.eindigt_op)}. [{regel.id}]"
    )
    if any(contradicted == item.geteld_vanaf for _, contradicted in casus.betwiste_woorden.values()):
        yield "  Deze tijd telt opnieuw vanaf de betwisting: tot dan was gezegd dat een ander had overgenomen."
    yield from _source(regel.bron, regel.lezing)
    yield from _afloop(item) or ("  In dit verhaal niet gehaald.",)
    yield from _oproepen(follow_ladder(item, afspraken), regel.ladder)


def _oproepen(oproepen: Sequence[Oproep], ladder: str | None) -> Iterator[str]:
    for oproep in oproepen:
        wie = write_rung(oproep.trede.rol.label, (oproep.trede.bij, *oproep.trede.ook_bij))
        again = "" if oproep.elke is None else f", en daarna elke {oproep.elke} opnieuw tot iemand het afhandelt"
        yield f"  Geroepen op {write_moment(oproep.op.astimezone(AMSTERDAM))}: {wie}{again}. [{ladder}]"


def _opschalingen(afspraken: Afspraken, casus: Voorbeeldcasus) -> list[str]:
    """What is raised at once, without a term that was missed."""
    lines: list[str] = []
    for regel, item, oproepen in follow_opschalingen(casus, afspraken):
        op = write_moment(item.op.astimezone(AMSTERDAM))
        lines.append(f"- {regel.label}: meteen opgeschaald, door {item.anker.label} op {op}. [{regel.id}]")
        lines += _source(regel.bron, regel.lezing)
        lines += _oproepen(oproepen, regel.ladder)
    return ["", "Opgeschaald", *lines] if lines else []


def _afloop(item: Termijnverloop) -> tuple[str, ...]:
    """How a term ended, if something that happened ended it."""
    if item.afloop is None:
        return ()
    op = write_moment(item.afloop.gebeurd.op)
    if item.afloop.vervallen:
        return (f"  Vervallen door {item.afloop.gebeurd.anker.label} op {op}.",)
    return (f"  {'Gehaald' if item.status is Termijnstatus.GEHAALD else 'Te laat gehaald'} op {op}.",)


def _name_of(partij: str) -> str:
    return Drager(partij).label if partij in set(Drager) else partij


def _wisseling(item: Wisseling) -> Iterator[str]:
    wie = item.regel.naar.label if item.regel.naar else "niemand meer"
    said = "" if item.gebeurd.volgens is None else f", volgens {_name_of(item.gebeurd.volgens)},"
    yield (
        f"- Vanaf {write_moment(item.op.astimezone(AMSTERDAM))}: {wie}, door {item.gebeurd.anker.label}{said} op "
        f"{write_moment(item.gebeurd.op)}. [{item.regel.id}]"
    )
    yield from _source(item.regel.bron, item.regel.lezing)


def _berichten(afspraken: Afspraken, casus: Voorbeeldcasus) -> list[str]:
    """Who is told something without a term, and when; of reminders the first, and until when they come."""
    lines: list[str] = []
    for item in find_mededelingen(casus, find_bewegingen(casus, afspraken), afspraken):
        regel = item.regel
        if (first := next(item.momenten(afspraken.kalender), None)) is None:
            continue
        again = f" en daarna elke {regel.elke}" if isinstance(regel, Herinnering) else ""
        until = f", tot {write_moment(item.tot.astimezone(AMSTERDAM))}" if again and item.tot is not None else ""
        op = f"{write_moment(first.astimezone(AMSTERDAM))}{again}{until}"
        lines.append(f"- {regel.label}: op {op} aan {write_rung(regel.rol.label, (item.drager,))}. [{regel.id}]")
        lines += _source(regel.bron, regel.lezing)
    return ["", "Berichten", *lines] if lines else []


def _aanbiedingen(afspraken: Afspraken, casus: Voorbeeldcasus) -> list[str]:
    """Who is asked to take over; nothing goes over before that party acts."""
    lines: list[str] = []
    for regel in afspraken.aanbiedingen:
        for item in casus.gebeurd:
            if item.anker is regel.bij and item.door in {"", regel.door}:
                unless = "" if item.door else f", als dit de daad is van {regel.door.label} en dat zicht draagt"
                op = write_moment(item.op.astimezone(AMSTERDAM))
                lines.append(f"- {regel.aan.label} wordt op {op} gevraagd over te nemen{unless}. [{regel.id}]")
                lines += _source(regel.bron, regel.lezing)
    return ["", "Gevraagd over te nemen", *lines] if lines else []


def _monitoring(afspraken: Afspraken, casus: Voorbeeldcasus, momenten: Sequence[Termijnverloop]) -> list[str]:
    """When Veilig Thuis monitors after what happened, or the sentence by which it does not."""
    lines = [
        line
        for regel in afspraken.monitoring_uitsluitingen
        if any(
            item.anker is regel.bij
            and (regel.alleen_bij is None or regel.alleen_bij.hold_in(casus.omstandigheden(item)))
            for item in casus.gebeurd
        )
        for line in (f"- {regel.label}. [{regel.id}]", *_source(regel.bron, regel.lezing))
    ]
    if not lines:
        for item in momenten:
            duur, begin, einde = item.regel.duur, item.vanaf.label, write_moment(item.eindigt_op)
            lines += (f"- {item.regel.label}: {duur} vanaf {begin}, tot {einde}. [{item.regel.id}]", *_afloop(item))
        for regel in {item.regel.bron: item.regel for item in momenten}.values():
            lines += _source(regel.bron, regel.lezing)
    return ["", "Monitoring", *lines] if lines else []


def _not_said(afspraken: Afspraken, casus: Voorbeeldcasus) -> Iterator[str]:
    """What could not be applied because the case does not say what the rule depends on."""
    happened = {item.anker: item for item in casus.gebeurd}
    missing: dict[str, list[str]] = {}
    limited = [(regel.vanaf, regel) for regel in (*afspraken.termijnen, *afspraken.zicht)]
    limited += [(regel.bij, regel) for regel in afspraken.berichten]
    elsewhere = frozenset[str]() if Anker.MELDPUNTMELDING_ONTVANGEN in happened else _VAN_HET_MELDPUNT
    for anker, regel in limited:
        if anker in happened and regel.alleen_bij is not None:
            for name in regel.alleen_bij.model_dump(
                exclude_none=True, exclude={"aanvaarding"}
            ):  # what happened says it
                if name not in casus.gezegd and name not in elsewhere:
                    missing.setdefault(f"omstandigheden.{name}", []).append(regel.id)
    for name, regels in missing.items():
        yield f"\nNiet toegepast, want {name} is niet gezegd: {join(regels)}."


def _no_moment(afspraken: Afspraken, casus: Voorbeeldcasus) -> Iterator[str]:
    """What is told at a moment that the case does not name: until when somebody waits."""
    for item in casus.gebeurd:
        missing = [
            regel.id
            for regel in afspraken.berichten
            if regel.op_voor and regel.bij is item.anker and not item.voor and holds(regel.alleen_bij, casus, item)
        ]
        if missing:
            yield f"\nNiet toegepast, want bij {item.anker.value} staat niet tot wanneer (voor): {join(missing)}."


def _told_twice(casus: Voorbeeldcasus) -> Iterator[str]:
    """The earliest moment counts, as it does when a system reports the same twice."""
    for item in casus.dubbel:
        yield (
            f"\nNiet meegeteld: {item.wat} op {write_moment(item.op)}, want het eerste moment telt. Gaat het over iets "
            'anders, zoals een tweede overdracht? Noem dat dan met: over = "tweede".'
        )


def _source(bron: Bron, lezing: str | None) -> Iterator[str]:
    yield f"  “{bron.citaat}” ({bron.document} {bron.paragraaf})"
    if lezing:
        yield f"  Lezing: {lezing}"

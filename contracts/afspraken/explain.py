"""Which rules led to this, sentence by sentence: a case in, its triageadvies, termijnen and zicht op veiligheid out."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from contracts.afspraken.ankers import Anker
from contracts.afspraken.berekening import AMSTERDAM, end_of
from contracts.afspraken.feiten import Feit, Ontvangersoort, SoortOverdracht
from contracts.afspraken.model import Omstandigheden, Strikt, Vlag
from contracts.afspraken.triage import evaluate_triage
from contracts.afspraken.verloop import Gebeurd, follow_ladder, follow_termijnen, follow_zicht
from contracts.afspraken.zinnen import join, write_moment, write_rung, write_uitkomst
from contracts.toml_plaats import BestandFouten, parse_toml, validation_fouten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contracts.afspraken.model import Bron, MonitoringRegel
    from contracts.afspraken.rule_book import Afspraken, RuleBook
    from contracts.afspraken.triage import Reden, TeBeoordelen
    from contracts.afspraken.verloop import Overgang, TermijnVerloop


def _read_moment(value: object) -> object:
    """Take a moment without a zone as local time, which is how people write it down."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=AMSTERDAM) if value.tzinfo is None else value.astimezone(AMSTERDAM)
    if isinstance(value, date):
        raise ValueError("noem ook het tijdstip, zoals 2026-03-02T09:00:00")  # noqa: TRY004 - pydantic collects these
    return value


Moment = Annotated[datetime, BeforeValidator(_read_moment), Field(strict=True)]


class Gebeurtenis(Strikt):
    """Something that happened: a moment of the closed list, and when."""

    wat: Anker
    op: Moment


class Casus(Strikt):
    """A case in policy words, without anybody's name: facts, circumstances and what happened when."""

    regio: str
    gemeente: str
    melding: Moment
    feiten: dict[Feit, Vlag] = Field(default_factory=dict)
    omstandigheden: Omstandigheden = Omstandigheden()
    gebeurtenis: tuple[Gebeurtenis, ...] = ()

    @model_validator(mode="after")
    def _check_order(self) -> Casus:
        for index, item in enumerate(self.gebeurtenis):
            if item.op < self.melding:
                raise ValueError(f"gebeurtenis {index + 1} ({item.wat}) ligt voor de melding")
        return self

    @property
    def aangenomen(self) -> SoortOverdracht | None:
        """What the first overdracht is taken for where the case does not say: after a dienst that began before it."""
        first = {item.wat: item.op for item in sorted(self.gebeurtenis, key=lambda item: item.op, reverse=True)}
        delivered, dienst = first.get(Anker.OVERDRACHT_AFGELEVERD), first.get(Anker.DIENST_GESTART)
        if delivered is None or self.omstandigheden.soort_overdracht is not None:
            return None
        return SoortOverdracht.NA_DIENST if dienst is not None and dienst < delivered else SoortOverdracht.DIRECT

    def to_situatie(self) -> dict[str, str]:
        """Give the circumstances; where they do not say otherwise it is the lokale team that receives."""
        given = cast("dict[str, str]", self.omstandigheden.model_dump(exclude_none=True))
        assumed = {} if self.aangenomen is None else {"soort_overdracht": self.aangenomen.value}
        return {"ontvanger": Ontvangersoort.LOKAAL_TEAM.value} | assumed | given

    def to_gebeurd(self) -> tuple[Gebeurd, ...]:
        """Give everything that happened, the melding first."""
        return (Gebeurd(Anker.MELDING_ONTVANGEN, self.melding), *(Gebeurd(g.wat, g.op) for g in self.gebeurtenis))


def parse_casus(text: str, *, bestand: str) -> Casus:
    """Read a case from TOML. Raises `BestandFouten` with every error, its line and its field."""
    inhoud, plaatsen = parse_toml(text, bestand=bestand)
    try:
        return Casus.model_validate(inhoud)
    except ValidationError as error:
        raise BestandFouten(validation_fouten(error, bestand=bestand, plaatsen=plaatsen)) from None


def explain_casus(book: RuleBook, casus: Casus) -> str:
    """Explain in Dutch, sentence by sentence, what the agreements of the melding date make of the case.

    Raises `GeenAfspraken` as `RuleBook.for_case` does.
    """
    afspraken = book.for_case(regio=casus.regio, gemeente=casus.gemeente, on=casus.melding.date())
    situatie = casus.to_situatie()
    gebeurd = casus.to_gebeurd()
    lines = [
        f"Melding van {write_moment(casus.melding)}.",
        f"Daarvoor gelden de afspraken {afspraken.versie}, en die blijven gelden zolang de casus loopt.",
        *([f"Aangenomen, want het staat er niet: soort_overdracht is {casus.aangenomen}."] if casus.aangenomen else []),
        *_triage(afspraken, casus),
        "",
        "Termijnen",
        *(line for item in follow_termijnen(afspraken, gebeurd, situatie) for line in _termijn(afspraken, item)),
        "",
        "Zicht op veiligheid",
        *(line for item in follow_zicht(afspraken, gebeurd, situatie) for line in _overgang(item)),
        *_monitoring(afspraken, gebeurd, situatie),
        *_not_said(afspraken, gebeurd, situatie),
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


def _termijn(afspraken: Afspraken, item: TermijnVerloop) -> Iterator[str]:
    regel = item.regel
    yield (
        f"- {regel.label}: {regel.verantwoordelijke.label} heeft {regel.duur} vanaf {regel.vanaf.label} "
        f"({write_moment(item.begint_op)}), tot {write_moment(item.eindigt_op)}. [{regel.id}]"
    )
    yield from _source(regel.bron, regel.lezing)
    if item.vervallen_door is not None:
        yield f"  Vervallen door {item.vervallen_door.wat.label} op {write_moment(item.vervallen_door.op)}."
    elif item.gehaald_op is None:
        yield "  In dit verhaal niet gehaald."
    else:
        yield f"  {'Te laat gehaald' if item.is_missed else 'Gehaald'} op {write_moment(item.gehaald_op)}."
    for oproep in follow_ladder(afspraken, item):
        wie = write_rung(oproep.trede.rol.label, (oproep.trede.bij, *oproep.trede.ook_bij))
        yield f"  Geroepen op {write_moment(oproep.op)}: {wie}. [{regel.ladder}]"


def _overgang(item: Overgang) -> Iterator[str]:
    wie = item.naar.label if item.naar else "niemand meer"
    yield (
        f"- Vanaf {write_moment(item.op.astimezone(AMSTERDAM))}: {wie}, door {item.handeling.wat.label} op "
        f"{write_moment(item.handeling.op)}. [{item.regel.id}]"
    )
    yield from _source(item.regel.bron, item.regel.lezing)


def _monitoring(afspraken: Afspraken, gebeurd: Sequence[Gebeurd], situatie: Mapping[str, str]) -> list[str]:
    """When Veilig Thuis monitors after what happened, or the sentence by which it does not."""
    happened = {item.wat: item.op for item in reversed(gebeurd)}
    lines = [
        line
        for regel in afspraken.monitoring_uitsluitingen
        if regel.bij in happened and (regel.alleen_bij is None or regel.alleen_bij.hold_in(situatie))
        for line in (f"- {regel.label}. [{regel.id}]", *_source(regel.bron, regel.lezing))
    ] or [
        line
        for regel in afspraken.monitoring
        if regel.vanaf in happened and (regel.alleen_bij is None or regel.alleen_bij.hold_in(situatie))
        for line in _momenten(afspraken, regel, happened[regel.vanaf])
    ]
    return ["", "Monitoring", *lines] if lines else []


def _momenten(afspraken: Afspraken, regel: MonitoringRegel, begint_op: datetime) -> Iterator[str]:
    for moment in regel.momenten:
        einde = end_of(begint_op, moment.na, afspraken.kalender, verlengen=False)
        yield f"- {moment.label}: {moment.na} vanaf {regel.vanaf.label}, tot {write_moment(einde)}. [{moment.id}]"
    yield from _source(regel.bron, regel.lezing)


def _not_said(afspraken: Afspraken, gebeurd: Sequence[Gebeurd], situatie: Mapping[str, str]) -> Iterator[str]:
    """What could not be applied because the case does not say a circumstance that the rule depends on."""
    happened = {item.wat for item in gebeurd}
    missing: dict[str, list[str]] = {}
    for regel in (*afspraken.termijnen, *afspraken.zicht):
        if regel.vanaf in happened and regel.alleen_bij is not None:
            for name in regel.alleen_bij.model_dump(exclude_none=True):
                if name not in situatie:
                    missing.setdefault(name, []).append(regel.id)
    for name, regels in missing.items():
        yield f"\nNiet toegepast, want omstandigheden.{name} is niet gezegd: {join(regels)}."


def _source(bron: Bron, lezing: str | None) -> Iterator[str]:
    yield f"  “{bron.citaat}” ({bron.document} {bron.paragraaf})"
    if lezing:
        yield f"  Lezing: {lezing}"

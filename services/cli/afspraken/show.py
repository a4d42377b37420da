"""The agreements of a region as a Dutch document of one or two pages, as text and as HTML with a timeline."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from contracts.afspraken.feiten import SoortOverdracht
from contracts.afspraken.model import (
    Aanbod,
    Aanspreekpunt,
    Bericht,
    Bewaakt,
    ContraIndicatie,
    GelijkgesteldeDagen,
    Herinnering,
    Initiatief,
    Kop,
    LadderRegel,
    MonitoringRegel,
    MonitoringUitsluiting,
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
    Venster,
    Zichtbericht,
    ZichtRegel,
)
from contracts.afspraken.zinnen import join, write_date
from services.cli.afspraken.beschrijving import describe, write_bron
from services.cli.afspraken.tijdlijn import draw_tijdlijn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from contracts.afspraken.rule_book import Afspraken, RuleBook

_WIDTH = 120

_VANGNET = (
    ZichtRegel,
    LadderRegel,
    Opschaling,
    Bericht,
    Zichtbericht,
    Herinnering,
    Aanspreekpunt,
    Onzekerheid,
)
"""What Houvast does where the agreements say nothing."""
_VANGNETKOP = "Vangnet: wie wat hoort waar de afspraken niets zeggen"
_HOW_TERMS_END = (
    "Een termijn in dagen, weken of maanden eindigt om middernacht na de laatste dag; de dag waarop zij begint "
    "telt niet mee. Uren zijn verstreken uren. Werkdagen volgen de Algemene termijnenwet en de koninklijke besluiten "
    "over gelijkgestelde dagen."
)
_SECTIONS: tuple[tuple[str, tuple[type[Regel], ...]], ...] = (
    ("Triage: wat tegen een directe overdracht pleit", (Uitgangspunt, ContraIndicatie)),
    ("Termijnen", (TermijnRegel,)),
    ("Wie draagt zicht op veiligheid", (ZichtRegel,)),
    ("Teruggeven van een casus", (Venster, Terugkoppelcriterium)),
    ("Verbindend samenwerken", (Samenwerkvorm,)),
    ("Monitoring", (MonitoringRegel, MonitoringUitsluiting, Stagnatiestap)),
    ("Dwang en andere partijen", (Initiatief, Aanbod, Partijrol)),
    ("Opschalen (tussen haakjes: hoe lang voor de volgende trede)", (LadderRegel, Opschaling, StructureelSignaal)),
)


@dataclass(frozen=True, slots=True)
class Regelzin:
    """One sentence of the document and where it comes from."""

    tekst: str
    bron: str
    regel_id: str


@dataclass(frozen=True, slots=True)
class Blad:
    """The document, before it is laid out."""

    titel: str
    inleiding: tuple[str, ...]
    delen: tuple[tuple[str, tuple[Regelzin, ...]], ...]
    lezingen: tuple[str, ...]
    bronnen: tuple[str, ...]
    vangnet: tuple[Regelzin, ...]


def write_blad(book: RuleBook, afspraken: Afspraken, on: date) -> Blad:
    """Put the agreements that hold on a day into sections."""
    document = book.regiodocument(afspraken.regio, on)
    until = f" tot {write_date(document.kop.geldig_tot)}" if document.kop.geldig_tot else ""
    members = join(lid.naam for lid in document.gemeenten if lid.is_valid_on(on))
    own = _eigen_tijd(afspraken)
    shown = tuple(
        regel for _, kinds in _SECTIONS for kind in kinds for regel in afspraken.of_kind(kind) if not regel.is_vangnet
    )
    inleiding = (
        f"Versie {afspraken.versie}, geldig vanaf {write_date(document.kop.geldig_van)}{until}.",
        f"Hier staan de afspraken zoals zij gelden op {write_date(on)}.",
        f"Gemeenten: {members}.",
        _HOW_TERMS_END,
    )
    delen = [(title, tuple(_distinct(_of_kind(afspraken, kind, own) for kind in kinds))) for title, kinds in _SECTIONS]
    delen.insert(2, ("Het overdrachtsdocument", tuple(_document_zinnen(afspraken))))
    cited = {
        regel.bron.document
        for regel in afspraken.regels
        if not (regel.is_vangnet or isinstance(regel, GelijkgesteldeDagen))
    }
    return Blad(
        titel=f"Afspraken {afspraken.regionaam}: {afspraken.titel}",
        inleiding=inleiding,
        delen=tuple((title, zinnen) for title, zinnen in delen if zinnen),
        lezingen=tuple(dict.fromkeys((*_lezingen((document.kop, *shown)), *_waarschuwingen(shown)))),
        bronnen=tuple(f"{bron.id}: {bron.titel}" for bron in book.brondocumenten.values() if bron.id in cited),
        vangnet=tuple(_distinct((*(_left_open(afspraken, kind) for kind in _VANGNET), own))),
    )


def _distinct(groups: Iterable[Iterable[Regel]]) -> Iterator[Regelzin]:
    """One sentence for rules that say the same to a reader: about a lokaal team and about a ketenpartner."""
    seen: set[tuple[str, str]] = set()
    for regel in chain.from_iterable(groups):
        said = describe(regel), write_bron(regel)
        if said not in seen:
            seen.add(said)
            yield Regelzin(*said, regel.id)


def _lezingen(regels: Iterable[Regel | Kop]) -> Iterator[str]:
    for regel in regels:
        if regel.lezing:
            yield f"{regel.titel if isinstance(regel, Kop) else regel.label}: {regel.lezing}"


def _waarschuwingen(regels: Iterable[Regel]) -> Iterator[str]:
    """Where the warnings before a term come from: told once, with what it comes to for each term."""
    found: dict[str, dict[str, None]] = {}
    for regel in regels:
        if isinstance(regel, Bewaakt) and regel.waarschuw_lezing:
            herkomst, _, deel = regel.waarschuw_lezing.partition(": ")
            found.setdefault(herkomst, {})[f"{regel.label} ({deel.rstrip('.')})"] = None
    for herkomst, delen in found.items():
        yield f"Waarschuwing vooraf: {herkomst.rstrip('.')}. {join(delen)}."


def _of_kind(afspraken: Afspraken, kind: type[Regel], without: tuple[Regel, ...]) -> tuple[Regel, ...]:
    found = afspraken.stagnatiestappen if kind is Stagnatiestap else afspraken.of_kind(kind)
    return tuple(regel for regel in found if regel not in without and not regel.is_vangnet)


def _eigen_tijd(afspraken: Afspraken) -> tuple[Regel, ...]:
    """The terms of which a source says who does what and no party agreed within which time, and their own ladders."""
    own = [regel for regel in afspraken.termijnen if not regel.is_agreed]
    agreed = {regel.ladder for regel in afspraken.termijnen if regel.is_agreed}
    ladders = {regel.ladder for regel in own} - agreed
    return (*own, *(ladder for ladder in afspraken.ladders if ladder.id in ladders and not ladder.is_vangnet))


def _left_open(afspraken: Afspraken, kind: type[Regel]) -> Iterator[Regel]:
    return (regel for regel in afspraken.of_kind(kind) if regel.is_vangnet)


def _document_zinnen(afspraken: Afspraken) -> Iterator[Regelzin]:
    for soort, naam in ((SoortOverdracht.DIRECT, "Altijd"), (SoortOverdracht.NA_DIENST, "Na een dienst bovendien")):
        velden = [veld for veld in afspraken.document_velden(soort) if veld.soort is soort]
        if velden:
            opsomming = join(veld.label + ("" if veld.verplicht else " (indien bekend)") for veld in velden)
            yield Regelzin(f"{naam}: {opsomming}.", join(dict.fromkeys(map(write_bron, velden))), velden[0].id)


def render_tekst(blad: Blad) -> str:
    """Lay the document out as text, wrapped for a terminal or a printer; readings and vangnet stand apart."""
    lines = [*_wrap(blad.titel, ""), "=" * min(len(blad.titel), _WIDTH), ""]
    for alinea in blad.inleiding:
        lines += _wrap(alinea, "")
    for title, zinnen in blad.delen:
        lines += ["", *_render_deel(title, zinnen)]
    lines += ["", "Bronnen", "-------"]
    for bron in blad.bronnen:
        lines += _wrap(bron, "- ")
    return "\n".join(lines) + "\n"


def render_vangnet(blad: Blad) -> str:
    """Lay out what Houvast does where the agreements say nothing, each rule with its source."""
    return "\n".join(_render_deel(_VANGNETKOP, blad.vangnet)) + "\n"


def _render_deel(title: str, zinnen: Iterable[Regelzin]) -> Iterator[str]:
    yield from (title, "-" * len(title))
    for zin in zinnen:
        yield from _wrap(f"{zin.tekst} [{zin.bron}]", "- ")


def render_lezingen(blad: Blad) -> str:
    """Lay out how the sentences that leave room were read."""
    title = "Hoe onduidelijke zinnen zijn gelezen"
    lines = [title, "-" * len(title)]
    for lezing in blad.lezingen:
        lines += _wrap(lezing, "- ")
    return "\n".join(lines) + "\n"


def _wrap(text: str, bullet: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet))


_STYLE = """
:root { color-scheme: light; }
body { font: 10pt/1.4 "Fira Sans", Calibri, Verdana, sans-serif; color: #1b1b1b; background: #fff; max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5em; line-height: 1.2; } h2 { font-size: 1.1em; margin: 1.1em 0 .3em; }
ul { margin: 0; padding-left: 1.2em; } .bron { color: #4b4b4b; white-space: nowrap; }
figure { margin: 1rem 0; overflow-x: auto; } figcaption, .klein { font-size: .85em; color: #333; }
svg { max-width: 100%; height: auto; }
@page { size: A4; margin: 9mm 11mm; }
@media print { body { font-size: 7pt; line-height: 1.2; margin: 0; padding: 0; max-width: none; }
  h1 { font-size: 1.3em; margin: 0; } h2 { break-after: avoid; margin: .6em 0 .1em; } p { margin: .2em 0; }
  figure { margin: .3em 0; } svg { max-height: 34mm; width: auto; } .klein ul { columns: 2; } }
"""


def render_html(blad: Blad, tijdlijn: str) -> str:
    """Lay the document out as one self-contained HTML page with its timeline."""
    delen = "\n".join(
        f"<h2>{escape(title)}</h2>\n<ul>\n{chr(10).join(_html_zin(zin) for zin in zinnen)}\n</ul>"
        for title, zinnen in blad.delen
    )
    return f"""<!doctype html>
<html lang="nl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(blad.titel)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(blad.titel)}</h1>
{chr(10).join(f"<p>{escape(alinea)}</p>" for alinea in blad.inleiding)}
<h2>Wie draagt wat, wanneer</h2>
{tijdlijn}
{delen}
<div class="klein">
<h2>{_VANGNETKOP}</h2>
<ul>{"".join(map(_html_zin, blad.vangnet))}</ul>
<h2>Hoe onduidelijke zinnen zijn gelezen</h2>
<ul>{"".join(f"<li>{escape(lezing)}</li>" for lezing in blad.lezingen)}</ul>
<h2>Bronnen</h2>
<ul>{"".join(f"<li>{escape(bron)}</li>" for bron in blad.bronnen)}</ul>
</div>
</main>
</body>
</html>
"""


def _html_zin(zin: Regelzin) -> str:
    return f'<li id="{escape(zin.regel_id)}">{escape(zin.tekst)} <span class="bron">[{escape(zin.bron)}]</span></li>'


def show_html(blad: Blad, afspraken: Afspraken, on: date) -> str:
    """Give the document as an HTML page with a timeline of an example case."""
    return render_html(blad, draw_tijdlijn(afspraken, on))

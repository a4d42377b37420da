"""`houvast afspraken …`: for policy people: check, show, compare and try out what was agreed."""

from __future__ import annotations

import sys
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from contracts.afspraken import (
    AMSTERDAM,
    Duur,
    GeenAfspraken,
    Kalender,
    RuleBook,
    end_of,
    load_rule_book,
    local_date,
    packaged_bronnen,
)
from contracts.afspraken.bronzinnen import list_zinnen
from contracts.afspraken.citaten import check_citaten
from contracts.afspraken.dekking import JAREN_VOORUIT, describe_dekking, is_known_far_enough
from contracts.afspraken.duur import Eenheid
from contracts.afspraken.model import Laag, VerlengingsRegel
from contracts.afspraken.stiltecontrole import find_stille_geschiedenissen
from contracts.toml_plaats import BestandFouten, Fout
from services.cli.afspraken.casus import parse_casus
from services.cli.afspraken.dekking import count_zinnen, print_dekking
from services.cli.afspraken.diff import Zijde, compare
from services.cli.afspraken.explain import explain_casus
from services.cli.afspraken.show import render_lezingen, render_tekst, render_vangnet, show_html, write_blad
from services.runtime.process.clock import SystemKlok

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

app = typer.Typer(no_args_is_help=True, help="De samenwerkingsafspraken lezen, controleren, vergelijken en proberen.")

CASUS = """\
regio = "midden-brabant"
gemeente = "GM0855"
melding = 2026-04-30T10:00:00
feiten = { ernstig_letsel = true, stalking = false }
omstandigheden = { soort_overdracht = "direct" }
gebeurtenis = [
  { wat = "triagebesluit-genomen", op = 2026-05-06T10:00:00 },
  { wat = "overdracht-afgeleverd", op = 2026-05-07T10:00:00 },
]
"""
"""A case for `explain`, as its help shows it; what may stand for a fact or a moment is told when it is another."""

_FAR_AWAY = date(9000, 1, 1)


@app.command("check")
def check(
    paden: Annotated[
        list[Path] | None, typer.Argument(help="TOML-bestanden of mappen; zonder paden de meegeleverde afspraken.")
    ] = None,
    bronnen: Annotated[
        Path | None, typer.Option("--bronnen", help="Map met de brondocumenten: zoek er elk citaat in op.")
    ] = None,
    op: Annotated[str | None, typer.Option("--op", help="Controleer alsof het deze dag is, JJJJ-MM-DD.")] = None,
) -> None:
    """Controleer afspraken; elke fout met bestand, regel en veld, en een waarschuwing als de kalender opraakt."""
    today = local_date(SystemKlok().now()) if op is None else _read_date(op)
    texts = _gather(paden) if paden else packaged_bronnen()
    try:
        book = load_rule_book(texts)
        if bronnen and (fouten := check_citaten(book, texts, _read_folder(bronnen))):
            raise BestandFouten(fouten)
        if fouten := _find_stiltes(book, texts):
            raise BestandFouten(fouten)
    except BestandFouten as error:
        typer.echo(str(error), err=True)
        _stop(f"{len(error.fouten)} {'fout' if len(error.fouten) == 1 else 'fouten'}")
    count = sum(len(document.regels) for document in book.documenten)
    typer.echo(f"{len(book.documenten)} bestanden, {count} afspraken, geen fouten")
    typer.echo(count_zinnen(item for zinnen in list_zinnen(book).values() for item in zinnen))
    typer.echo(describe_dekking(book))
    if not is_known_far_enough(book, today):
        typer.echo(
            f"waarschuwing: niet alle gelijkgestelde dagen van de komende {JAREN_VOORUIT} jaar zijn bekend; een termijn"
            " kan dan een dag te vroeg eindigen. Neem het volgende koninklijk besluit op als [[gelijkgesteld]].",
            err=True,
        )


@app.command("show")
def show(
    regio: Annotated[str, typer.Argument(help="Korte naam van de regio, zoals west-brabant.")],
    op: Annotated[str, typer.Option("--op", help="De dag waarop de afspraken gelden, JJJJ-MM-DD.")],
    gemeente: Annotated[
        str | None, typer.Option("--gemeente", help="Met het addendum van deze gemeente: GM0826 of Oosterhout.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Schrijf een webpagina met tijdlijn.")] = None,
    lezingen: Annotated[bool, typer.Option("--lezingen", help="Ook hoe onduidelijke zinnen zijn gelezen.")] = False,
    vangnet: Annotated[
        bool, typer.Option("--vangnet", help="Ook wat Houvast doet waar de afspraken niets zeggen.")
    ] = False,
) -> None:
    """Toon de afspraken van een regio zoals zij op een dag gelden."""
    book, on = load_rule_book(), _read_date(op)
    try:
        leden = {lid.naam: lid.code for lid in book.regiodocument(regio, on).gemeenten}
        code = leden.get(gemeente or "", gemeente)
        found = book.for_case(regio=regio, gemeente=code, on=on) if code else book.for_regio(regio=regio, on=on)
    except GeenAfspraken as error:
        _stop(str(error))
    blad = write_blad(book, found, on)
    if html is None:
        asked = ((render_vangnet, vangnet), (render_lezingen, lezingen))
        typer.echo("\n".join((render_tekst(blad), *(render(blad) for render, wanted in asked if wanted))), nl=False)
        return
    try:
        html.write_text(show_html(blad, found, on), "utf-8")
    except OSError as error:
        _stop(f"{html}: {error.strerror}")
    typer.echo(f"geschreven: {html}")


@app.command("dekking")
def dekking(
    bron: Annotated[
        str | None, typer.Argument(help="Korte naam van een bron: WB, FS, MB, AEF of BK; zonder naam alle vijf.")
    ] = None,
    alleen_open: Annotated[bool, typer.Option("--open", help="Alleen de zinnen waar geen regel uit volgt.")] = False,
) -> None:
    """Toon elke bindende zin van een bron met de regels die eruit volgen, of de reden waarom er geen is."""
    book = load_rule_book()
    found = list_zinnen(book)
    if bron is not None and bron.upper() not in found:
        _stop(f"{bron!r} is geen bron met bindende zinnen; kies uit {', '.join(found)}")
    wanted = found if bron is None else {bron.upper(): found[bron.upper()]}
    print_dekking(book.brondocumenten, wanted, alleen_open=alleen_open)


@app.command("diff")
def diff(
    een: Annotated[str, typer.Argument(help="Een afspraak (west-brabant-2022), of regio@JJJJ-MM-DD.")],
    ander: Annotated[str, typer.Argument(help="De afspraak om mee te vergelijken.")],
) -> None:
    """Vergelijk twee afspraken, regel voor regel en met beide zinnen."""
    book = load_rule_book()
    typer.echo(compare(_find_zijde(book, een), _find_zijde(book, ander)), nl=False)


@app.command("explain", epilog=f"Zo ziet een casus eruit (momenten zonder zone zijn Nederlandse tijd):\n\n\b\n{CASUS}")
def explain(casus: Annotated[Path, typer.Argument(help="TOML-bestand met feiten en gebeurtenissen.")]) -> None:
    """Leg uit welke regels tot een uitkomst leiden, zin voor zin. Namen van mensen horen niet in het bestand.

    Een gebeurtenis zegt zo nodig ook wie het deed (door = "lokaal-team") en waarover het gaat (over = "tweede").
    """
    try:
        text = casus.read_text("utf-8")
        typer.echo(explain_casus(load_rule_book(), parse_casus(text, bestand=str(casus))), nl=False)
    except (OSError, UnicodeDecodeError):
        _stop(f"{casus}: kan dit bestand niet lezen")
    except (BestandFouten, GeenAfspraken) as error:
        _stop(str(error))


@app.command("bereken")
def bereken(
    start: Annotated[str, typer.Argument(help="Begin, ISO 8601 (zonder zone: Nederlandse tijd), of - voor invoer.")],
    duur: Annotated[list[str] | None, typer.Argument(help="Zoals: 5 werkdagen.")] = None,
    verlengen: Annotated[
        bool, typer.Option("--verlengen", help="Pas de verlenging van de Algemene termijnenwet toe.")
    ] = False,
) -> None:
    """Bereken wanneer een termijn eindigt; met - regels 'begin TAB duur' van standaardinvoer."""
    book = load_rule_book()
    if start == "-":
        _bereken_stream(book, sys.stdin, verlengen=verlengen)
        return
    if not duur:
        _stop("noem een duur, zoals 5 werkdagen")
    try:
        found = _bereken(book.kalender, start, " ".join(duur), verlengen=verlengen)
    except ValueError as error:
        _stop(str(error))
    typer.echo(found)
    if verlengen and (limit := _limit_of(book, Duur.parse(" ".join(duur)))):
        typer.echo(f"let op: {limit}", err=True)


def _bereken_stream(book: RuleBook, lines: Iterable[str], *, verlengen: bool) -> None:
    """Print one end per line; a line that cannot be read gives an empty line, and is named at the end."""
    wrong: list[str] = []
    out: list[str] = []
    for number, line in enumerate(lines, 1):
        start, tab, duur = line.rstrip("\r\n").partition("\t")
        try:
            if not tab:
                raise ValueError("verwacht: begin TAB duur")
            out.append(_bereken(book.kalender, start, duur, verlengen=verlengen))
        except ValueError as error:
            out.append("")
            wrong.append(f"regel {number}: {error}")
    sys.stdout.write("".join(f"{end}\n" for end in out))
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        _stop(f"{len(wrong)} {'regel' if len(wrong) == 1 else 'regels'} niet berekend")


def _bereken(kalender: Kalender, start: str, duur: str, *, verlengen: bool) -> str:
    try:
        moment = datetime.fromisoformat(start.strip())
    except ValueError:
        raise ValueError(f"{start!r} is geen moment; schrijf bijvoorbeeld 2026-04-30T10:00:00+02:00") from None
    local = moment.replace(tzinfo=AMSTERDAM) if moment.tzinfo is None else moment
    return end_of(local, Duur.parse(duur), kalender, verlengen=verlengen).isoformat()


def _limit_of(book: RuleBook, duur: Duur) -> str | None:
    """Say why the Algemene termijnenwet does not extend a term of this length, if so."""
    if duur.eenheid is Eenheid.UREN:
        return "een termijn in uren wordt niet verlengd (Algemene termijnenwet, artikel 4)"
    for document in book.documenten:
        for _, regel in document.regels:
            if isinstance(regel, VerlengingsRegel):
                for limit in regel.hoogstens:
                    if limit.eenheid is duur.eenheid and duur.aantal > limit.aantal:
                        return f"de wet verlengt geen termijn van meer dan {limit} ({regel.bron.paragraaf})"
    return None


def _find_zijde(book: RuleBook, name: str) -> Zijde:
    """Find `regio@datum`, or a document by its name as it stood on its last day."""
    regio, at, day = name.partition("@")
    on = _read_date(day) if at else _FAR_AWAY
    koppen = {doc.kop.id: doc.kop for doc in book.documenten if doc.kop.laag is Laag.REGIO}
    if not at:
        kop = koppen.get(name)
        if kop is None or kop.regio is None:
            _stop(f"{name!r} is geen afspraak van een regio; kies uit {', '.join(koppen)}, of schrijf regio@JJJJ-MM-DD")
        regio = kop.regio
        on = kop.geldig_tot - timedelta(days=1) if kop.geldig_tot else _FAR_AWAY
    try:
        leden = tuple(lid for lid in book.regiodocument(regio, on).gemeenten if lid.is_valid_on(on))
        return Zijde(name, book.for_regio(regio=regio, on=on), leden)
    except GeenAfspraken as error:
        _stop(str(error))


def _gather(paden: list[Path]) -> dict[str, str]:
    """Lay the given files over the packaged ones: a document with the same name takes its place."""
    given = {str(path): _read_text(path) for path in _list_files(paden)}
    replaced = {_document_id(text) for text in given.values()} - {None}
    kept = {name: text for name, text in packaged_bronnen().items() if _document_id(text) not in replaced}
    return kept | given


def _list_files(paden: list[Path]) -> Iterator[Path]:
    for path in paden:
        if path.is_dir():
            found = sorted(path.rglob("*.toml"))
            if not found:
                _stop(f"{path}: in deze map staat geen .toml-bestand")
            yield from found
        elif path.is_file():
            yield path
        else:
            _stop(f"{path}: bestaat niet")


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        _stop(f"{path}: is geen tekst in UTF-8")
    except OSError as error:
        _stop(f"{path}: {error.strerror}")


def _find_stiltes(book: RuleBook, texts: dict[str, str]) -> list[Fout]:
    """Where a case would fall silent (G10), with its history, in the file whose agreements leave it so."""
    bestanden = {_document_id(text): naam for naam, text in texts.items()}
    return [Fout(bestanden[wie], 1, "afspraak", told) for wie, told in find_stille_geschiedenissen(book)]


def _document_id(text: str) -> str | None:
    try:
        head: object = tomllib.loads(text).get("afspraak")
    except tomllib.TOMLDecodeError:
        return None
    return str(cast("dict[str, object]", head).get("id")) if isinstance(head, dict) else None


def _read_folder(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        _stop(f"{folder}: is geen map")
    return {path.name: path.read_text("utf-8", "replace") for path in sorted(folder.iterdir()) if path.is_file()}


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop(f"{text!r} is geen datum; schrijf JJJJ-MM-DD")


def _stop(melding: str) -> NoReturn:
    typer.echo(melding, err=True)
    raise typer.Exit(1)

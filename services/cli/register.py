"""`houvast register`: what holds now, what held before, and another version, checked whole before it holds."""

import asyncio
import difflib
import getpass
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from services.cli.dlq import DatabaseOption, DataOption, RegisterOption, load

if TYPE_CHECKING:
    from contracts.register import Register
    from services.runtime.database.connection import Session
    from services.runtime.register import Versie
    from services.runtime.settings import Settings

app = typer.Typer(no_args_is_help=True)
Nummer = Annotated[int, typer.Argument(min=1, help="Het nummer van een versie, uit `houvast register versies`.")]
Reden = Annotated[str, typer.Option(help="Waarom; dat blijft bij de versie staan.")]
Toch = Annotated[bool, typer.Option("--toch", help="Ook als er daarna iemand iets mist; dat wordt hier getoond.")]
Dag = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Vanaf welke dag de roosters worden nagekeken; zonder: vandaag."),
]
_MOST = 1000


@app.callback()
def register() -> None:
    """Wie is wie: de versies van het register. Een wijziging geldt binnen seconden voor elke dienst."""


@app.command()
def controleer(
    bestand: Annotated[Path | None, typer.Argument(help="Zonder: het bestand uit HOUVAST_REGISTER.")] = None,
    op: Dag = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Lees een register helemaal na en toon elke fout met haar plaats, en elk gat in een rooster. Er verandert niets.

    Ook wie van een crisis maar langs één kanaal hoort. Alleen een fout of een gat is afloopcode 1 of meer.
    """
    from contracts.afspraken import load_rule_book, local_date
    from contracts.register.bereik import with_one_channel
    from contracts.register.gaten import find_gaten
    from services.runtime.process.clock import SystemKlok

    settings = load(data, database, register)
    text, path = _read(bestand, settings)
    found = _parse(text, path)
    day = local_date(SystemKlok().now()) if op is None else op.date()
    rule_book = load_rule_book()
    for sentence in with_one_channel(found, rule_book, on=day):
        typer.echo(f"let op: {sentence}", err=True)
    gaten = find_gaten(found, rule_book.kalender, on=day)
    for gat in gaten:
        typer.echo(f"let op: {gat}", err=True)
    if gaten:
        _refuse(f"{path}: {len(gaten)} gaten in de roosters, in de acht weken vanaf {day:%d-%m-%Y}.")
    typer.echo(f"{path}: in orde, {len(found.entries())} gemeenten en {len(found.partijen())} partijen.", err=True)


@app.command()
def toon(
    versie: Annotated[int | None, typer.Argument(min=1, help="Zonder: de versie die nu geldt.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Schrijf een versie op de standaarduitvoer, zoals zij gezet is."""
    typer.echo(asyncio.run(_find(load(data, database), versie)).tekst, nl=False)


@app.command()
def versies(
    aantal: Annotated[int, typer.Option(min=1, max=_MOST, help="Hoeveel er hoogstens, de laatste.")] = 20,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Toon wie het register wanneer wijzigde, en waarom; bovenaan staat de versie die geldt."""
    from services.cli.tabel import print_table

    rows = [
        (str(found.nummer), f"{found.op.astimezone():%Y-%m-%d %H:%M}", found.wie, found.bron.value, found.waarom)
        for found in asyncio.run(_list(load(data, database), aantal))
    ]
    print_table("Versies van het register", ("Versie", "Sinds", "Wie", "Langs", "Waarom"), rows, right={"Versie"})


@app.command()
def verschil(
    van: Nummer,
    naar: Annotated[int | None, typer.Argument(min=1, help="Zonder: de versie die nu geldt.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Toon wat er tussen twee versies veranderde, regel voor regel."""
    settings = load(data, database)
    old, new = asyncio.run(_find(settings, van)), asyncio.run(_find(settings, naar))
    names = (f"versie {old.nummer}", f"versie {new.nummer}")
    for line in difflib.unified_diff(old.tekst.splitlines(), new.tekst.splitlines(), *names, lineterm=""):
        typer.echo(line)


@app.command()
def laad(
    bestand: Annotated[Path | None, typer.Argument(help="Zonder: het bestand uit HOUVAST_REGISTER.")] = None,
    *,
    reden: Reden,
    toch: Toch = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Zet een bestand als nieuwe versie, als het helemaal klopt. Waar het bestand de bron is, alleen dat bestand."""
    settings = load(data, database, register)
    text, path = _read(bestand, settings)
    if settings.register_follows_file and bestand is not None and not _same_file(bestand, settings.register):
        _refuse(f"Het register wordt bijgehouden in {settings.register}; wijzig dat bestand.")
    _tell(asyncio.run(_set(settings, _Wish(text, str(path), reden, toch=toch))))


@app.command()
def terug(
    versie: Nummer,
    *,
    reden: Reden,
    toch: Toch = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Zet een eerdere versie opnieuw; wat ertussen kwam blijft te zien."""
    settings = load(data, database, register)
    if settings.register_follows_file:
        _refuse(f"Het register wordt bijgehouden in {settings.register}; zet dat bestand terug.")
    former = asyncio.run(_find(settings, versie))
    reden = f"Terug naar versie {versie}. {reden.strip()}" if reden.strip() else ""
    _tell(asyncio.run(_set(settings, _Wish(former.tekst, f"versie {versie}", reden, toch=toch))))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to hold, where it stands, why, and whether that goes over objections."""

    tekst: str
    place: str
    reden: str
    toch: bool


async def _set(settings: "Settings", wish: _Wish) -> "tuple[Versie | None, Versie]":
    """The version before and the one that holds now. Ends with the reason told where it may not."""
    from contracts.afspraken import load_rule_book, local_date
    from contracts.register.wijziging import find_bezwaren
    from services.cli.register_now import holding_version
    from services.runtime.database.shared import shared_klok
    from services.runtime.register import Bron, Change, ChangedMeanwhile, add_version
    from services.runtime.register.versions import LONGEST_REASON, fingerprint_of

    reden = wish.reden.strip()
    if not reden or len(reden) > LONGEST_REASON:
        _refuse(f"Zeg waarom, in hoogstens {LONGEST_REASON} tekens.")
    new = _parse(wish.tekst, wish.place)
    async with _connection(settings) as connection:
        klok, before = await shared_klok(connection, None), await holding_version(connection)
        if before is not None and before.vingerafdruk == fingerprint_of(wish.tekst):
            return before, before
        old = new if before is None else _parse(before.tekst, f"versie {before.nummer}")
        bezwaren = find_bezwaren(old, new, load_rule_book(), on=local_date(klok.now()))
        for sentence in bezwaren:
            typer.echo(f"let op: {sentence}", err=True)
        if bezwaren and not wish.toch:
            _refuse("Er is niets gewijzigd. Is dit de bedoeling, geef dan --toch.")
        wie = f"{getpass.getuser()} (houvast register)"
        change = Change(wish.tekst, before.nummer if before else 0, wie, Bron.OPDRACHT, reden)
        try:
            return before, await add_version(connection, change, now=klok.now())
        except ChangedMeanwhile:
            _refuse("Een ander wijzigde het register net. Er is niets gewijzigd; kijk eerst wat er nu geldt.")


def _tell(made: "tuple[Versie | None, Versie]") -> None:
    before, now = made
    if before is not None and before.nummer == now.nummer:
        typer.echo(f"Dit is al wat geldt: versie {now.nummer}.", err=True)
    else:
        typer.echo(f"Versie {now.nummer} geldt; binnen enkele seconden bij elke dienst.", err=True)


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def _parse(text: str, place: str | Path) -> "Register":
    """Raises `BestandFouten`, which the command line prints whole."""
    from contracts.register import parse_register
    from services.cli.ground import UNREACHED

    return parse_register(text, bestand=str(place), variabelen=UNREACHED)


def _read(bestand: Path | None, settings: "Settings") -> tuple[str, Path]:
    from services.cli.ground import SAMPLE_REGISTER

    path = bestand or settings.register or SAMPLE_REGISTER
    try:
        return path.read_text(encoding="utf-8"), path
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is niet te lezen ({type(error).__name__})") from None


def _same_file(one: Path, other: Path | None) -> bool:
    return other is not None and one.resolve() == other.resolve()


async def _find(settings: "Settings", nummer: int | None) -> "Versie":
    from services.cli.register_now import holding_version
    from services.runtime.register import find_version

    async with _connection(settings) as connection:
        found = await (holding_version(connection) if nummer is None else find_version(connection, nummer))
    if found is None:
        raise typer.BadParameter("er is nog geen register gezet" if nummer is None else f"er is geen versie {nummer}")
    return found


async def _list(settings: "Settings", aantal: int) -> "Sequence[Versie]":
    from services.runtime.register import list_versions

    async with _connection(settings) as connection:
        return await list_versions(connection, number=aantal)


@asynccontextmanager
async def _connection(settings: "Settings") -> "AsyncGenerator[Session, None]":
    from services.cli.reach import reached_database
    from services.runtime.database.shared import migrate_gedeeld

    async with reached_database(settings) as connection:
        await migrate_gedeeld(connection)
        yield connection

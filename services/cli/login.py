"""`houvast login`: a way in for one person when signing in at the own organisation does not work."""

import asyncio
import getpass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.token import DatabaseOption, DataOption, RegisterOption

if TYPE_CHECKING:
    from contracts.register import Register
    from services.runtime.settings import Settings


def login(
    persoon: Annotated[str, typer.Argument(help="Naam of mailadres van iemand uit het register.")],
    partij: Annotated[
        str | None, typer.Option(help="Bij welke partij, als deze persoon er bij meer dan één staat.")
    ] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Geef een noodlink waarmee deze persoon één keer inlogt, binnen een uur. Wie de link maakte wordt vastgelegd.

    Voor als de aanmelddienst van de organisatie niet werkt. Alleen de link komt op de standaarduitvoer.
    """
    from contracts.afspraken import local_date
    from services.cli.gemeente import public_url_of
    from services.cli.ground import UNREACHED
    from services.cli.register_now import register_now
    from services.runtime.http.pages import SIGN_IN_PATH
    from services.runtime.process.clock import SystemKlok
    from services.runtime.process.starting import ServerStartError
    from services.runtime.settings import load_settings

    settings = load_settings(database=database, data_dir=data, register=register)
    known = asyncio.run(register_now(settings, variables=UNREACHED))
    try:
        code, naam = _find(known, persoon, partij, on=local_date(SystemKlok().now()))
        link = asyncio.run(_issue(known, code, naam, settings))
    except (LookupError, ServerStartError) as error:
        typer.echo(str(error.args[0] if isinstance(error, KeyError) else error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"Noodlink voor {naam} ({known.naam(code)}), eenmalig en een uur geldig. Dit is vastgelegd.", err=True)
    typer.echo(f"{public_url_of(settings)}{SIGN_IN_PATH}?code={link}")


def _find(register: "Register", persoon: str, partij: str | None, *, on: date) -> tuple[str, str]:
    """Who is meant: code of the party and name. Raises `LookupError` in Dutch for nobody, or more than one."""
    from contracts.register.werkplekken import find_people

    found = [place for place in find_people(register, persoon, on=on) if partij in {None, place[0]}]
    if not found:
        at = "" if partij is None else f" bij {partij}"
        raise LookupError(f"{persoon!r} staat niet met een rol in het register{at}")
    if len(found) > 1:
        places = ", ".join(sorted(code for code, _ in found))
        raise LookupError(f"{persoon!r} staat bij meer partijen; kies met --partij uit: {places}")
    return found[0]


async def _issue(register: "Register", partij: str, persoon: str, settings: "Settings") -> str:
    from services.cli.people import scopes_of
    from services.cli.reach import reached_database
    from services.runtime.access.sessions import issue_link
    from services.runtime.database.shared import migrate_gedeeld
    from services.runtime.process.clock import SystemKlok

    async with reached_database(settings) as connection:
        await migrate_gedeeld(connection)
        return await issue_link(
            connection,
            partij=partij,
            persoon=persoon,
            scopes=scopes_of(register, partij),
            door=getpass.getuser(),
            now=SystemKlok().now(),
        )

"""`houvast token` and `houvast inloglink`: who may call the hub, and who may log in to it."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from contracts.register import Register
    from services.runtime.access.tokens import Scope
    from services.runtime.settings import Settings


Partij = Annotated[str, typer.Argument(help="Partij uit het register: GM0758, veilig-thuis-west-brabant, …")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Map van `houvast up`.")]
DatabaseOption = Annotated[
    str | None, typer.Option("--database", help="URL van de database, als dat niet die van `up` is.")
]
RegisterOption = Annotated[Path | None, typer.Option("--register", help="Het register van gemeenten (TOML).")]


def token(
    partij: Partij,
    scope: Annotated[
        list[str] | None, typer.Option(help="Wat het token mag; herhaalbaar. Zonder: wat bij de soort partij hoort.")
    ] = None,
    omschrijving: Annotated[str, typer.Option(help="Waarvoor het token is.")] = "uitgegeven met houvast token",
    dagen: Annotated[
        int | None, typer.Option(help="Geldigheid in dagen; zonder: tot het wordt ingetrokken.", min=1, max=3650)
    ] = None,
    intrekken: Annotated[
        str | None,
        typer.Option(help="Geef niets uit, maar trek dit token van de partij in; - leest het van de invoer."),
    ] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Geef een token uit voor een partij. Alleen het token komt op de standaarduitvoer; het is later niet terug te zien."""
    from services.runtime.settings import load_settings

    settings = load_settings(database=database, data_dir=data, register=register)
    if intrekken is not None:
        text = sys.stdin.readline() if intrekken == "-" else intrekken
        raise typer.Exit(0 if asyncio.run(_revoke(partij, text.strip(), settings)) else 1)
    lifetime = None if dagen is None else timedelta(days=dagen)
    typer.echo(_told(_issue(partij, scopes=scope, omschrijving=omschrijving, lifetime=lifetime, settings=settings)))


def inloglink(
    partij: Partij, data: DataOption = None, database: DatabaseOption = None, register: RegisterOption = None
) -> None:
    """Geef een link waarmee één mens van een partij één keer inlogt, binnen een uur."""
    from services.cli.gemeente import public_url_of
    from services.runtime.access.tokens import LOGIN_LINK_LIFETIME
    from services.runtime.http.pages import SIGN_IN_PATH
    from services.runtime.settings import load_settings

    settings = load_settings(database=database, data_dir=data, register=register)
    issuing = _issue(
        partij,
        scopes=None,
        omschrijving="inloglink",
        lifetime=LOGIN_LINK_LIFETIME,
        settings=settings,
        eenmalig=True,
    )
    typer.echo(f"{public_url_of(settings)}{SIGN_IN_PATH}?code={_told(issuing)}")


def _told(issuing: "Coroutine[None, None, str]") -> str:
    """What was issued, or the end with the reason why not."""
    from services.runtime.process.starting import ServerStartError

    try:
        return asyncio.run(issuing)
    except (LookupError, ValueError, ServerStartError) as error:
        typer.echo(str(error.args[0] if isinstance(error, KeyError) else error), err=True)
        raise typer.Exit(2) from None


async def _issue(
    partij: str,
    *,
    scopes: list[str] | None,
    omschrijving: str,
    lifetime: timedelta | None,
    settings: "Settings",
    eenmalig: bool = False,
) -> str:
    from services.cli.ground import UNREACHED
    from services.cli.reach import reached_database
    from services.cli.register_now import register_now
    from services.runtime.access.tokens import issue
    from services.runtime.database.shared import migrate_gedeeld
    from services.runtime.process.clock import SystemKlok

    allowed = _scopes_of(partij, await register_now(settings, variables=UNREACHED))
    async with reached_database(settings) as connection:
        await migrate_gedeeld(connection)
        return await issue(
            connection,
            partij=partij,
            scopes=scopes or allowed,
            omschrijving=omschrijving,
            now=SystemKlok().now(),
            lifetime=lifetime,
            eenmalig=eenmalig,
        )


async def _revoke(partij: str, text: str, settings: "Settings") -> bool:
    from services.cli.reach import reached_database
    from services.runtime.access.tokens import revoke_text
    from services.runtime.database.shared import migrate_gedeeld
    from services.runtime.process.clock import SystemKlok

    async with reached_database(settings) as connection:
        await migrate_gedeeld(connection)
        ended = await revoke_text(connection, text, partij=partij, now=SystemKlok().now())
    typer.echo(
        "Ingetrokken; binnen vijf seconden komt er niemand meer mee binnen."
        if ended
        else f"Dit is geen geldig token van {partij}.",
        err=True,
    )
    return ended


def _scopes_of(partij: str, register: "Register") -> "frozenset[Scope]":
    from services.cli.people import HUB, scopes_of

    if partij != HUB and not register.knows(partij):
        known = ", ".join(sorted(party.code for party in register.partijen()))
        raise ValueError(f"{partij!r} staat niet in het register. Partijen: een gemeentecode (GM0758), {known}.")
    return scopes_of(register, partij)

"""`houvast token`: who may call the hub."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contracts.register import Register
    from services.runtime.settings import Settings


def token(
    partij: Annotated[str, typer.Argument(help="Partij uit het register: GM0758, veilig-thuis-west-brabant, …")],
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
    data: Annotated[Path | None, typer.Option(help="Map van `houvast up`.")] = None,
    database: Annotated[str | None, typer.Option(help="URL van de database, als dat niet die van `up` is.")] = None,
    register: Annotated[Path | None, typer.Option(help="Het register van gemeenten (TOML).")] = None,
) -> None:
    """Geef een token uit voor een partij. Alleen het token komt op de standaarduitvoer; het is later niet terug te zien."""
    from services.runtime.local_server import ServerStartError
    from services.runtime.settings import load_settings

    settings = load_settings(database=database, data_dir=data, register=register)
    if intrekken is not None:
        text = sys.stdin.readline() if intrekken == "-" else intrekken
        raise typer.Exit(0 if asyncio.run(_revoke(partij, text.strip(), settings)) else 1)
    try:
        text = asyncio.run(
            _issue(
                partij,
                scopes=scope,
                omschrijving=omschrijving,
                lifetime=None if dagen is None else timedelta(days=dagen),
                settings=settings,
            )
        )
    except (LookupError, ValueError, ServerStartError) as error:
        typer.echo(str(error.args[0] if isinstance(error, KeyError) else error), err=True)
        raise typer.Exit(2) from None
    typer.echo(text)


async def _issue(
    partij: str,
    *,
    scopes: list[str] | None,
    omschrijving: str,
    lifetime: timedelta | None,
    settings: "Settings",
) -> str:
    from services.cli.ground import UNREACHED, read_register
    from services.cli.reach import reached_database
    from services.runtime.gedeeld import migrate_gedeeld
    from services.runtime.klok import SystemKlok
    from services.runtime.toegang import default_scopes, issue

    kind = _kind_of(partij, read_register(settings.register, variables=UNREACHED))
    async with reached_database(settings) as connection:
        await migrate_gedeeld(connection)
        return await issue(
            connection,
            partij=partij,
            scopes=scopes or default_scopes(kind),
            omschrijving=omschrijving,
            now=SystemKlok().now(),
            lifetime=lifetime,
        )


async def _revoke(partij: str, text: str, settings: "Settings") -> bool:
    from services.cli.reach import reached_database
    from services.runtime.gedeeld import migrate_gedeeld
    from services.runtime.klok import SystemKlok
    from services.runtime.toegang import revoke_text

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


def _kind_of(partij: str, register: "Register") -> str:
    if partij == "houvast":
        return "beheer"
    if not register.knows(partij):
        known = ", ".join(sorted(party.code for party in register.partijen()))
        raise ValueError(f"{partij!r} staat niet in het register. Partijen: een gemeentecode (GM0758), {known}.")
    return "gemeente" if partij.startswith("GM") else register.partij(partij).soort.value

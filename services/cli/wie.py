"""`houvast wie`: who would be told something in a role, over what, and why; each step of the choice."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from contracts.messages.notifier import Doelgroep
from services.cli.dlq import DatabaseOption, DataOption, RegisterOption, load

if TYPE_CHECKING:
    from contracts.register import Gezocht, Keuze, Register
    from services.runtime.settings import Settings

_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


def wie(  # noqa: PLR0913  the options of a command
    waar: Annotated[
        str, typer.Argument(help="Een casus (casusId), een gemeente (GM0758 of Breda) of een andere partij.")
    ],
    rol: Annotated[str, typer.Argument(help="De rol: gedragswetenschapper, leidinggevende, …")],
    op: Annotated[
        datetime | None, typer.Option(formats=_FORMATS, help="Het moment, in Nederlandse tijd; zonder: nu.")
    ] = None,
    *,
    team: Annotated[str | None, typer.Option(help="De code van een lokaal team.")] = None,
    doelgroep: Annotated[Doelgroep | None, typer.Option(help="Voor wie; van een casus is dat bekend.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Als JSON, voor software.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Toon wie in een rol bericht zou krijgen, waarlangs, en waarom: elke stap van de keuze. Er gaat niets weg.

    Zonder iemand eindigt dit met 1.
    """
    from contracts.afspraken import AMSTERDAM, Rol, load_rule_book
    from contracts.register import NietInRegister, choose
    from services.runtime.process.clock import SystemKlok

    if rol not in set(Rol):
        raise typer.BadParameter(f"de rol {rol} bestaat niet. Kies uit: {', '.join(Rol)}.")
    moment = SystemKlok().now() if op is None else op.replace(tzinfo=AMSTERDAM)
    try:
        known, gezocht = asyncio.run(_find(load(data, database, register), waar, rol, moment, team, doelgroep))
        keuze = choose(known, gezocht, load_rule_book().kalender)
    except NietInRegister as error:
        raise typer.BadParameter(str(error)) from None
    answer = answer_of(known, gezocht, keuze)
    if json:
        import orjson

        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        _print(answer)
    if not keuze.ontvangers:
        raise typer.Exit(1)


def answer_of(register: "Register", gezocht: "Gezocht", keuze: "Keuze") -> dict[str, Any]:
    """What was asked, who would be told over what channels, and each step; names of people, but no address."""
    return {
        "partij": gezocht.partij,
        "naam": register.naam(gezocht.partij),
        "rol": gezocht.rol,
        "team": gezocht.team,
        "doelgroep": gezocht.doelgroep.value,
        "op": gezocht.op.isoformat(),
        "gatBij": keuze.gat_bij,
        "ontvangers": [
            {
                "naam": ontvanger.naam,
                "partij": ontvanger.partij,
                "herkomst": ontvanger.herkomst.value,
                "kanalen": [kanaal.value for kanaal in ontvanger.adressen],
                "vervangt": ontvanger.vervangt,
                "afwezig": ontvanger.afwezig,
            }
            for ontvanger in keuze.ontvangers
        ],
        "stappen": [
            {
                "waar": stap.herkomst,
                "partij": stap.partij,
                "uitkomst": stap.uitkomst.value,
                "waarom": stap.waarom,
            }
            for stap in keuze.stappen
        ],
    }


def _print(answer: Mapping[str, Any]) -> None:
    from services.cli.tabel import print_table

    people = [(one["naam"], one["partij"], ", ".join(one["kanalen"]), _note(one)) for one in answer["ontvangers"]]
    print_table(f"{answer['rol']} bij {answer['naam']}", ("Wie", "Van", "Waarlangs", ""), people)
    steps = [(one["waar"] or "nergens", one["uitkomst"], one["waarom"]) for one in answer["stappen"]]
    print_table("Waarom", ("Waar gezocht", "Uitkomst", "Uitleg"), steps)


def _note(ontvanger: Mapping[str, Any]) -> str:
    if ontvanger["afwezig"]:
        return "is afwezig; er is niemand anders"
    return "" if ontvanger["vervangt"] is None else f"vervangt {ontvanger['vervangt']}"


async def _find(
    settings: "Settings", waar: str, rol: str, moment: datetime, team: str | None, doelgroep: Doelgroep | None
) -> "tuple[Register, Gezocht]":
    """The register that holds, and what is asked of it. Raises `NietInRegister`."""
    from contracts.afspraken import local_date
    from contracts.register import Gezocht
    from services.cli.ground import UNREACHED
    from services.cli.register_now import register_now

    register = await register_now(settings, variables=UNREACHED)
    try:
        casus_id = UUID(waar)
    except ValueError:
        by_name = {gemeente.naam.casefold(): gemeente.code for gemeente in register.gemeenten(local_date(moment))}
        partij = by_name.get(waar.casefold(), waar)
        return register, Gezocht(partij, rol, moment, team=team, doelgroep=doelgroep or Doelgroep.ALLE)
    gemeente, own_team, own_doelgroep = await _case(settings, casus_id)
    gezocht = Gezocht(gemeente, rol, moment, gemeente, team or own_team, doelgroep or own_doelgroep)
    return register, gezocht


async def _case(settings: "Settings", casus_id: UUID) -> tuple[str, str | None, Doelgroep]:
    """The gemeente of a case, the team that it was last handed to, and for whom it asks."""
    from pydantic import TypeAdapter

    from services.cli.reach import reached_database
    from services.monitoring.domain.toestand import Toezicht

    async with reached_database(settings) as connection:
        text = await connection.fetchval("select toestand from monitoring.aggregaat where casus_id = $1", casus_id)
    toezicht = None if text is None else TypeAdapter(Toezicht).validate_json(text)
    if toezicht is None or toezicht.gemeente is None:
        raise typer.BadParameter(f"Houvast kent geen casus {casus_id}")
    teams = [beeld.team for beeld in toezicht.overdrachten.values() if beeld.gemeente == toezicht.gemeente]
    return toezicht.gemeente, teams[-1] if teams else None, toezicht.doelgroep or Doelgroep.ALLE

"""`houvast gemeente`: how the endpoints of receivers stand, trying one, stopping and starting, sending
anew, and making a secret.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from services.cli.geheim import geheim

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.register import Gemeente, Partij, Register
    from services.cli.gemeente_proef import Stap
    from services.runtime.settings import Settings
    from services.runtime.unit.destinations import Standing
    from services.runtime.unit.fold import Reply

app = typer.Typer(no_args_is_help=True)
app.command()(geheim)

SCHEMA = "handover"
BY = "beheer"

Code = Annotated[str, typer.Argument(help="Gemeente of partij uit het register: GM0758, GM0758/team of safegroup.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Map van `houvast up`.")]
DatabaseOption = Annotated[str | None, typer.Option("--database", help="URL van de database.")]
RegisterOption = Annotated[Path | None, typer.Option("--register", help="Het register van gemeenten (TOML).")]


@app.command("list")
def show(data: DataOption = None, database: DatabaseOption = None, register: RegisterOption = None) -> None:
    """Toon per endpoint wat er wacht, hoe oud het oudste is, en of er wordt bezorgd."""
    settings = _load(data, database, register)
    found, now = asyncio.run(_standings(settings))
    _print(found, asyncio.run(_register(settings)), now=now)


@app.command("test")
def try_endpoint(
    code: Code,
    data: DataOption = None,
    register: RegisterOption = None,
) -> None:
    """Probeer het endpoint uit het register, stap voor stap, met een onschuldig proefbericht."""
    settings = _load(data, None, register)
    steps = asyncio.run(_try(code, settings))
    raise typer.Exit(0 if all(step.goed for step in steps) else 1)


@app.command()
def abonneer(
    code: Code,
    vernieuw: Annotated[
        bool, typer.Option("--vernieuw", help="Met een nieuw token; het vorige werkt niet meer.")
    ] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Neem of herstel het abonnement bij de Notificaties API van het zaaksysteem. Herhalen mag altijd."""
    settings = _load(data, database, register)
    told, asked = asyncio.run(_abonneer(code, settings, renew=vernieuw))
    typer.echo(f"{code}: abonnement {told}; van {asked} overdracht(en) wordt de stand nu opgevraagd.", err=True)


@app.command()
def pause(
    code: Code,
    reden: Annotated[str, typer.Option(help="Waarom; staat bij alles wat wacht.")] = "op verzoek",
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Bezorg voorlopig niets. Wat wacht blijft staan en telt mee; mensen worden op tijd gewaarschuwd."""
    settings = _load(data, database, register)
    _check_known(code, asyncio.run(_register(settings)))
    stopped = asyncio.run(_pause(code, reden, settings))
    typer.echo(f"{code} is {'gepauzeerd' if stopped else 'al gepauzeerd'}.", err=True)


@app.command()
def resume(
    code: Code,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Bezorg weer, alles wat wacht ook, niet sneller dan het endpoint aankan."""
    brought = asyncio.run(_resume(code, _load(data, database, register)))
    typer.echo(f"{code} wordt weer bezorgd; {brought} bericht(en) gaan eerder dan gepland.", err=True)


@app.command()
def resend(
    overdracht: Annotated[UUID, typer.Argument(help="De overdracht die opnieuw gaat.")],
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Zend een overdracht opnieuw, onder een nieuw webhook-id; het staat in het journaal."""
    from services.runtime.unit.fold import Done

    reply = asyncio.run(_resend(overdracht, _load(data, database, register)))
    if isinstance(reply, Done):
        typer.echo("De overdracht gaat opnieuw.", err=True)
        return
    problems = getattr(reply, "problems", ())
    told = "; ".join(problem.message for problem in problems) or "Deze overdracht is hier niet bekend."
    typer.echo(told, err=True)
    raise typer.Exit(1)


@app.command()
def pogingen(
    wat: Annotated[
        str, typer.Argument(help="Een overdracht (haar id), of een gemeente of partij: GM0758, GM0758/team.")
    ],
    aantal: Annotated[int, typer.Option(min=1, max=1000, help="Hoeveel er hoogstens, de laatste.")] = 20,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Toon de pogingen om te bezorgen: wat ging, wat terugkwam en hoe lang het duurde. Nooit persoonsgegevens."""
    from services.cli.pogingen import load_pogingen, print_pogingen

    rows = asyncio.run(load_pogingen(_load(data, database, register), wat, aantal=aantal))
    if not rows:
        typer.echo(f"Van {wat} zijn geen pogingen bekend.", err=True)
        raise typer.Exit(1)
    print_pogingen(rows)


def _load(data: Path | None, database: str | None, register: Path | None) -> "Settings":
    from services.runtime.settings import load_settings

    return load_settings(data_dir=data, database=database, register=register)


async def _register(settings: "Settings") -> "Register":
    from services.cli.register_now import register_now

    return await register_now(settings, variables=_variables(settings))


def _variables(settings: "Settings") -> dict[str, str]:
    """Where the sandbox is, when `houvast up` ran in this folder; else an address where nobody listens."""
    from services.cli.ground import UNREACHED
    from services.cli.reach import known_address

    address = known_address(settings.data_dir)
    return dict(UNREACHED) if address is None else {"sandbox": address}


def _check_known(code: str, register: "Register") -> None:
    """Raises `typer.BadParameter` for what is no receiver, and no team, of the register."""
    name, _, team = code.partition("/")
    entries = [entry for entry in register.receivers() if entry.code == name]
    if not entries:
        known = ", ".join(sorted({entry.code for entry in register.receivers()}))
        if register.knows(name):
            raise typer.BadParameter(f"{register.naam(name)} heeft geen endpoint in het register. Wel: {known}.")
        raise typer.BadParameter(f"{name} staat niet in het register. Bekend: {known}.")
    if team and all(entry.team(team) is None for entry in entries):
        raise typer.BadParameter(f"{entries[-1].naam} heeft geen team {team}.")


async def _standings(settings: "Settings") -> "tuple[tuple[Standing, ...], datetime]":
    from services.cli.reach import reached_database
    from services.runtime.database.shared import shared_klok
    from services.runtime.unit.destinations import standings

    async with reached_database(settings) as connection:
        klok = await shared_klok(connection, None)
        await connection.execute(f'set search_path to "{SCHEMA}"')
        return await standings(connection), klok.now()


def _print(found: "tuple[Standing, ...]", register: "Register", *, now: datetime) -> None:
    from services.cli.tabel import print_table
    from services.runtime.unit.in_words import show_age, show_stand

    def cells(standing: "Standing") -> tuple[str, ...]:
        code = standing.name.rpartition(":")[2].partition("/")[0]
        age = "" if standing.oldest_at is None else show_age(now - standing.oldest_at)
        return standing.name, register.naam(code), str(standing.waiting), age, show_stand(standing, now=now)

    headings = ("Bestemming", "Naam", "Wacht", "Oudste", "Stand")
    print_table("Endpoints", headings, [cells(standing) for standing in found], right={"Wacht", "Oudste"})


async def _try(code: str, settings: "Settings") -> "list[Stap]":
    from contracts.afspraken import local_date
    from services.cli.abonneren import OnveiligAdres, callback_of
    from services.cli.gemeente_proef import Proef
    from services.cli.reach import known_mail
    from services.runtime.process.clock import SystemKlok

    wall, register = SystemKlok(), await _register(settings)
    receiver, team = _receiver(code, register, on=wall.now())
    gemeente = next((item.code for item in register.gemeenten(local_date(wall.now()), regio=receiver.regio)), "")
    secret = _secrets(settings)
    try:
        callback_url = callback_of(public_url_of(settings))
    except OnveiligAdres:
        callback_url = None
    smtp = settings.smtp or known_mail(settings.data_dir)
    proef = Proef(secret, wall, settings.oin, callback_url=callback_url, gemeente=gemeente, smtp=smtp)
    steps: list[Stap] = []
    async for step in proef.run(receiver, team):
        steps.append(step)
        who = "" if step.hersteller is None else f"\n    te herstellen door {step.hersteller}"
        typer.echo(f"{'✓' if step.goed else '✗'} {step.naam:<22} {step.bevinding}{who}")
    return steps


async def _abonneer(code: str, settings: "Settings", *, renew: bool) -> tuple[str, int]:
    """Raises `typer.BadParameter` or `typer.Exit` with the reason told."""
    from contracts.register import ZgwEndpoint
    from services.cli.abonneren import Abonneren, OnveiligAdres, callback_of, open_verbinding
    from services.cli.proef_uitleg import explain_abonnement
    from services.cli.proefstap import US
    from services.cli.reach import reached_database
    from services.handover.adapters.zgw import ZgwClient
    from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
    from services.runtime.database.shared import migrate_gedeeld
    from services.runtime.outbound.network import UnusableCertificate
    from services.runtime.outbound.secrets import SecretUnavailable
    from services.runtime.process.clock import SystemKlok

    wall = SystemKlok()
    receiver, team = _receiver(code, await _register(settings), on=wall.now())
    endpoint = receiver.endpoint_for(team, "zgw")
    if not isinstance(endpoint, ZgwEndpoint):
        raise typer.BadParameter(f"{receiver.naam} heeft geen zaaksysteem in het register, maar {endpoint.soort}.")
    secret = _secrets(settings)
    verbinding = open_verbinding(secret, wall)
    try:
        async with reached_database(settings) as connection:
            await migrate_gedeeld(connection)
            abonneren = Abonneren(connection, settings.master_key(), public_url_of(settings), wall)
            client = ZgwClient(verbinding, endpoint, secret=secret(endpoint.geheim))
            done = await abonneren.keep(client, receiver, renew=renew)
        return done.value, await _catch_up(receiver, settings, on=wall.now())
    except (OnveiligAdres, SecretUnavailable, UnusableCertificate) as error:
        typer.echo(f"{error}\n    te herstellen door {US}", err=True)
        raise typer.Exit(1) from None
    except (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar) as error:
        told, who = explain_abonnement(error, callback_of(public_url_of(settings)))
        typer.echo(f"{told}\n    te herstellen door {who}", err=True)
        raise typer.Exit(1) from None
    finally:
        await verbinding.close()


async def _catch_up(gemeente: "Gemeente | Partij", settings: "Settings", *, on: datetime) -> int:
    """Ask what may have been missed; how many overdrachten it is asked of."""
    from contracts.afspraken import local_date
    from services.cli.bijspringen import ask_what_was_missed, handover_hub

    register = await _register(settings)
    codes = register.codes_of(gemeente.code, on=local_date(on))
    async with handover_hub(settings, register, _secrets(settings)) as hub:
        return await ask_what_was_missed(hub, codes)


def public_url_of(settings: "Settings") -> str:
    """Where gemeenten reach the hub: as was set, else where it last ran on this machine."""
    from services.cli.reach import known_address

    known = settings.public_url or known_address(settings.data_dir)
    return known or f"http://{settings.host}:{settings.port}"


def _receiver(code: str, register: "Register", *, on: datetime) -> "tuple[Gemeente | Partij, str | None]":
    """Who receives today by this code, and which team of it. Raises `typer.BadParameter`."""
    from contracts.afspraken import local_date
    from contracts.register import NietInRegister

    _check_known(code, register)
    name, _, team = code.partition("/")
    try:
        return register.receiver(name, on=local_date(on)), team or None
    except NietInRegister as error:
        raise typer.BadParameter(str(error)) from None


async def _pause(code: str, reden: str, settings: "Settings") -> bool:
    from services.cli.reach import reached_database
    from services.runtime.database.shared import shared_klok
    from services.runtime.unit.destinations import pause as stop

    async with reached_database(settings) as connection:
        klok = await shared_klok(connection, None)
        await connection.execute(f'set search_path to "{SCHEMA}"')
        return await stop(connection, code, reason=reden, by=BY, now=klok.now())


async def _resume(code: str, settings: "Settings") -> int:
    from services.cli.reach import reached_database
    from services.runtime.database.shared import shared_klok
    from services.runtime.unit.destinations import resume as start
    from services.runtime.unit.destinations import standings

    async with reached_database(settings) as connection:
        klok = await shared_klok(connection, None)
        await connection.execute(f'set search_path to "{SCHEMA}"')
        if all(standing.name.rpartition(":")[2] != code for standing in await standings(connection)):
            _check_known(code, await _register(settings))  # who left the register may have been stopped before
        brought = await start(connection, code, now=klok.now())
        await connection.execute(f"select pg_notify('houvast_{SCHEMA}', 'work')")
        return brought


async def _resend(overdracht_id: UUID, settings: "Settings") -> "Reply | None":
    from uuid import uuid4

    from services.cli.bijspringen import handover_hub
    from services.handover.domain.invoer import AfleveringInvoer
    from services.handover.domain.kader import BEHEER
    from services.handover.handlers.commands import OfferOverdrachtAgain
    from services.runtime.access.actor import Actor
    from services.runtime.unit.decision import Incoming

    async with handover_hub(settings, await _register(settings), _secrets(settings)) as hub:
        found = await hub.find("overdracht", str(overdracht_id))
        if not found:
            return None
        command = OfferOverdrachtAgain(overdracht_id, AfleveringInvoer(opnieuw=True))
        return await hub.submit(
            Incoming(key=uuid4(), casus_id=found[0], payload=command, actor=Actor("houvast", BEHEER))
        )


def _secrets(settings: "Settings") -> "Callable[[str], str]":
    from services.runtime.outbound.secrets import Geheimen

    return Geheimen(data_dir=settings.data_dir, variabelen=_variables(settings)).resolve

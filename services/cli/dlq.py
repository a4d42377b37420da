"""`houvast dlq`: records that were set aside – see them, and let them go on when the cause is mended."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from contracts.afspraken import AMSTERDAM
from contracts.messages.topics import Service
from services.cli.reach import reached_database
from services.runtime.settings import Settings, load_settings
from services.runtime.unit.fold import Reply, SetAside
from services.runtime.unit.writes import ParkedKind

if TYPE_CHECKING:
    from services.runtime.running import ServiceProcess
    from services.runtime.unit.releasing import Released

app = typer.Typer(no_args_is_help=True)

R = TypeVar("R")
_ACTOR = "houvast (beheer)"

DataOption = Annotated[Path | None, typer.Option("--data", help="Map van `houvast up`.")]
DatabaseOption = Annotated[str | None, typer.Option("--database", help="URL van de database.")]


@app.command("list")
def show(data: DataOption = None, database: DatabaseOption = None) -> None:
    """Toon wat terzijde ligt, per dienst, met de reden."""
    rows = asyncio.run(_list(load(data, database)))
    for row in rows:
        typer.echo(
            f"{row['dienst']:<11} {row['soort']:<14} {row['key']}  casus {row['casus_id'] or '?'}"
            f"  {row['topic']}/{row['partitie']}@{row['positie']}  {_local(row['op'])}  {_reason(row)}"
        )
    typer.echo(f"{len(rows)} bericht(en) terzijde", err=True)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def _reason(row: dict[str, Any]) -> str:
    """What came too early has no reason but what it waits for."""
    return f"wacht op {row['reden']}" if row["soort"] == ParkedKind.TOO_EARLY else str(row["reden"])


def _filled(value: str) -> str:
    if not value.strip():
        raise typer.BadParameter("zeg waarom; dit blijft in het journaal staan")
    return value.strip()


RegisterOption = Annotated[Path | None, typer.Option("--register", help="Het register van gemeenten (TOML).")]


@app.command()
def retry(
    service: Service,
    key: Annotated[UUID | None, typer.Argument(help="Eén bericht, uit `houvast dlq list`.")] = None,
    *,
    casus: Annotated[UUID | None, typer.Option(help="Alles van deze casus.")] = None,
    reden: Annotated[str | None, typer.Option(help="Alles waarvan de reden zo begint.")] = None,
    alles: Annotated[bool, typer.Option("--alles", help="Alles wat bij deze dienst terzijde ligt.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Handel alsnog af: één bericht, of alles van een casus, met een reden, of alles. Wat erachter wacht volgt vanzelf."""
    if sum((key is not None, casus is not None or reden is not None, alles)) != 1:
        raise typer.BadParameter("noem één bericht, of --casus en/of --reden, of --alles")
    settings = load(data, database, register)
    if key is not None:
        _end(
            asyncio.run(
                _with_process(service, settings, lambda process: process.release(key, drop_because=None, actor=_ACTOR))
            )
        )
    _end_all(
        asyncio.run(_with_process(service, settings, lambda process: process.release_all(casus, reden, actor=_ACTOR)))
    )


@app.command()
def drop(
    service: Service,
    key: UUID,
    reden: Annotated[str, typer.Option(callback=_filled, help="Waarom het terzijde blijft; komt in het journaal.")],
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Laat een bericht voorgoed terzijde; de casus gaat verder zonder."""
    settings = load(data, database, register)
    _end(
        asyncio.run(
            _with_process(service, settings, lambda process: process.release(key, drop_because=reden, actor=_ACTOR))
        )
    )


def load(data: Path | None, database: str | None, register: Path | None = None) -> Settings:
    """The settings, with what the options say."""
    return load_settings(data_dir=data, database=database, register=register)


def _end_all(released: "Released") -> None:
    typer.echo(f"{released.done} bericht(en) afgehandeld, {released.left} nog terzijde.", err=True)
    raise typer.Exit(1 if released.left else 0)


def _end(reply: Reply | None) -> None:
    match reply:
        case None:
            message, code = "Dit bericht ligt niet terzijde.", 1
        case SetAside(reason=reason):
            message, code = f"Het bericht ligt nog terzijde: {reason}", 1
        case _:
            message, code = "Afgehandeld; de casus gaat verder.", 0
    typer.echo(message, err=True)
    raise typer.Exit(code)


async def _list(settings: Settings) -> list[dict[str, Any]]:
    async with reached_database(settings) as connection:
        found: list[dict[str, Any]] = []
        for service in Service:
            if await connection.fetchval("select to_regclass($1)", f"{service.value}.geparkeerd"):
                rows = await connection.fetch(
                    "select key, casus_id, soort, reden, topic, partitie, positie, op"  # noqa: S608  a service
                    f" from {service.value}.geparkeerd order by nummer"
                )
                found += [dict(row) | {"dienst": service.value} for row in rows]
        return found


async def _with_process(
    service: Service, settings: Settings, act: "Callable[[ServiceProcess[Any]], Awaitable[R]]"
) -> R:
    """With a unit of work of our own, beside the service that may be running: the lock on the case keeps the order."""
    from services.cli.bijspringen import service_beside
    from services.cli.ground import UNREACHED
    from services.cli.register_now import register_now
    from services.runtime.outbound.secrets import Geheimen

    register = await register_now(settings, variables=UNREACHED)
    secret = Geheimen(data_dir=settings.data_dir, variabelen=UNREACHED).resolve
    async with service_beside(service, settings, register, secret) as process:
        return await act(process)

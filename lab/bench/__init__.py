"""`houvast bench`: what Houvast does in a second, measured on real parts."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from lab.bench.meting import Figure

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True)

BROKER_HELP = "embedded, local (Apache Kafka, vraagt Java 17 en Maven) of adressen zoals kafka:9092."


class Onderdeel(StrEnum):
    """What `bench road` measures."""

    KETEN = "keten"
    AFLEVERING = "aflevering"
    GEHEUGEN = "geheugen"
    EENHEID = "eenheid"
    VLOER = "vloer"
    OPSTARTEN = "opstarten"


@app.command("road")
def road(
    broker: Annotated[str, typer.Option(help=BROKER_HELP)] = "embedded",
    seconds: Annotated[float, typer.Option(help="Hoe lang elk onderdeel meet.")] = 20.0,
    only: Annotated[list[Onderdeel] | None, typer.Option(help="Alleen dit onderdeel; mag vaker.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet de hele keten op deze machine: doorvoer, wachttijd, geheugen, opstarten, en de kale vloer eronder."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_until_told_to_stop(_measure_road(broker, seconds, frozenset(only or Onderdeel))))
    show(f"houvast bench road --broker {broker}", figures, as_json=as_json)


async def _measure_road(broker: str, seconds: float, only: frozenset[Onderdeel]) -> "list[Figure]":
    from lab.bench.eenheid import measure_unit_of_work
    from lab.bench.meting import with_ratios
    from lab.bench.opstarten import measure_start
    from lab.bench.opstelling import fundament, straat
    from lab.bench.road import Inkomend, measure_latency, measure_memory, measure_throughput, warm_up
    from lab.bench.vloer import measure_kafka_floor, measure_postgres_floor

    figures: list[Figure] = []
    async with fundament(broker) as ground:
        if only & {Onderdeel.KETEN, Onderdeel.AFLEVERING, Onderdeel.GEHEUGEN}:
            async with straat(ground) as road:
                inkomend = Inkomend(road)
                await warm_up(road, inkomend)
                if Onderdeel.AFLEVERING in only:
                    figures += await measure_latency(road, inkomend, seconds=seconds)
                if Onderdeel.KETEN in only:
                    figures += await measure_throughput(road, inkomend, seconds=seconds)
                if Onderdeel.GEHEUGEN in only:
                    figures += measure_memory(road)
        if Onderdeel.EENHEID in only:
            figures += await measure_unit_of_work(ground.database)
        if Onderdeel.VLOER in only:
            figures += await measure_kafka_floor(ground)
            figures += await measure_postgres_floor(ground.database)
    if Onderdeel.OPSTARTEN in only:
        figures += await measure_start()
    return with_ratios(figures, by="vloer: ", of="/s")


async def _until_told_to_stop(measuring: "Coroutine[None, None, T]") -> T:
    """A SIGTERM ends it as Ctrl-C does: what was started is stopped first."""
    import asyncio
    import signal

    task = asyncio.ensure_future(measuring)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _log_to_stderr() -> None:
    """What goes wrong is told beside the figures, not among them."""
    import sys

    from services.runtime.process.logging import configure_logging

    configure_logging("WARNING", stream=sys.stderr.buffer)


def _silence_clients() -> None:
    """What is broken on purpose need not be told by every client of it."""
    import logging

    _log_to_stderr()
    for name in ("aiokafka", "asyncpg", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@app.command("termijnen")
def termijnen(
    aantal: Annotated[int, typer.Option(help="Hoeveel termijnen open staan.")] = 1_000_000,
    tegelijk: Annotated[int, typer.Option(help="Hoeveel casussen op hetzelfde moment verstrijken.")] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet wat een miljoen open termijnen kosten en hoe snel afgaat wat verstrijkt."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_until_told_to_stop(_measure_termijnen(aantal, tegelijk)))
    show("houvast bench termijnen", figures, as_json=as_json)


async def _measure_termijnen(aantal: int, tegelijk: int) -> "list[Figure]":
    from lab.bench.opstelling import fundament
    from lab.bench.termijnen import measure_termijnen

    async with fundament("embedded") as ground:
        return await measure_termijnen(ground, open_termijnen=aantal, due_at_once=tegelijk)


@app.command("aflevering")
def bezorgen(
    seconds: Annotated[float, typer.Option(help="Hoe lang elk onderdeel met vaste snelheid meet.")] = 30.0,
    aantal: Annotated[int, typer.Option(help="Hoeveel afleveringen de doorvoer meet.")] = 4000,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet het bezorgen: doorvoer, een endpoint dat hangt, hervatten van een lange rij, bevestigingen aannemen."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_measure_aflevering(seconds, aantal))
    show("houvast bench aflevering", figures, as_json=as_json)


async def _measure_aflevering(seconds: float, number: int) -> "list[Figure]":
    from lab.bench.aflevering import measure_all
    from lab.bench.bezorging import database_only

    async with database_only() as server:
        return await measure_all(server, seconds=seconds, number=number)


@app.command("crisis")
def crisis(
    seconds: Annotated[float, typer.Option(help="Hoe lang gemeten wordt, in rust en naast gewone meldingen.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet hoe snel een crisis bij mailserver en Teams is, in rust en naast gewone meldingen."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_until_told_to_stop(_measure_crisis(seconds)))
    show("houvast bench crisis", figures, as_json=as_json)


async def _measure_crisis(seconds: float) -> "list[Figure]":
    from lab.bench.crisis import measure_crisis
    from lab.bench.kanalen import kanalen
    from lab.bench.opstelling import UNHINDERED, fundament, straat
    from lab.bench.road import Inkomend

    async with (
        fundament("embedded") as ground,
        kanalen(ground.data_dir) as channels,
        straat(ground, settings={**UNHINDERED, **channels.settings}) as road,
    ):
        return await measure_crisis(road, Inkomend(road), channels, seconds=seconds)


@app.command("werkplek")
def werkplek(
    aantal: Annotated[int, typer.Option(help="Hoeveel casussen open staan.")] = 100_000,
    seconds: Annotated[float, typer.Option(help="Hoe lang elk onderdeel meet.")] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet de bladzijden van de werkplek bij zeer veel open casussen, terwijl er meldingen stromen."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_until_told_to_stop(_measure_werkplek(aantal, seconds)))
    show(f"houvast bench werkplek --aantal {aantal}", figures, as_json=as_json)


async def _measure_werkplek(number: int, seconds: float) -> "list[Figure]":
    import sys

    from lab.bench.opstelling import fundament, straat
    from lab.bench.road import Inkomend
    from lab.bench.werkplek import measure_werkplek

    async with fundament("embedded") as ground, straat(ground) as road:
        return await measure_werkplek(
            road,
            Inkomend(road),
            number=number,
            seconds=seconds,
            tell=lambda sentence: print(sentence, file=sys.stderr, flush=True),
        )


@app.command("misbruik")
def misbruik(
    seconds: Annotated[float, typer.Option(help="Hoe lang elk soort misbruik duurt, en het gewone ervoor.")] = 8.0,
    only: Annotated[str, typer.Option(help="Alleen de soorten met dit in hun naam.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet hoeveel langer een ander wacht terwijl één aanroeper de hub misbruikt."""
    import uvloop

    from lab.bench.meting import show

    _log_to_stderr()
    figures = uvloop.run(_until_told_to_stop(_measure_misbruik(seconds, only)))
    show("houvast bench misbruik", figures, as_json=as_json)


async def _measure_misbruik(seconds: float, only: str) -> "list[Figure]":
    from lab.bench.misbruik import KINDS, measure_misbruik
    from lab.bench.opstelling import fundament, straat
    from lab.bench.road import Inkomend

    async with fundament("embedded") as ground, straat(ground, settings={}) as road:
        inkomend = Inkomend(road)
        kinds = [kind for kind in KINDS if only in kind]
        return await measure_misbruik(road, inkomend, seconds=seconds, kinds=kinds)


@app.command("vergelijk")
def vergelijk(
    map_: Annotated[Path, typer.Argument(metavar="MAP", exists=True, file_okay=False, help="Een andere checkout.")],
    keer: Annotated[int, typer.Option(min=1, help="Hoe vaak elk van beide, om en om.")] = 5,
    seconds: Annotated[float, typer.Option(help="Hoe lang elke keer meet.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Meet wat een melding kost, hier en in een andere checkout: de keten van `bench road`, om en om."""
    import asyncio
    import sys

    from lab.bench.meting import show
    from lab.bench.vergelijk import compare

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    measuring = compare(map_.resolve(), pairs=keer, seconds=seconds, tell=tell)
    figures = asyncio.run(_until_told_to_stop(measuring))
    show(f"houvast bench vergelijk --keer {keer} --seconds {seconds:g}", figures, as_json=as_json)


@app.command("storm")
def storm(
    seed: Annotated[int, typer.Option(help="Hetzelfde getal geeft dezelfde storm.")] = 1,
    ronden: Annotated[int, typer.Option(help="Hoe vaak elke storing komt.")] = 1,
    duur: Annotated[float, typer.Option(help="Na zoveel seconden begint geen storing meer.")] = 3600.0,
    storing: Annotated[list[str] | None, typer.Option(help="Alleen deze storing; mag vaker. `lijst` toont ze.")] = None,
    tempo: Annotated[float, typer.Option(help="Meldingen per seconde.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in plaats van een tabel.")] = False,
) -> None:
    """Laat storingen los op twee kopieën van elke dienst, een eigen Kafka en PostgreSQL, en controleer wat ervan kwam."""
    import sys

    import uvloop

    from lab.bench.storm import STORINGEN, chosen_names, run_storm
    from lab.bench.storm.verslag import show_verslag

    if storing == ["lijst"]:
        for known in STORINGEN.values():
            typer.echo(f"{known.name:<22} {known.what}")
        return
    try:
        names = chosen_names(storing or [])
    except KeyError as error:
        raise typer.BadParameter(f"{error.args[0]} is geen storing; zie --storing lijst") from None
    _silence_clients()
    parts = [f"--seed {seed}", f"--ronden {ronden}", *(f"--storing {name}" for name in storing or [])]
    verslag = uvloop.run(
        _until_told_to_stop(
            run_storm(
                seed=seed,
                rounds=ronden,
                seconds=duur,
                names=names,
                per_second=tempo,
                tell=lambda sentence: print(sentence, file=sys.stderr, flush=True),
                command=f"houvast bench storm {' '.join(parts)}",
            )
        )
    )
    show_verslag(verslag, as_json=as_json)
    raise typer.Exit(0 if verslag.clean else 1)

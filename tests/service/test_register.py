"""The register without restart, over PostgreSQL: what is set in one process holds in the other within seconds, or nowhere."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from contracts.afspraken import load_rule_book
from contracts.register import one_register
from contracts.toml_plaats import BestandFouten
from services.cli.ground import SAMPLE_REGISTER, UNREACHED
from services.runtime.database.roles import ensure_role
from services.runtime.process.clock import VirtueleKlok
from services.runtime.process.supervision import Supervisor
from services.runtime.register import (
    Bezwaren,
    Bron,
    Change,
    ChangedMeanwhile,
    FileHolds,
    Follow,
    RegisterKeeper,
    list_versions,
)
from tests.fakes.desk import lay_schema
from tests.unit.triage.road import START

pytestmark = [pytest.mark.anyio, pytest.mark.database]

SAMPLE = SAMPLE_REGISTER.read_text(encoding="utf-8")
RENAMED = SAMPLE.replace('naam = "Breda"', 'naam = "Breda aan de Mark"')
WRONG = SAMPLE.replace('naam = "Breda"', 'naam = ""')
GOIRLE = SAMPLE.index('code = "GM0785"')
WITHOUT_TEAM = SAMPLE[:GOIRLE] + SAMPLE[GOIRLE:].replace('rol = "teamcoordinator"', 'rol = "coordinator"', 1)
GONE = SAMPLE.replace('code = "safegroup"', 'code = "safegroup-nieuw"')
LIMIT_SECONDS = 20
assert len({SAMPLE, RENAMED, WRONG, WITHOUT_TEAM, GONE}) == 5


@pytest.fixture
async def pool(fresh_database: str) -> AsyncIterator[Any]:
    await lay_schema(fresh_database, "triage")
    made: Any = await asyncpg.create_pool(fresh_database, min_size=1, max_size=6)
    yield made
    await made.close()


def keeper_of(pool: Any, dsn: str, *, file: Path = SAMPLE_REGISTER, holds: bool = False) -> RegisterKeeper:
    follow = Follow(file, holds, UNREACHED)
    return RegisterKeeper(pool, VirtueleKlok(START), load_rule_book(), follow, dsn=dsn)


@asynccontextmanager
async def following(keeper: RegisterKeeper) -> AsyncIterator[RegisterKeeper]:
    """A process that began, and follows."""
    await keeper.begin()
    supervisor = Supervisor()
    supervisor.start("register", keeper.run)
    supervisor.start("registerwekker", keeper.hear)
    try:
        yield keeper
    finally:
        await supervisor.stop()


def change(tekst: str, basis: int = 1, **given: Any) -> Change:
    said = {"wie": "Robin Zandbak (houvast)", "bron": Bron.BLAD, "waarom": "Verhuisd.", "sleutel": None}
    return Change(tekst, basis, **(said | given))


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not seen():  # noqa: ASYNC110  what is waited for tells nobody
            await asyncio.sleep(0.02)


async def test_the_file_is_the_first_version_whoever_begins_first(pool: Any, fresh_database: str) -> None:
    keepers = [keeper_of(pool, fresh_database) for _ in range(3)]
    await asyncio.gather(*(keeper.begin() for keeper in keepers))
    assert {keeper.versie.nummer for keeper in keepers} == {1}
    (first,) = await list_versions(pool, number=5)
    assert (first.bron, first.wie) == (Bron.BESTAND, "bestand register.toml")


async def test_what_is_set_in_one_process_holds_in_the_other(pool: Any, fresh_database: str) -> None:
    """Whoever kept hold of the register before reads it too, and is told."""
    async with following(keeper_of(pool, fresh_database)) as one, following(keeper_of(pool, fresh_database)) as other:
        told: list[str] = []
        other.told = lambda register: told.append(register.naam("GM0758"))
        held, naam = other.register, other.register.naam
        made = await one.change(change(RENAMED))
        assert (made.nummer, one.register.naam("GM0758")) == (2, "Breda aan de Mark")
        await until(lambda: naam("GM0758") == "Breda aan de Mark")
        assert held is other.register
        assert told == ["Breda aan de Mark"]


async def test_it_is_seen_without_the_signal_too(pool: Any, fresh_database: str) -> None:
    other = keeper_of(pool, fresh_database)
    await other.begin()
    following_by_looking = asyncio.create_task(other.run())
    one = keeper_of(pool, fresh_database)
    await one.begin()
    await one.change(change(RENAMED))
    await until(lambda: other.versie.nummer == 2)
    following_by_looking.cancel()


async def test_who_is_under_way_sees_one_version_to_the_end(pool: Any, fresh_database: str) -> None:
    async with following(keeper_of(pool, fresh_database)) as keeper:
        with one_register():
            assert keeper.register.naam("GM0758") == "Breda"
            await keeper.change(change(RENAMED))
            assert keeper.register.naam("GM0758") == "Breda"
            assert (await asyncio.to_thread(keeper.register.naam, "GM0758")) == "Breda"
        assert keeper.register.naam("GM0758") == "Breda aan de Mark"


async def test_one_that_is_wrong_holds_nowhere_and_says_where(pool: Any, fresh_database: str) -> None:
    async with following(keeper_of(pool, fresh_database)) as keeper:
        with pytest.raises(BestandFouten) as wrong:
            await keeper.change(change(WRONG))
        (fout,) = wrong.value.fouten
        assert (fout.regel, fout.melding) == (WRONG[: WRONG.index('naam = ""')].count("\n") + 1, "mag niet leeg zijn")
        assert len(await list_versions(pool, number=5)) == 1
        assert keeper.register.naam("GM0758") == "Breda"


@pytest.mark.parametrize(
    ("tekst", "said"),
    [
        (GONE, "partij Safegroup (safegroup) verdwijnt"),
        (WITHOUT_TEAM, "Goirle (GM0785) heeft niemand in de rol teamcoordinator"),
    ],
)
async def test_what_leaves_somebody_without_holds_only_when_that_is_meant(
    pool: Any, fresh_database: str, tekst: str, said: str
) -> None:
    async with following(keeper_of(pool, fresh_database)) as keeper:
        with pytest.raises(Bezwaren) as against:
            await keeper.change(change(tekst))
        assert any(said in sentence for sentence in against.value.zinnen)
        assert len(await list_versions(pool, number=5)) == 1
        assert (await keeper.change(change(tekst), toch=True)).nummer == 2


async def test_of_two_who_change_the_same_version_the_second_is_told(pool: Any, fresh_database: str) -> None:
    async with following(keeper_of(pool, fresh_database)) as one, following(keeper_of(pool, fresh_database)) as other:
        await one.change(change(RENAMED))
        with pytest.raises(ChangedMeanwhile):
            await other.change(change(SAMPLE + "\n# anders\n"))


async def test_the_same_change_twice_is_one_version(pool: Any, fresh_database: str) -> None:
    async with following(keeper_of(pool, fresh_database)) as keeper:
        key = uuid4()
        made = [await keeper.change(change(RENAMED, sleutel=key)) for _ in range(2)]
        assert [versie.nummer for versie in made] == [2, 2]
        assert (await keeper.change(change(RENAMED, basis=2))).nummer == 2, "nothing new is no version"


async def test_back_to_an_earlier_version_is_a_new_one(pool: Any, fresh_database: str) -> None:
    async with following(keeper_of(pool, fresh_database)) as keeper:
        await keeper.change(change(RENAMED))
        await keeper.change(change(SAMPLE, basis=2, waarom="Terug naar versie 1."))
        assert keeper.register.naam("GM0758") == "Breda"
        found = await list_versions(pool, number=5)
        assert [(versie.nummer, versie.waarom) for versie in found][:2] == [
            (3, "Terug naar versie 1."),
            (2, "Verhuisd."),
        ]


@pytest.mark.parametrize("statement", ["update {} set wie = 'niemand'", "delete from {}", "truncate {}"])
async def test_a_version_is_not_to_be_changed(pool: Any, fresh_database: str, statement: str) -> None:
    await keeper_of(pool, fresh_database).begin()
    with pytest.raises(asyncpg.PostgresError, match="wordt niet gewijzigd of weggehaald"):
        await pool.execute(statement.format("houvast.registerversie"))


async def test_no_service_sets_one_by_itself(pool: Any, fresh_database: str) -> None:
    """Its role reads the register, and writes none."""
    await keeper_of(pool, fresh_database).begin()
    async with pool.acquire() as connection, connection.transaction():
        role = await ensure_role(connection, "triage")
        await connection.execute(f'set local role "{role}"')
        assert await connection.fetchval("select count(*) from houvast.registerversie") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("insert into houvast.registerversie select * from houvast.registerversie")


async def test_a_version_of_a_release_that_knows_more_is_passed_over(pool: Any, fresh_database: str) -> None:
    """Two releases run side by side during an upgrade."""
    async with following(keeper_of(pool, fresh_database)) as keeper:
        await _insert(pool, 2, SAMPLE.replace('naam = "Breda"', 'naam = "Breda"\nkleur = "geel"'))
        await until(lambda: keeper.trouble is not None)
        finding = await keeper.look()
        assert finding is not None
        assert finding.sentence == "versie 2 van het register is hier niet te lezen; versie 1 geldt"
        assert not finding.blocks
        later = keeper_of(pool, fresh_database)
        await later.begin()
        assert (later.versie.nummer, later.warnings) == (1, (finding.sentence,))
        await keeper.change(change(RENAMED, basis=2))
        assert await keeper.look() is None


async def test_where_the_file_is_the_source_it_is_followed(pool: Any, fresh_database: str, tmp_path: Path) -> None:
    file = tmp_path / "register.toml"
    file.write_text(SAMPLE, "utf-8")
    async with following(keeper_of(pool, fresh_database, file=file, holds=True)) as keeper:
        with pytest.raises(FileHolds, match=r"in een bestand \(register\.toml\)"):
            await keeper.change(change(RENAMED))
        file.write_text(RENAMED, "utf-8")
        await until(lambda: keeper.register.naam("GM0758") == "Breda aan de Mark")
        file.write_text(SAMPLE, "utf-8")
        await until(lambda: keeper.register.naam("GM0758") == "Breda")
        assert [versie.bron for versie in await list_versions(pool, number=5)] == [Bron.BESTAND] * 3


async def test_a_file_that_is_wrong_changes_nothing_and_is_told_with_its_place(
    pool: Any, fresh_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "register.toml"
    file.write_text(SAMPLE, "utf-8")
    async with following(keeper_of(pool, fresh_database, file=file, holds=True)) as keeper:
        with capture_logs() as lines:
            file.write_text(WRONG + '\n[[partij.persoon]]\nnaam = "Femke Denkbeeld"\n', "utf-8")
            await until(lambda: keeper.trouble is not None)
        assert keeper.trouble is not None
        assert "mag niet leeg zijn" in {fout.melding for fout in keeper.trouble.fouten}
        assert keeper.register.naam("GM0758") == "Breda"
        (line,) = (line for line in lines if line["event"] == "register_refused")
        assert "gemeente[1].naam" in str(line["places"])
        assert "Femke" not in str(lines)
        file.unlink()
        await until(lambda: "niet te lezen" in "".join(keeper.warnings))
        file.write_text(SAMPLE, "utf-8")
        await until(lambda: keeper.trouble is None)
        assert len(await list_versions(pool, number=5)) == 1


async def test_a_hub_begins_again_with_what_held_when_its_file_is_wrong(
    pool: Any, fresh_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "register.toml"
    file.write_text(WRONG, "utf-8")
    with pytest.raises(BestandFouten):
        await keeper_of(pool, fresh_database, file=file, holds=True).begin()
    await keeper_of(pool, fresh_database).begin()
    again = keeper_of(pool, fresh_database, file=file, holds=True)
    await again.begin()
    assert again.versie.nummer == 1
    assert again.warnings == ("in het bestand register.toml staan fouten (één fout); versie 1 geldt",)


async def test_a_copy_whose_file_lags_behind_puts_nothing_back(pool: Any, fresh_database: str, tmp_path: Path) -> None:
    """Two machines get a new file one after the other."""
    files = [tmp_path / "een.toml", tmp_path / "twee.toml"]
    for file in files:
        file.write_text(SAMPLE, "utf-8")
    one, other = (keeper_of(pool, fresh_database, file=file, holds=True) for file in files)
    async with following(one), following(other):
        files[0].write_text(RENAMED, "utf-8")
        await until(lambda: other.versie.nummer == 2)
        await until(lambda: other.trouble is not None)
        restarted = keeper_of(pool, fresh_database, file=files[1], holds=True)
        await restarted.begin()
        assert restarted.versie.nummer == 2
        assert "is gelijk aan versie 1" in restarted.warnings[0]
        files[1].write_text(RENAMED, "utf-8")
        await until(lambda: other.trouble is None)
        assert len(await list_versions(pool, number=5)) == 2


async def _insert(pool: Any, nummer: int, tekst: str) -> None:
    await pool.execute(
        "insert into houvast.registerversie (nummer, op, wie, bron, waarom, tekst, vingerafdruk)"
        " values ($1, now(), 'later', 'blad', 'nieuw veld', $2, md5($2))",
        nummer,
        tekst,
    )

"""`houvast up` as a process: the whole road from one command, killed and started again; what it says when it cannot."""

import re
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from lab.invented import VerzonnenMelding, verzin_meldingen
from services.cli.servers import start_database
from services.runtime.database.server import EMBEDDED
from tests.fixtures.apart import run_apart
from tests.fixtures.processen import (
    ROOT,
    Up,
    client_of,
    created,
    data_folder,
    delivered,
    eventually,
    hand_over,
    houvast,
    sample_register,
    start_up,
    undelivered,
    voorbeeld,
)

pytestmark = pytest.mark.database

MONDAY = "2026-03-02T09:00+01:00"
THURSDAY = "2026-03-05T09:00+01:00"
VEILIG_THUIS = "veilig-thuis-west-brabant"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with data_folder(tmp_path / "data") as path:
        yield path


def test_a_melding_travels_the_road_and_outlives_a_kill_and_a_change_of_day(data: Path) -> None:
    """Issue 2: from POST to the gemeente and back, then down for three days; WB: zicht moves after 2 werkdagen."""
    hub = start_up(data, clock=f"{MONDAY}@3600")
    try:
        with hub.client(VEILIG_THUIS) as veilig_thuis:
            assert veilig_thuis.get("/gezond/klaar").status_code == 200
            melding = created(veilig_thuis.post("/triage/v1/meldingen", json=voorbeeld("melding")))
            assert melding["triageadvies"]["advies"] == "directe-overdracht"
            besluiten = f"/triage/v1/meldingen/{melding['id']}/triagebesluiten"
            refused = veilig_thuis.post(besluiten, json=voorbeeld("triagebesluit-onvolledig"))
            assert refused.status_code == 400
            assert len(refused.json()["fouten"]) == 2, "every missing item is named"
            created(veilig_thuis.post(besluiten, json=voorbeeld("triagebesluit")))
            casus = eventually(lambda: delivered(veilig_thuis, melding["casusId"]), what="the delivery")
            overdracht_id = casus["overdrachten"][0]["id"]
        with hub.client("GM0758") as breda:
            bevestiging = f"/overdracht/v1/overdrachten/{overdracht_id}/ontvangstbevestigingen"
            first = breda.post(bevestiging, json=voorbeeld("ontvangstbevestiging"))
            assert first.status_code == 201, first.text
            assert breda.get(f"/overdracht/v1/overdrachten/{overdracht_id}").status_code == 200
        with hub.client("GM1674") as roosendaal:
            assert roosendaal.get(f"/overdracht/v1/overdrachten/{overdracht_id}").status_code == 404
    finally:
        hub.process.kill()

    began = datetime.fromisoformat(casus["meldingOntvangenOp"])
    again = start_up(data, clock=f"{THURSDAY}@60")
    try:
        with again.client(VEILIG_THUIS) as veilig_thuis:
            now = eventually(lambda: _borne_by(veilig_thuis, melding["casusId"], "GM0758"), what="zicht at Breda")
            then = _zicht(veilig_thuis, melding["casusId"], op=began + timedelta(hours=1))
            assert then["partij"] == VEILIG_THUIS
            assert now["regel"]["bron"]["citaat"]
            assert _zicht_status(veilig_thuis, melding["casusId"], op=began - timedelta(days=1)) == 404
            assert _zicht_status(veilig_thuis, melding["casusId"], op=datetime(2026, 12, 1, tzinfo=UTC)) == 400
            seen = eventually(lambda: delivered(veilig_thuis, melding["casusId"]), what="the case")
            (overdracht,) = seen["overdrachten"]
            assert overdracht["ontvangenOp"] is not None
        _look_at_the_board(again, melding["casusId"])
        code, seconds = again.process.end()
    finally:
        again.process.ensure_ended()
    assert (code, seconds < 10) == (0, True), f"{code} after {seconds:.1f} s"
    assert "alles is bewaard" in again.process.said
    assert not (data / "postgres" / "postmaster.pid").exists(), "PostgreSQL stops with the hub"

    back = houvast("up", "--data", str(data), "--port", "0", environment={"HOUVAST_CLOCK": MONDAY})
    assert back.returncode == 1
    assert "klok terug" in back.stderr
    _says_it_plainly(back)


def _look_at_the_board(hub: Up, casus_id: str) -> None:
    """The login link works once, opening it does nothing, and the board shows the case."""
    with httpx.Client(trust_env=False) as browser:
        code = httpx.URL(hub.login_link).params["code"]
        assert browser.get(hub.address + "/").headers["location"] == "/inloggen"
        for _ in range(2):
            assert browser.get(hub.login_link).status_code == 200
        logged_in = browser.post(hub.address + "/inloggen", data={"code": code})
        assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/")
        assert casus_id in browser.get(hub.address + "/").text
        assert browser.get(f"{hub.address}/casus/{casus_id}").status_code == 200
        assert browser.get(f"{hub.address}/sandbox/").status_code == 200
        assert browser.post(hub.address + "/inloggen", data={"code": code}).status_code == 410


ROUNDS = 3
PER_ROUND = 6


def test_what_was_answered_with_201_is_there_after_a_kill_and_nothing_is_doubled(data: Path) -> None:
    """G1 and G2 on the broker that forgets: killed while requests are under way, again and again.

    Each time the hub comes back at another public address: who already received something gets the same bytes again.
    """
    made = list(
        verzin_meldingen(
            sample_register(),
            aantal=ROUNDS * PER_ROUND,
            seed=7,
            on=date(2026, 3, 2),
            regio="west-brabant",
        ),
    )
    keys = [(str(uuid4()), str(uuid4())) for _ in made]
    hub = start_up(data, clock=f"{MONDAY}@3600")
    token = hub.token(VEILIG_THUIS)
    accepted: dict[int, str] = {}
    try:
        for number in range(ROUNDS):
            indices = range(number * PER_ROUND, (number + 1) * PER_ROUND)
            accepted |= _post_until_killed(hub, token, made, keys, indices, kill_after=number + 1)
            hub = start_up(data, clock=f"{MONDAY}@3600", public_url=f"https://houvast-{number}.example")
        with client_of(hub.address, token) as veilig_thuis:
            answers = [hand_over(veilig_thuis, melding, key) for melding, key in zip(made, keys, strict=True)]
            for index, answered in accepted.items():
                assert answers[index]["id"] == answered, "the same key gets the same answer, also after a kill"
            eventually(lambda: undelivered(veilig_thuis, answers) == [], seconds=60, what="the last delivery")
        received = Counter(line["aanbod"]["overdracht_id"] for line in hub.sandbox_lines if line["wat"] == "ontvangen")
        assert set(received.values()) == {1}
        counted = run_apart(_count(data))
        assert hub.process.end()[0] == 0
    finally:
        hub.process.ensure_ended()
    number = len(made)
    assert counted.pop("afgeleverd langs rest") == len(received)
    assert counted == {
        "meldingen": number,
        "casussen": number,
        "overdrachten": number,
        "afgeleverd": number,
        "bewaakt": number,
        "terzijde": 0,
        "pogingen dubbel": 0,
    }


def _post_until_killed(
    hub: Up,
    token: str,
    made: list[VerzonnenMelding],
    keys: list[tuple[str, str]],
    indices: range,
    *,
    kill_after: int,
) -> dict[int, str]:
    """Post all at the same time and kill the hub as soon as so many were accepted: who was told 201, with what id."""
    accepted: dict[int, str] = {}
    with client_of(hub.address, token) as client, ThreadPoolExecutor(max_workers=len(indices)) as threads:
        posting = {threads.submit(_try_to_hand_over, client, made[index], keys[index]): index for index in indices}
        for done in as_completed(posting):
            if (melding_id := done.result()) is not None:
                accepted[posting[done]] = melding_id
            if len(accepted) == kill_after:
                hub.process.running.send_signal(signal.SIGKILL)
    hub.process.running.wait(10)
    assert len(accepted) >= kill_after
    return accepted


def _try_to_hand_over(client: httpx.Client, melding: VerzonnenMelding, key: tuple[str, str]) -> str | None:
    try:
        return str(hand_over(client, melding, key)["id"])
    except httpx.TransportError:
        return None


async def _count(data: Path) -> dict[str, int]:
    database = await start_database(EMBEDDED, data_dir=data)
    connection = await asyncpg.connect(database.url)
    try:
        queries = {
            "meldingen": "select count(*) from triage.melding",
            "casussen": "select count(distinct casus_id) from triage.melding",
            "overdrachten": "select count(*) from handover.overdracht",
            "afgeleverd": "select count(*) from handover.overdracht where afgeleverd_op is not null",
            "afgeleverd langs rest": "select count(*) from handover.overdracht"
            " where afgeleverd_op is not null and kanaal = 'rest'",
            "bewaakt": "select count(*) from monitoring.casus where zicht_partij is not null",
            "terzijde": "select (select count(*) from triage.geparkeerd) + (select count(*) from handover.geparkeerd)"
            " + (select count(*) from monitoring.geparkeerd) + (select count(*) from notifier.geparkeerd)",
            "pogingen dubbel": "select count(*) from (select opdracht_id from handover.poging"
            " where resultaat = 'gelukt' group by 1 having count(*) > 1) as dubbel",
        }
        return {name: await connection.fetchval(query) for name, query in queries.items()}
    finally:
        await connection.close()
        await database.stop()


def test_a_second_hub_on_the_same_data_is_refused_and_the_first_goes_on(data: Path) -> None:
    hub = start_up(data)
    try:
        second = houvast("up", "--data", str(data), "--port", "0")
        assert second.returncode == 1
        assert "Er draait al een Houvast" in second.stderr
        _says_it_plainly(second)
        port = str(httpx.URL(hub.address).port)
        third = houvast("up", "--data", str(data.parent / "ander"), "--port", port)
        assert third.returncode == 1
        assert port in third.stderr
        assert not (data.parent / "ander" / "postgres" / "postmaster.pid").exists()
        _says_it_plainly(third)
        assert httpx.get(hub.address + "/gezond/klaar", trust_env=False).status_code == 200
        code, seconds = hub.process.end(signal.SIGTERM)
        assert (code, seconds < 10) == (0, True)
    finally:
        hub.process.ensure_ended()


def test_everything_that_is_wrong_in_a_register_is_told_with_its_line(tmp_path: Path) -> None:
    """Issue 2, bad input: a register with a typo; nothing is started for it."""
    text = (ROOT / "deploy" / "register.toml").read_text(encoding="utf-8")
    wrong = text.replace('naam = "Breda"', 'nam = "Breda"', 1).replace('code = "GM0748"', 'code = "GM748"', 1)
    path = tmp_path / "register.toml"
    path.write_text(wrong, encoding="utf-8")
    done = houvast("up", "--data", str(tmp_path / "data"), "--port", "0", "--register", str(path))
    assert done.returncode == 2
    lines, typo, no_code = wrong.splitlines(), 'nam = "Breda"', 'code = "GM748"'
    assert f":{lines.index(typo) + 1}: gemeente[1].nam: onbekend veld" in done.stderr
    assert f":{lines.index(no_code) + 1}: gemeente[2].code" in done.stderr
    _says_it_plainly(done)
    assert not (tmp_path / "data").exists(), "told before anything is started"


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "names"),
    [
        ((), {"HOUVAST_CLOCK": "morgen", "HOUVAST_OIN": "1", "HOUVAST_SMTP_PORT": "x"}, 2,
         ("HOUVAST_CLOCK", "HOUVAST_OIN", "HOUVAST_SMTP_PORT")),
        ((), {"HOUVAST_CLOK": "2026-03-02T09:00+01:00"}, 2, ("HOUVAST_CLOK", "HOUVAST_CLOCK")),
        (("--register", "nergens.toml"), {}, 2, ("HOUVAST_REGISTER",)),
        (("--broker", "rabbit", "--database", "mysql://x"), {"HOUVAST_NOTIFIER_BUNDLE_SECONDS": "-1"}, 2,
         ("HOUVAST_BROKER", "rabbit", "embedded", "HOUVAST_DATABASE", "HOUVAST_NOTIFIER_BUNDLE_SECONDS")),
        ((), {"HOUVAST_HANDOVER_TIMEOUTS": "PT5S"}, 2, ("HOUVAST_HANDOVER_TIMEOUT?",)),
        (("--database", "mysql://x"), {}, 2, ("HOUVAST_DATABASE",)),
        (("--database", "postgresql://wie@127.0.0.1:1/x"), {}, 1, ("127.0.0.1",)),
        (("--port", "99999"), {}, 2, ("HOUVAST_PORT",)),
    ],
    ids=[
        "all at once", "a typo", "no register", "also of a service", "a typo of a service", "no database",
        "unreachable database", "no port",
    ],
)  # fmt: skip
def test_a_setting_that_is_wrong_is_named(
    tmp_path: Path,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    names: tuple[str, ...],
) -> None:
    with data_folder(tmp_path / "data") as data:
        done = houvast("up", "--data", str(data), "--port", "0", *arguments, environment=environment)
    assert done.returncode == code, done.stderr
    assert [name for name in names if name not in done.stderr] == []
    _says_it_plainly(done)


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "bestand"
    in_the_way.touch()
    for command in ("up", "demo"):
        done = houvast(command, "--data", str(in_the_way))
        assert done.returncode == 2
        assert f"HOUVAST_DATA: {in_the_way} is geen map" in done.stderr
        _says_it_plainly(done)


@pytest.mark.parametrize("service", ["triage", "handover", "monitoring", "notifier"])
def test_a_service_alone_asks_for_what_it_needs_with_all_else_that_is_wrong(service: str) -> None:
    done = houvast("run", service, environment={"HOUVAST_CLOCK": "morgen"})
    assert done.returncode == 2
    assert {"HOUVAST_DATABASE", "HOUVAST_BROKER", "HOUVAST_CLOCK"} <= set(re.findall(r"HOUVAST_\w+", done.stderr))
    _says_it_plainly(done)


def test_a_service_alone_tells_what_is_wrong_in_its_register_before_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "register.toml"
    path.write_text('[[gemeente]]\nnam = "Breda"\n', encoding="utf-8")
    address = {"HOUVAST_DATABASE": "postgresql://wie@127.0.0.1:1/x", "HOUVAST_BROKER": "127.0.0.1:1"}
    done = houvast("run", "triage", environment={**address, "HOUVAST_REGISTER": str(path)})
    assert done.returncode != 0, "there is no database either, in which an earlier version could hold"
    assert f"{path}:2: gemeente[1].nam: onbekend veld" in done.stderr
    _says_it_plainly(done)


@pytest.mark.parametrize(
    "arguments",
    [("token", VEILIG_THUIS), ("dlq", "list"), ("herstel",), ("dlq", "retry", "triage", str(uuid4()))],
    ids=["token", "dlq list", "herstel", "dlq retry"],
)
def test_a_command_about_a_hub_that_never_ran_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = houvast(*arguments, "--data", str(tmp_path / "leeg"))
    assert done.returncode == 2
    assert "houvast up" in done.stderr
    _says_it_plainly(done)


def _says_it_plainly(done: CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.strip()


def _zicht(client: httpx.Client, casus_id: str, op: datetime) -> dict[str, Any]:
    response = client.get(f"/monitoring/v1/casussen/{casus_id}/zicht-op-veiligheid", params={"op": op.isoformat()})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def _zicht_status(client: httpx.Client, casus_id: str, op: datetime) -> int:
    path = f"/monitoring/v1/casussen/{casus_id}/zicht-op-veiligheid"
    return client.get(path, params={"op": op.isoformat()}).status_code


def _borne_by(client: httpx.Client, casus_id: str, partij: str) -> dict[str, Any] | None:
    response = client.get(f"/monitoring/v1/casussen/{casus_id}/zicht-op-veiligheid")
    body: dict[str, Any] = response.json()
    return body if response.status_code == 200 and body["partij"] == partij else None

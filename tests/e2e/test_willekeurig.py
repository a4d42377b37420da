"""Whatever is sent to the four APIs: never a 5xx, and every refusal is a problem that a caller can act on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase

from contracts.messages.identifiers import derived_id
from services.cli.verzonnen import VerzonnenMelding
from tests.fixtures.processen import ROOT, Up, data_folder, delivered, eventually, hand_over, start_up, voorbeeld

pytestmark = [pytest.mark.database, pytest.mark.timeout(240)]

EXAMPLES = 15
"""Per operation. The seed is fixed: what is found is found again."""
VEILIG_THUIS = "veilig-thuis-west-brabant"


@schemathesis.serializer("message/rfc822")
def _letter(_: Any, value: object) -> bytes:
    """Whatever was made up, as the letter that a mail server posts."""
    return value if isinstance(value, bytes) else str(value).encode()


@dataclass(frozen=True)
class Ground:
    """A hub with one case on its road, three callers (one of them unknown), and identifiers that lead somewhere."""

    address: str
    callers: tuple[requests.Session, ...]
    known: dict[str, str]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with data_folder(tmp_path_factory.mktemp("willekeurig") / "data") as data:
        hub = start_up(data, clock="2026-03-02T09:00+01:00@60")
        callers = tuple(_caller(token) for token in (hub.token(VEILIG_THUIS), hub.token("GM0758"), "hv_onbekend"))
        try:
            yield Ground(hub.address, callers, _hand_one_over(hub))
        finally:
            for caller in callers:
                caller.close()
            hub.process.ensure_ended()


def _caller(token: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def _hand_one_over(hub: Up) -> dict[str, str]:
    with hub.client(VEILIG_THUIS) as client:
        melding = hand_over(client, VerzonnenMelding("GM0758", voorbeeld("melding"), voorbeeld("triagebesluit")))
        casus = eventually(lambda: delivered(client, melding["casusId"]), what="the delivery")
    overdracht = casus["overdrachten"][0]["id"]
    return {"meldingen": melding["id"], "casussen": melding["casusId"], "overdrachten": overdracht}


def _schema(name: str) -> Any:
    schema = schemathesis.openapi.from_path(ROOT / "contracts" / "schemas" / "openapi" / f"{name}.json")
    schema.config.phases.coverage.enabled = False
    schema.config.phases.examples.enabled = False
    return schema


def _fuzz(case: Any, ground: Ground) -> None:
    """Half of the cases about something that exists; mostly by Veilig Thuis, sometimes by another, or by nobody."""
    choice = derived_id(repr((case.path_parameters, case.query, case.headers, case.cookies, case.body))).int
    kind = case.operation.path.split("/")[1]
    if kind in ground.known and choice % 2:
        for name in case.path_parameters:
            if name.lower().endswith("id"):
                case.path_parameters[name] = ground.known[kind]
    caller = ground.callers[(0, 0, 0, 1, 1, 2)[choice // 2 % 6]]
    base_path = case.operation.schema.raw_schema["servers"][0]["url"]
    response = case.call(base_url=ground.address + base_path, session=caller)
    assert response.status_code < 500, response.text
    assert response.headers.get("api-version"), "on every response, errors too"
    if response.status_code >= 400:
        _is_problem(response)


def _is_problem(response: Any) -> None:
    assert response.headers["content-type"][0].startswith("application/problem+json"), response.headers
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]
    assert problem["detail"]


@schemathesis.pytest.parametrize(
    triage=_schema("triage"),
    handover=_schema("handover"),
    monitoring=_schema("monitoring"),
    notifier=_schema("notifier"),
)
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[HypothesisPhase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_a_success_or_a_problem(case: Any, ground: Ground) -> None:
    _fuzz(case, ground)

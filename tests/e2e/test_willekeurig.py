"""Whatever is sent to the four APIs: never a 5xx; what the descriptions allow is taken, what they forbid is refused."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

from contracts.messages.identifiers import derived_id, passes_bsn_check
from lab.invented import VerzonnenMelding
from tests.fixtures.kenner import GEMEENTE, Kenner
from tests.fixtures.processen import ROOT, Up, data_folder, delivered, eventually, hand_over, start_up, voorbeeld

EXAMPLES = int(os.environ.get("HOUVAST_TEST_EXAMPLES", "15"))
"""Per operation. The seed is fixed: what is found is found again."""

pytestmark = [pytest.mark.database, pytest.mark.timeout(240 + 4 * EXAMPLES)]

VEILIG_THUIS = "veilig-thuis-west-brabant"
MELDPUNT = "meldpunt-west-brabant"
HUIS = "houvast"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ABOUT_THE_STATE = frozenset({403, 404, 409, 410, 422})
"""Not for this caller, not there, not now, or a key that was used before: no word about the form of the request."""
BESTAND = b"wat er is besproken"
BESTANDSNAAM = 'attachment; filename="verslag.txt"'


@schemathesis.serializer("message/rfc822")
def _letter(_: Any, value: object) -> bytes:
    """Whatever was made up, as the letter that a mail server posts."""
    return value if isinstance(value, bytes) else str(value).encode()


_DAYS = st.dates(date(1900, 1, 1), START.date())
_MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30))  # noqa: DTZ001  their zone follows
_ZONES = st.sampled_from(["Z", "+01:00", "-04:30", "+14:00"])
schemathesis.openapi.format("bsn", st.integers(999_900_000, 999_999_999).map(str).filter(passes_bsn_check))
schemathesis.openapi.format("date", _DAYS.map(date.isoformat))
schemathesis.openapi.format("date-time", st.builds(lambda at, zone: at.isoformat() + zone, _MOMENTS, _ZONES))


@dataclass(frozen=True)
class Ground:
    """A hub with one case on its road and one that waits for a besluit, callers, and identifiers that lead somewhere."""

    address: str
    callers: dict[str, requests.Session]
    known: dict[str, list[str]]
    kenner: Kenner


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with data_folder(tmp_path_factory.mktemp("willekeurig") / "data") as data:
        hub = start_up(data, clock=f"{START.isoformat()}@60", rate_per_token="10000", rate_per_address="10000")
        parties = (VEILIG_THUIS, GEMEENTE, MELDPUNT, HUIS)
        callers = {partij: _caller(hub.token(partij)) for partij in parties} | {"": _caller("hv_onbekend")}
        try:
            yield Ground(hub.address, callers, *_hand_one_over(hub))
        finally:
            for caller in callers.values():
                caller.close()
            hub.process.ensure_ended()


def _caller(token: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def _hand_one_over(hub: Up) -> tuple[dict[str, list[str]], Kenner]:
    with hub.client(VEILIG_THUIS) as client:
        melding = hand_over(client, VerzonnenMelding(GEMEENTE, voorbeeld("melding"), voorbeeld("triagebesluit")))
        casus = eventually(lambda: delivered(client, melding["casusId"]), what="the delivery")
        waiting = client.post("/triage/v1/meldingen", json=voorbeeld("melding") | {"kenmerk": "wacht"}).json()
    overdracht = casus["overdrachten"][0]
    known = {
        "meldingen": [melding["id"], waiting["id"]],
        "casussen": [melding["casusId"], waiting["casusId"]],
        "overdrachten": [overdracht["id"]],
    }
    return known, Kenner(waiting["ontvangenOp"])


def _schema(name: str) -> Any:
    schema = schemathesis.openapi.from_path(ROOT / "contracts" / "schemas" / "openapi" / f"{name}.json")
    schema.config.phases.coverage.enabled = False
    schema.config.phases.examples.enabled = False
    schema.config.generation.update(with_security_parameters=False)
    return schema


def _send(case: Any, ground: Ground) -> tuple[bool, Any]:
    """Whether the case keeps to the description, and the answer.

    Half of the cases are about something that exists; each by a party that may do it, some that are wrong by nobody.
    """
    valid = case.meta.generation.mode is GenerationMode.POSITIVE
    choice = derived_id(repr((case.path_parameters, case.query, case.headers, case.cookies, case.body))).int
    path: str = case.operation.path
    known = ground.known.get(path.split("/")[1], ())
    wrong = {mutation.parameter_location for mutation in getattr(case.meta.phase.data, "mutations", ())}
    if known and choice % 2 and ParameterLocation.PATH not in wrong:
        for name in case.path_parameters:
            if name.lower().endswith("id"):
                case.path_parameters[name] = known[choice // 2 % len(known)]
    if valid:
        _put_right(case, ground.kenner)
    first = MELDPUNT if path == "/meldpuntmeldingen" else VEILIG_THUIS
    order = [first, *(partij for partij in ground.callers if partij not in {first, ""})]
    if not valid and choice % 12 == 0:
        order = [""]
    base_path = case.operation.schema.raw_schema["servers"][0]["url"]
    for partij in order:
        response = case.call(base_url=ground.address + base_path, session=ground.callers[partij])
        if response.status_code != 403:
            break
    return valid, response


def _put_right(case: Any, kenner: Kenner) -> None:
    """Only what a description cannot say: who and what is there, and that a file is what its name says."""
    case.query = kenner.put_right(case.query)
    if case.operation.label == "POST /casussen/{id}/bijlagen":
        case.body, case.media_type = BESTAND, "text/plain"
        case.headers["Content-Disposition"] = BESTANDSNAAM
    elif case.body is not NOT_SET:
        case.body = kenner.body(case.operation.path, case.body)


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
def test_what_a_description_allows_is_taken_and_what_it_forbids_is_refused(case: Any, ground: Ground) -> None:
    valid, response = _send(case, ground)
    assert response.status_code < 500, response.text
    assert response.headers.get("api-version"), "on every response, errors too"
    if response.status_code >= 400:
        _is_problem(response)
    if valid and response.status_code >= 400:
        assert response.status_code in ABOUT_THE_STATE, (case.query, case.headers, case.body, response.text)
        assert response.json()["code"] != "scope-ontbreekt", "one of the callers may do this"
    if not valid and case.media_type != "message/rfc822":  # any bytes are a letter
        case.validate_response(response, checks=[negative_data_rejection])

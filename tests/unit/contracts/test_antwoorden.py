"""The published description of the APIs tells what comes back, and the tests hold every answer against it."""

from typing import Any

import httpx
import pytest

from tests.fixtures.beschreven import check_described, operations

SUCCESS = [(operation, status) for operation in operations() for status in operation.statuses if status[0] == "2"]
WITHOUT_JSON = {
    "POST /overdracht/v1/notificaties",
    "POST /overdracht/v1/onbestelbare-mails",
    "POST /notificaties/v1/onbestelbare-mails",
    "GET /overdracht/v1/overdrachten/{id}/brieven/{soort}",
    "GET /overdracht/v1/overdrachten/{id}/bijlagen/{bijlageId}",
}

TERMIJNBEREKENING = {
    "start": "2026-04-30T08:00:00Z",
    "duur": "5 werkdagen",
    "verlengen": False,
    "einde": "2026-05-08T22:00:00Z",
    "eindeLokaal": "2026-05-09T00:00:00+02:00",
    "laatsteDag": "2026-05-08",
}


def answer(body: dict[str, Any], *, status: int = 200) -> httpx.Response:
    request = httpx.Request("GET", "http://houvast/monitoring/v1/termijnberekeningen?duur=5+werkdagen")
    return httpx.Response(status, json=body, request=request)


def test_every_success_has_a_body_that_is_described() -> None:
    without = {operation.naam for operation, status in SUCCESS if status not in operation.validators}
    assert without == WITHOUT_JSON
    assert all(
        operation.validators[status].schema.get("$ref")
        for operation, status in SUCCESS
        if operation.naam not in without
    )


def test_an_answer_as_described_is_recognised() -> None:
    assert check_described(answer(TERMIJNBEREKENING)) == "GET /monitoring/v1/termijnberekeningen"
    elsewhere = httpx.Response(200, json={}, request=httpx.Request("GET", "http://houvast/gezond/klaar"))
    assert check_described(elsewhere) is None


@pytest.mark.parametrize(
    "wrong",
    [
        TERMIJNBEREKENING | {"nieuw": 1},
        {key: value for key, value in TERMIJNBEREKENING.items() if key != "einde"},
        TERMIJNBEREKENING | {"einde": "2026-05-08T22:00:00"},
        TERMIJNBEREKENING | {"verlengen": "nee"},
    ],
)
def test_an_answer_that_is_not_as_described_fails(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="termijnberekeningen 200"):
        check_described(answer(wrong))


def test_a_success_that_nobody_described_fails() -> None:
    with pytest.raises(AssertionError, match="202 is not described"):
        check_described(answer(TERMIJNBEREKENING, status=202))

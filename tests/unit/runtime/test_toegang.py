"""Who may call, as far as it needs no database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.runtime.access.actor import Actor
from services.runtime.access.tokens import Caller, Scope, default_scopes, issue, new_token
from services.runtime.access.verifying import Access
from services.runtime.process.clock import VirtueleKlok

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class OneToken:
    """A connection to a table that holds one token, or none, and counts who looks."""

    def __init__(self, row: Mapping[str, Any] | None) -> None:
        self.row = row
        self.looked = 0

    async def fetchrow(self, query: str, /, *args: Any) -> Mapping[str, Any] | None:
        del query, args
        self.looked += 1
        return self.row

    async def fetch(self, query: str, /, *args: Any) -> Sequence[Mapping[str, Any]]:
        raise AssertionError(query, args)

    async def execute(self, query: str, /, *args: Any) -> str:
        raise AssertionError(query, args)


def _row(expires_at: datetime | None = None) -> dict[str, Any]:
    return {
        "id": UUID(int=1),
        "gebruikt_op": START,
        "partij": "GM0758",
        "rol": None,
        "persoon": None,
        "scopes": ["overdrachten:lezen"],
        "verloopt_op": expires_at,
    }


def test_veilig_thuis_may_do_all_but_administer() -> None:
    assert set(Scope) - default_scopes("veilig-thuis") == {Scope.BEHEER, Scope.MAIL_TERUGMELDEN}


def test_a_gemeente_reads_and_confirms_and_never_writes_a_melding() -> None:
    scopes = default_scopes("gemeente")
    assert Scope.OVERDRACHTEN_BEVESTIGEN in scopes
    assert not scopes & {Scope.MELDINGEN_SCHRIJVEN, Scope.MELDINGEN_LEZEN, Scope.TRIAGE_BESLUITEN, Scope.BEHEER}


def test_a_meldpunt_writes_its_own_and_takes_no_triagebesluit() -> None:
    scopes = default_scopes("meldpunt")
    assert {Scope.MELDPUNT_SCHRIJVEN, Scope.MELDINGEN_LEZEN} <= scopes
    assert not scopes & {Scope.MELDINGEN_SCHRIJVEN, Scope.TRIAGE_BESLUITEN, Scope.BEHEER}


def test_who_runs_the_hub_looks_after_it_and_acts_in_no_case() -> None:
    looks = {Scope.MONITORING_LEZEN, Scope.NOTIFICATIES_LEZEN}
    assert default_scopes("beheer") == looks | {Scope.MAIL_TERUGMELDEN, Scope.BEHEER}


def test_an_unknown_kind_of_party_may_do_nothing() -> None:
    assert default_scopes("iemand") == frozenset()


def test_only_a_gemeente_is_held_to_its_own_cases() -> None:
    assert Caller("GM0758", frozenset()).gemeente == "GM0758"
    assert Caller("veilig-thuis-west-brabant", frozenset()).gemeente is None


def test_a_caller_acts_as_its_party_in_its_role() -> None:
    assert Caller("veilig-thuis-west-brabant", frozenset(), "triagist").actor == Actor(
        "veilig-thuis-west-brabant",
        "triagist",
    )


def test_tokens_are_long_recognisable_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("hv_") and len(token) == 46 for token in tokens)


@pytest.mark.anyio
async def test_an_answer_is_remembered_for_five_seconds_and_no_longer() -> None:
    table, seconds = OneToken(_row()), [0.0]
    toegang = Access(table, VirtueleKlok(START), monotonic=lambda: seconds[0])
    token = new_token()
    assert await toegang.verify(token) == Caller("GM0758", frozenset({"overdrachten:lezen"}))
    table.row = None
    seconds[0] = 4.9
    assert await toegang.verify(token) is not None
    assert table.looked == 1
    seconds[0] = 5.0
    assert await toegang.verify(token) is None


@pytest.mark.anyio
async def test_a_remembered_token_still_expires_at_its_moment() -> None:
    klok = VirtueleKlok(START)
    toegang = Access(OneToken(_row(START + timedelta(seconds=1))), klok, monotonic=lambda: 0.0)
    token = new_token()
    assert await toegang.verify(token) is not None
    klok.move(timedelta(seconds=1))
    assert await toegang.verify(token) is None


@pytest.mark.anyio
@pytest.mark.parametrize(
    "text",
    ["", "hv_", "hv_" + "x" * 42, "hv_" + "x" * 44, "x" * 46, "hv_" + "é" * 43, "hv_" + "x" * 43 + "\n"],
)
async def test_text_that_is_no_token_never_reaches_the_database(text: str) -> None:
    table = OneToken(_row())
    assert await Access(table, VirtueleKlok(START)).verify(text) is None
    assert table.looked == 0


@pytest.mark.anyio
async def test_a_scope_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="alles:mogen"):
        await issue(OneToken(None), partij="GM0758", scopes={"alles:mogen"}, omschrijving="x", now=START)

"""What people can do at the hub: one row for each operation that takes something, or a reason why it is no act of theirs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

from contracts.rechten import HANDELINGEN, NIET_DOOR_MENSEN, Handeling, find_handeling, handelingen_of
from services.handover.api import bevestigen, bijlagen, brieven, documentblad, overdrachten, retour, samenwerken
from services.handover.api import notificaties as zaaknotificaties
from services.monitoring.api import berekenen, casussen, escalaties, monitormomenten, signalen
from services.monitoring.api import lezen as monitoring_lezen
from services.notifier.api import notificaties
from services.runtime.http import bounces
from services.triage.api import lezen, melden

ROUTERS: Mapping[str, tuple[APIRouter, ...]] = {
    "/triage/v1": (melden.router, lezen.router),
    "/overdracht/v1": (
        overdrachten.router,
        brieven.router,
        documentblad.router,
        bijlagen.router,
        bevestigen.router,
        zaaknotificaties.router,
        bounces.router,
        retour.router,
        samenwerken.router,
    ),
    "/monitoring/v1": (
        monitoring_lezen.router,
        escalaties.router,
        monitormomenten.router,
        casussen.router,
        signalen.router,
        berekenen.router,
    ),
    "/notificaties/v1": (notificaties.router, bounces.router),
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def operations() -> Iterator[tuple[str, str]]:
    """Every operation of the API that takes something; the pages of the confirmation link are pages already."""
    for base, routers in ROUTERS.items():
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and route.include_in_schema:
                    yield from ((method, base + route.path) for method in set(route.methods or ()) - SAFE)


def models() -> dict[str, type[BaseModel]]:
    """What each operation of an act asks, by its path."""
    acts = {(one.methode, one.pad) for one in HANDELINGEN}
    found: dict[str, Any] = {
        base + route.path: route.body_field.field_info.annotation
        for base, routers in ROUTERS.items()
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.body_field is not None
        if any((method, base + route.path) in acts for method in route.methods or ())
    }
    return found


def test_every_operation_that_takes_something_is_an_act_or_says_why_not() -> None:
    """A new operation asks for a row in `HANDELINGEN`, or a reason in `NIET_DOOR_MENSEN`."""
    named = {(one.methode, one.pad) for one in HANDELINGEN} | {("POST", pad) for pad in NIET_DOOR_MENSEN}
    assert set(operations()) == named


def test_no_act_is_both() -> None:
    assert {one.pad for one in HANDELINGEN}.isdisjoint(NIET_DOOR_MENSEN)


def test_names_are_unique_and_found() -> None:
    assert [find_handeling(one.naam) for one in HANDELINGEN] == list(HANDELINGEN)
    assert len({one.naam for one in HANDELINGEN}) == len(HANDELINGEN)


@pytest.mark.parametrize("one", HANDELINGEN, ids=lambda one: one.naam)
def test_a_button_is_short_and_its_explanation_is_a_sentence(one: Handeling) -> None:
    assert len(one.knop) <= 40
    assert re.fullmatch(r"[A-Z].*\.", one.uitleg)
    assert one.onderwerp is not None or "{" not in one.pad


def test_acts_on_one_path_differ_by_what_they_fill_in() -> None:
    seen = [(one.pad, tuple(sorted(one.vast.items()))) for one in HANDELINGEN]
    assert len(set(seen)) == len(seen)


def test_the_address_of_a_form_holds_the_id_of_its_thing_and_no_more() -> None:
    assert find_handeling("ontvangst-bevestigen").address("1-2") == (
        "/overdracht/v1/overdrachten/1-2/ontvangstbevestigingen/formulier"
    )
    assert find_handeling("melding-registreren").address() == "/triage/v1/meldingen/formulier"
    assert find_handeling("wachtlijst-melden").address("7") == (
        "/monitoring/v1/casussen/7/standen/formulier?handeling=wachtlijst-melden"
    )


def test_acts_are_found_by_what_they_are_about() -> None:
    assert [one.naam for one in handelingen_of(None)] == [
        "melding-registreren",
        "meldpuntmelding-registreren",
        "adviesvraag-vastleggen",
    ]
    assert "casus-sluiten" in {one.naam for one in handelingen_of("casus")}


def test_the_message_that_asks_to_record_who_takes_over_names_the_button_for_it() -> None:
    """Of the acts by which somebody takes over, only one is meant."""
    knop = find_handeling("meldpuntmelding-overnemen").knop
    asked = [regel for regel in _messages() if "overname vast" in regel]
    assert asked
    assert [regel for regel in asked if not regel.endswith(f"leg de overname vast in Houvast, bij {knop}.")] == []
    assert "vername" not in find_handeling("zorg-aanvaarden").knop


def _messages() -> Iterator[str]:
    for path in (Path(__file__).parents[3] / "contracts" / "afspraken").rglob("*.toml"):
        yield from re.findall(r'^gevraagd = "(.*)"$', path.read_text(encoding="utf-8"), re.MULTILINE)

"""The HTTP interface of monitoring, in Dutch, by the NL API Design Rules, and the regiebord."""

from fastapi import FastAPI

from contracts.afspraken import RuleBook
from contracts.register import Register
from services.monitoring.api import berekenen, casussen, cijfers, escalaties, lezen, monitormomenten, signalen
from services.monitoring.api.balie import BASE_PATH, Balie
from services.monitoring.api.casusblad import build_casusblad
from services.monitoring.api.formulieren import Formulierbalie
from services.monitoring.api.lezen import Inzage
from services.monitoring.api.pages import build_pages
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.ports import CijferQueries, Namen, Queries
from services.runtime.access.tokens import Verifier
from services.runtime.http import create_api
from services.runtime.http.forms import add_forms
from services.runtime.http.provided import add_routes, provide
from services.runtime.unit.hub import Hub

__all__ = ["BASE_PATH", "VERSION", "build_api", "build_casusblad", "build_pages"]

VERSION = "1.0.0"


def build_api(  # noqa: PLR0913  everything it is put together from
    hub: Hub[Toezicht],
    queries: Queries,
    tellingen: CijferQueries,
    namen: Namen,
    *,
    rule_book: RuleBook,
    register: Register,
    partijen: Partijen,
    verifier: Verifier,
    public_url: str = "",
) -> FastAPI:
    """The app that serves `/monitoring/v1`."""
    api = create_api(
        title="Houvast monitoring",
        version=VERSION,
        description="Termijnen, zicht op veiligheid, escalaties, en waarom.",
        base_path=BASE_PATH,
        name="monitoring",
        verifier=verifier,
        public_url=public_url,
    )
    provide(
        api,
        Balie(hub, queries, register),
        Inzage(queries, namen, rule_book=rule_book, register=register, klok=hub.klok),
        cijfers.Cijfers(tellingen, register=register, rule_book=rule_book, klok=hub.klok),
        rule_book.kalender,
    )
    add_routes(
        api,
        lezen.router,
        escalaties.router,
        monitormomenten.router,
        casussen.router,
        signalen.router,
        berekenen.router,
        cijfers.router,
    )
    desk = Formulierbalie(hub, queries, register=register, verwijzer=Verwijzer(rule_book), partijen=partijen)
    add_forms(api, base_path=BASE_PATH, desk=desk, register=register, klok=hub.klok)
    return api

"""The HTTP interface of triage, in Dutch, by the NL API Design Rules."""

from collections.abc import Iterator, Mapping

from fastapi import FastAPI

from contracts.afspraken import local_date
from contracts.messages.documenten import wrong_in_body
from contracts.messages.envelope import Problem
from services.runtime.access.tokens import Verifier
from services.runtime.http import create_api
from services.runtime.http.forms import add_forms
from services.runtime.http.provided import add_routes, provide
from services.runtime.http.reading import Inkijk
from services.runtime.unit.hub import Hub
from services.triage.api import lezen, melden
from services.triage.api.balie import BASE_PATH, Balie
from services.triage.api.formulieren import Formulierbalie
from services.triage.api.lezen import Inzage, Jwk
from services.triage.domain.casus import Casus
from services.triage.domain.kader import Kader
from services.triage.ports import Queries

VERSION = "1.0.0"


def build_api(
    hub: Hub[Casus],
    *,
    kader: Kader,
    queries: Queries,
    inkijk: Inkijk,
    verifier: Verifier,
    sleutel: Jwk,
    public_url: str = "",
) -> FastAPI:
    """The app that serves `/triage/v1`."""
    api = create_api(
        title="Houvast triage",
        version=VERSION,
        description="Meldingen, adviesvragen, triageadvies en triagebesluit, diensten en het Meldpunt Crisiszorg.",
        base_path=BASE_PATH,
        name="triage",
        verifier=verifier,
        public_url=public_url,
    )

    def also_wrong(body: Mapping[str, object]) -> Iterator[Problem]:
        today = local_date(hub.klok.now())
        yield from kader.wrong_gemeente(body, today)
        yield from wrong_in_body(body, today)

    api.state.also_wrong = also_wrong
    inzage = Inzage(kader, queries, inkijk, sleutel)
    provide(api, Balie(hub, kader, queries), inzage)
    add_routes(api, melden.router, lezen.router)
    desk = Formulierbalie(kader, queries, inkijk, inzage, hub.klok)
    add_forms(api, base_path=BASE_PATH, desk=desk, register=kader.register, klok=hub.klok)
    return api

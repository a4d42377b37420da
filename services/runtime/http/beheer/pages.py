"""The pages of a service for whoever runs the hub: what it waits for, and what lies aside in it."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.topics import Service
from contracts.rechten import Daad
from services.runtime.http import look
from services.runtime.http.beheer.berichten import KIND_IN_WORDS, Afhandelen, Berichten, LaatVallen
from services.runtime.http.beheer.grond import DIENSTEN, TEMPLATES, Grond, build_environment
from services.runtime.http.callers import visitor
from services.runtime.http.page_route import PageRoute
from services.runtime.process.probing import Probe
from services.runtime.unit.care import latest_deeds, read_backlog, read_heard_until


def add_beheer(api: FastAPI, grond: Grond, *, release: LaatVallen, release_all: Afhandelen) -> None:
    """`/beheer` and `/beheer/berichten` beside the operations of this app."""
    environment = build_environment(TEMPLATES, klok=grond.klok, naam=grond.naam)
    berichten = Berichten(grond, environment, release=release, release_all=release_all)
    wacht = environment.get_template("wacht.html.j2")
    probe = Probe(grond.look)

    async def show(request: Request) -> Response:
        wie = await visitor(request, Daad.ENDPOINTS_BEHEREN)
        return look.page(
            wacht,
            wie,
            titel=f"Waar wacht de hub op: {DIENSTEN[grond.service][1]}",
            onderdeel="Waar wacht de hub op",
            diensten=list(DIENSTEN.values()),
            pad=grond.pad,
            bevinding=await probe(),
            stand=await read_backlog(grond.pool, now=grond.klok.now()),
            gehoord=await read_heard_until(grond.pool),
            soorten=KIND_IN_WORDS,
            dienst={service.value: naam for service, (_, naam) in DIENSTEN.items()},
            endpoints=grond.service is Service.HANDOVER,
            daden=await latest_deeds(grond.pool),
        )

    api.router.routes[:0] = [
        PageRoute("/beheer", show, methods=["GET"], include_in_schema=False),
        PageRoute("/beheer/berichten", berichten.answer, methods=["GET", "POST"], include_in_schema=False),
    ]

"""Is it alive, is it ready, and what does it count: for whatever keeps the process running."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from services.runtime.http.application import json_response
from services.runtime.process.metrics import exposition
from services.runtime.process.probing import Check, Probe


def health_router(*, live: Mapping[str, Check], ready: Mapping[str, Check]) -> APIRouter:
    """`/gezond/live` (503: restart me), `/gezond/klaar` (503: send me nothing now) and `/metrics`.

    What is wrong and keeps nobody from calling is told with a 200: `beperkt`.
    """
    living = {name: Probe(check) for name, check in live.items()}
    readying = {name: Probe(check) for name, check in ready.items()}

    async def show_live() -> Response:
        return await _answer(living)

    async def show_ready() -> Response:
        return await _answer(readying)

    router = APIRouter(include_in_schema=False)
    router.add_api_route("/gezond/live", show_live)
    router.add_api_route("/gezond/klaar", show_ready)
    router.add_api_route("/metrics", show_metrics)
    return router


async def show_metrics() -> Response:
    return Response(exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _answer(probes: Mapping[str, Probe]) -> Response:
    findings = dict(zip(probes, await asyncio.gather(*(probe() for probe in probes.values())), strict=True))
    wrong = [finding for finding in findings.values() if finding is not None]
    blocked = any(finding.blocks for finding in wrong)
    parts = {name: "ok" if finding is None else finding.sentence for name, finding in findings.items()}
    body = {"status": "storing" if blocked else "beperkt" if wrong else "ok", "onderdelen": parts}
    return json_response(body, status=503 if blocked else 200)

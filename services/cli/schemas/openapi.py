"""The OpenAPI document of each service, as the service serves it itself."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI

from contracts.afspraken import load_rule_book
from contracts.messages.topics import Service
from services.handover.api import build_api as build_handover
from services.monitoring.api import build_api as build_monitoring
from services.notifier.api import build_api as build_notifier
from services.triage.api import build_api as build_triage

JsonObject = dict[str, Any]


class _NotCalled:
    """Whatever is taken from it is not called either."""

    def __getattr__(self, name: str) -> Any:
        return self


_NOT_CALLED: Any = _NotCalled()
"""An API describes itself without doing anything: what it would work with is never touched."""


@cache
def openapi_documents() -> Mapping[Service, JsonObject]:
    """The documents of the four, without the address they happen to be served at."""
    return {service: build().openapi() for service, build in _APIS.items()}


def _triage() -> FastAPI:
    return build_triage(
        _NOT_CALLED,
        kader=_NOT_CALLED,
        queries=_NOT_CALLED,
        inkijk=_NOT_CALLED,
        verifier=_NOT_CALLED,
        sleutel=_NOT_CALLED,
    )


def _handover() -> FastAPI:
    return build_handover(
        _NOT_CALLED,
        kader=_NOT_CALLED,
        queries=_NOT_CALLED,
        inkijk=_NOT_CALLED,
        opslag=_NOT_CALLED,
        drukker=_NOT_CALLED,
        verifier=_NOT_CALLED,
    )


def _monitoring() -> FastAPI:
    return build_monitoring(
        _NOT_CALLED,
        _NOT_CALLED,
        _NOT_CALLED,
        _NOT_CALLED,
        rule_book=load_rule_book(),
        register=_NOT_CALLED,
        partijen=_NOT_CALLED,
        verifier=_NOT_CALLED,
    )


def _notifier() -> FastAPI:
    return build_notifier(_NOT_CALLED, _NOT_CALLED, _NOT_CALLED, register=_NOT_CALLED, verifier=_NOT_CALLED)


_APIS: Mapping[Service, Callable[[], FastAPI]] = {
    Service.TRIAGE: _triage,
    Service.HANDOVER: _handover,
    Service.MONITORING: _monitoring,
    Service.NOTIFIER: _notifier,
}

"""The HTTP side of monitoring: what is watched, who bears what, why, and acting on an escalatie."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import AfterValidator
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from contracts.afspraken import AMSTERDAM, EENHEDEN, Duur, RuleBook, end_of
from contracts.messages.documenten import Invoer, Professional, Tekst
from contracts.messages.gevraagd import asked
from contracts.messages.identifiers import GemeenteCode
from contracts.messages.moment import Moment
from contracts.messages.monitoring import Escalatieresultaat
from contracts.register import Register
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BASE_PATH, Actor, Balie, Reader
from services.monitoring.api.presentation import Verwijzer, zicht_on
from services.monitoring.api.signalen import add_signalen
from services.monitoring.api.vervolg import add_vervolg
from services.monitoring.domain import Escalatiestatus, Termijnstatus, Toezicht
from services.monitoring.handlers import HandelEscalatieAf, MeldMeningsverschil, PakEscalatieOp, SchaalEscalatieOp
from services.monitoring.ports import EscalatieVraag, Queries, TermijnVraag, rows
from services.monitoring.settings import MonitoringSettings
from services.runtime.access.tokens import Verifier
from services.runtime.http import CallKey, create_api, created, json_response, refusal
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

VERSION = "1.0.0"


_DUUR = re.compile(f"[1-9][0-9]{{0,3}} ({'|'.join(EENHEDEN)})")


def _check_duur(value: str) -> str:
    if not _DUUR.fullmatch(value):
        raise ValueError("is geen duur; schrijf een getal en een eenheid, zoals 5 werkdagen")
    return value


Duurvraag = Annotated[str, AfterValidator(_check_duur), Query(json_schema_extra=asked(pattern=f"^{_DUUR.pattern}$"))]
"""At most 9999 of a unit: whatever the start, that ends within the calendar."""


class Oppakking(Invoer):
    """Wie de escalatie oppakt."""

    door: Professional
    toelichting: Tekst | None = None


class Opschaling(Invoer):
    """Wie geroepen is komt er niet uit, of is het er niet mee eens: de volgende trede beslist."""

    door: Professional
    toelichting: Tekst | None = None


class Afhandeling(Invoer):
    """Hoe de escalatie is afgelopen. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    resultaat: Escalatieresultaat
    toelichting: Tekst | None = None


class Meningsverschil(Invoer):
    """Veilig Thuis en het lokale team verschillen van inzicht."""

    door: Professional
    overdracht_id: UUID | None = None
    toelichting: Tekst | None = None


def build_api(
    hub: Hub[Toezicht],
    queries: Queries,
    *,
    rule_book: RuleBook,
    register: Register,
    verifier: Verifier,
    public_url: str = "",
    settings: MonitoringSettings | None = None,
) -> FastAPI:
    """The API of monitoring, under `/monitoring/v1`."""
    api = create_api(
        title="Houvast monitoring",
        version=VERSION,
        description="Termijnen, zicht op veiligheid, escalaties, en waarom.",
        base_path=BASE_PATH,
        name="monitoring",
        verifier=verifier,
        public_url=public_url,
    )
    desk = Balie(hub, queries, register, Verwijzer(rule_book), settings or MonitoringSettings())
    _add_cases(api, desk)
    _add_lists(api, desk)
    _add_acts(api, desk)
    add_vervolg(api, desk)
    add_signalen(api, desk)
    _add_calculator(api, rule_book)
    return api


def _add_cases(api: FastAPI, desk: Balie) -> None:
    @api.get(
        "/casussen/{casusId}",
        response_model=rows.Casus,
        summary="Een casus met termijnen, escalaties en overdrachten",
    )
    async def show_casus(casusId: UUID, who: Reader) -> Response:  # noqa: N803 - the name in the path
        return json_response(answer_of(await desk.casus(casusId, who)))

    @api.get(
        "/casussen/{casusId}/zicht-op-veiligheid",
        response_model=antwoorden.ZichtOpVeiligheid,
        summary="Wie draagt zicht op veiligheid, nu of toen",
    )
    async def show_zicht(casusId: UUID, who: Reader, op: Moment | None = None) -> Response:  # noqa: N803
        casus = await desk.casus(casusId, who)
        now = desk.hub.klok.now()
        if op is not None and op > now:
            raise refusal(400, "ligt in de toekomst", code="ongeldige-aanvraag", place="query.op")
        moment = (op or now).astimezone(UTC)
        ledger = await desk.queries.zicht(casus.id)
        found = zicht_on(ledger, moment)
        if found is None:
            raise refusal(404, "op dat moment was er nog geen melding", code="niet-gevonden")
        regel = desk.verwijzer.regel(casus, found.regel_id)
        verloop = [answer_of(line) for line in ledger]
        return json_response(answer_of(found) | {"op": moment, "regel": regel, "verloop": verloop})

    @api.get(
        "/casussen/{casusId}/uitleg",
        response_model=antwoorden.CasusUitleg,
        summary="Houvast legt uit: wat er gebeurde, door welke regel",
    )
    async def explain(casusId: UUID, who: Reader) -> Response:  # noqa: N803
        casus = await desk.casus(casusId, who)
        lines = [
            {to_camel(name): value for name, value in line.items()}
            | {"regel": desk.verwijzer.regel(casus, line["regel_id"])}
            for line in await desk.queries.journaal(casus.id)
        ]
        return json_response({"casusId": str(casus.id), "afsprakenVersie": casus.afspraken_versie, "regels": lines})

    del show_casus, show_zicht, explain


def _add_lists(api: FastAPI, desk: Balie) -> None:
    largest = desk.settings.largest_page

    @api.get("/termijnen", response_model=antwoorden.Termijnen, summary="Termijnen, de eerste die afloopt vooraan")
    async def list_termijnen(
        who: Reader,
        status: Termijnstatus | None = None,
        gemeente: GemeenteCode | None = None,
        voor: Moment | None = None,
        *,
        limiet: Annotated[int, Query(ge=1, le=largest)] = desk.settings.page_size,
        pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        skip = (pagina - 1) * limiet
        vraag = TermijnVraag(status, gemeente, voor, limiet=limiet + 1, overslaan=skip)
        found = await desk.queries.termijnen(vraag, desk.kring(who))
        return desk.page("termijnen", found, limiet=limiet, pagina=pagina)

    @api.get("/escalaties", response_model=antwoorden.Escalaties, summary="Escalaties, de nieuwste vooraan")
    async def list_escalaties(
        who: Reader,
        status: Escalatiestatus | None = None,
        gemeente: GemeenteCode | None = None,
        *,
        limiet: Annotated[int, Query(ge=1, le=largest)] = desk.settings.page_size,
        pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        skip = (pagina - 1) * limiet
        vraag = EscalatieVraag(status, gemeente, limiet=limiet + 1, overslaan=skip)
        found = await desk.queries.escalaties(vraag, desk.kring(who))
        return desk.page("escalaties", found, limiet=limiet, pagina=pagina)

    del list_termijnen, list_escalaties


def _add_acts(api: FastAPI, desk: Balie) -> None:
    @api.post(
        "/escalaties/{escalatieId}/oppakkingen",
        response_model=antwoorden.Escalatiestand,
        status_code=201,
        summary="Een escalatie oppakken",
    )
    async def take_up(escalatieId: UUID, invoer: Oppakking, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = PakEscalatieOp(escalatieId, invoer.door, invoer.toelichting)
        answer = await desk.act_on_escalatie(command, who, call)
        return created(f"{BASE_PATH}/escalaties?status=opgepakt", answer)

    @api.post(
        "/escalaties/{escalatieId}/opschalingen",
        response_model=antwoorden.Escalatiestand,
        status_code=201,
        summary="Een escalatie naar de volgende trede brengen",
    )
    async def climb(escalatieId: UUID, invoer: Opschaling, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = SchaalEscalatieOp(escalatieId, invoer.door, invoer.toelichting)
        answer = await desk.act_on_escalatie(command, who, call)
        return created(f"{BASE_PATH}/escalaties?status=open", answer)

    @api.post(
        "/escalaties/{escalatieId}/afhandelingen",
        response_model=antwoorden.Escalatiestand,
        status_code=201,
        summary="Een escalatie afhandelen",
    )
    async def close(escalatieId: UUID, invoer: Afhandeling, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = HandelEscalatieAf(escalatieId, invoer.door, invoer.resultaat, invoer.toelichting)
        answer = await desk.act_on_escalatie(command, who, call)
        return created(f"{BASE_PATH}/escalaties?status=afgehandeld", answer)

    @api.post(
        "/casussen/{casusId}/meningsverschillen",
        response_model=antwoorden.Escalatiestand,
        status_code=201,
        summary="Een verschil van inzicht melden",
    )
    async def disagree(casusId: UUID, invoer: Meningsverschil, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = MeldMeningsverschil(invoer.door, invoer.overdracht_id, invoer.toelichting)
        answer = await desk.act(command, casusId, who, call)
        return created(f"{BASE_PATH}/casussen/{casusId}", answer)

    del take_up, climb, close, disagree


def _add_calculator(api: FastAPI, rule_book: RuleBook) -> None:
    @api.get("/termijnberekeningen", response_model=antwoorden.Termijnberekening, summary="Wanneer eindigt een termijn")
    async def calculate(who: Reader, start: Moment, duur: Duurvraag, *, verlengen: bool = False) -> Response:
        del who
        parsed = Duur.parse(duur)
        einde = end_of(start, parsed, rule_book.kalender, verlengen=verlengen)
        return json_response(
            {
                "start": start.astimezone(UTC),
                "duur": str(parsed),
                "verlengen": verlengen,
                "einde": einde.astimezone(UTC),
                "eindeLokaal": einde.isoformat(),
                "laatsteDag": _last_day(einde).date().isoformat(),
            }
        )

    del calculate


def _last_day(einde: datetime) -> datetime:
    """The last day on which something is still in time."""
    return einde.astimezone(AMSTERDAM) - timedelta(microseconds=1)

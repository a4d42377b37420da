"""Reading what monitoring knows, each caller within its own circle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from contracts.afspraken import RuleBook, Termijnstatus
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import GemeenteCode
from contracts.messages.moment import Moment
from contracts.rechten import Daad, Kring
from contracts.register import Register
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import CasusPad, Escalatielezer, Lezer, Lijstlezer, reading_kring
from services.monitoring.api.mensen import Mensen
from services.monitoring.api.presentation import Verwijzer, initiatief_on, zicht_on
from services.monitoring.domain.antwoord import invalid, not_found, unknown
from services.monitoring.domain.toestand import Escalatiestatus
from services.monitoring.ports import EscalatieVraag, Namen, Queries, TermijnVraag, rows
from services.monitoring.settings import LARGEST_PAGE, PAGE_SIZE
from services.runtime.access.tokens import Caller
from services.runtime.http import json_response, problem_response
from services.runtime.http.provided import provided
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.rows import ReadRow, answer_of

router = APIRouter()


class Inzage:
    """Answers questions, each caller within its own circle."""

    def __init__(self, queries: Queries, namen: Namen, *, rule_book: RuleBook, register: Register, klok: Klok) -> None:
        self.queries = queries
        self._namen = namen
        self.verwijzer = Verwijzer(rule_book)
        self._register = register
        self._klok = klok

    async def casus(self, identifier: UUID, wie: Caller) -> rows.Casus | None:
        """The case with this id or this melding; None: not there, or not for this caller."""
        return await self.queries.casus(identifier, self.kring(wie))

    async def show_casus(self, identifier: UUID, wie: Caller) -> Response:
        casus = await self.casus(identifier, wie)
        return problem_response(unknown("casus")) if casus is None else json_response(answer_of(casus))

    async def zicht(self, identifier: UUID, wie: Caller, *, op: datetime | None) -> Response:
        casus = await self.casus(identifier, wie)
        if casus is None:
            return problem_response(unknown("casus"))
        moment = self._moment(op)
        if isinstance(moment, Refused):
            return problem_response(moment)
        ledger = await self.queries.zicht(casus.id)
        zichtregel = zicht_on(ledger, moment)
        if zichtregel is None:
            return problem_response(not_found("op dat moment was er nog geen melding"))
        regel = self.verwijzer.regel(casus, zichtregel.regel_id)
        verloop = [answer_of(line) for line in ledger]
        return json_response(answer_of(zichtregel) | {"op": moment, "regel": regel, "verloop": verloop})

    async def uitleg(self, identifier: UUID, wie: Caller) -> Response:
        casus = await self.casus(identifier, wie)
        if casus is None:
            return problem_response(unknown("casus"))
        lines = [
            {to_camel(name): value for name, value in line.items()}
            | {"regel": self.verwijzer.regel(casus, line["regel_id"])}
            for line in await self.queries.journaal(casus.id)
        ]
        toezicht = await self.queries.toezicht(casus.id)
        mensen = toezicht and await Mensen.of_case(casus.id, toezicht, self._namen, self._register)
        acts = [
            {"feit": one.feit.value, "op": one.op, "onderwerpId": one.over_id and str(one.over_id), "door": one.door}
            for one in (mensen.gedaan() if mensen else ())
        ]
        told = {"casusId": str(casus.id), "afsprakenVersie": casus.afspraken_versie}
        return json_response({**told, "regels": lines, "handelingen": acts})

    async def initiatief(self, identifier: UUID, wie: Caller, *, op: datetime | None) -> Response:
        casus = await self.casus(identifier, wie)
        if casus is None:
            return problem_response(unknown("casus"))
        moment = self._moment(op)
        if isinstance(moment, Refused):
            return problem_response(moment)
        regel = initiatief_on(casus, self.verwijzer.afspraken(casus), moment)
        return json_response(
            {
                "casusId": str(casus.id),
                "op": moment,
                "initiatief": regel and regel.initiatief.value,
                "voorwaarde": regel and regel.voorwaarde,
                "regel": regel and self.verwijzer.regel(casus, regel.id),
            }
        )

    def kring(self, wie: Caller, daad: Daad = Daad.CASUS_LEZEN) -> Kring:
        """Among which cases this caller looks for this."""
        return reading_kring(wie, self._register, self._klok.now(), daad=daad)

    def _moment(self, op: datetime | None) -> datetime | Refused:
        """The moment that is asked about, in UTC; now where none is."""
        now = self._klok.now()
        if op is not None and op > now:
            return invalid(Problem("query.op", "ligt in de toekomst"))
        return (op or now).astimezone(UTC)


InzageDep = Annotated[Inzage, Depends(provided(Inzage))]


@dataclass(frozen=True, slots=True)
class Bladzijde:
    """Which page of a list is asked for."""

    limiet: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE
    pagina: Annotated[int, Query(ge=1, le=10_000)] = 1

    @property
    def overslaan(self) -> int:
        return (self.pagina - 1) * self.limiet

    @property
    def kijken(self) -> int:
        """One more than is shown, to know whether there is a next page."""
        return self.limiet + 1

    def answer(self, name: str, found: Sequence[ReadRow]) -> Response:
        """The page; `volgendePagina` only when there may be more."""
        body: JsonObject = {name: [answer_of(row) for row in found[: self.limiet]]}
        if len(found) > self.limiet:
            body["volgendePagina"] = self.pagina + 1
        return json_response(body)


BladzijdeDep = Annotated[Bladzijde, Depends()]


@router.get(
    "/casussen/{casusId}", response_model=rows.Casus, summary="Een casus met termijnen, escalaties en overdrachten"
)
async def get_casus(inzage: InzageDep, casus_id: CasusPad, wie: Lezer) -> Response:
    return await inzage.show_casus(casus_id, wie)


@router.get(
    "/casussen/{casusId}/zicht-op-veiligheid",
    response_model=antwoorden.ZichtOpVeiligheid,
    summary="Wie draagt zicht op veiligheid, nu of toen",
)
async def get_zicht(inzage: InzageDep, casus_id: CasusPad, wie: Lezer, op: Moment | None = None) -> Response:
    return await inzage.zicht(casus_id, wie, op=op)


@router.get(
    "/casussen/{casusId}/uitleg",
    response_model=antwoorden.CasusUitleg,
    summary="Houvast legt uit: wat er gebeurde, door welke regel",
)
async def get_uitleg(inzage: InzageDep, casus_id: CasusPad, wie: Lezer) -> Response:
    return await inzage.uitleg(casus_id, wie)


@router.get("/termijnen", response_model=antwoorden.Termijnen, summary="Termijnen, de eerste die afloopt vooraan")
async def get_termijnen(
    inzage: InzageDep,
    wie: Lijstlezer,
    blad: BladzijdeDep,
    status: Termijnstatus | None = None,
    gemeente: GemeenteCode | None = None,
    voor: Moment | None = None,
) -> Response:
    vraag = TermijnVraag(status, gemeente, voor, limiet=blad.kijken, overslaan=blad.overslaan)
    return blad.answer("termijnen", await inzage.queries.termijnen(vraag, inzage.kring(wie)))


@router.get("/escalaties", response_model=antwoorden.Escalaties, summary="Escalaties, de nieuwste vooraan")
async def get_escalaties(
    inzage: InzageDep,
    wie: Escalatielezer,
    blad: BladzijdeDep,
    status: Escalatiestatus | None = None,
    gemeente: GemeenteCode | None = None,
) -> Response:
    vraag = EscalatieVraag(status, gemeente, limiet=blad.kijken, overslaan=blad.overslaan)
    return blad.answer("escalaties", await inzage.queries.escalaties(vraag, inzage.kring(wie)))

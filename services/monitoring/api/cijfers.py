"""The figures: an operation, a page, and a file for a spreadsheet; of whoever asks, and never about few people."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from re import fullmatch
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from jinja2 import Environment
from pydantic import AfterValidator
from starlette.requests import Request
from starlette.responses import Response

from contracts.afspraken import AMSTERDAM, Anker, GeenAfspraken, RuleBook, local_date
from contracts.messages.gevraagd import asked
from contracts.messages.identifiers import GemeenteCode
from contracts.rechten import Daad
from contracts.register import Register
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import Cijferlezer, reading_kring
from services.monitoring.api.werkplek import Kijker, address
from services.monitoring.domain.cijfers import FEWEST, Kerncijfer, add_up
from services.monitoring.ports import CijferQueries, Cijfervraag
from services.runtime.access.tokens import Caller
from services.runtime.http import json_response, look, refusal, visitor
from services.runtime.http.provided import provided
from services.runtime.process.clock import Klok

router = APIRouter()

MONTHS = 12
"""How many months are shown where none are asked for: up to now."""
_MONTH = r"[12][0-9]{3}-(0[1-9]|1[0-2])"
_HIDDEN = "–"


def _check_month(value: str) -> str:
    if not fullmatch(_MONTH, value):
        raise ValueError("is geen maand; schrijf bijvoorbeeld 2026-03")
    return value


Maand = Annotated[str, AfterValidator(_check_month), Query(json_schema_extra=asked(pattern=f"^{_MONTH}$"))]


@dataclass(frozen=True, slots=True)
class Periode:
    """Whole months, both included."""

    van: date
    tot_en_met: date

    def moments(self) -> tuple[datetime, datetime]:
        """From the first moment of the first up to that of the month after the last."""
        return _start(self.van), _start(_later(self.tot_en_met, 1))


class Cijfers:
    """What the operation, the page and the file all ask."""

    def __init__(self, queries: CijferQueries, *, register: Register, rule_book: RuleBook, klok: Klok) -> None:
        self._queries = queries
        self._rule_book = rule_book
        self.register = register
        self.klok = klok

    def periode(self, van: str | None, tot_en_met: str | None) -> Periode:
        """The months that are asked for. Raises the 400 where the last is before the first."""
        last = _first_day(tot_en_met) if tot_en_met else local_date(self.klok.now()).replace(day=1)
        first = _first_day(van) if van else _later(last, 1 - MONTHS)
        if first > last:
            reason = "De eerste maand ligt na de laatste."
            raise refusal(400, reason, code="ongeldige-aanvraag", place="query.van")
        return Periode(first, last)

    async def of(self, wie: Caller, periode: Periode, gemeente: str | None) -> Sequence[Kerncijfer]:
        """Those of the circle of who asks."""
        kring = reading_kring(wie, self.register, self.klok.now(), daad=Daad.KERNCIJFERS_LEZEN)
        vraag = Cijfervraag(*periode.moments(), gemeente=gemeente)
        return add_up(
            await self._queries.overdrachten(vraag, kring),
            await self._queries.termijnen(vraag, kring),
            await self._queries.signalen(vraag, kring),
            self._ends_of,
        )

    def _ends_of(self, regio: str, regel_id: str, maand: date) -> frozenset[Anker]:
        try:
            regel = self._rule_book.for_regio(regio=regio, on=maand).termijnregel(regel_id)
        except GeenAfspraken:
            return frozenset()
        return frozenset() if regel is None else frozenset(regel.tot)

    def naam(self, cijfer: Kerncijfer) -> str:
        return self.register.naam(cijfer.plaats.ontvanger)

    def team(self, cijfer: Kerncijfer) -> str:
        """What the team is called; empty where a figure is about none."""
        team = cijfer.plaats.team
        return "" if team is None else self.register.naam_van_team(cijfer.plaats.ontvanger, team)


@router.get("/kerncijfers", response_model=antwoorden.Kerncijfers, summary="Kerncijfers per ontvanger, team en maand")
async def get_kerncijfers(
    cijfers: Annotated[Cijfers, Depends(provided(Cijfers))],
    wie: Cijferlezer,
    van: Maand | None = None,
    tot: Maand | None = None,
    gemeente: GemeenteCode | None = None,
) -> Response:
    periode = cijfers.periode(van, tot)
    return json_response(
        {
            "van": _month(periode.van),
            "totEnMet": _month(periode.tot_en_met),
            "kerncijfers": [_answer(cijfer) for cijfer in await cijfers.of(wie, periode, gemeente)],
        }
    )


class Cijferbladen:
    """`/cijfers` and `/cijfers.csv`."""

    def __init__(self, cijfers: Cijfers, environment: Environment) -> None:
        self._cijfers = cijfers
        self._page = environment.get_template("cijfers.html.j2")

    def routes(self, router: APIRouter) -> None:
        """Add both."""
        router.add_api_route("/cijfers", self.show)
        router.add_api_route("/cijfers.csv", self.download)

    async def show(
        self, request: Request, van: Maand | None = None, tot: Maand | None = None, gemeente: str = ""
    ) -> Response:
        wie = await visitor(request, Daad.KERNCIJFERS_LEZEN)
        periode = self._cijfers.periode(van, tot)
        filters = {"van": _month(periode.van), "tot": _month(periode.tot_en_met), "gemeente": gemeente}
        found = await self._cijfers.of(wie, periode, gemeente or None)
        return look.page(
            self._page,
            wie,
            now=self._cijfers.klok.now(),
            kijker=Kijker(wie, self._cijfers.register, self._cijfers.klok.now()),
            hier="/cijfers",
            filters=filters,
            bestand=address("/cijfers.csv", filters),
            kop=KOP[1:],
            periode=periode,
            rijen=[(cijfer.plaats.maand, _cells(cijfer, self._cijfers)) for cijfer in found],
            kleinste=FEWEST,
        )

    async def download(
        self, request: Request, van: Maand | None = None, tot: Maand | None = None, gemeente: str = ""
    ) -> Response:
        wie = await visitor(request, Daad.KERNCIJFERS_LEZEN)
        periode = self._cijfers.periode(van, tot)
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerow(KOP)
        writer.writerows(
            _cells(cijfer, self._cijfers) for cijfer in await self._cijfers.of(wie, periode, gemeente or None)
        )
        name = f"kerncijfers-{_month(periode.van)}-{_month(periode.tot_en_met)}.csv"
        return Response(
            "\N{BYTE ORDER MARK}" + text.getvalue(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )


KOP = (
    "Maand",
    "Ontvanger",
    "Team",
    "Overgedragen",
    "Bevestigd op tijd",
    "Bevestigd te laat",
    "Opgepakt op tijd",
    "Opgepakt te laat",
    "Dagen tot oppakken",
    "Nog open",
    "Signalen",
)


def _cells(cijfer: Kerncijfer, cijfers: Cijfers) -> tuple[str, ...]:
    """As `KOP` has them. A comma before the part of a day, as a spreadsheet here reads it."""
    numbers = (
        cijfer.overgedragen,
        cijfer.bevestigd.op_tijd,
        cijfer.bevestigd.te_laat,
        cijfer.opgepakt.op_tijd,
        cijfer.opgepakt.te_laat,
        None if cijfer.mediaan is None else f"{cijfer.mediaan:.1f}".replace(".", ","),
        cijfer.open,
        cijfer.signalen,
    )
    shown = (_HIDDEN if number is None else str(number) for number in numbers)
    return (_month(cijfer.plaats.maand), cijfers.naam(cijfer), cijfers.team(cijfer), *shown)


def _answer(cijfer: Kerncijfer) -> dict[str, object]:
    return {
        "ontvanger": cijfer.plaats.ontvanger,
        "team": cijfer.plaats.team,
        "maand": _month(cijfer.plaats.maand),
        "overgedragen": cijfer.overgedragen,
        "bevestigd": {"opTijd": cijfer.bevestigd.op_tijd, "teLaat": cijfer.bevestigd.te_laat},
        "opgepakt": {"opTijd": cijfer.opgepakt.op_tijd, "teLaat": cijfer.opgepakt.te_laat},
        "mediaanDagenTotOppakken": None if cijfer.mediaan is None else round(cijfer.mediaan, 1),
        "open": cijfer.open,
        "signalen": cijfer.signalen,
    }


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _later(month: date, number: int) -> date:
    """So many months later, or earlier; its first day."""
    years, months = divmod(month.month - 1 + number, 12)
    return date(month.year + years, months + 1, 1)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM)

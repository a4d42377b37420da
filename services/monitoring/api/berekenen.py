"""When a term ends, of no case in particular."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator
from starlette.responses import Response

from contracts.afspraken import AMSTERDAM, EENHEDEN, Duur, Kalender, end_of
from contracts.messages.gevraagd import asked
from contracts.messages.moment import Moment
from contracts.rechten import Daad
from services.monitoring.api import antwoorden
from services.runtime.http import caller, json_response
from services.runtime.http.provided import provided

router = APIRouter()

_DUUR = re.compile(f"[1-9][0-9]{{0,3}} ({'|'.join(EENHEDEN)})")


def _check_duur(value: str) -> str:
    if not _DUUR.fullmatch(value):
        raise ValueError("is geen duur; schrijf een getal en een eenheid, zoals 5 werkdagen")
    return value


Duurvraag = Annotated[str, AfterValidator(_check_duur), Query(json_schema_extra=asked(pattern=f"^{_DUUR.pattern}$"))]
"""At most 9999 of a unit: whatever the start, that ends within the calendar."""


@router.get(
    "/termijnberekeningen",
    response_model=antwoorden.Termijnberekening,
    summary="Wanneer eindigt een termijn",
    dependencies=[Depends(caller(Daad.TERMIJN_BEREKENEN))],
)
async def get_termijnberekening(
    kalender: Annotated[Kalender, Depends(provided(Kalender))],
    start: Moment,
    duur: Duurvraag,
    *,
    verlengen: bool = False,
) -> Response:
    parsed = Duur.parse(duur)
    einde = end_of(start, parsed, kalender, verlengen=verlengen)
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


def _last_day(einde: datetime) -> datetime:
    """The last day on which something is still in time."""
    return einde.astimezone(AMSTERDAM) - timedelta(microseconds=1)

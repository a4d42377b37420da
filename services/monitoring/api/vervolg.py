"""What follows an overdracht, over HTTP: monitoring, stagnation, coercion, other parties, closure, corrections."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import Field, StrictBool, StrictInt
from starlette.responses import Response

from contracts.afspraken import Anker
from contracts.messages.documenten import WHOLE, Aanvaardingsbewijs, Invoer, Professional, Tekst
from contracts.messages.identifiers import PartijCode
from contracts.messages.moment import Moment
from contracts.messages.monitoring import Dwangmaatregel, Gesprekswijze, Kindgesprek, Sluitreden, Stand
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BASE_PATH, Actor, Balie, Reader
from services.monitoring.api.presentation import initiatief_on
from services.monitoring.domain import Termijnstatus
from services.monitoring.domain.monitoring import Instemming
from services.monitoring.handlers import (
    CorrigeerFeit,
    HoudMonitormoment,
    MeldAanvaarding,
    MeldDwangmaatregel,
    MeldStand,
    PlanMomentIn,
    PlanMonitormoment,
    SluitCasus,
    ZetStagnatiestap,
)
from services.monitoring.ports import MonitorVraag
from services.runtime.http import CallKey, created, json_response, refusal


class InstemmingInvoer(Invoer):
    """Wie ermee instemt dat de monitoring stopt."""

    betrokkenen: StrictBool
    lokaal_team: StrictBool
    veilig_thuis: StrictBool


class MomentUitkomst(Invoer):
    """Wat er uit een monitormoment kwam. Met `stoppen` eindigt de monitoring; anders is er altijd een volgend moment."""

    door: Professional
    gehouden_op: Moment | None = None
    wijze: Gesprekswijze
    kinderen: Kindgesprek
    stabiel_en_veilig: StrictBool
    toelichting: Tekst | None = None
    stoppen: InstemmingInvoer | None = None
    volgende_op: Moment | None = None


class MomentInplanning(Invoer):
    """Voor welke dag een monitormoment is ingepland (MB 5)."""

    door: Professional
    ingepland_voor: Moment
    toelichting: Tekst | None = None


class MomentPlanning(Invoer):
    """Een extra monitormoment, uiterlijk op die dag. Na een directe overdracht alleen met de reden erbij (FS)."""

    door: Professional
    gepland_op: Moment
    reden: Tekst | None = None


class Stap(Invoer):
    """Een van de stappen bij stagnatie, op volgorde (MB 5)."""

    door: Professional
    stap: Annotated[StrictInt, Field(ge=1, le=9), WHOLE]
    toelichting: Tekst | None = None


class Dwang(Invoer):
    """Een dwangmaatregel die is ingezet of gevraagd."""

    door: Professional
    maatregel: Dwangmaatregel
    op: Moment | None = None
    toelichting: Tekst | None = None


class Aanvaarding(Invoer):
    """Een partij neemt de zorg om de veiligheid over.

    Meldt die partij het zelf, dan is het meteen aanvaard. Meldt een ander het, dan is het een aanbod, tot zij zelf
    aanvaardt of weigert; met een bewijs geldt het als aanvaard zolang zij het niet betwist.
    """

    door: Professional
    partij: PartijCode
    op: Moment | None = None
    toelichting: Tekst | None = None
    bewijs: Aanvaardingsbewijs | None = None


class Standmelding(Invoer):
    """Waar een partij staat. `verwachtOp` alleen bij een wachtlijst; `partij`: wie de stap in een crisis zet."""

    door: Professional
    stand: Stand
    op: Moment | None = None
    verwacht_op: Moment | None = None
    partij: PartijCode | None = None
    toelichting: Tekst | None = None


class Afsluiting(Invoer):
    """De casus wordt gesloten, door wie en waarom."""

    door: Professional
    reden: Sluitreden
    op: Moment | None = None
    toelichting: Tekst | None = None


class Correctie(Invoer):
    """Het moment van een feit was onjuist. `toelichting`: waarom; gaat verzegeld mee."""

    door: Professional
    feit: Anker
    onderwerp_id: UUID | None = None
    op: Moment
    toelichting: Tekst


def add_vervolg(api: FastAPI, desk: Balie) -> None:
    """Bind the doors."""
    _add_monitoring(api, desk)
    _add_casus(api, desk)


def _add_monitoring(api: FastAPI, desk: Balie) -> None:
    largest = desk.settings.largest_page

    @api.get(
        "/monitormomenten", response_model=antwoorden.Monitormomenten, summary="Monitormomenten, het eerste vooraan"
    )
    async def list_momenten(
        who: Reader,
        status: Termijnstatus | None = None,
        voor: Moment | None = None,
        *,
        limiet: Annotated[int, Query(ge=1, le=largest)] = desk.settings.page_size,
        pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        vraag = MonitorVraag(status, voor, limiet=limiet + 1, overslaan=(pagina - 1) * limiet)
        rows = await desk.queries.monitormomenten(vraag, desk.kring(who))
        return desk.page("monitormomenten", rows, limiet=limiet, pagina=pagina)

    @api.post(
        "/monitormomenten/{monitormomentId}/uitkomsten",
        response_model=antwoorden.Momentstand,
        status_code=201,
        summary="Een monitormoment vastleggen",
    )
    async def hold(monitormomentId: UUID, invoer: MomentUitkomst, who: Actor, call: CallKey) -> Response:  # noqa: N803
        answer = await desk.act_on_moment(hold_command(monitormomentId, invoer), who, call)
        return created(f"{BASE_PATH}/monitormomenten?status=gehaald", answer)

    @api.post(
        "/monitormomenten/{monitormomentId}/inplanningen",
        response_model=antwoorden.Momentstand,
        status_code=201,
        summary="Een monitormoment inplannen",
    )
    async def plan_in(monitormomentId: UUID, invoer: MomentInplanning, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = PlanMomentIn(monitormomentId, invoer.door, invoer.ingepland_voor, invoer.toelichting)
        answer = await desk.act_on_moment(command, who, call)
        return created(f"{BASE_PATH}/monitormomenten?status=lopend", answer)

    @api.post(
        "/casussen/{casusId}/monitormomenten",
        response_model=antwoorden.Momentstand,
        status_code=201,
        summary="Een extra monitormoment plannen",
    )
    async def plan(casusId: UUID, invoer: MomentPlanning, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = PlanMonitormoment(invoer.door, invoer.gepland_op, invoer.reden)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    @api.post(
        "/casussen/{casusId}/stagnatiestappen",
        response_model=antwoorden.Stagnatiestap,
        status_code=201,
        summary="Een stap bij stagnatie vastleggen",
    )
    async def step(casusId: UUID, invoer: Stap, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = ZetStagnatiestap(invoer.stap, invoer.door, invoer.toelichting)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    del list_momenten, hold, plan_in, plan, step


def _add_casus(api: FastAPI, desk: Balie) -> None:
    @api.get(
        "/casussen/{casusId}/initiatief",
        response_model=antwoorden.Initiatief,
        summary="Wie neemt het initiatief voor een dwangmaatregel",
    )
    async def show_initiatief(casusId: UUID, who: Reader, op: Moment | None = None) -> Response:  # noqa: N803
        casus = await desk.casus(casusId, who)
        now = desk.hub.klok.now()
        if op is not None and op > now:
            raise refusal(400, "ligt in de toekomst", code="ongeldige-aanvraag", place="query.op")
        moment: datetime = (op or now).astimezone(UTC)
        regel = initiatief_on(casus, desk.verwijzer.afspraken(casus), moment)
        return json_response(
            {
                "casusId": str(casus.id),
                "op": moment,
                "initiatief": None if regel is None else regel.initiatief.value,
                "voorwaarde": None if regel is None else regel.voorwaarde,
                "regel": None if regel is None else desk.verwijzer.regel(casus, regel.id),
            }
        )

    @api.post(
        "/casussen/{casusId}/dwangmaatregelen",
        response_model=antwoorden.Dwangstand,
        status_code=201,
        summary="Een dwangmaatregel vastleggen",
    )
    async def coerce(casusId: UUID, invoer: Dwang, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = MeldDwangmaatregel(invoer.maatregel, invoer.door, invoer.op, invoer.toelichting)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    @api.post(
        "/casussen/{casusId}/aanvaardingen",
        response_model=antwoorden.Aanvaardingstand,
        status_code=201,
        summary="Een andere partij neemt over, of wordt dat gevraagd",
    )
    async def accept(casusId: UUID, invoer: Aanvaarding, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = MeldAanvaarding(invoer.partij, invoer.door, invoer.op, invoer.toelichting, invoer.bewijs)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    @api.post(
        "/casussen/{casusId}/standen",
        response_model=antwoorden.Standantwoord,
        status_code=201,
        summary="Zicht bevestigen, een wachtlijst melden, of een stap in een crisis vastleggen",
    )
    async def report(casusId: UUID, invoer: Standmelding, who: Actor, call: CallKey) -> Response:  # noqa: N803
        given = (invoer.stand, invoer.door, invoer.op, invoer.verwacht_op, invoer.partij, invoer.toelichting)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(MeldStand(*given), casusId, who, call))

    @api.post(
        "/casussen/{casusId}/afsluitingen",
        response_model=antwoorden.Sluiting,
        status_code=201,
        summary="Een casus sluiten",
    )
    async def close(casusId: UUID, invoer: Afsluiting, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = SluitCasus(invoer.reden, invoer.door, invoer.op, invoer.toelichting)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    @api.post(
        "/casussen/{casusId}/correcties",
        response_model=antwoorden.Herstel,
        status_code=201,
        summary="Het moment van een feit herstellen",
    )
    async def correct(casusId: UUID, invoer: Correctie, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = CorrigeerFeit(invoer.feit, invoer.op, invoer.door, invoer.toelichting, invoer.onderwerp_id)
        return created(f"{BASE_PATH}/casussen/{casusId}", await desk.act(command, casusId, who, call))

    del show_initiatief, coerce, accept, report, close, correct


def hold_command(monitormoment_id: UUID, invoer: MomentUitkomst) -> HoudMonitormoment:
    """What the body of a request asks."""
    stoppen = invoer.stoppen
    return HoudMonitormoment(
        monitormoment_id=monitormoment_id,
        door=invoer.door,
        wijze=invoer.wijze,
        kinderen=invoer.kinderen,
        stabiel_en_veilig=invoer.stabiel_en_veilig,
        gehouden_op=invoer.gehouden_op,
        toelichting=invoer.toelichting,
        stoppen=None if stoppen is None else Instemming(stoppen.betrokkenen, stoppen.lokaal_team, stoppen.veilig_thuis),
        volgende_op=invoer.volgende_op,
    )

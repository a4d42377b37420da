"""The confirmation page, for a team that has a mailbox and a browser: `/overdracht/v1/bevestigen/{token}`.

Mail gateways open links and press buttons. GET never acts, and nothing happens or is shown about people without a name
and a function that only somebody at the team would fill in. What is done here is done by the commands of the API.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from contracts.messages.documenten import Professional
from contracts.messages.handover import Plansoort
from services.handover.api.bladzijden import Ingevulde
from services.handover.api.linkbladen import with_errors
from services.handover.api.linkdeur import Linkdeur
from services.handover.domain.formulier import (
    MEDEWERKER,
    TERUGKOPPELING,
    WEIGERING,
    Ingevuld,
    read_medewerker,
    read_terugkoppeling,
    read_weigering,
)
from services.handover.domain.invoer import OntvangstbevestigingInvoer, PlanInvoer, VerdelingInvoer
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    RefuseOverdracht,
    TakeUpOverdracht,
)
from services.handover.ports import LinkView
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Refused

router = APIRouter(include_in_schema=False)

PATH = "/bevestigen/{token}"
FORMULIEREN = (
    "/ontvangstbevestigingen",
    "/verdelingen",
    "/weigeringen",
    "/plannen",
    "/document",
    "/bijlagen/{bijlage_id}",
    "/inzagen",
)
"""Where the forms of the page are sent to; the terugkoppelformulier and the code to read by are pages of their own."""
GEEINDIGD = frozenset({"geweigerd", "ingetrokken", "teruggekoppeld", "overgenomen", "gesloten"})
"""The codes of a refusal after which the form has no use any more."""


class Bevestigbalie:
    """Shows the pages of one link and takes what is sent from them."""

    def __init__(self, deur: Linkdeur) -> None:
        self._deur = deur
        self._bladen = deur.bladen

    async def show(self, token: str, *, gedaan: str) -> Response:
        link = await self._deur.open(token)
        return self._bladen.page(link, token, gedaan=gedaan) if isinstance(link, LinkView) else link

    def lead_back(self, token: str) -> Response:
        """From the address of a form, where somebody loads it again, to the page that the form stands on."""
        return RedirectResponse(self._bladen.address(token), status_code=303)

    async def show_terugkoppeling(self, token: str) -> Response:
        link = await self._deur.open(token)
        if not isinstance(link, LinkView):
            return link
        return self._bladen.page(link, token) if link.overdracht.is_over else self._bladen.form_page(link, token)

    async def confirm(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "ontvangst")

    async def take_up(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "verdeling")

    async def refuse(self, token: str, ingevuld: Ingevuld) -> Response:
        """Who is asked to take over does not, or contradicts that it did."""
        link = await self._deur.open(token)
        if not isinstance(link, LinkView):
            return link
        read = read_weigering(ingevuld)
        if isinstance(read, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors("weigering", ingevuld, read, WEIGERING), status=400
            )
        refused = await self._deur.refused(link, token, "weigering", RefuseOverdracht(link.overdracht.id, read))
        if refused is None:
            return self._done(token, "weigering")
        formulier = with_errors("weigering", ingevuld, refused.problems, WEIGERING)
        return self._bladen.page(link, token, formulier=formulier, status=refused.status)

    async def draw_up(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "plan")

    async def give_back(self, token: str, ingevuld: Ingevuld) -> Response:
        link = await self._deur.open(token)
        if not isinstance(link, LinkView):
            return link
        read = read_terugkoppeling(ingevuld)
        if isinstance(read, tuple):
            return self._bladen.form_page(link, token, ingevuld=ingevuld, problems=read)
        refused = await self._deur.refused(link, token, "terugkoppeling", GiveBackOverdracht(link.overdracht.id, read))
        if refused is not None and refused.code in GEEINDIGD:
            formulier = with_errors("terugkoppeling", ingevuld, refused.problems, TERUGKOPPELING)
            return self._bladen.page(link, token, formulier=formulier, status=refused.status)
        if refused is not None:
            return self._bladen.form_page(
                link, token, ingevuld=ingevuld, problems=refused.problems, status=refused.status
            )
        return self._done(token, "terugkoppeling")

    async def _act_by(self, token: str, ingevuld: Ingevuld, act: str) -> Response:
        link = await self._deur.open(token)
        if not isinstance(link, LinkView):
            return link
        medewerker = read_medewerker(ingevuld)
        if isinstance(medewerker, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors(act, ingevuld, medewerker, MEDEWERKER), status=400
            )
        reply = await self._deur.submit(link, token, (act,), _command(act, link.overdracht.id, medewerker, ingevuld))
        if isinstance(reply, Refused):
            formulier = with_errors(act, ingevuld, reply.problems, MEDEWERKER)
            return self._bladen.page(link, token, formulier=formulier, status=reply.status)
        closed = (reply.answer or {}).get("casusGeslotenOp")
        return self._done(token, act) if closed is None else self._bladen.after_closing(str(closed))

    def _done(self, token: str, act: str) -> Response:
        """To the page that tells it, so that loading it again sends nothing again."""
        return RedirectResponse(f"{self._bladen.address(token)}?gedaan={act}", status_code=303)


def _command(act: str, overdracht_id: UUID, medewerker: Professional, ingevuld: Ingevuld) -> object:
    if act == "ontvangst":
        return ConfirmOntvangst(overdracht_id, OntvangstbevestigingInvoer(medewerker=medewerker))
    if act == "plan":
        besproken = "ja" in ingevuld.get("besproken", ())
        invoer = PlanInvoer(
            medewerker=medewerker, plannen=(Plansoort.VEILIGHEIDSPLAN,), besproken_met_betrokkenen=besproken
        )
        return DrawUpPlan(overdracht_id, invoer)
    return TakeUpOverdracht(overdracht_id, VerdelingInvoer(medewerker=medewerker))


BalieDep = Annotated[Bevestigbalie, Depends(provided(Bevestigbalie))]


@router.get(PATH)
async def get_page(balie: BalieDep, token: str, gedaan: str = "") -> Response:
    return await balie.show(token, gedaan=gedaan)


@router.get(PATH + "/terugkoppeling")
async def get_form(balie: BalieDep, token: str) -> Response:
    return await balie.show_terugkoppeling(token)


@router.post(PATH)
@router.post(PATH + "/ontvangstbevestigingen")
async def post_ontvangst(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.confirm(token, ingevuld)


@router.post(PATH + "/verdelingen")
async def post_verdeling(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.take_up(token, ingevuld)


@router.post(PATH + "/weigeringen")
async def post_weigering(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.refuse(token, ingevuld)


@router.post(PATH + "/plannen")
async def post_plan(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.draw_up(token, ingevuld)


@router.post(PATH + "/terugkoppeling")
async def post_terugkoppeling(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.give_back(token, ingevuld)


async def get_back(balie: BalieDep, token: str) -> Response:
    return balie.lead_back(token)


for form in FORMULIEREN:
    router.add_api_route(PATH + form, get_back)

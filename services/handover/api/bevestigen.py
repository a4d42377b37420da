"""The confirmation page, for a team that has a mailbox and a browser: `/overdracht/v1/bevestigen/{token}`.

Mail gateways open links and press buttons. GET never acts, and nothing happens or is shown about people without a name
and a function that only somebody at the team would fill in. What is done here is done by the commands of the API.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import local_date
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.handover import Plansoort
from contracts.messages.identifiers import derived_id
from contracts.rechten import Daad, may
from services.handover.api.bijlagen import Bijlagekamer
from services.handover.api.bladzijden import read_form
from services.handover.api.brieven import Briefkamer, pdf_response
from services.handover.api.linkbladen import Linkbladen, with_errors
from services.handover.domain.bevestigen import digest_of
from services.handover.domain.brieven import Briefsoort
from services.handover.domain.casus import Casus
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
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_overdracht
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    RefuseOverdracht,
    TakeUpOverdracht,
)
from services.handover.ports import LinkView, Queries, rows
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import CaseShredded
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.fold import Done
from services.runtime.unit.hub import Hub

router = APIRouter(include_in_schema=False)

PATH = "/bevestigen/{token}"
ROL = "houder van de link"
FORMULIEREN = (
    "/ontvangstbevestigingen",
    "/verdelingen",
    "/weigeringen",
    "/plannen",
    "/document",
    "/bijlagen/{bijlage_id}",
)
"""Where the forms of the page are sent to; the terugkoppelformulier is a page of its own."""
GEEINDIGD = frozenset({"geweigerd", "ingetrokken", "teruggekoppeld", "overgenomen", "gesloten"})
"""The codes of a refusal after which the form has no use any more."""
_LONGEST_TOKEN = 100


class Bevestigbalie:
    """Shows the pages of one link and takes what is sent from them."""

    def __init__(
        self,
        hub: Hub[Casus],
        *,
        kader: Kader,
        queries: Queries,
        brieven: Briefkamer,
        bijlagen: Bijlagekamer,
    ) -> None:
        self._hub = hub
        self._kader = kader
        self._queries = queries
        self._brieven = brieven
        self._bijlagen = bijlagen
        self._bladen = Linkbladen(kader, hub.klok)

    async def show(self, token: str, *, gedaan: str) -> Response:
        link = await self._open(token)
        return self._bladen.page(link, token, gedaan=gedaan) if isinstance(link, LinkView) else link

    def lead_back(self, token: str) -> Response:
        """From the address of a form, where somebody loads it again, to the page that the form stands on."""
        return RedirectResponse(self._bladen.address(token), status_code=303)

    async def show_terugkoppeling(self, token: str) -> Response:
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        return self._bladen.page(link, token) if link.overdracht.is_over else self._bladen.form_page(link, token)

    async def confirm(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "ontvangst")

    async def take_up(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "verdeling")

    async def refuse(self, token: str, ingevuld: Ingevuld) -> Response:
        """Who is asked to take over does not, or contradicts that it did."""
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        read = read_weigering(ingevuld)
        if isinstance(read, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors("weigering", ingevuld, read, WEIGERING), status=400
            )
        refused = await self._submit(link, token, "weigering", RefuseOverdracht(link.overdracht.id, read))
        if refused is None:
            return self._done(token, "weigering")
        formulier = with_errors("weigering", ingevuld, refused.problems, WEIGERING)
        return self._bladen.page(link, token, formulier=formulier, status=refused.status)

    async def draw_up(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "plan")

    async def give_back(self, token: str, ingevuld: Ingevuld) -> Response:
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        read = read_terugkoppeling(ingevuld)
        if isinstance(read, tuple):
            return self._bladen.form_page(link, token, ingevuld=ingevuld, problems=read)
        refused = await self._submit(link, token, "terugkoppeling", GiveBackOverdracht(link.overdracht.id, read))
        if refused is not None and refused.code in GEEINDIGD:
            formulier = with_errors("terugkoppeling", ingevuld, refused.problems, TERUGKOPPELING)
            return self._bladen.page(link, token, formulier=formulier, status=refused.status)
        if refused is not None:
            return self._bladen.form_page(
                link, token, ingevuld=ingevuld, problems=refused.problems, status=refused.status
            )
        return self._done(token, "terugkoppeling")

    async def read_document(self, token: str, ingevuld: Ingevuld, *, as_pdf: bool) -> Response:
        """The overdrachtsdocument, after it was noted who reads it."""
        link = await self._open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        lezer = read_medewerker(ingevuld)
        if isinstance(lezer, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors("document", ingevuld, lezer, MEDEWERKER), status=400
            )
        document = await self._document(link.overdracht, lezer, as_pdf=as_pdf)
        if document is None:
            return self._bladen.is_over()
        if isinstance(document, Refused):
            formulier = with_errors("document", ingevuld, document.problems, MEDEWERKER)
            return self._bladen.page(link, token, formulier=formulier, status=document.status)
        if not as_pdf:
            return self._bladen.document_page(link, token, document, lezer)
        brief = await self._brieven.write(link.overdracht, Briefsoort.OVERDRACHT, document)
        assert not isinstance(brief, Refused), "the letter to the receiver is always there"
        return pdf_response(brief, Briefsoort.OVERDRACHT, link.overdracht)

    async def read_bijlage(self, token: str, bijlage_id: UUID, ingevuld: Ingevuld) -> Response:
        """A file that goes along, after it was noted who reads it."""
        link = await self._open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        lezer = read_medewerker(ingevuld)
        if isinstance(lezer, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors("document", ingevuld, lezer, MEDEWERKER), status=400
            )
        given = await self._bijlagen.give(link.overdracht, bijlage_id, actor=self._actor(link.overdracht), lezer=lezer)
        if isinstance(given, Refused):
            return self._bladen.message(
                "Deze bijlage is hier niet te lezen", "Neem contact op met Veilig Thuis.", given.status
            )
        return given

    def _may_read(self, overdracht: rows.Overdrachtregel) -> bool:
        at = self._hub.klok.now()
        relaties = of_overdracht(self._actor(overdracht), overdracht, kader=self._kader, at=at)
        return may(Daad.OVERDRACHT_LEZEN, relaties)

    def _actor(self, overdracht: rows.Overdrachtregel) -> Actor:
        """Who has the link acts for whoever the overdracht it was mailed for is with."""
        on = local_date(self._hub.klok.now())
        return Actor(self._kader.register.bearer_of(overdracht.ontvanger, on=on), ROL)

    async def _document(
        self, overdracht: rows.Overdrachtregel, lezer: Professional, *, as_pdf: bool
    ) -> Overdrachtsdocument | Refused | None:
        """None where the case was destroyed."""
        wat = "brief" if as_pdf else "overdrachtsdocument"
        try:
            return await self._brieven.document(overdracht, wat=wat, actor=self._actor(overdracht), lezer=lezer)
        except CaseShredded:
            return None

    async def _act_by(self, token: str, ingevuld: Ingevuld, act: str) -> Response:
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        medewerker = read_medewerker(ingevuld)
        if isinstance(medewerker, tuple):
            return self._bladen.page(
                link, token, formulier=with_errors(act, ingevuld, medewerker, MEDEWERKER), status=400
            )
        reply = await self._reply(link, token, act, _command(act, link.overdracht.id, medewerker, ingevuld))
        if isinstance(reply, Refused):
            formulier = with_errors(act, ingevuld, reply.problems, MEDEWERKER)
            return self._bladen.page(link, token, formulier=formulier, status=reply.status)
        closed = (reply.answer or {}).get("casusGeslotenOp")
        return self._done(token, act) if closed is None else self._bladen.after_closing(str(closed))

    async def _open(self, token: str) -> LinkView | Response:
        """What the link leads to, or a page that says no more than that it does not work."""
        link = await self._queries.link(digest_of(token)) if len(token) <= _LONGEST_TOKEN else None
        if link is None:
            return self._bladen.message(
                "Deze link werkt niet",
                "Is de link helemaal overgenomen uit de mail? Is er een nieuwere mail over deze overdracht, gebruik dan"
                " de link daarin.",
                404,
            )
        if link.geldig_tot <= self._hub.klok.now():
            return self._bladen.message(
                "Deze link is verlopen", "Neem contact op met Veilig Thuis als u nog een vraag hebt.", 410
            )
        return link

    async def _open_to_read(self, token: str) -> LinkView | Response:
        """The same, for what is about people: nothing of that is shown for a mail that anybody may have read."""
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        if not self._may_read(link.overdracht):
            return self._bladen.is_over()
        if not self._kader.opens_by_mail(link.overdracht, self._hub.klok.now()):
            return self._bladen.sign_in_first(link, token)
        return link

    async def _submit(self, link: LinkView, token: str, act: str, command: object) -> Refused | None:
        reply = await self._reply(link, token, act, command)
        return reply if isinstance(reply, Refused) else None

    async def _reply(self, link: LinkView, token: str, act: str, command: object) -> Done | Refused:
        """The same key for the same act by the same link: sent twice, done once."""
        key = derived_id("bevestigen", digest_of(token), act)
        return await self._hub.submit(Incoming(key, link.overdracht.casus_id, command, self._actor(link.overdracht)))

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
Ingevulde = Annotated[Ingevuld, Depends(read_form)]


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


@router.post(PATH + "/document")
async def post_document(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.read_document(token, ingevuld, as_pdf="pdf" in ingevuld.get("als", ()))


@router.post(PATH + "/bijlagen/{bijlage_id}")
async def post_bijlage(balie: BalieDep, token: str, bijlage_id: UUID, ingevuld: Ingevulde) -> Response:
    return await balie.read_bijlage(token, bijlage_id, ingevuld)


async def get_back(balie: BalieDep, token: str) -> Response:
    return balie.lead_back(token)


for form in FORMULIEREN:
    router.add_api_route(PATH + form, get_back)

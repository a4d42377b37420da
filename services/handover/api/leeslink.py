"""Reading about people by a link: with a name where its mailbox is safe, else with a code by another road.

Who has an account signs in (`documentblad`). What is read is noted first, with who reads it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from contracts.messages.documenten import Overdrachtsdocument, Professional
from services.handover.api.bijlagen import Bijlagekamer
from services.handover.api.bladzijden import Ingevulde
from services.handover.api.brieven import Briefkamer, pdf_response
from services.handover.api.linkbladen import Formulier, with_errors
from services.handover.api.linkdeur import Linkdeur
from services.handover.domain.brieven import Briefsoort
from services.handover.domain.formulier import MEDEWERKER, Ingevuld, first_of, read_medewerker
from services.handover.domain.kader import Kader
from services.handover.domain.leescode import Leesrecht, find_leesweg, read_leesrecht
from services.handover.handlers.commands import AskLeescode, TryLeescode
from services.handover.ports import LinkView, rows
from services.runtime.access.sealing import CaseShredded
from services.runtime.http.provided import provided
from services.runtime.unit.decision import JsonObject, Refused

router = APIRouter(include_in_schema=False)

PATH = "/bevestigen/{token}"
_LONGEST_FIELD = 200


class Leesbalie:
    """Shows the document and its bijlagen, and gives the codes that open them."""

    def __init__(self, deur: Linkdeur, *, kader: Kader, brieven: Briefkamer, bijlagen: Bijlagekamer) -> None:
        self._deur = deur
        self._bladen = deur.bladen
        self._kader = kader
        self._brieven = brieven
        self._bijlagen = bijlagen

    async def read_document(self, token: str, ingevuld: Ingevuld, *, as_pdf: bool) -> Response:
        """The overdrachtsdocument, after it was noted who reads it."""
        link = await self._deur.open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        lezer = self._lezer(link, token, ingevuld)
        if not isinstance(lezer, Professional):
            return lezer
        return await self._show(link, token, lezer, leesrecht=first_of(ingevuld, "leesrecht"), as_pdf=as_pdf)

    async def read_bijlage(self, token: str, bijlage_id: UUID, ingevuld: Ingevuld) -> Response:
        """A file that goes along, after it was noted who reads it."""
        link = await self._deur.open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        lezer = self._lezer(link, token, ingevuld)
        if not isinstance(lezer, Professional):
            return lezer
        actor = self._deur.actor(link.overdracht)
        given = await self._bijlagen.give(link.overdracht, bijlage_id, actor=actor, lezer=lezer)
        if isinstance(given, Refused):
            return self._bladen.message(
                "Deze bijlage is hier niet te lezen", "Neem contact op met Veilig Thuis.", given.status
            )
        return given

    async def ask_code(self, token: str, ingevuld: Ingevuld) -> Response:
        """A code sets out to whoever was chosen, once for every time that the form was shown."""
        link = await self._deur.open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        weg, asked = first_of(ingevuld, "weg"), _form_of(ingevuld)
        reply = await self._deur.submit(link, token, ("leescode", asked), AskLeescode(link.overdracht.id, weg))
        if isinstance(reply, Refused):
            formulier = Formulier("leescode", ingevuld, {"weg": _sentence(reply)})
            return self._bladen.page(link, token, formulier=formulier, status=reply.status)
        return RedirectResponse(f"{self._bladen.address(token)}/leescodes", status_code=303)

    async def show_code(self, token: str) -> Response:
        """Where the code is filled in."""
        link = await self._deur.open_to_read(token)
        return self._bladen.code_page(link, token) if isinstance(link, LinkView) else link

    async def try_code(self, token: str, ingevuld: Ingevuld) -> Response:
        """The document, for whoever has the code; noted with the name of the person that it was sent to."""
        link = await self._deur.open_to_read(token)
        if not isinstance(link, LinkView):
            return link
        cijfers = "".join(char for char in first_of(ingevuld, "code") if char.isdecimal())
        if not cijfers:
            return self._bladen.code_page(link, token, fout="Vul de code in.", status=400)
        act = ("leescode", _form_of(ingevuld), cijfers[:_LONGEST_FIELD])
        reply = await self._deur.submit(link, token, act, TryLeescode(link.overdracht.id, cijfers))
        if isinstance(reply, Refused):
            return self._bladen.code_page(link, token, fout=_sentence(reply), status=reply.status)
        answer = reply.answer or {}
        if "weg" not in answer:
            return self._bladen.code_page(link, token, fout=_wrong(answer), status=400)
        return await self._open_by_code(link, token, answer)

    async def _open_by_code(self, link: LinkView, token: str, answer: JsonObject) -> Response:
        """An answer that was given before opens no longer than the first time."""
        now, tot = self._deur.klok.now(), datetime.fromisoformat(str(answer["tot"]))
        weg = find_leesweg(link.overdracht, str(answer["weg"]), kader=self._kader, at=now)
        if weg is None or tot <= now:
            return self._bladen.code_page(link, token, fout=_OVER, status=409)
        recht = Leesrecht(weg.sleutel, tot).sign(link.overdracht, self._kader)
        return await self._show(link, token, weg.lezer, leesrecht=recht, as_pdf=False)

    def _lezer(self, link: LinkView, token: str, ingevuld: Ingevuld) -> Professional | Response:
        """Who reads; or what is asked first, of who tries with the link alone."""
        now = self._deur.klok.now()
        if not self._kader.opens_by_mail(link.overdracht, now):
            weg = read_leesrecht(first_of(ingevuld, "leesrecht"), link.overdracht, kader=self._kader, at=now)
            return self._bladen.prove_first(link, token) if weg is None else weg.lezer
        lezer = read_medewerker(ingevuld)
        if isinstance(lezer, Professional):
            return lezer
        return self._bladen.page(
            link, token, formulier=with_errors("document", ingevuld, lezer, MEDEWERKER), status=400
        )

    async def _show(self, link: LinkView, token: str, lezer: Professional, *, leesrecht: str, as_pdf: bool) -> Response:
        document = await self._document(link.overdracht, lezer, as_pdf=as_pdf)
        if document is None:
            return self._bladen.is_over()
        if isinstance(document, Refused):
            formulier = Formulier("document", {}, {"": _sentence(document)})
            return self._bladen.page(link, token, formulier=formulier, status=document.status)
        if not as_pdf:
            return self._bladen.document_page(link, token, document, lezer, leesrecht=leesrecht)
        brief = await self._brieven.write(link.overdracht, Briefsoort.OVERDRACHT, document)
        assert not isinstance(brief, Refused), "the letter to the receiver is always there"
        return pdf_response(brief, Briefsoort.OVERDRACHT, link.overdracht)

    async def _document(
        self, overdracht: rows.Overdrachtregel, lezer: Professional, *, as_pdf: bool
    ) -> Overdrachtsdocument | Refused | None:
        """None where the case was destroyed."""
        wat = "brief" if as_pdf else "overdrachtsdocument"
        try:
            return await self._brieven.document(overdracht, wat=wat, actor=self._deur.actor(overdracht), lezer=lezer)
        except CaseShredded:
            return None


_OVER = "Deze code opent niets meer. Vraag een nieuwe."


def _wrong(answer: JsonObject) -> str:
    left = answer["over"]
    if left == 0:
        return "Deze code klopt niet. Hij werkt nu niet meer: vraag een nieuwe."
    return f"Deze code klopt niet. U kunt het nog {left} keer proberen."


def _sentence(refused: Refused) -> str:
    message = refused.problems[0].message if refused.problems else refused.title
    return f"{message[:1].upper()}{message[1:]}."


def _form_of(ingevuld: Ingevuld) -> str:
    """Which form it was: sent twice it is one. A form that was made by hand is always another."""
    return first_of(ingevuld, "aanvraag")[:_LONGEST_FIELD] or str(uuid4())


BalieDep = Annotated[Leesbalie, Depends(provided(Leesbalie))]


@router.post(PATH + "/document")
async def post_document(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.read_document(token, ingevuld, as_pdf="pdf" in ingevuld.get("als", ()))


@router.post(PATH + "/bijlagen/{bijlage_id}")
async def post_bijlage(balie: BalieDep, token: str, bijlage_id: UUID, ingevuld: Ingevulde) -> Response:
    return await balie.read_bijlage(token, bijlage_id, ingevuld)


@router.post(PATH + "/leescodes")
async def post_leescode(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.ask_code(token, ingevuld)


@router.get(PATH + "/leescodes")
async def get_leescode(balie: BalieDep, token: str) -> Response:
    return await balie.show_code(token)


@router.post(PATH + "/inzagen")
async def post_inzage(balie: BalieDep, token: str, ingevuld: Ingevulde) -> Response:
    return await balie.try_code(token, ingevuld)

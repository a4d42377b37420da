"""The confirmation page, for a team that has a mailbox and a browser: `/overdracht/v1/bevestigen/{token}`.

Mail gateways open links and press buttons. GET never acts, and nothing happens or is shown about people without a name
and a function that only somebody at the team would fill in. What is done here is done by the commands of the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import FastAPI
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import Anker
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.envelope import Problem
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import derived_id, short_reference
from contracts.rechten import Daad, may
from services.handover.api.bijlagen import Bijlagekamer
from services.handover.api.bladzijden import Bladzijden
from services.handover.api.brieven import Briefkamer, pdf_response
from services.handover.domain.bevestigen import asked_of_receiver, digest_of, may_give_back, zicht_of_receiver
from services.handover.domain.brieven import Briefsoort, list_regels
from services.handover.domain.casus import Casus
from services.handover.domain.formulier import (
    Ingevuld,
    errors_by_field,
    list_criteria,
    read_medewerker,
    read_terugkoppeling,
)
from services.handover.domain.invoer import OntvangstbevestigingInvoer, VerdelingInvoer
from services.handover.domain.kader import Kader, local_date, situatie_of
from services.handover.domain.relaties import of_overdracht
from services.handover.handlers import ConfirmOntvangst, GiveBackOverdracht, TakeUpOverdracht
from services.handover.ports import LinkView, Queries, rows
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import CaseShredded
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub

PATH = "/bevestigen/{token}"
ROL = "houder van de link"
MEDEWERKER = ("medewerker.naam", "medewerker.functie")
TERUGKOPPELING = (
    "criteria",
    "betrokkenHulpverlening",
    "hulpGerichtOpGeweld",
    "veiligheidCentraal",
    "toelichting",
    "gedragsdeskundigeGeraadpleegd",
    "gedragsdeskundigeToelichting",
    "afzender.naam",
    "afzender.functie",
    "afzender.organisatie",
    "afzender.telefoon",
    "werkdagenAfzender",
)
GEDAAN: Mapping[str, str] = {
    "ontvangst": "De ontvangst is bevestigd.",
    "verdeling": "U hebt gemeld dat uw team deze casus oppakt.",
    "terugkoppeling": "De casus is teruggegeven aan Veilig Thuis.",
}
FORMULIEREN = ("/ontvangstbevestigingen", "/verdelingen", "/document", "/bijlagen/{bijlage_id}")
"""Where the forms of the page are sent to; the terugkoppelformulier is a page of its own."""
GEEINDIGD = frozenset({"geweigerd", "ingetrokken"})
"""The codes of a refusal after which the form has no use any more."""
_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class _Formulier:
    """What was typed in which form, and what is wrong with it; empty for a page that is opened."""

    naam: str = ""
    ingevuld: Ingevuld | None = None
    fouten: Mapping[str, str] | None = None

    def waarde(self, naam: str, veld: str, anders: str = "") -> str:
        given = (self.ingevuld or {}).get(veld) if naam == self.naam else None
        return given[0] if given else anders

    def gekozen(self, veld: str, waarde: str) -> bool:
        return waarde in (self.ingevuld or {}).get(veld, ())

    def fout(self, naam: str, veld: str) -> str:
        return (self.fouten or {}).get(veld, "") if naam == self.naam else ""


_LEEG = _Formulier()


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
        base_path: str,
    ) -> None:
        self._hub = hub
        self._kader = kader
        self._queries = queries
        self._brieven = brieven
        self._bijlagen = bijlagen
        self._base_path = base_path
        self._bladzijden = Bladzijden()

    async def show(self, token: str, *, gedaan: str) -> Response:
        link = await self._open(token)
        return self._page(link, token, gedaan=gedaan) if isinstance(link, LinkView) else link

    def lead_back(self, token: str) -> Response:
        """From the address of a form, where somebody loads it again, to the page that the form stands on."""
        return RedirectResponse(self._address(token), status_code=303)

    async def show_terugkoppeling(self, token: str) -> Response:
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        return self._page(link, token) if link.overdracht.is_over else self._form_page(link, token)

    async def confirm(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "ontvangst")

    async def take_up(self, token: str, ingevuld: Ingevuld) -> Response:
        return await self._act_by(token, ingevuld, "verdeling")

    async def give_back(self, token: str, ingevuld: Ingevuld) -> Response:
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        read = read_terugkoppeling(ingevuld)
        if isinstance(read, tuple):
            return self._form_page(link, token, ingevuld=ingevuld, problems=read)
        refused = await self._submit(link, token, "terugkoppeling", GiveBackOverdracht(link.overdracht.id, read))
        if refused is not None and refused.code in GEEINDIGD:
            formulier = _with_errors("terugkoppeling", ingevuld, refused.problems, TERUGKOPPELING)
            return self._page(link, token, formulier=formulier, status=refused.status)
        if refused is not None:
            return self._form_page(link, token, ingevuld=ingevuld, problems=refused.problems, status=refused.status)
        return self._done(token, "terugkoppeling")

    async def read_document(self, token: str, ingevuld: Ingevuld, *, as_pdf: bool) -> Response:
        """The overdrachtsdocument, after it was noted who reads it."""
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        lezer = read_medewerker(ingevuld)
        if isinstance(lezer, tuple):
            return self._page(link, token, formulier=_with_errors("document", ingevuld, lezer, MEDEWERKER), status=400)
        document = None
        if self._may_read(link.overdracht):
            document = await self._document(link.overdracht, lezer, as_pdf=as_pdf)
        if document is None:
            return self._message("Dit document is hier niet te lezen", "De overdracht is voorbij.", 410)
        if isinstance(document, Refused):
            formulier = _with_errors("document", ingevuld, document.problems, MEDEWERKER)
            return self._page(link, token, formulier=formulier, status=document.status)
        if not as_pdf:
            return self._document_page(link, token, document, lezer)
        brief = await self._brieven.write(link.overdracht, Briefsoort.OVERDRACHT, document)
        assert not isinstance(brief, Refused), "the letter to the receiver is always there"
        return pdf_response(brief, Briefsoort.OVERDRACHT, link.overdracht)

    async def read_bijlage(self, token: str, bijlage_id: UUID, ingevuld: Ingevuld) -> Response:
        """A file that goes along, after it was noted who reads it."""
        link = await self._open(token)
        if not isinstance(link, LinkView):
            return link
        lezer = read_medewerker(ingevuld)
        if isinstance(lezer, tuple):
            return self._page(link, token, formulier=_with_errors("document", ingevuld, lezer, MEDEWERKER), status=400)
        if not self._may_read(link.overdracht):
            return self._message("Deze bijlage is hier niet te lezen", "De overdracht is voorbij.", 410)
        given = await self._bijlagen.give(link.overdracht, bijlage_id, actor=self._actor(link.overdracht), lezer=lezer)
        if isinstance(given, Refused):
            return self._message(
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
            return self._page(link, token, formulier=_with_errors(act, ingevuld, medewerker, MEDEWERKER), status=400)
        refused = await self._submit(link, token, act, _command(act, link.overdracht.id, medewerker))
        if refused is not None:
            formulier = _with_errors(act, ingevuld, refused.problems, MEDEWERKER)
            return self._page(link, token, formulier=formulier, status=refused.status)
        return self._done(token, act)

    async def _open(self, token: str) -> LinkView | Response:
        """What the link leads to, or a page that says no more than that it does not work."""
        link = await self._queries.link(digest_of(token)) if len(token) <= _LONGEST_TOKEN else None
        if link is None:
            return self._message(
                "Deze link werkt niet",
                "Is de link helemaal overgenomen uit de mail? Is er een nieuwere mail over deze overdracht, gebruik dan"
                " de link daarin.",
                404,
            )
        if link.geldig_tot <= self._hub.klok.now():
            return self._message(
                "Deze link is verlopen", "Neem contact op met Veilig Thuis als u nog een vraag hebt.", 410
            )
        return link

    async def _submit(self, link: LinkView, token: str, act: str, command: object) -> Refused | None:
        """The same key for the same act by the same link: sent twice, done once."""
        key = derived_id("bevestigen", digest_of(token), act)
        reply = await self._hub.submit(Incoming(key, link.overdracht.casus_id, command, self._actor(link.overdracht)))
        return reply if isinstance(reply, Refused) else None

    def _done(self, token: str, act: str) -> Response:
        """To the page that tells it, so that loading it again sends nothing again."""
        return RedirectResponse(f"{self._address(token)}?gedaan={act}", status_code=303)

    def _page(
        self, link: LinkView, token: str, *, gedaan: str = "", formulier: _Formulier = _LEEG, status: int = 200
    ) -> Response:
        overdracht, afspraken = link.overdracht, self._kader.afspraken(link.overdracht)
        since, situatie = overdracht.afgeleverd_op or overdracht.aangemaakt_op, situatie_of(overdracht)
        return self._bladzijden.show(
            "bevestigen",
            status,
            **self._about(link, token),
            formulier=formulier,
            gedaan=GEDAAN[gedaan] if gedaan in _done_at(overdracht) else "",
            gevraagd=asked_of_receiver(situatie, since, afspraken, gehaald=_told(overdracht)),
            zicht=zicht_of_receiver(situatie, afspraken),
            teruggave=may_give_back(situatie, since, afspraken, now=self._hub.klok.now()),
            na_dienst=overdracht.soort == Overdrachtsoort.NA_DIENST.value,
        )

    def _form_page(
        self,
        link: LinkView,
        token: str,
        *,
        ingevuld: Ingevuld | None = None,
        problems: tuple[Problem, ...] = (),
        status: int = 400,
    ) -> Response:
        formulier = _with_errors("terugkoppeling", ingevuld or {}, problems, TERUGKOPPELING)
        return self._bladzijden.show(
            "teruggeven",
            status if problems else 200,
            **self._about(link, token),
            formulier=formulier,
            criteria=list_criteria(self._kader.afspraken(link.overdracht)),
        )

    def _document_page(
        self, link: LinkView, token: str, document: Overdrachtsdocument, lezer: Professional
    ) -> Response:
        regels = list_regels(document, self._kader.afspraken(link.overdracht), with_bsn=True)
        return self._bladzijden.show(
            "document", 200, **self._about(link, token), regels=regels, lezer=lezer, bijlagen=document.bijlagen or ()
        )

    def _message(self, titel: str, tekst: str, status: int) -> Response:
        return self._bladzijden.show("melding", status, titel=titel, tekst=tekst)

    def _about(self, link: LinkView, token: str) -> dict[str, object]:
        overdracht = link.overdracht
        return {
            "overdracht": overdracht,
            "geldig_tot": link.geldig_tot,
            "referentie": short_reference(overdracht.casus_id),
            "voorbij": overdracht.is_over,
            "team": self._kader.naam_of_team(overdracht, self._hub.klok.now()),
            "gemeente": self._kader.register.naam(overdracht.gemeente),
            "veilig_thuis": self._kader.register.veilig_thuis(overdracht.regio).naam,
            "adres": self._address(token),
        }

    def _address(self, token: str) -> str:
        return f"{self._base_path}/bevestigen/{token}"


def add_bevestigen(api: FastAPI, balie: Bevestigbalie) -> None:
    """The pages; they are for people and stand in no description of the API."""

    @api.get(PATH, include_in_schema=False)
    async def get_page(token: str, gedaan: str = "") -> Response:
        return await balie.show(token, gedaan=gedaan)

    @api.get(PATH + "/terugkoppeling", include_in_schema=False)
    async def get_form(token: str) -> Response:
        return await balie.show_terugkoppeling(token)

    @api.post(PATH, include_in_schema=False)
    @api.post(PATH + "/ontvangstbevestigingen", include_in_schema=False)
    async def post_ontvangst(token: str, request: Request) -> Response:
        return await balie.confirm(token, _texts(await request.form()))

    @api.post(PATH + "/verdelingen", include_in_schema=False)
    async def post_verdeling(token: str, request: Request) -> Response:
        return await balie.take_up(token, _texts(await request.form()))

    @api.post(PATH + "/terugkoppeling", include_in_schema=False)
    async def post_terugkoppeling(token: str, request: Request) -> Response:
        return await balie.give_back(token, _texts(await request.form()))

    @api.post(PATH + "/document", include_in_schema=False)
    async def post_document(token: str, request: Request) -> Response:
        form = _texts(await request.form())
        return await balie.read_document(token, form, as_pdf="pdf" in form.get("als", ()))

    @api.post(PATH + "/bijlagen/{bijlage_id}", include_in_schema=False)
    async def post_bijlage(token: str, bijlage_id: UUID, request: Request) -> Response:
        return await balie.read_bijlage(token, bijlage_id, _texts(await request.form()))

    async def get_back(token: str) -> Response:
        return balie.lead_back(token)

    for form in FORMULIEREN:
        api.get(PATH + form, include_in_schema=False)(get_back)

    del get_page, get_form, post_ontvangst, post_verdeling, post_terugkoppeling, post_document, post_bijlage


def _done_at(overdracht: rows.Overdrachtregel) -> frozenset[str]:
    """The acts that were done: the address of a page says nothing that is not so."""
    moments = {
        "ontvangst": overdracht.ontvangen_op,
        "verdeling": overdracht.opgepakt_op,
        "terugkoppeling": overdracht.teruggekoppeld_op,
    }
    return frozenset(act for act, at in moments.items() if at is not None)


def _told(overdracht: rows.Overdrachtregel) -> frozenset[Anker]:
    """What the receiver said; who took it up need not still say that it arrived."""
    taken_up_op = overdracht.opgepakt_op
    moments = {
        Anker.ONTVANGST_BEVESTIGD: overdracht.ontvangen_op or taken_up_op,
        Anker.OVERDRACHT_OPGEPAKT: taken_up_op,
    }
    return frozenset(anker for anker, at in moments.items() if at is not None)


def _command(act: str, overdracht_id: UUID, medewerker: Professional) -> object:
    if act == "ontvangst":
        return ConfirmOntvangst(overdracht_id, OntvangstbevestigingInvoer(medewerker=medewerker))
    return TakeUpOverdracht(overdracht_id, VerdelingInvoer(medewerker=medewerker))


def _with_errors(naam: str, ingevuld: Ingevuld, problems: tuple[Problem, ...], fields: tuple[str, ...]) -> _Formulier:
    return _Formulier(naam, ingevuld, errors_by_field(problems, fields))


def _texts(form: FormData) -> dict[str, list[str]]:
    """The fields that hold text, as people typed it."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    return found

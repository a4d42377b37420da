"""What the holder of a link sees: the page of an overdracht, its forms with what is wrong in them, its document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from starlette.responses import Response

from contracts.afspraken import Anker
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.envelope import Problem
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import short_reference
from services.handover.api.balie import BASE_PATH
from services.handover.api.bladzijden import Bladzijden
from services.handover.api.documentblad import document_address
from services.handover.domain.bevestigen import asked_of_receiver, may_give_back, write_moment, zicht_of_receiver
from services.handover.domain.brieven import list_regels
from services.handover.domain.formulier import (
    REDENEN,
    REDENEN_ONTVANGER,
    TERUGKOPPELING,
    Ingevuld,
    errors_by_field,
    list_criteria,
)
from services.handover.domain.kader import Kader, situatie_of
from services.handover.domain.leescode import find_leeswegen
from services.handover.ports import LinkView, rows
from services.runtime.process.clock import Klok

GEDAAN: Mapping[str, str] = {
    "ontvangst": "De ontvangst is bevestigd.",
    "verdeling": "U hebt gemeld dat uw team deze casus oppakt.",
    "plan": "U hebt gemeld dat het veiligheidsplan er is.",
    "terugkoppeling": "De casus is teruggegeven aan Veilig Thuis.",
    "weigering": "U hebt deze overdracht geweigerd.",
}
NIET_OVERGENOMEN = "U hebt gemeld dat u deze casus niet overneemt."
"""The refusal of an offer: nothing was handed over."""


@dataclass(frozen=True, slots=True)
class Formulier:
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


LEEG = Formulier()


class Linkbladen:
    """The pages of one link."""

    def __init__(self, kader: Kader, klok: Klok) -> None:
        self._kader = kader
        self._klok = klok
        self._bladzijden = Bladzijden()

    def page(
        self, link: LinkView, token: str, *, gedaan: str = "", formulier: Formulier = LEEG, status: int = 200
    ) -> Response:
        overdracht, afspraken = link.overdracht, self._kader.afspraken(link.overdracht)
        now = self._klok.now()
        since, situatie = overdracht.afgeleverd_op or overdracht.aangemaakt_op, situatie_of(overdracht)
        return self._bladzijden.show(
            "bevestigen",
            status,
            **self._about(link, token),
            formulier=formulier,
            gedaan=_done(gedaan, overdracht),
            gevraagd=asked_of_receiver(situatie, since, afspraken, gehaald=_told(overdracht)),
            zicht=zicht_of_receiver(situatie, afspraken),
            teruggave=may_give_back(situatie, since, afspraken, now=now),
            leest_hier=self._kader.opens_by_mail(overdracht, now),
            **self._proof(link),
            na_dienst=overdracht.soort == Overdrachtsoort.NA_DIENST.value,
        )

    def form_page(
        self,
        link: LinkView,
        token: str,
        *,
        ingevuld: Ingevuld | None = None,
        problems: tuple[Problem, ...] = (),
        status: int = 400,
    ) -> Response:
        formulier = with_errors("terugkoppeling", ingevuld or {}, problems, TERUGKOPPELING)
        return self._bladzijden.show(
            "teruggeven",
            status if problems else 200,
            **self._about(link, token),
            formulier=formulier,
            criteria=list_criteria(self._kader.afspraken(link.overdracht)),
        )

    def document_page(
        self, link: LinkView, token: str, document: Overdrachtsdocument, lezer: Professional, *, leesrecht: str = ""
    ) -> Response:
        """`leesrecht` is what a code opened, where who reads did not just give a name."""
        regels = list_regels(document, self._kader.afspraken(link.overdracht), with_bsn=True)
        return self._bladzijden.show(
            "document",
            200,
            **self._about(link, token),
            regels=regels,
            opnieuw={"leesrecht": leesrecht} if leesrecht else _named(lezer),
            bijlagen=document.bijlagen or (),
        )

    def is_over(self) -> Response:
        return self.message("Dit is hier niet te lezen", "De overdracht is voorbij.", 410)

    def after_closing(self, gesloten_op: str) -> Response:
        """That it was recorded, and that there is nothing left to do."""
        since = write_moment(datetime.fromisoformat(gesloten_op))
        tekst = f"De casus is gesloten sinds {since}. U hoeft niets meer te doen; voor nieuwe zorgen is een nieuwe melding nodig."
        return self.message("Vastgelegd: de casus was al gesloten", tekst, 200)

    def prove_first(self, link: LinkView, token: str) -> Response:
        """What is asked beside the link, of who tries to read with that alone."""
        return self._bladzijden.show("aanmelden", 403, **self._about(link, token), formulier=LEEG, **self._proof(link))

    def code_page(self, link: LinkView, token: str, *, fout: str = "", status: int = 200) -> Response:
        """Where a code is filled in, with what is wrong with the one that was."""
        formulier = Formulier("inzage", {}, {"code": fout} if fout else None)
        return self._bladzijden.show(
            "leescode",
            status,
            **self._about(link, token),
            formulier=formulier,
            minuten=int(self._kader.leescode.geldig.total_seconds()) // 60,
            **self._proof(link),
        )

    def message(self, titel: str, tekst: str, status: int) -> Response:
        return self._bladzijden.show("melding", status, titel=titel, tekst=tekst)

    def _proof(self, link: LinkView) -> dict[str, object]:
        """How who has the link can show to be of the team: an account, or a code by one of these roads."""
        return {
            "document": document_address(link.overdracht.id),
            "wegen": find_leeswegen(link.overdracht, kader=self._kader, at=self._klok.now()),
            "aanvraag": str(uuid4()),
        }

    def _about(self, link: LinkView, token: str) -> dict[str, object]:
        overdracht = link.overdracht
        return {
            "overdracht": overdracht,
            "geldig_tot": link.geldig_tot,
            "referentie": short_reference(overdracht.casus_id),
            "voorbij": overdracht.is_over,
            "aanbieder": overdracht.aangeboden_door and self._kader.register.naam(overdracht.aangeboden_door),
            "redenen": REDENEN if overdracht.is_gevraagd else REDENEN_ONTVANGER,
            "team": self._kader.naam_of_team(overdracht, self._klok.now()),
            "gemeente": self._kader.register.naam(overdracht.gemeente),
            "veilig_thuis": self._kader.register.veilig_thuis(overdracht.regio).naam,
            "adres": self.address(token),
        }

    def address(self, token: str) -> str:
        return f"{BASE_PATH}/bevestigen/{token}"


def with_errors(naam: str, ingevuld: Ingevuld, problems: tuple[Problem, ...], fields: tuple[str, ...]) -> Formulier:
    return Formulier(naam, ingevuld, errors_by_field(problems, fields))


def _named(lezer: Professional) -> dict[str, str]:
    """Who reads, as the forms of the page say it."""
    return {"medewerker.naam": lezer.naam, "medewerker.functie": lezer.functie}


def _done(gedaan: str, overdracht: rows.Overdrachtregel) -> str:
    """What was done, in words: the address of a page says nothing that is not so."""
    if gedaan not in _done_at(overdracht):
        return ""
    offered = overdracht.aangeboden_door is not None
    return NIET_OVERGENOMEN if gedaan == "weigering" and offered else GEDAAN[gedaan]


def _done_at(overdracht: rows.Overdrachtregel) -> frozenset[str]:
    """The acts that were done."""
    moments = {
        "ontvangst": overdracht.ontvangen_op,
        "verdeling": overdracht.opgepakt_op,
        "plan": overdracht.veiligheidsplan_op,
        "terugkoppeling": overdracht.teruggekoppeld_op,
        "weigering": overdracht.geweigerd_op,
    }
    return frozenset(act for act, at in moments.items() if at is not None)


def _told(overdracht: rows.Overdrachtregel) -> frozenset[Anker]:
    """What the receiver itself said; who took it up need not still say that it arrived."""
    taken_up_op = None if overdracht.is_gevraagd else overdracht.opgepakt_op
    moments = {
        Anker.ONTVANGST_BEVESTIGD: overdracht.ontvangen_op or taken_up_op,
        Anker.OVERDRACHT_OPGEPAKT: taken_up_op,
    }
    return frozenset(anker for anker, at in moments.items() if at is not None)

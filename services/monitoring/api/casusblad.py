"""The page of one case: who bears zicht op veiligheid, what is asked of you, what you can do, and a picture of it all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Cookie, Query
from fastapi import Path as PathParameter
from starlette.requests import Request
from starlette.responses import Response

from contracts.afspraken import RuleBook, local_date
from contracts.messages.identifiers import short_reference
from contracts.rechten import HANDELINGEN, Daad, Relatie, find_handeling, handelingen_of, may
from contracts.register import Register
from services.monitoring.api.balie import reading_kring
from services.monitoring.api.blik import look_at
from services.monitoring.api.knoppen import GAAT_VERDER, GEDAAN, Gedaan, Opzet, lay_out, names_of
from services.monitoring.api.mensen import Mensen
from services.monitoring.api.pages import build_environment
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.api.tijdbeeld import TEKENS, make_beeld
from services.monitoring.api.werkplek import Kijker
from services.monitoring.domain.antwoord import unknown
from services.monitoring.domain.mogelijkheden import Blik
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.relaties import of_overdracht, relaties_for
from services.monitoring.domain.verder import Wacht, waits
from services.monitoring.domain.vertellen import ASKED
from services.monitoring.domain.werk import find_werk
from services.monitoring.domain.wie import wie_of
from services.monitoring.domain.zicht import timeline
from services.monitoring.ports import Namen, Queries, rows
from services.runtime.access.tokens import Caller
from services.runtime.database.connection import Row
from services.runtime.http import look, problem_response, visitor
from services.runtime.http.callers import DONE_COOKIE
from services.runtime.http.look.drawing import as_table, draw
from services.runtime.process.clock import Klok

_NAMEN = frozenset(one.naam for one in HANDELINGEN)
_BEGINNERS = frozenset(one.naam for one in handelingen_of(None))
"""The acts by which a case begins. Monitoring hears of it a moment after whoever did it comes here."""
_LOOKS, _LOOK_AGAIN_SECONDS = 15, 2
_STUKKEN: Sequence[tuple[str, str, Daad]] = (
    ("document", "Overdrachtsdocument en bijlagen", Daad.OVERDRACHT_LEZEN),
    ("brieven/overdracht", "Overdrachtsdocument (PDF)", Daad.OVERDRACHT_LEZEN),
    ("brieven/betrokkenen-met-document", "Brief aan betrokkenen, met het document (PDF)", Daad.BETROKKENENBRIEF_LEZEN),
    ("brieven/betrokkenen-zonder-contact", "Brief aan betrokkenen, zonder contact (PDF)", Daad.BETROKKENENBRIEF_LEZEN),
    ("brieven/melder", "Brief aan de melder (PDF)", Daad.BETROKKENENBRIEF_LEZEN),
)
"""The page and the letters of an overdracht that handover makes, and what it takes to read each; who reads is noted there."""


@dataclass(frozen=True, slots=True)
class Stukken:
    """What can be opened about one overdracht by who looks."""

    aan: str
    links: Sequence[tuple[str, str]]


def build_casusblad(
    queries: Queries, partijen: Partijen, namen: Namen, *, klok: Klok, register: Register, rule_book: RuleBook
) -> APIRouter:
    """`/casus/<id>`, where messages lead to; for whoever is logged in and may read this case."""
    blad = _Casusblad(queries, partijen, namen, klok=klok, register=register, rule_book=rule_book)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/casus/{casusId}", blad.show)
    return router


class _Casusblad:
    def __init__(
        self, queries: Queries, partijen: Partijen, namen: Namen, *, klok: Klok, register: Register, rule_book: RuleBook
    ) -> None:
        self._queries = queries
        self._partijen = partijen
        self._namen = namen
        self._klok = klok
        self._register = register
        self._verwijzer = Verwijzer(rule_book)
        environment = build_environment(register, self._verwijzer, klok)
        self._template = environment.get_template("casus.html.j2")
        self._soon = environment.get_template("casus_straks.html.j2")
        self._over = environment.get_template("casus_voorbij.html.j2")

    async def show(
        self,
        request: Request,
        casus_id: Annotated[str, PathParameter(alias="casusId")],
        gedaan: str = "",
        over: str = "",
        keer: Annotated[int, Query(ge=1)] = 1,
        kept: Annotated[str, Cookie(alias=DONE_COOKIE)] = "",
    ) -> Response:
        """`gedaan` is the act that was just done, `over` the thing that it was done with; `keer` is how often it was looked.

        Only to the browser that did it the page says so.
        """
        wie = await visitor(request, Daad.CASUS_LEZEN, Daad.SIGNALENLIJST_LEZEN)
        identifier = _read_id(casus_id)
        if identifier is None:
            return problem_response(unknown("casus"))
        known = (gedaan, _read_id(over)) if gedaan in _NAMEN and kept == gedaan else None
        casus = await self._find(identifier, wie)
        if casus is None:
            await visitor(request, Daad.CASUS_LEZEN)  # whoever follows no cases hears who does
        if casus is None and gedaan in _BEGINNERS and keer <= _LOOKS:
            return self._wait(wie, identifier, gedaan, keer)
        if casus is None and await self._had(identifier, wie):
            done = None if known is None else find_handeling(gedaan).knop
            status = 404 if done is None else 200
            reference = short_reference(identifier)
            return look.page(self._over, wie, status=status, smal=True, referentie=reference, gedaan=done)
        if casus is None:
            return problem_response(unknown("casus"))
        toezicht = await self._queries.toezicht(casus.id)
        mensen = toezicht and await Mensen.of_case(casus.id, toezicht, self._namen, self._register)
        history = await self._history(casus, mensen)
        now = self._klok.now()
        blik = toezicht and look_at(casus, toezicht, wie, verwijzer=self._verwijzer, partijen=self._partijen, now=now)
        return self._render(wie, casus, blik, mensen, gedaan=known, **history)

    async def _find(self, casus_id: UUID, wie: Caller) -> rows.Casus | None:
        """What this person may read; of whoever follows no cases, a signaal alone."""
        follows = wie.may(Daad.CASUS_LEZEN)
        daad = Daad.CASUS_LEZEN if follows else Daad.SIGNALENLIJST_LEZEN
        kring = reading_kring(wie, self._register, self._klok.now(), daad=daad)
        casus = await self._queries.casus(casus_id, kring)
        return casus if follows or casus is None or casus.soort == "signaal" else None

    async def _had(self, casus_id: UUID, wie: Caller) -> bool:
        """Whether the case was theirs, by their roles too: messages of then still lead here, and they know it anyway."""
        toezicht = await self._queries.toezicht(casus_id) if wie.may(Daad.CASUS_LEZEN) else None
        if toezicht is None:
            return False
        who = wie_of(wie.partij, toezicht, self._partijen, on=local_date(self._klok.now()), rollen=wie.rollen_now)
        return Relatie.VOORBIJ in relaties_for(toezicht, who)

    def _wait(self, wie: Caller, casus_id: UUID, gedaan: str, keer: int) -> Response:
        """What is shown until the case is heard of: the same for one that is not there and one that is not for you.

        By a header, so that it needs no script; and it ends, because some wait for what never comes.
        """
        on = f"/casus/{casus_id}?gedaan={gedaan}&keer={keer + 1}"
        headers = {"Refresh": f"{_LOOK_AGAIN_SECONDS}; url={on}", "Cache-Control": "no-store"}
        done = find_handeling(gedaan).knop
        return look.page(self._soon, wie, headers=headers, gedaan=done, referentie=short_reference(casus_id), verder=on)

    async def _history(self, casus: rows.Casus, mensen: Mensen | None) -> dict[str, Any]:
        now = self._klok.now()
        zicht, lines = await asyncio.gather(self._queries.zicht(casus.id), self._queries.journaal(casus.id))
        beeld = make_beeld(
            casus, zicht, lines, now=now, naam=self._register.naam, overdracht=self._receiver, mensen=mensen
        )
        return {
            "zicht": zicht,
            "beeld": None if beeld is None else draw(beeld, name="casus"),
            "op_schaal": beeld is None or beeld.is_linear,
            "regels": () if beeld is None else as_table(beeld),
            "tekens": TEKENS,
            "handelingen": [] if mensen is None else mensen.gedaan(),
            "uitleg": [(uitleg, self._verwijzer.regel(casus, uitleg.regel["regel_id"])) for uitleg in _explain(lines)],
        }

    def _render(
        self,
        wie: Caller,
        casus: rows.Casus,
        blik: Blik | None,
        mensen: Mensen | None,
        *,
        gedaan: Gedaan | None,
        **shown: Any,
    ) -> Response:
        werk = None if blik is None else self._work(wie, blik, gedaan)
        pending = werk is not None and any(knop.verwerkt for blok in (*werk.kan, *werk.zelden) for knop in blok.knoppen)
        return look.page(
            self._template,
            wie,
            now=self._klok.now(),
            levend=True,
            casus=casus,
            werk=werk,
            verder=[] if blik is None or mensen is None else self._goes_on(blik, mensen),
            wacht=[] if blik is None else self._waits(blik),
            stukken=[] if blik is None else self._stukken(casus, blik),
            gedaan=None if gedaan is None else (find_handeling(gedaan[0]).knop, GEDAAN[pending]),
            **shown,
        )

    def _work(self, wie: Caller, blik: Blik, gedaan: Gedaan | None) -> Opzet:
        werk = find_werk(blik.casus.casus_id, blik.toezicht, timeline(blik.toezicht.zicht))
        asked = Kijker(wie, self._register, blik.now).asked(werk)
        return lay_out(blik, asked, naam=self._register.naam, team=self._register.naam_van_team, gedaan=gedaan)

    def _goes_on(self, blik: Blik, mensen: Mensen) -> list[tuple[str, str]]:
        """Who goes on with what: the person, and with what in words."""
        called = names_of(blik, self._register.naam, self._register.naam_van_team)
        found = [(who, one.soort, called(one.over_id)) for one, who in mensen.verder()]
        return [(who, f"{GAAT_VERDER[soort]} {over[:1].lower()}{over[1:]}") for who, soort, over in found]

    def _waits(self, blik: Blik) -> list[tuple[str, Wacht]]:
        """What waits with a receiver, under what it is called."""
        called = names_of(blik, self._register.naam, self._register.naam_van_team)
        return [(called(one.overdracht_id), one) for one in waits(blik.toezicht)]

    def _stukken(self, casus: rows.Casus, blik: Blik) -> list[Stukken]:
        """The letters that who looks may read, by overdracht."""
        found: list[Stukken] = []
        for item in casus.overdrachten:
            beeld = blik.toezicht.overdrachten.get(item.id)
            if beeld is None:
                continue
            relaties = of_overdracht(blik.toezicht, beeld, blik.wie)
            links = [
                (f"/overdracht/v1/overdrachten/{item.id}/{stuk}", woord)
                for stuk, woord, daad in _STUKKEN
                if may(daad, relaties, blik.wie.rollen)
            ]
            if links and item.aangemaakt_op is not None:
                found.append(Stukken(self._receiver(item), links))
        return found

    def _receiver(self, item: rows.Overdracht) -> str:
        who = self._register.naam(item.partij or item.gemeente)
        return f"{who}, {self._register.naam_van_team(item.gemeente, item.team)}" if item.team else who


@dataclass(slots=True)
class _Uitleg:
    """A line of the journal; and how often the same message to people followed, lastly when."""

    regel: Row
    keer: int = 1
    laatst_op: datetime | None = None


def _explain(lines: Sequence[Row]) -> list[_Uitleg]:
    """Each line once: a reminder that repeats by one rule is one of them."""
    found: list[_Uitleg] = []
    repeating: dict[str, _Uitleg] = {}
    for line in lines:
        known = repeating.get(line["regel_id"]) if line["wat"] == ASKED else None
        if known is not None:
            known.keer, known.laatst_op = known.keer + 1, line["op"]
            continue
        found.append(uitleg := _Uitleg(line))
        if line["wat"] == ASKED:
            repeating[line["regel_id"]] = uitleg
    return found


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

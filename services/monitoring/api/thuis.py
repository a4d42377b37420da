"""The home page, "Wat vraagt nu iets van mij?", and the list of cases: rendered here, readable without JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from jinja2 import Environment, Template
from starlette.requests import Request
from starlette.responses import Response

from contracts.afspraken import GeenAfspraken, RuleBook, local_date
from contracts.afspraken.ankers import Rol
from contracts.messages.documenten import Professional
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad, handelingen_of
from contracts.register import Register
from services.monitoring.api.balie import reading_kring
from services.monitoring.api.tijden import end_in_words, how_far, in_words
from services.monitoring.api.werkplek import Kijker, read_place, read_search
from services.monitoring.domain.werk import Werksoort
from services.monitoring.ports import BordQueries, Casusstand, Casusvraag, Namen, Werkvraag, Zoekterm, rows, sum_of
from services.runtime.http import look, visitor
from services.runtime.process.clock import Klok

PAGE = 50
PAGE_OF_CASES = 25


class Ja(StrEnum):
    """A box that is ticked."""

    JA = "ja"


@dataclass(frozen=True, slots=True)
class Werkregel:
    """A row of the home page in words. `licht` is the class of its colour, `teken` the sign beside it."""

    werk: rows.Werk
    vraag: str
    wat: str | None
    waarom: str
    uiterlijk: str
    wanneer: str
    licht: str
    teken: str


class Thuis:
    """`/` and `/casussen`."""

    def __init__(
        self,
        queries: BordQueries,
        namen: Namen,
        environment: Environment,
        *,
        klok: Klok,
        register: Register,
        rule_book: RuleBook,
    ) -> None:
        self._queries = queries
        self._namen = namen
        self._klok = klok
        self._register = register
        self._rule_book = rule_book
        self._home = environment.get_template("thuis.html.j2")
        self._cases = environment.get_template("casussen.html.j2")

    def routes(self, router: APIRouter) -> None:
        """Add both pages."""
        router.add_api_route("/", self.show_home)
        router.add_api_route("/casussen", self.show_cases)

    async def show_home(
        self,
        request: Request,
        wat: Werksoort | None = None,
        gemeente: str = "",
        team: str = "",
        telaat: Ja | None = None,
        mijn: Ja | None = None,
        zoek: str = "",
        na: str = "",
    ) -> Response:
        wie = await visitor(request, Daad.WERKPLEK_OPENEN)
        kijker = Kijker(wie, self._register, self._klok.now())
        term, not_found_by = _read(zoek)
        everything = Werkvraag(aan=kijker.aan, soorten=kijker.soorten, rollen=kijker.rollen, nu=kijker.nu)
        filtered = replace(
            everything,
            gemeente=gemeente or None,
            team=team or None,
            te_laat=telaat is not None,
            eigen=kijker.eigen if mijn else None,
            zoek=term,
        )
        asked = replace(
            filtered,
            soorten=kijker.soorten & {wat} if wat else kijker.soorten,
            na=read_place(na),
            limiet=PAGE + 1,
        )
        found = await self._queries.werk(asked)
        counts = await self._queries.tel_werk(filtered)
        whole = counts if filtered == everything else await self._queries.tel_werk(everything)
        return self._page(
            self._home,
            kijker,
            hier="/",
            zoekfout=not_found_by,
            filters={
                "wat": wat.value if wat else "",
                "gemeente": gemeente,
                "team": team,
                "telaat": telaat or "",
                "mijn": mijn or "",
                "zoek": zoek,
            },
            regels=await self._rows(found[:PAGE], kijker),
            meer=len(found) > PAGE,
            vervolg=bool(na),
            tellingen=[(soort, counts[soort]) for soort in Werksoort if soort in counts],
            telling=sum_of(counts[soort] for soort in counts if wat in {None, soort}),
            telling_zonder_soort=sum_of(counts.values()),
            alles=sum_of(whole.values()),
            beginnen=[daad for daad in handelingen_of(None) if wie.persoon and wie.may(daad.daad)],
        )

    async def show_cases(
        self,
        request: Request,
        stand: Casusstand = Casusstand.OPEN,
        gemeente: str = "",
        team: str = "",
        telaat: Ja | None = None,
        zoek: str = "",
        na: str = "",
    ) -> Response:
        wie = await visitor(request, Daad.CASUSLIJST_LEZEN, Daad.CASUS_LEZEN)
        kijker = Kijker(wie, self._register, self._klok.now())
        term, not_found_by = _read(zoek)
        vraag = Casusvraag(
            nu=kijker.nu,
            gemeente=gemeente or None,
            team=team or None,
            te_laat=telaat is not None,
            stand=stand,
            zoek=term,
            na=read_place(na),
            limiet=PAGE_OF_CASES + 1,
        )
        kring = reading_kring(wie, self._register, kijker.nu)
        found = await self._queries.casussen(vraag, kring)
        return self._page(
            self._cases,
            kijker,
            hier="/casussen",
            zoekfout=not_found_by,
            filters={
                "stand": "" if stand is Casusstand.OPEN else stand.value,
                "gemeente": gemeente,
                "team": team,
                "telaat": telaat or "",
                "zoek": zoek,
            },
            stand=stand,
            casussen=found[:PAGE_OF_CASES],
            meer=len(found) > PAGE_OF_CASES,
            vervolg=bool(na),
            telling=await self._queries.tel_casussen(replace(vraag, na=None), kring),
        )

    def _page(self, template: Template, kijker: Kijker, **shown: Any) -> Response:
        filtered = any(shown["filters"].values())
        return look.page(template, kijker.wie, **shown, gefilterd=filtered, kijker=kijker, now=kijker.nu, levend=True)

    async def _rows(self, found: Sequence[rows.Werk], kijker: Kijker) -> list[Werkregel]:
        """With who goes on with each, opened in one go."""
        sealed: list[tuple[UUID, Verzegeld[Professional]]] = [
            (werk.casus_id, Verzegeld(werk.verder)) for werk in found if werk.verder is not None
        ]
        opened = dict(zip((name.jwe for _, name in sealed), await self._namen.open(sealed), strict=True))
        return [self._row(werk, kijker, opened.get(werk.verder or "")) for werk in found]

    def _row(self, werk: rows.Werk, kijker: Kijker, verder: Professional | None) -> Werkregel:
        licht, teken, wanneer = _light(werk, kijker.nu)
        until, label = werk.uiterlijk_op, werk.wat or self._label(werk, kijker.nu)
        is_term = werk.soort in {Werksoort.TERMIJN, Werksoort.MONITORING} and label is not None
        return Werkregel(
            werk=werk,
            vraag=label if is_term and label else werk.soort.label,
            wat=None if is_term else label,
            waarom=self._why(werk, kijker, verder),
            uiterlijk="–" if until is None else end_in_words(until, now=kijker.nu),
            wanneer=wanneer,
            licht=licht,
            teken=teken,
        )

    def _label(self, werk: rows.Werk, now: datetime) -> str | None:
        """What the agreement is called that is not about a term."""
        if werk.regel_id is None:
            return None
        try:
            regel = self._rule_book.for_regio(regio=werk.regio, on=local_date(now)).regel(werk.regel_id)
        except GeenAfspraken:
            return None
        return regel and regel.label

    def _why(self, werk: rows.Werk, kijker: Kijker, verder: Professional | None) -> str:
        who = None if verder is None else f"{verder.naam} ({verder.functie})"
        since = in_words(werk.sinds, now=kijker.nu)
        if werk.rol is not None:
            taken = "" if not werk.opgepakt else f"opgepakt door {who}; " if who else "opgepakt; "
            where = "" if kijker.aan is not None else f" bij {kijker.naam_van(werk.aan)}"
            return f"{taken}geroepen als {Rol(werk.rol).label}{where}, sinds {since}"
        name = kijker.naam_van(werk.aan)
        if werk.team is not None:
            name = self._register.naam_van_team(werk.gemeente, werk.team)
        return f"{name} is aan zet, sinds {since}" + (f"; {who} gaat ermee verder" if who else "")


def _read(zoek: str) -> tuple[Zoekterm | None, bool]:
    """What to look for; and whether that cannot be looked for, which the page says at the field."""
    try:
        return read_search(zoek), False
    except ValueError:
        return None, True


def _light(werk: rows.Werk, now: datetime) -> tuple[str, str, str]:
    """Its colour, its sign and its words; never colour alone."""
    waits = how_far(werk.sinds, now=now)
    if werk.opgepakt:
        return "neutral", "●", "opgepakt"
    if werk.crisis:
        until = None if werk.soort is Werksoort.ESCALATIE else werk.uiterlijk_op
        how = f"wacht al {waits}" if until is None or until > now else f"{how_far(until, now=now)} te laat"
        return "danger", "■", f"crisis, {how}"
    if werk.soort is Werksoort.ESCALATIE:
        return "warning", "▲", f"wacht al {waits} op u"
    if werk.uiterlijk_op is None:
        return "neutral", "●", f"vraagt dit al {waits}"
    return _light_of_term(werk, werk.uiterlijk_op, now)


def _light_of_term(werk: rows.Werk, until: datetime, now: datetime) -> tuple[str, str, str]:
    far = how_far(until, now=now)
    if until <= now:
        if werk.verstreken or (werk.soort is not Werksoort.TERMIJN and werk.nadert_op is None):
            return "danger", "■", f"{far} te laat"
        return "warning", "?", "termijn voorbij; nog niet bekend of zij is gehaald"
    if werk.nadert_op is not None and werk.nadert_op <= now:
        return "warning", "▲", f"nog {far}"
    return "safe", "●", f"nog {far}"

"""Who takes over, in any order: never two bearers, and never one that neither acted nor had a proof recorded for it.

The four services together, by their front doors; docs/decisions/0019.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from tests.examples import examples
from tests.scenarios.gegevens import PROFESSIONAL, document, huishouden, voorbeeld
from tests.scenarios.geheugen import InGeheugen
from tests.scenarios.wereld import Antwoord, Daad

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BREDA, VT, MELDPUNT = "GM0758", "veilig-thuis-west-brabant", "meldpunt-west-brabant"
PARTIJEN = ("safegroup", "ggz-crisisdienst-west-brabant")
OUDS = frozenset({BREDA, VT, MELDPUNT})
"""Who can bear it by the road that the case came along."""
VOLGENS_EEN_ANDER = "Volgens een ander draagt uw organisatie"

Stap = tuple[str, str]
STAPPEN = st.lists(
    st.tuples(
        st.sampled_from(
            ("vraag", "vraag", "bewijs", "aanvaard", "neem-over", "weiger", "trek-in", "wacht", "corrigeer")
        ),
        st.sampled_from(PARTIJEN),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Zaak:
    """A case, and what its parties did in it that was accepted."""

    wereld: InGeheugen
    casus_id: CasusId
    aanbieder: str
    meldpuntmelding: UUID | None = None
    deden: dict[str, str] = field(default_factory=dict[str, str])
    teller: int = 0
    verteld: set[object] = field(default_factory=set[object])

    async def do(self, vorm: str, door: str, inhoud: dict[str, Any], over: UUID | None) -> Antwoord:
        self.teller += 1
        return await self.wereld.do(Daad(vorm, door, inhoud, f"{self.casus_id}/{self.teller}", self.casus_id, over))

    async def overdracht(self, partij: str) -> UUID:
        rows = await self.wereld.rows(Service.HANDOVER, "overdracht", self.casus_id)
        found = sorted((row for row in rows if row["partij"] == partij), key=lambda row: str(row["aangemaakt_op"]))
        return UUID(str(found[-1]["id"])) if found else derived_id("geen")

    async def bearer(self) -> str | None:
        found = await self.wereld.zicht(self.casus_id, self.wereld.now(), als=VT)
        return None if found is None else found[1]

    async def newly_told(self) -> list[str]:
        """Who heard since this was asked last that it bears zicht as others say."""
        rows = await self.wereld.rows(Service.NOTIFIER, "notificatie", self.casus_id)
        found = [row for row in rows if str(row["onderwerp"]).startswith(VOLGENS_EEN_ANDER)]
        new = [str(row["partij"]) for row in found if row["notificatie_id"] not in self.verteld]
        self.verteld |= {row["notificatie_id"] for row in found}
        return new

    async def step(self, wat: str, partij: str) -> Antwoord | None:
        match wat:
            case "vraag" | "bewijs":
                return await self._ask(partij, with_proof=wat == "bewijs")
            case "neem-over":
                return await self._take_over(partij)
            case "aanvaard" | "weiger" | "trek-in":
                return await self._answer(wat, partij)
            case "corrigeer":
                return await self._put_right(partij)
            case _:
                await self.wereld.until(self.wereld.now() + timedelta(hours=5))
                return None

    async def _answer(self, wat: str, partij: str) -> Antwoord:
        vorm, door, inhoud = {
            "aanvaard": ("verdeling", partij, {}),
            "weiger": ("weigering", partij, {"code": "niet-passend"}),
        }.get(wat, ("intrekking", self.aanbieder, {}))
        return await self.do(vorm, door, inhoud, await self.overdracht(partij))

    async def _put_right(self, partij: str) -> Antwoord:
        """When this party took over, as it says or as others do, was six hours ago."""
        body = {
            "door": PROFESSIONAL,
            "feit": "overdracht-opgepakt",
            "onderwerpId": str(await self.overdracht(partij)),
            "op": (self.wereld.now() - timedelta(hours=6)).isoformat(),
            "toelichting": "De datum was verkeerd overgenomen.",
        }
        return await self.do("correctie", VT, body, self.casus_id)

    async def _ask(self, partij: str, *, with_proof: bool) -> Antwoord:
        bewijs = {"functie": "hoofd", "op": self.wereld.now().isoformat()} if with_proof else None
        if self.meldpuntmelding is not None:
            body = {"door": partij} | ({} if bewijs is None else {"bewijs": bewijs})
            return await self.do("overname", self.aanbieder, body, self.meldpuntmelding)
        body = {"door": PROFESSIONAL, "partij": partij} | ({} if bewijs is None else {"bewijs": bewijs})
        return await self.do("aanvaarding", self.aanbieder, body, self.casus_id)

    async def _take_over(self, partij: str) -> Antwoord:
        if self.meldpuntmelding is not None:
            return await self.do("overname", partij, {}, self.meldpuntmelding)
        return await self.do("aanvaarding", partij, {"door": PROFESSIONAL, "partij": partij}, self.casus_id)

    def note(self, wat: str, partij: str, antwoord: Antwoord | None) -> None:
        """What was accepted of what this party did, or of what others said that it did."""
        if antwoord is None or not antwoord.gelukt:
            return
        if wat in {"aanvaard", "neem-over"}:
            others = [known for known, how in self.deden.items() if how == "zelf" and known != partij]
            assert not others, f"{partij} took over what {others} had taken over"
            self.deden[partij] = "zelf"
        elif wat == "bewijs":
            self.deden.setdefault(partij, "bewijs")
        elif wat == "weiger" and self.deden.get(partij) == "bewijs":
            del self.deden[partij]


async def at_team(wereld: InGeheugen) -> Zaak:
    """The lokaal team bears it."""
    body = voorbeeld("melding", kenmerk="overnames", gemeente=BREDA, ontvangenOp=START.isoformat(), feiten=None)
    antwoord = await wereld.do(Daad("melding", VT, body | huishouden("overnames"), "melding"))
    zaak = Zaak(wereld, CasusId(UUID(antwoord.inhoud["casusId"])), BREDA)
    besluit = {
        "besluit": "directe-overdracht",
        "genomenDoor": {"naam": "Roderick Verzonnen", "functie": "triagist"},
        "afwegingen": "De afwegingen van het verhaal.",
        "overdrachtsdocument": document("triagebesluit", ()),
        "ontvangers": [{"gemeente": BREDA}],
    }
    melding = UUID(antwoord.inhoud["id"])
    assert (await zaak.do("triagebesluit", VT, besluit, melding)).gelukt
    await wereld.until(START + timedelta(days=10))
    assert await zaak.bearer() == BREDA
    return zaak


async def at_meldpunt(wereld: InGeheugen) -> Zaak:
    """The meldpunt keeps the regie over a crisis."""
    body = voorbeeld(
        "meldpuntmelding",
        kenmerk="overnames",
        gemeente=BREDA,
        crisis=True,
        vermoedenHgkm=False,
        uitkomst="ggz-crisisdienst",
        ontvangenOp=START.isoformat(),
    )
    antwoord = await wereld.do(Daad("meldpuntmelding", MELDPUNT, body | huishouden("overnames"), "melding"))
    casus_id, melding = CasusId(UUID(antwoord.inhoud["casusId"])), UUID(antwoord.inhoud["id"])
    return Zaak(wereld, casus_id, MELDPUNT, melding)


async def follow(stappen: list[Stap], *, meldpunt: bool) -> None:
    wereld = InGeheugen(START)
    zaak = await (at_meldpunt(wereld) if meldpunt else at_team(wereld))
    before = bearer = await zaak.bearer()
    for wat, partij in stappen:
        antwoord = await zaak.step(wat, partij)
        zaak.note(wat, partij, antwoord)
        was, bearer = bearer, await zaak.bearer()
        assert wat != "corrigeer" or bearer == was, f"by a correction {bearer} bears it, and no more {was}"
        told = await zaak.newly_told()
        assert set(told) <= {bearer}, f"{told} hear that they bear what {bearer} bears"
        assert bearer in OUDS or bearer in zaak.deden, f"{bearer} bears it and did nothing"
        if not zaak.deden:
            assert bearer == before, "nobody took over, and it did not stay where it was"
        elif antwoord is not None and antwoord.gelukt and wat in {"aanvaard", "neem-over"}:
            assert bearer == partij, f"{partij} heard that it took over, and {bearer} bears it"
        assert antwoord is None or antwoord.gelukt or antwoord.redenen.strip("; ")
    assert await wereld.set_aside(zaak.casus_id) == []


WOORD_INGEHAALD: list[Stap] = [
    ("vraag", "safegroup"),
    ("bewijs", "ggz-crisisdienst-west-brabant"),
    ("wacht", "safegroup"),
    ("aanvaard", "safegroup"),
    ("corrigeer", "safegroup"),
    ("wacht", "safegroup"),
    ("wacht", "safegroup"),
]
"""A correction that would put the act of its own before the word that it overtook."""


@example(stappen=WOORD_INGEHAALD)
@given(stappen=STAPPEN)
@examples(60)
def test_from_the_lokaal_team_one_party_takes_over_and_only_by_its_own_act(stappen: list[Stap]) -> None:
    asyncio.run(follow(stappen, meldpunt=False))


@example(stappen=[("wacht", "safegroup"), *WOORD_INGEHAALD])
@given(stappen=STAPPEN)
@examples(60)
def test_from_the_meldpunt_one_party_takes_over_and_only_by_its_own_act(stappen: list[Stap]) -> None:
    asyncio.run(follow(stappen, meldpunt=True))

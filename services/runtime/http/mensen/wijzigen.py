"""Changing one person of an organisation in the register that holds now, for whoever saw an earlier version of it."""

from dataclasses import dataclass
from uuid import UUID

from contracts.register.bewerken import Mensen, NietTeBewerken, Organisatieplek, find_plek, mensen_of, with_mensen
from contracts.register.mensen import PersoonInvoer, with_persoon
from contracts.toml_plaats import BestandFouten, Fout
from services.runtime.register import (
    Bezwaren,
    Bron,
    Change,
    ChangedMeanwhile,
    FileHolds,
    RegisterKeeper,
    Versie,
    find_by_key,
    find_version,
)

_ATTEMPTS = 5
"""As often others may change something else in the register at the very same moment."""


@dataclass(frozen=True, slots=True)
class Wens:
    """What somebody wants of one of the people of a party (`bij`: its name).

    `naam` is who it is now, None for a new one; no `invoer`: take out. `basis` is the number of the version in which they
    saw the people.
    """

    partij: str
    bij: str
    naam: str | None
    invoer: PersoonInvoer | None
    basis: int
    sleutel: UUID
    wie: str

    @property
    def waarom(self) -> str:
        """What stands with the version."""
        if self.invoer is None:
            return f"{self.bij}: {self.naam} weggehaald"
        return f"{self.bij}: {self.invoer.naam} {'toegevoegd' if self.naam is None else 'gewijzigd'}"


@dataclass(frozen=True, slots=True)
class Afgewezen:
    """Why it was not done: what is wrong at which field, and what of no field. `intussen`: others changed these people."""

    fouten: dict[str, list[str]]
    intussen: bool = False


class Mensenwijziging:
    """Does what is wished. The same `sleutel` twice is one change."""

    def __init__(self, keeper: RegisterKeeper) -> None:
        self._keeper = keeper

    async def was_done(self, sleutel: UUID) -> bool:
        return await find_by_key(self._keeper.pool, sleutel) is not None

    async def do(self, wens: Wens) -> Versie | Afgewezen:
        for _ in range(_ATTEMPTS):
            await self._keeper.refresh()
            try:
                return await self._attempt(wens, self._keeper.versie)
            except ChangedMeanwhile:
                continue
            except Bezwaren as against:
                return Afgewezen({"$": list(against.zinnen)})
            except (FileHolds, NietTeBewerken) as cannot:
                return Afgewezen({"$": [str(cannot)]})
        return Afgewezen({}, intussen=True)

    async def _attempt(self, wens: Wens, now: Versie) -> Versie | Afgewezen:
        plek = find_plek(now.tekst, wens.partij, on=self._keeper.today)
        if plek is None or not await self._is_as_it_was(wens, mensen_of(now.tekst, plek)):
            return Afgewezen({}, intussen=True)
        made = with_persoon(mensen_of(now.tekst, plek), wens.naam, wens.invoer)
        change = Change(
            tekst=with_mensen(now.tekst, plek, made),
            basis=now.nummer,
            wie=wens.wie,
            bron=Bron.MENSEN,
            waarom=wens.waarom,
            sleutel=wens.sleutel,
        )
        try:
            return await self._keeper.change(change)
        except BestandFouten as wrong:
            return Afgewezen(_at_fields(wrong.fouten, plek, made, wens))

    async def _is_as_it_was(self, wens: Wens, mensen: Mensen) -> bool:
        """Whether nobody changed these people since they were seen; what others changed elsewhere is no matter."""
        seen = await find_version(self._keeper.pool, wens.basis)
        plek = None if seen is None else find_plek(seen.tekst, wens.partij, on=self._keeper.today)
        return seen is not None and plek is not None and mensen_of(seen.tekst, plek) == mensen


def _at_fields(fouten: tuple[Fout, ...], plek: Organisatieplek, made: Mensen, wens: Wens) -> dict[str, list[str]]:
    """What the whole check says, at the field of the form where it speaks of one."""
    naam = None if wens.invoer is None else wens.invoer.naam
    names = [table["naam"] for table in made.personen if table is not None]
    place = f"{plek.soort}[{plek.index + 1}].persoon[{names.index(naam) + 1}]." if naam in names else None
    found: dict[str, list[str]] = {}
    for fout in fouten:
        at = fout.veld.removeprefix(place) if place is not None and fout.veld.startswith(place) else "$"
        found.setdefault(at, []).append(fout.melding)
    return found

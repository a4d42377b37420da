"""The story: who reports what when, what professionals decide, and what goes wrong, as in life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from contracts.afspraken import AMSTERDAM
from contracts.register import Register
from lab.invented import VerzonnenMelding, verzin_meldingen
from lab.sandbox import Gedrag, Storing
from services.runtime.unit.decision import JsonObject

START = datetime(2026, 3, 2, 9, 0, tzinfo=AMSTERDAM)
END = START + timedelta(days=21)

GEMEENTEN = (
    "GM0758", "GM0748", "GM1674", "GM0826", "GM0777", "GM1709", "GM1959", "GM1719",
    "GM0779", "GM1655", "GM0840", "GM0851", "GM0873", "GM0879", "GM1723", "GM0744",
)  # fmt: skip
"""The sixteen of DOMAIN.md; since 2023 the last two belong to Veilig Thuis Midden-Brabant in the sample register."""

NEVER_CONFIRMS = "GM0851"
ENDPOINT_DOWN = "GM0879"
KETENPARTNER = "safegroup"
ELSEWHERE = frozenset({"GM1723", "GM0744"})
"""Of another region than that party."""
DOWN_FROM = datetime(2026, 3, 10, 8, 0, tzinfo=AMSTERDAM)
DOWN_UNTIL = datetime(2026, 3, 12, 8, 0, tzinfo=AMSTERDAM)

NUMBER = 60
SEED = 20260302


class Bijzonder(StrEnum):
    """What is special about a melding of the story."""

    GEWOON = "gewoon"
    DUBBEL = "komt twee keer"
    ONVOLLEDIG = "overdrachtsdocument eerst onvolledig"
    GESLOTEN = "anonieme melder en gesloten gezin: Veilig Thuis doet onderzoek"
    MELDPUNT = "crisis via het meldpunt"
    TRAAG = "triagebesluit komt te laat"
    KETENPARTNER = "overdracht aan een ketenpartner"


@dataclass(frozen=True, slots=True)
class Casus:
    """One melding of the story and when things happen to it, on the Clock."""

    nummer: int
    verzonnen: VerzonnenMelding
    meldt_op: datetime
    besluit_op: datetime
    bijzonder: Bijzonder = Bijzonder.GEWOON

    @property
    def gemeente(self) -> str:
        return self.verzonnen.gemeente

    @property
    def ontvanger(self) -> str:
        """The code of who gets the case when it is handed over."""
        return KETENPARTNER if self.bijzonder is Bijzonder.KETENPARTNER else self.gemeente

    @property
    def dienstbesluit(self) -> JsonObject:
        """The same decision maker starts a dienst instead of handing over."""
        besluit = {key: value for key, value in self.verzonnen.triagebesluit.items() if key != "overdrachtsdocument"}
        besluit.pop("ontvangers", None)
        return besluit | {"besluit": "dienst-onderzoek"}


def behaviour() -> Mapping[str, Gedrag]:
    """How the gemeenten that are not as usual behave."""
    down = Storing(DOWN_FROM, DOWN_UNTIL)
    return {NEVER_CONFIRMS: Gedrag.nooit(), ENDPOINT_DOWN: replace(usual(), storingen=(down,))}


def usual() -> Gedrag:
    """Most confirm within hours and take up the next day."""
    return Gedrag(bevestigt_na=timedelta(hours=5), verdeelt_na=timedelta(hours=30))


def write_story(register: Register) -> Sequence[Casus]:
    """Sixty meldingen over twelve days, each gemeente its share; the same every time."""
    random = Random(SEED)  # noqa: S311  invention, no secret
    verzonnen = verzin_meldingen(register, aantal=NUMBER, seed=SEED, on=START.date(), gemeenten=GEMEENTEN)
    casussen = [_schedule(number, melding, random) for number, melding in enumerate(verzonnen, start=1)]
    return _with_special_ones(casussen)


def _schedule(number: int, melding: VerzonnenMelding, random: Random) -> Casus:
    meldt_op = START + timedelta(hours=random.uniform(0.5, 11 * 24))
    return Casus(number, melding, meldt_op, _working_hour(meldt_op + timedelta(hours=random.uniform(3, 60)), random))


def _working_hour(moment: datetime, random: Random) -> datetime:
    """The first office hour from `moment` on: triagisten decide on weekdays between nine and five."""
    local = moment.astimezone(AMSTERDAM)
    day = local.date() if local.hour < 17 else local.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    if day == local.date() and local.hour >= 9:
        return local
    return _at(day, random.uniform(9, 16))


def _at(day: date, hour: float) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM) + timedelta(hours=hour)


def _with_special_ones(casussen: list[Casus]) -> list[Casus]:
    ordinary = [index for index, casus in enumerate(casussen) if casus.gemeente not in {NEVER_CONFIRMS, ENDPOINT_DOWN}]
    kinds = [
        Bijzonder.DUBBEL,
        Bijzonder.ONVOLLEDIG,
        Bijzonder.GESLOTEN,
        Bijzonder.MELDPUNT,
        Bijzonder.MELDPUNT,
        Bijzonder.TRAAG,
    ]
    for index, kind in zip(ordinary[3::7], kinds, strict=False):
        casussen[index] = _make_special(casussen[index], kind)
    rest = (index for index in ordinary if casussen[index].bijzonder is Bijzonder.GEWOON)
    partner = next(index for index in rest if casussen[index].gemeente not in ELSEWHERE)
    casussen[partner] = _make_special(casussen[partner], Bijzonder.KETENPARTNER)
    down = next(index for index, casus in enumerate(casussen) if casus.gemeente == ENDPOINT_DOWN)
    casussen[down] = replace(
        casussen[down], meldt_op=DOWN_FROM - timedelta(hours=20), besluit_op=DOWN_FROM + timedelta(hours=2)
    )
    return sorted(casussen, key=lambda casus: casus.meldt_op)


def _make_special(casus: Casus, kind: Bijzonder) -> Casus:
    match kind:
        case Bijzonder.GESLOTEN:
            return replace(casus, bijzonder=kind, verzonnen=casus.verzonnen.anonymous_with_closed_family())
        case Bijzonder.KETENPARTNER:
            return replace(casus, bijzonder=kind, verzonnen=casus.verzonnen.handed_to(KETENPARTNER))
        case Bijzonder.TRAAG:
            return replace(casus, bijzonder=kind, besluit_op=casus.meldt_op + timedelta(days=9))
        case _:
            return replace(casus, bijzonder=kind)

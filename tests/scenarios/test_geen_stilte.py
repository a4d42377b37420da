"""That silence is found where there is some: somebody not reached, or nothing to come (G10)."""

from datetime import timedelta

import pytest

from contracts.messages.topics import Service
from services.monitoring.adapters import RegisterPartijen
from services.runtime.unit.frozen import replace
from tests.scenarios.geen_stilte import find_silences
from tests.scenarios.geheugen import InGeheugen, rule_book, sample_register
from tests.scenarios.lezen import read_verhaal
from tests.scenarios.vertelling import Verteller

pytestmark = pytest.mark.anyio

VERHAAL = """\
titel = "Het lokale team krijgt zicht en doet niets"
paragraaf = "MB 4.1"
regio = "midden-brabant"
gemeente = "Tilburg"

[[gegeven]]
op = "ma 2 maart 2026 09:00"
wat = "Veilig Thuis ontvangt een melding"

[[gegeven]]
na = "1 uur"
wat = "Veilig Thuis besluit tot directe overdracht"

[[wanneer]]
op = "wo 11 maart 2026 09:00"
wat = "niemand doet iets"

[[dan]]
wat = "zicht op veiligheid ligt bij het lokale team"
"""


async def silences(*, unsent: bool = False, no_alarms: bool = False, later: bool = False) -> list[str]:
    """What is found where the team bears zicht and did nothing, with this left out of what the services did."""
    verhaal = read_verhaal(VERHAAL, bestand="verhaal.toml", rule_book=rule_book(), register=sample_register())
    wereld = InGeheugen(verhaal.regels[0].moment)
    verteller = Verteller(verhaal, wereld)
    for regel in verhaal.regels:
        await wereld.until(regel.moment)
        await verteller.tell(regel)
    (zaak,) = verteller.zaken.values()
    toezicht = await wereld.toezicht(zaak.casus_id)
    assert toezicht is not None
    notificaties = await wereld.rows(Service.NOTIFIER, "notificatie", zaak.casus_id)
    late = wereld.now() + timedelta(days=8)
    if no_alarms:
        toezicht = replace(toezicht, wekkers=dict.fromkeys(toezicht.wekkers, late) if later else {})
    if unsent:
        notificaties = [{**row, "status": "mislukt"} for row in notificaties]
    return list(
        find_silences(
            zaak.casus_id,
            toezicht,
            notificaties,
            others=(),
            partijen=RegisterPartijen(wereld.register),
            rule_book=rule_book(),
            now=wereld.now(),
        )
    )


async def test_where_all_left_and_something_is_to_come_there_is_none() -> None:
    assert await silences() == []


async def test_who_gets_zicht_and_who_loses_it_is_told_by_a_channel_that_accepted_it() -> None:
    before, bears = await silences(unsent=True)
    assert before.startswith("veilig-thuis-midden-brabant droeg tot dan zicht")
    assert bears.startswith("GM0855 draagt zicht sinds 2026-03-09T23:00:00+00:00")


@pytest.mark.parametrize(("later", "said"), [(False, "er komt niets meer"), (True, "er komt pas op 2026-03-19T08:00")])
async def test_a_case_for_which_nothing_comes_in_seven_days_is_silent(said: str, *, later: bool) -> None:
    (found,) = await silences(no_alarms=True, later=later)
    assert found.startswith(said)

"""Nobody gets two messages of one case in the same minute: over whole histories, by what leaves the hub (G10).

The four services in memory. Between two acts more than a minute passes, so whatever comes within one is of one moment.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from contracts.messages.notifier import Aanleiding, NotificatieGevraagd
from contracts.messages.topics import Service
from services.notifier.adapters.bezorging import vragen_of
from services.runtime.unit.decision import Attempt, Request
from tests.scenarios.geheugen import TAKEN, InGeheugen, rule_book, sample_register
from tests.scenarios.geschiedenis import BEGINNINGS, PLACES, Geschiedenis, live
from tests.scenarios.lezen import read_verhaal
from tests.scenarios.vertelling import Verteller

STEPS = 6
SEEDS = (1, 2)
"""More of them: `range(40)` here."""
MINUTE = timedelta(minutes=1)
Mail = tuple[datetime, tuple[NotificatieGevraagd, ...]]


def at_once(mails: Sequence[Mail]) -> Iterator[str]:
    """What came to one mailbox within a minute of what came before; that something was not so is said by itself."""
    news = [(op, asked) for op, asked in mails if {item.aanleiding for item in asked} != {Aanleiding.INGETROKKEN}]
    for (before, first), (op, second) in pairwise(news):
        if op - before <= MINUTE:
            yield f"{op}: na {[item.onderwerp for item in first]} nog {[item.onderwerp for item in second]}"


@pytest.mark.parametrize("gemeente", PLACES)
@pytest.mark.parametrize("begin", BEGINNINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_gets_two_messages_of_one_case_in_the_same_minute(seed: int, begin: str, gemeente: str) -> None:
    mails: defaultdict[str, list[Mail]] = defaultdict(list)
    with closing(Geschiedenis(seed, gemeente)) as geschiedenis:
        by_others = geschiedenis.world.performers.copy()

        async def deliver(request: Request, *how: object) -> Attempt:
            if "vragen" not in request.content:
                return await by_others[request.kind](request, *how)  # type: ignore[arg-type]
            mails[request.destination].append((geschiedenis.now, tuple(vragen_of(request))))
            return TAKEN

        geschiedenis.world.performers.update(dict.fromkeys(by_others, deliver))
        for step, _ in enumerate(live(geschiedenis, STEPS, begin=begin)):
            geschiedenis.wait(11 * MINUTE)
            if not step:
                mails.clear()  # the beginning is more than one act
        found = {destination: [*at_once(sent)] for destination, sent in mails.items()}
    assert {destination: lines for destination, lines in found.items() if lines} == {}
    assert mails


VERHAAL = Path(__file__).parent / "west-brabant" / "hermelding-op-twee-casussen.toml"


@pytest.mark.anyio
async def test_one_melding_about_two_cases_of_a_household_is_one_message_that_names_both() -> None:
    """The cases of this story are with one team."""
    verhaal = read_verhaal(
        VERHAAL.read_text("utf-8"), bestand=VERHAAL.name, rule_book=rule_book(), register=sample_register()
    )
    wereld = InGeheugen(verhaal.regels[0].moment)
    verteller = Verteller(verhaal, wereld)
    for regel in verhaal.regels:
        await wereld.until(regel.moment)
        await verteller.tell(regel)
    reported = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
    about: dict[str, set[tuple[str, datetime]]] = {}
    for naam in ("eerste", "tweede"):
        rows = await wereld.rows(Service.NOTIFIER, "notificatie", verteller.zaken[naam].casus_id)
        told = [row for row in rows if row["onderwerp"] == "Over dit huishouden is opnieuw gemeld"]
        now = [row for row in told if datetime.fromisoformat(str(row["gevraagd_op"])) == reported]
        about[naam] = {(str(row["kanaal"]), datetime.fromisoformat(str(row["verzonden_op"]))) for row in now}
    assert about["eerste"] == about["tweede"]
    mails = [request for request in wereld.bezorgd if "vragen" in request.content]
    both = [asked for asked in map(vragen_of, mails) if len({item.referentie for item in asked}) > 1]
    assert both
    assert all({item.onderwerp for item in asked} == {"Over dit huishouden is opnieuw gemeld"} for asked in both)

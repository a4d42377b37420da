"""Checking G10 on what really left: whoever bears zicht was told, something is to come, and nobody was told too much."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import TypeAdapter

from contracts.afspraken import Afspraken, GeenAfspraken, RuleBook, end_of, load_rule_book, local_date
from contracts.afspraken.mededelingen import is_own
from contracts.afspraken.stilte import HOOGSTENS, HOOGSTENS_IN_CRISIS, find_crises, find_stiltes
from contracts.afspraken.toepassing import find_bewegingen, follow_zicht
from contracts.messages.identifiers import short_reference
from lab.demo.controle import Fetch, Promise
from services.monitoring.adapters.partijen import RegisterPartijen
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.toestand import Toezicht

if TYPE_CHECKING:
    from lab.stack import Stack

Row = Mapping[str, Any]
_STATES = TypeAdapter(Toezicht)
_REFERENCE = re.compile(r"HV-[0-9A-Z]{8}")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Gekregen:
    """A mail or a card as it arrived: where, when, and the words in it, the subject first."""

    adres: str
    op: datetime
    woorden: str

    @property
    def is_crisis(self) -> bool:
        return self.woorden.startswith("CRISIS")

    @property
    def referenties(self) -> frozenset[str]:
        """The cases that it is about."""
        return frozenset(_REFERENCE.findall(self.woorden))


Drukte = Mapping[tuple[str, str, date], int]
"""How many messages arrived at one address about one case on one day."""


def count_per_day(gekregen: Iterable[Gekregen]) -> Drukte:
    """How much arrived outside crisis. Several things in one mail are one message."""
    found: Counter[tuple[str, str, date]] = Counter()
    for item in gekregen:
        if not item.is_crisis:
            found.update((item.adres, referentie, local_date(item.op)) for referentie in item.referenties)
    return found


async def check_no_silence(hub: "Stack") -> Promise:
    """G10, on the cases of this hub and on what arrived in mailboxes and in Teams."""
    fetch, now, rule_book = Fetch(hub), hub.klok.now(), load_rule_book()
    cases = {
        row["casus_id"]: _STATES.validate_json(row["toestand"])
        for row in await fetch("monitoring", "select casus_id, toestand from aggregaat")
    }
    left = await _by_case(
        fetch, "notifier", "select casus_id, partij, gevraagd_op from notificatie where status = 'verzonden'"
    )
    timers = await _by_case(fetch, "monitoring", "select casus_id, due_at from timer")
    partijen = RegisterPartijen(hub.register)
    failures: list[str] = []
    looked_at = 0
    for casus_id, toezicht in cases.items():
        afspraken = _afspraken(toezicht, rule_book)
        if afspraken is None:
            continue
        looked_at += 1
        casus = Casus(casus_id, toezicht, partijen)
        silences = [
            *(
                f"{item.partij} vanaf {item.vanaf:%d-%m %H:%M}: {item.waarom}"
                for item in find_stiltes(casus, afspraken, until=now)
            ),
            *_not_told(casus, afspraken, left[casus_id], now),
            *_nothing_to_come(casus, afspraken, [row["due_at"] for row in timers[casus_id]], now),
        ]
        failures += [f"{short_reference(casus_id)}: {silence}" for silence in silences]
    drukte = count_per_day(arrived(hub))
    measured = f"{looked_at} casussen zonder stilte" if not failures else f"{looked_at} casussen"
    return Promise(
        "G10", "Geen stilte, en niemand te veel", f"{measured}; {describe(drukte)}", (*failures, *too_much(drukte))
    )


def arrived(hub: "Stack") -> Iterator[Gekregen]:
    """Everything that people of this hub were told."""
    for mail in hub.sandbox.mail.mails:
        yield from (Gekregen(adres, mail.ontvangen_op, f"{mail.onderwerp}\n{mail.tekst}") for adres in mail.aan)
    for kaart in hub.sandbox.teams.kaarten:
        yield Gekregen(f"Teams {kaart.kanaal}", kaart.ontvangen_op, "\n".join(kaart.teksten))


def describe(drukte: Drukte) -> str:
    """The largest number for one person, case and day."""
    return f"hoogstens {max(drukte.values(), default=0)} bericht(en) per persoon, casus en dag buiten crisis"


def too_much(drukte: Drukte) -> Iterator[str]:
    """Where somebody got more than one."""
    for (adres, referentie, dag), number in sorted(drukte.items()):
        if number > 1:
            yield f"{adres} kreeg op {dag:%d-%m} {number} berichten over {referentie}"


async def _by_case(fetch: Fetch, service: str, query: str) -> Mapping[UUID, Sequence[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in await fetch(service, query):
        found[row["casus_id"]].append(row)
    return found


def _afspraken(toezicht: Toezicht, rule_book: RuleBook) -> Afspraken | None:
    """The agreements of a case; None where this is no case of a family."""
    if toezicht.signaal is not None or toezicht.partij is not None or toezicht.peilmoment is None:
        return None
    try:
        return rule_book.for_case(
            regio=toezicht.regio or "", gemeente=toezicht.gemeente or "", on=local_date(toezicht.peilmoment)
        )
    except GeenAfspraken:
        return None


def _not_told(casus: Casus, afspraken: Afspraken, left: Iterable[Row], now: datetime) -> Iterator[str]:
    """Each who came to bear zicht, did not do that itself, and was told by no channel that accepted it."""
    for line in follow_zicht(casus, find_bewegingen(casus, afspraken), until=now):
        drager, partij = line.regel.naar, line.partij
        if drager is None or partij is None or line.gebeurd not in casus.gebeurd:
            continue
        told = any(row["partij"] == partij and row["gevraagd_op"] >= line.op for row in left)
        if not told and not is_own(casus, drager, partij, line.gebeurd):
            yield f"{partij} hoorde niet dat zicht daar ligt sinds {line.op:%d-%m %H:%M}"


def _nothing_to_come(casus: Casus, afspraken: Afspraken, timers: Iterable[datetime], now: datetime) -> Iterator[str]:
    last = [*follow_zicht(casus, find_bewegingen(casus, afspraken), until=now)][-1:]
    if not last or last[0].partij is None:
        return
    crisis = any(begin <= now and (end is None or now < end) for begin, end in find_crises(casus))
    hoogstens = HOOGSTENS_IN_CRISIS if crisis else HOOGSTENS
    first = min(timers, default=None)
    if first is None or first > end_of(now, hoogstens, afspraken.kalender, verlengen=False):
        yield f"er komt binnen {hoogstens} niets meer"

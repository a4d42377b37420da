"""The link for a receiver with a mailbox and a browser: its token, how long it opens the page, what is asked there.

The token is 256 bits that follow from the overdracht, its round and a key of this installation, so that an attempt that
is repeated mails the same link and nothing that opens a case has to be kept: state and tables hold its SHA-256 only.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.afspraken import AMSTERDAM, Afspraken, Anker, Drager, Venster, ZichtRegel
from contracts.afspraken.zinnen import write_date, write_weekday
from contracts.messages.documenten import Professional
from contracts.messages.handover import Kanaal
from contracts.rechten import Daad
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus, Overdracht
from services.handover.domain.kader import Kader, situatie_of
from services.handover.domain.link import Bevestiglink
from services.handover.domain.relaties import of_overdracht, refuse_reading
from services.runtime.unit.decision import Context, Decision, JournalLine, Outcome
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import seal

VENSTER = "terugkoppeling-venster"
"""The id, in the afspraken of a region that has one, of the time in which a case may be given back (MB 4.1)."""

ARRIVAL = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD})
_BRINGS_ZICHT = ARRIVAL | {Anker.OVERDRACHT_OPGEPAKT}


def token_of(overdracht_id: UUID, ronde: int, derive: Callable[[str], str]) -> str:
    """The token in the link that is mailed for this round of this overdracht."""
    return derive(f"bevestigen/{overdracht_id}/{ronde}")


def digest_of(token: str) -> str:
    """What is kept of a token, and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def with_link(overdracht: Overdracht, *, now: datetime, kader: Kader) -> Overdracht:
    """The same with the link of its round where it goes by mail, and without one where it does not.

    A new round has a new link: that of the round before stops working.
    """
    if overdracht.kanaal is not Kanaal.E_MAIL:
        return replace(overdracht, link=None)
    token = token_of(overdracht.id, overdracht.ronde, kader.derive_token)
    geldig_tot = _closes_at(overdracht, kader.afspraken(overdracht), now=now, kader=kader)
    return replace(overdracht, link=Bevestiglink(digest_of(token), geldig_tot))


def window_of(situatie: Mapping[str, str], afspraken: Afspraken) -> Venster | None:
    """The time in which a case that was handed over this way may be given back, where the region has agreed one."""
    found = next((venster for venster in afspraken.vensters if venster.id == VENSTER), None)
    if found is None or (found.alleen_bij is not None and not found.alleen_bij.hold_in(situatie)):
        return None
    return found


def note_inzage(
    state: Casus | None,
    overdracht_id: UUID,
    wat: str,
    medewerker: Professional | None,
    *,
    context: Context,
    kader: Kader,
) -> Outcome[Casus]:
    """Somebody reads personal data: noted before it is shown, who it was under the seal of the case (NEN 7513)."""
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    if refused := refuse_reading(Daad.OVERDRACHT_LEZEN, relaties):
        return refused
    sealed = seal(context, medewerker)
    line = JournalLine(
        "document-ingezien",
        facts={
            "overdracht": str(overdracht.id),
            "document": wat,
            "medewerker": None if sealed is None else sealed.jwe,
        },
    )
    return Decision(state, journal=(line,), answer={"overdrachtId": str(overdracht.id)})


@dataclass(frozen=True, slots=True)
class Teruggave:
    """Whether a case may be given back now, until when where that was agreed, and by which sentence."""

    mag: bool
    tot: datetime | None = None
    vindplaats: str | None = None


def may_give_back(situatie: Mapping[str, str], since: datetime, afspraken: Afspraken, *, now: datetime) -> Teruggave:
    """As the page shows it; whoever gives back is judged when it happens."""
    agreed = next((venster for venster in afspraken.vensters if venster.id == VENSTER), None)
    if agreed is None:
        return Teruggave(mag=True)
    if window_of(situatie, afspraken) is None:
        return Teruggave(mag=False, vindplaats=agreed.vindplaats)
    closes_at = agreed.end(since, afspraken.kalender)
    return Teruggave(now < closes_at, closes_at, agreed.vindplaats)


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """Something that a receiver is asked: by when, and by which sentence of the afspraken."""

    label: str
    uiterlijk_op: datetime
    vindplaats: str
    is_gehaald_door: frozenset[Anker] = frozenset()


def asked_of_receiver(
    situatie: Mapping[str, str], since: datetime, afspraken: Afspraken, *, gehaald: frozenset[Anker] = frozenset()
) -> tuple[Gevraagd, ...]:
    """What the afspraken ask of who received this kind of overdracht at `since`, the first one first.

    Without what was met by what is `gehaald`.
    """
    asked = (item for item in _asked(situatie, since, afspraken) if not item.is_gehaald_door & gehaald)
    return tuple(sorted(asked, key=lambda item: item.uiterlijk_op))


def _asked(situatie: Mapping[str, str], since: datetime, afspraken: Afspraken) -> Iterator[Gevraagd]:
    answers = {Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT}
    for termijn in afspraken.termijnen:
        if (
            termijn.vanaf in ARRIVAL
            and termijn.verantwoordelijke.value == situatie["ontvanger"]
            and answers.intersection(termijn.tot)
            and termijn.applies(situatie)
        ):
            ends_at = termijn.end(since, afspraken.kalender)
            yield Gevraagd(termijn.label, ends_at, termijn.vindplaats, frozenset(termijn.tot))


def zicht_of_receiver(situatie: Mapping[str, str], afspraken: Afspraken) -> ZichtRegel | None:
    """The sentence by which zicht op veiligheid becomes that of the receiver."""
    naar = Drager(situatie["ontvanger"])
    return next(
        (
            regel
            for regel in afspraken.zicht
            if regel.vanaf in _BRINGS_ZICHT and regel.naar is naar and regel.applies(situatie)
        ),
        None,
    )


def write_due(moment: datetime) -> str:
    """The last day, or on that day the hour, at which something is in time: `uiterlijk dinsdag 3 maart 2026`."""
    return f"uiterlijk {write_moment(moment) if _has_hour(moment) else _last_day(moment)}"


def write_until(moment: datetime) -> str:
    """Until when something works: `tot en met dinsdag 16 juni 2026`, or `tot woensdag 17 juni 2026 om 9.00 uur`."""
    return f"tot {write_moment(moment)}" if _has_hour(moment) else f"tot en met {_last_day(moment)}"


def write_moment(moment: datetime) -> str:
    """`maandag 2 maart 2026 om 9.05 uur`, in Amsterdam."""
    local = moment.astimezone(AMSTERDAM)
    return f"{_write_day(local)} om {local.hour}.{local.minute:02d} uur"


def _has_hour(moment: datetime) -> bool:
    local = moment.astimezone(AMSTERDAM)
    return (local.hour, local.minute) != (0, 0)


def _last_day(midnight: datetime) -> str:
    """The day that ends at this moment."""
    return _write_day(midnight.astimezone(AMSTERDAM) - timedelta(hours=1))


def _write_day(local: datetime) -> str:
    return f"{write_weekday(local)} {write_date(local.date())}"


def _closes_at(overdracht: Overdracht, afspraken: Afspraken, *, now: datetime, kader: Kader) -> datetime:
    """For as long as the case may be given back, and a little longer for a mail that was late."""
    venster = window_of(situatie_of(overdracht), afspraken)
    if venster is None:
        return now + kader.link_geldig
    return venster.end(now, afspraken.kalender) + kader.link_speling

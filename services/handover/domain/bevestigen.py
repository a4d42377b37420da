"""The link for a team that has a mailbox and a browser: its token, how long it opens the page, and what is asked there.

The token is 256 bits that follow from the overdracht, its round and a key of this installation, so that an attempt that
is repeated mails the same link and nothing that opens a case has to be kept: state and tables hold its SHA-256 only.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.afspraken import AMSTERDAM, Afspraken, Anker, Bron, Drager, Venster
from contracts.afspraken.zinnen import write_date
from contracts.messages.documenten import Professional
from contracts.messages.handover import Kanaal
from services.handover.domain.antwoord import NOT_FOUND, seal
from services.handover.domain.casus import Bevestiglink, Casus, Overdracht
from services.handover.domain.kader import Kader
from services.runtime.decision import Context, Decision, JournalLine, Outcome

VENSTER = "terugkoppeling-venster"
"""The id, in the afspraken of a region that has one, of the time in which a case may be given back (MB 4.1)."""

ARRIVAL = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD})
_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


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


def window_of(soort: str, afspraken: Afspraken) -> Venster | None:
    """The time in which a case that was handed over this way may be given back, where the region has agreed one."""
    situatie = {"soort_overdracht": soort}
    found = next((venster for venster in afspraken.vensters if venster.id == VENSTER), None)
    if found is None or (found.alleen_bij is not None and not found.alleen_bij.hold_in(situatie)):
        return None
    return found


def note_reading(
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
    actor = context.actor
    if not kader.is_receiver(actor, overdracht, context.now) and not kader.is_veilig_thuis_of(actor, overdracht.regio):
        return NOT_FOUND
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
    bron: Bron | None = None


def may_give_back(soort: str, since: datetime, afspraken: Afspraken, *, now: datetime) -> Teruggave:
    """As the page shows it; whoever gives back is judged when it happens."""
    agreed = next((venster for venster in afspraken.vensters if venster.id == VENSTER), None)
    if agreed is None:
        return Teruggave(mag=True)
    if window_of(soort, afspraken) is None:
        return Teruggave(mag=False, bron=agreed.bron)
    closes_at = agreed.end(since, afspraken.kalender)
    return Teruggave(now < closes_at, closes_at, agreed.bron)


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """Something that a team is asked, or that will hold for it: by when, and by which sentence of the afspraken."""

    label: str
    uiterlijk_op: datetime
    bron: Bron
    is_gehaald_door: frozenset[Anker] = frozenset()


def asked_of_team(soort: str, since: datetime, afspraken: Afspraken) -> tuple[Gevraagd, ...]:
    """What the afspraken ask of a lokaal team that received this kind of overdracht at `since`, the first one first."""
    return tuple(sorted(_asked(soort, since, afspraken), key=lambda asked: asked.uiterlijk_op))


def _asked(soort: str, since: datetime, afspraken: Afspraken) -> Iterator[Gevraagd]:
    situatie = {"soort_overdracht": soort}
    answers = {Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT}
    for termijn in afspraken.termijnen:
        if (
            termijn.vanaf in ARRIVAL
            and termijn.verantwoordelijke is Drager.LOKAAL_TEAM
            and answers.intersection(termijn.tot)
            and termijn.applies(situatie)
        ):
            ends_at = termijn.end(since, afspraken.kalender)
            yield Gevraagd(termijn.label, ends_at, termijn.bron, frozenset(termijn.tot))


def zicht_of_team(soort: str, since: datetime, afspraken: Afspraken) -> Gevraagd | None:
    """When zicht op veiligheid becomes that of the team, by the afspraken."""
    situatie = {"soort_overdracht": soort}
    for regel in afspraken.zicht:
        if regel.vanaf in ARRIVAL and regel.naar is Drager.LOKAAL_TEAM and regel.applies(situatie):
            return Gevraagd(regel.label, regel.moves_at(since, afspraken.kalender), regel.bron)
    return None


def write_due(moment: datetime) -> str:
    """The last day, or on that day the hour, at which something is in time: `uiterlijk dinsdag 3 maart 2026`."""
    local = moment.astimezone(AMSTERDAM)
    if (local.hour, local.minute) == (0, 0):
        return f"uiterlijk {_write_day(local - timedelta(hours=1))}"
    return f"uiterlijk {_write_day(local)} om {local.hour}.{local.minute:02d} uur"


def write_moment(moment: datetime) -> str:
    """`maandag 2 maart 2026 om 9.05 uur`, in Amsterdam."""
    local = moment.astimezone(AMSTERDAM)
    return f"{_write_day(local)} om {local.hour}.{local.minute:02d} uur"


def _write_day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {write_date(local.date())}"


def _closes_at(overdracht: Overdracht, afspraken: Afspraken, *, now: datetime, kader: Kader) -> datetime:
    """For as long as the case may be given back, and a little longer for a mail that was late."""
    venster = window_of(overdracht.soort.value, afspraken)
    if venster is None:
        return now + kader.link_geldig
    return venster.end(now, afspraken.kalender) + kader.link_speling

"""Whom the agreements have told without a term: at once by what happens, by zicht that goes over, or again and again.

Kinds of rule: `bericht`, `zichtbericht` and `herinnering`. What all of them, terms and ladders leave silent is found in
`stilte`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import count, dropwhile, pairwise, takewhile
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import HANDELINGEN, OVERDRACHT_KWAM_TERUG, Anker, Drager
from contracts.afspraken.berekening import end_of
from contracts.afspraken.duur import Duur, Eenheid
from contracts.afspraken.feiten import Aanvaarding
from contracts.afspraken.model import Bericht, Herinnering, Zichtbericht
from contracts.afspraken.overname import find_closed_parts, find_lost_parts, find_misled, overtakes_word, says_itself
from contracts.afspraken.situatie import holds, is_offered
from contracts.afspraken.toepassing import did, follow_zicht

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from uuid import UUID

    from contracts.afspraken.gebeurd import Gebeurd
    from contracts.afspraken.kalender import Kalender
    from contracts.afspraken.rule_book import Afspraken
    from contracts.afspraken.situatie import Casus
    from contracts.afspraken.toepassing import Beweging, Wisseling

_OF_ITSELF = frozenset({Anker.OVERDRACHT_AFGELEVERD, Anker.ONTVANGST_BEVESTIGD, *OVERDRACHT_KWAM_TERUG})
"""What only says something of the overdracht that it is about."""
_ANSWERS = _OF_ITSELF | {Anker.OVERDRACHT_OPGEPAKT}
"""What answers the question whether its receiver takes it over, or whether it did as others say."""
_SECONDS = {Eenheid.UREN: 3600, Eenheid.DAGEN: 86_400, Eenheid.WEKEN: 7 * 86_400}
"""Units of which none is longer; others are counted one by one."""


@dataclass(frozen=True)
class Mededeling:
    """What a rule has a party told because of what happened. From `tot` on nobody is told any more (None: not yet).

    `drager` is what that party is to the case. `bij_haar` is what it has of the case, where something else happened.
    """

    regel: Bericht | Zichtbericht | Herinnering
    gebeurd: Gebeurd
    drager: Drager
    partij: str
    vanaf: datetime
    tot: datetime | None
    bij_haar: Gebeurd | None = None

    @property
    def over(self) -> UUID | None:
        """The thing that it is about for who is told."""
        return (self.bij_haar or self.gebeurd).onderwerp_id

    @cached_property
    def name(self) -> str:
        """What tells this from everything else that people are told in its case."""
        again = f":{self.gebeurd.anker}" if isinstance(self.regel, Herinnering) and not self.regel.is_eigen else ""
        return f"{self.regel.id}:{self.gebeurd.onderwerp_id or '-'}:{self.gebeurd.bron_id or '-'}:{self.partij}{again}"

    @property
    def is_gepland(self) -> bool:
        """Whether time alone brings it about: news from before may still take it away."""
        return isinstance(self.regel, Herinnering) or self.vanaf != self.gebeurd.op

    def is_settled(self, op: datetime) -> bool:
        """Whether at this moment it need not be told any more."""
        return self.tot is not None and self.tot <= op

    def momenten(self, kalender: Kalender, *, na: datetime | None = None) -> Iterator[datetime]:
        """Give the moments after `na` at which it is told, in order; a reminder that nothing ends has no last one."""
        planned = takewhile(lambda op: not self.is_settled(op), self._planned(kalender, na))
        return planned if na is None else dropwhile(lambda op: op <= na, planned)

    def _planned(self, kalender: Kalender, na: datetime | None) -> Iterator[datetime]:
        if not isinstance(self.regel, Herinnering):
            yield self.vanaf
            return
        elke = self.regel.elke
        for times in count(self._passed(na)):
            at = end_of(self.vanaf, Duur(times * elke.aantal, elke.eenheid), kalender, verlengen=False)
            yield at.astimezone(UTC)

    def _passed(self, na: datetime | None) -> int:
        """Which reminder at least is the first after `na`: a long history is not gone through every time."""
        elke = self.regel.elke if isinstance(self.regel, Herinnering) else None
        if elke is None or na is None or elke.eenheid not in _SECONDS:
            return 1
        return max(1, int((na - self.vanaf).total_seconds() // (_SECONDS[elke.eenheid] * elke.aantal)) - 1)


def find_mededelingen(casus: Casus, bewegingen: Iterable[Beweging], afspraken: Afspraken) -> list[Mededeling]:
    """Give everything that people are told because of what happened, past and to come."""
    lines = follow_zicht(casus, bewegingen)
    berichten = [*_berichten(casus, lines, afspraken)]
    told = {(item.gebeurd, item.partij, item.vanaf) for item in berichten}
    return [
        *berichten,
        *_berichten_daarna(casus, lines, afspraken),
        *(
            item
            for item in _zichtberichten(casus, lines, afspraken, berichten)
            if (item.gebeurd, item.partij, item.vanaf) not in told
        ),
        *_vervallen(casus, lines, afspraken),
        *_herinneringen_of_bearer(casus, lines, afspraken),
        *_herinneringen_from(casus, afspraken),
    ]


def is_own(casus: Casus, drager: Drager, partij: str, item: Gebeurd) -> bool:
    """Tell whether this is an act of the party itself, so that it knows. What others say of a party is no act of it."""
    if item.volgens is not None:
        return False
    if item.anker in HANDELINGEN.get(drager, ()):
        if item.anker.soort != "overdracht":
            return True
        if drager is Drager.VEILIG_THUIS:
            return not is_offered(casus, item) or casus.omstandigheden(item).get("aanbieder") == drager.value
        received_by_its_kind = casus.omstandigheden(item).get("ontvanger", drager.value) == drager.value
        return received_by_its_kind and casus.partij(drager, item) == partij
    return did(casus, partij, item)


def settles(casus: Casus, item: Gebeurd, ankers: Container[Anker]) -> bool:
    """Tell whether this is among what settles something. An offer never does: until it is accepted all stays as it is."""
    return item.anker in ankers and not (item.anker is Anker.OVERDRACHT_AANGEMAAKT and is_offered(casus, item))


def _can_settle(casus: Casus, other: Gebeurd, item: Gebeurd) -> bool:
    """Tell whether this came after it and is about it: nothing is told in a closed case.

    An overdracht begins with its making: a proof that is given with an offer says that it was accepted before it was
    made. What came of another overdracht answers nothing of this one, and does not say whether its receiver took it over;
    but nobody is asked about a word of others any more once another party took the case over itself.
    """
    if overtakes_word(casus, other, item) or says_itself(other, item):
        return True
    is_made = item.anker is Anker.OVERDRACHT_AANGEMAAKT
    of_another = item.anker.soort == "overdracht" and other.onderwerp_id != item.onderwerp_id
    is_asked = is_made or item.volgens is not None
    if of_another and other.anker in (_ANSWERS if is_asked else _OF_ITSELF):
        return False
    made = is_made and other.onderwerp_id == item.onderwerp_id
    return made or other.anker is Anker.CASUS_GESLOTEN or other.op >= item.op


def _berichten(casus: Casus, lines: Sequence[Wisseling], afspraken: Afspraken) -> Iterator[Mededeling]:
    for regel in afspraken.berichten:
        for item in casus.gebeurd:
            at = item.voor if regel.op_voor else item.op
            if item.anker is not regel.bij or at is None or not holds(regel.alleen_bij, casus, item):
                continue
            for drager, partij in _receivers(casus, lines, regel, item):
                settled = (
                    other.op
                    for other in casus.gebeurd
                    if _can_settle(casus, other, item)
                    and settles(casus, other, regel.vervalt_bij)
                    and other is not item
                )
                yield Mededeling(regel, item, drager, partij, at, min(settled, default=None))


def _receivers(casus: Casus, lines: Sequence[Wisseling], regel: Bericht, item: Gebeurd) -> Iterator[tuple[Drager, str]]:
    """The party that is told, with what it is to the case; nobody where the bearer is another, or did it itself."""
    if regel.aan is not None:
        yield regel.aan, casus.aanbieder(item) if regel.wie_aanbood else casus.partij(regel.aan, item)
        return
    line = next((line for line in reversed(lines) if line.op <= item.op), None)
    if regel.drager is None or line is None or line.partij is None or line.regel.naar is not regel.drager:
        return
    if not is_own(casus, regel.drager, line.partij, item):
        yield regel.drager, line.partij


def _berichten_daarna(casus: Casus, lines: Sequence[Wisseling], afspraken: Afspraken) -> Iterator[Mededeling]:
    """What whoever comes to bear zicht missed because it lay elsewhere when it happened; once, as long as it lasts."""
    for regel in afspraken.berichten if lines else ():
        missed = {
            line: following
            for item in casus.gebeurd
            if regel.ook_daarna and item.anker is regel.bij and holds(regel.alleen_bij, casus, item)
            for line, following in comes_later(casus, lines, item)
            if line.regel.naar is regel.drager
        }
        for line, following in missed.items():
            if regel.drager is not None and line.partij is not None:
                over = None if following is None else following.op
                yield Mededeling(regel, line.gebeurd, regel.drager, line.partij, line.op, over)


def comes_later(
    casus: Casus, lines: Sequence[Wisseling], item: Gebeurd
) -> Iterator[tuple[Wisseling, Wisseling | None]]:
    """Who came to bear zicht for the first time since this happened, while it lasts; each with who did after it."""
    knows = {line.partij for line in [line for line in lines if line.op <= item.op][-1:]}
    for line, following in pairwise((*lines, None)):
        if line is None or line.op <= item.op or line.partij in knows:
            continue
        knows.add(line.partij)
        lasts = item.voor is None or line.op < item.voor
        if lasts and line.gebeurd in casus.gebeurd and not (line.partij and did(casus, line.partij, item)):
            yield line, following


def _zichtberichten(
    casus: Casus, lines: Sequence[Wisseling], afspraken: Afspraken, berichten: Sequence[Mededeling]
) -> Iterator[Mededeling]:
    for index, line in enumerate(lines):
        if line.gebeurd not in casus.gebeurd:  # of another case of the household: that case tells
            continue
        before, after = (lines[index - 1] if index else None), lines[index + 1 :]
        for regel in afspraken.zichtberichten:
            told, over = (line, _told_until(line, after, berichten)) if regel.wat == "krijgt" else (before, None)
            if told is None or told.partij is None or told.regel.naar is not regel.wie or regel.wat in _PARTS:
                continue
            if regel.wat == "verliest":
                if told.partij == line.partij:
                    continue
                over = next((later.op for later in after if later.partij == told.partij), None)
            if not is_own(casus, regel.wie, told.partij, line.gebeurd):
                yield Mededeling(regel, line.gebeurd, regel.wie, told.partij, line.op, over)


def _told_until(line: Wisseling, after: Sequence[Wisseling], berichten: Iterable[Mededeling]) -> datetime | None:
    """Until when it is to be told that zicht came there: not once it is told that it lay there all along."""
    again = (
        item.vanaf
        for item in berichten
        if isinstance(item.regel, Bericht)
        and item.regel.drager is not None
        and item.gebeurd.aanvaarding is Aanvaarding.BETWIST
        and item.partij == line.partij
        and item.vanaf >= line.op
    )
    return min((*again, *(later.op for later in after[:1])), default=None)


def _vervallen(casus: Casus, lines: Sequence[Wisseling], afspraken: Afspraken) -> Iterator[Mededeling]:
    """Who has nothing left to do because another took the case over or it is closed, until it is handed over anew."""
    for wat, find in _PARTS.items():
        regels = [regel for regel in afspraken.zichtberichten if regel.wat == wat]
        for item in casus.gebeurd if regels else ():
            yield from _of_parts(casus, regels, item, find(casus, lines, item))


def _of_parts(
    casus: Casus, regels: Sequence[Zichtbericht], taken: Gebeurd, parts: Iterable[tuple[Drager, str, Gebeurd]]
) -> Iterator[Mededeling]:
    for drager, partij, begin in parts:
        anew = (
            item.op
            for item in casus.gebeurd
            if item.anker is Anker.OVERDRACHT_AANGEMAAKT
            and item.op > taken.op
            and casus.partij(drager, item) == partij
            and casus.omstandigheden(item).get("ontvanger") == drager.value
        )
        tot = min(anew, default=None)
        for regel in regels:
            if regel.wie is drager:
                yield Mededeling(regel, taken, drager, partij, taken.op, tot, begin)


_PARTS = {"vervalt": find_lost_parts, "gesloten": find_closed_parts, "ander": find_misled}
"""How it comes that somebody who bears no zicht has nothing left to do, or let go to another than was said."""


def _herinneringen_of_bearer(casus: Casus, lines: Sequence[Wisseling], afspraken: Afspraken) -> Iterator[Mededeling]:
    """What the bearer has not done; and where nothing else is asked, that it bears zicht at all."""
    for line, following in pairwise((*lines, None)):
        if line is None or line.partij is None or line.regel.naar is None:
            continue
        over = None if following is None else following.op
        regels = [regel for regel in afspraken.herinneringen if regel.drager is line.regel.naar]
        for regel in regels:
            if regel.vanaf:
                yield from _herinneringen_since(casus, regel, line, over)
        if line.gebeurd not in casus.gebeurd:  # of another case of the household: that case reminds of zicht itself
            continue
        asked = [(regel, _done(casus, regel, line, over)) for regel in regels if regel.is_eigen]
        for regel, tot in asked:
            yield Mededeling(regel, line.gebeurd, line.regel.naar, line.partij, line.op, tot)
        if not any(tot is None or tot == over for _, tot in asked):
            quiet = max([line.op, *(tot for _, tot in asked if tot is not None)])
            for regel in regels:
                if not regel.tot:
                    yield from _while_quiet(casus, regel, line, (quiet, over))


def _herinneringen_since(
    casus: Casus, regel: Herinnering, line: Wisseling, over: datetime | None
) -> Iterator[Mededeling]:
    """What is asked of the bearer since a moment, for as long as it bears zicht."""
    assert line.partij is not None, "somebody bears it"
    for item, tot in _waiting(casus, regel):
        since = max(item.op, line.op)
        end = min((op for op in (tot, over) if op is not None), default=None)
        if regel.drager is not None and (end is None or since < end):
            yield Mededeling(regel, item, regel.drager, line.partij, since, end)


def _while_quiet(
    casus: Casus, regel: Herinnering, line: Wisseling, during: tuple[datetime, datetime | None]
) -> Iterator[Mededeling]:
    """That the bearer did nothing since it last did something."""
    assert line.partij is not None, "somebody bears it"
    assert line.regel.naar is not None, "somebody bears it"
    quiet, over = during
    acts = [item for item in casus.gebeurd if _is_within(item, quiet, over) and _is_own_of(casus, line, item)]
    begins = [(line.gebeurd, quiet), *((item, item.op) for item in sorted(acts, key=lambda item: item.op))]
    for index, (item, since) in enumerate(begins):
        tot = begins[index + 1][1] if index + 1 < len(begins) else over
        if tot is None or since < tot:
            yield Mededeling(regel, item, line.regel.naar, line.partij, since, tot)


def _is_within(item: Gebeurd, since: datetime, over: datetime | None) -> bool:
    return since < item.op and (over is None or item.op < over)


def _is_own_of(casus: Casus, line: Wisseling, item: Gebeurd) -> bool:
    drager, partij = line.regel.naar, line.partij
    return drager is not None and partij is not None and is_own(casus, drager, partij, item)


def _done(casus: Casus, regel: Herinnering, line: Wisseling, over: datetime | None) -> datetime | None:
    ends = [item.op for item in casus.gebeurd if _is_done(casus, regel, item, line)]
    return min((*ends, *(() if over is None else (over,))), default=None)


def _is_done(casus: Casus, regel: Herinnering, item: Gebeurd, line: Wisseling) -> bool:
    """Tell whether the bearer did this: with what gave it zicht, or else with what had not come back by then.

    What another did with an overdracht of its own is no act of the bearer.
    """
    of_bearer = () if line.regel.naar is None else HANDELINGEN.get(line.regel.naar, ())
    if item.anker not in regel.tot or (item.anker in of_bearer and not _is_own_of(casus, line, item)):
        return False
    if item.anker.soort == line.gebeurd.anker.soort:
        return item.onderwerp_id == line.gebeurd.onderwerp_id
    if item.anker.soort == "casus":
        return item.op >= line.op
    return not any(
        other.anker in OVERDRACHT_KWAM_TERUG and other.onderwerp_id == item.onderwerp_id and other.op <= line.op
        for other in casus.gebeurd
    )


def _herinneringen_from(casus: Casus, afspraken: Afspraken) -> Iterator[Mededeling]:
    for regel in afspraken.herinneringen:
        if regel.aan is not None:
            for item, tot in _waiting(casus, regel):
                yield Mededeling(regel, item, regel.aan, casus.partij(regel.aan, item), item.op, tot)


def _waiting(casus: Casus, regel: Herinnering) -> Iterator[tuple[Gebeurd, datetime | None]]:
    """What nobody has done since a moment, and until when; the same moment again begins anew."""
    for item in casus.gebeurd:
        if item.anker in regel.vanaf and holds(regel.alleen_bij, casus, item):
            ends = (
                other.op
                for other in casus.gebeurd
                if _answers(casus, regel, other, item)
                or (other.anker in regel.vanaf and other.op > item.op and holds(regel.alleen_bij, casus, other))
            )
            yield item, min(ends, default=None)


def _answers(casus: Casus, regel: Herinnering, other: Gebeurd, item: Gebeurd) -> bool:
    """Tell whether this was waited for. What others say of a party is no next step: only the meldpunt lets go by it."""
    said = other.volgens is not None and item.anker is not Anker.MELDPUNTMELDING_ONTVANGEN
    return (
        not said
        and _can_settle(casus, other, item)
        and settles(casus, other, regel.tot)
        and not _is_same_act(other, item)
    )


def _is_same_act(one: Gebeurd, other: Gebeurd) -> bool:
    """A besluit that this is a crisis is not what is asked for in that crisis."""
    return one is other or (one.bron_id is not None and one.bron_id == other.bron_id)

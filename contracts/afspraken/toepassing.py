"""What the agreements make of what happened in a case: its terms, zicht op veiligheid and initiative.

The only interpreter, pure: the moments and circumstances of a case go in. Monitoring applies it to what it knows of a
case so far, `houvast afspraken explain` to one that somebody wrote down. In which order moments become known makes no
difference. Who is called: `oproepen`; who is told something without a term: `mededelingen`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from contracts.afspraken.ankers import HANDELINGEN, MONITORING_STOPT, ONTVANGERS, OVERDRACHT_KWAM_TERUG, Anker, Drager
from contracts.afspraken.gebeurd import Gebeurd
from contracts.afspraken.looptijd import count_from, find_end
from contracts.afspraken.model import Planregel, TermijnRegel, ZichtRegel
from contracts.afspraken.rule_book import Afspraken
from contracts.afspraken.situatie import Casus, holds, is_offered
from contracts.derived_id import derived_id

_RANK = {anker: rank for rank, anker in enumerate(Anker, start=1)} | {Anker.MELDPUNTMELDING_ONTVANGEN: 0}
"""The order of what moves zicht op veiligheid at the same moment."""
_OF_AN_OFFER = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD})
"""What happens to an offer before anybody accepts it."""


@dataclass(frozen=True)
class Termijn:
    """A term that began: by which rule, about what, and from when to when (the first moment at which it has passed)."""

    id: UUID
    regel_id: str
    onderwerp_id: UUID
    vanaf: Anker
    tot: tuple[Anker, ...]
    begint_op: datetime
    eindigt_op: datetime

    @property
    def oorsprong(self) -> UUID:
        """The id under which it was first known, whatever was put right since."""
        return self.id

    @property
    def is_monitormoment(self) -> bool:
        """Whether it is the holding of a moment of monitoring."""
        return self.tot == (Anker.MONITORMOMENT_GEHOUDEN,)

    @property
    def is_van_monitoring(self) -> bool:
        """Whether it is the holding or the planning of one."""
        return Anker.MONITORMOMENT_GEHOUDEN in self.tot


class Termijnstatus(StrEnum):
    """Where a termijn stands."""

    LOPEND = "lopend"
    GEHAALD = "gehaald"
    VERSTREKEN = "verstreken"
    TE_LAAT_GEHAALD = "te-laat-gehaald"
    VERVALLEN = "vervallen"


@dataclass(frozen=True, slots=True)
class Afloop:
    """How a term ends: met by what happened, or lapsed because of it (`vervallen`)."""

    gebeurd: Gebeurd
    vervallen: bool = False


def start_termijnen(casus: Casus, afspraken: Afspraken) -> Iterator[tuple[TermijnRegel, Gebeurd]]:
    """Give every term that starts with what starts it: for each rule the first such moment about a thing."""
    seen: set[tuple[str, UUID]] = set()
    for item in sorted(casus.gebeurd, key=lambda item: item.op):
        if item.onderwerp_id is None:
            continue
        for regel in afspraken.termijnen_from(item.anker):
            key = (regel.id, item.onderwerp_id)
            if key in seen or not holds(regel.alleen_bij, casus, item):
                continue
            if regel.id in afspraken.monitortermijnen and _is_monitored_by_nobody(casus, afspraken, item):
                continue
            if regel.telt_vanaf is not None and find_end(regel, item, casus, afspraken.kalender) <= item.op:
                continue
            seen.add(key)
            yield regel, item


def termijn_id(casus_id: UUID, regel_id: str, onderwerp_id: UUID) -> UUID:
    """Name a term: the same rule about the same thing is the same term, however late it is heard of."""
    return derived_id("termijn", str(casus_id), regel_id, str(onderwerp_id))


def find_afloop(termijn: Termijn, casus: Casus, afspraken: Afspraken) -> Afloop | None:
    """Give what met the term first, unless it had lapsed in time before that; None where nothing ended it."""
    return _weigh(termijn, *_find_ends(termijn, casus, afspraken))


def find_status(termijn: Termijn, afloop: Afloop | None, *, now: datetime) -> Termijnstatus:
    """Give where a term stands. It is met, or lapses, up to and not at the moment it ends."""
    if afloop is not None and afloop.gebeurd.op < termijn.eindigt_op:
        return Termijnstatus.VERVALLEN if afloop.vervallen else Termijnstatus.GEHAALD
    if afloop is not None and not afloop.vervallen:
        return Termijnstatus.TE_LAAT_GEHAALD
    return Termijnstatus.VERSTREKEN if termijn.eindigt_op <= now else Termijnstatus.LOPEND


def _find_ends(termijn: Termijn, casus: Casus, afspraken: Afspraken) -> tuple[Gebeurd | None, Gebeurd | None]:
    """Give the first moment that meets the term and the first that makes it lapse."""
    regel = afspraken.termijnregel(termijn.regel_id)
    vervalt_bij = () if regel is None else regel.vervalt_bij
    moment_id = termijn.oorsprong
    if isinstance(regel, Planregel):
        moment_id = termijn_id(casus.casus_id, regel.moment, termijn.onderwerp_id)
    met: Gebeurd | None = None
    ended: Gebeurd | None = None
    for item in casus.gebeurd:
        if item.anker in termijn.tot and _meets(termijn, item, moment_id) and _counts(termijn, regel, item, casus):
            met = item if met is None or item.op < met.op else met
        elif _ends(termijn, item, vervalt_bij) or _takes_over(termijn, item, casus):
            ended = item if ended is None or item.op < ended.op else ended
    return met, ended


def _weigh(termijn: Termijn, met: Gebeurd | None, ended: Gebeurd | None) -> Afloop | None:
    if ended is None:
        return None if met is None else Afloop(met)
    if met is None or (ended.op < met.op and ended.op < termijn.eindigt_op):
        return Afloop(ended, vervallen=True)
    return Afloop(met)


def _meets(termijn: Termijn, item: Gebeurd, moment_id: UUID) -> bool:
    """What is about a moment of monitoring is met by holding, or planning, that very moment."""
    return item.onderwerp_id == moment_id if termijn.is_van_monitoring else _concerns(termijn, item)


def _counts(termijn: Termijn, regel: TermijnRegel | None, item: Gebeurd, casus: Casus) -> bool:
    """Tell whether who owes this did it: what others say of it, or ask of yet another party, is something else."""
    asked = item.anker in _OF_AN_OFFER and item.anker.soort != termijn.vanaf.soort and is_offered(casus, item)
    return not asked and not _is_hearsay(regel, item)


def _is_hearsay(regel: TermijnRegel | None, item: Gebeurd) -> bool:
    """Tell whether others say that who owes this did it: who is asked for an answer gives that itself."""
    return item.volgens is not None and regel is not None and item.anker in HANDELINGEN.get(regel.verantwoordelijke, ())


def _ends(termijn: Termijn, item: Gebeurd, vervalt_bij: tuple[Anker, ...]) -> bool:
    if (
        item.anker in OVERDRACHT_KWAM_TERUG
        and item.anker.soort == termijn.vanaf.soort
        and termijn.vanaf not in OVERDRACHT_KWAM_TERUG
    ):
        return item.onderwerp_id == termijn.onderwerp_id
    if item.anker in MONITORING_STOPT and termijn.is_van_monitoring:
        return True
    if item.anker is Anker.CASUS_GESLOTEN:  # also what would begin after that: in a closed case nothing runs
        return True
    return item.anker in vervalt_bij and _concerns(termijn, item)


def _takes_over(termijn: Termijn, item: Gebeurd, casus: Casus) -> bool:
    """Tell whether another party accepted an offer: who had the case until then is asked nothing any more."""
    about_overdracht = termijn.vanaf.soort == "overdracht"
    return about_overdracht and item.op >= termijn.begint_op and _is_taken_over(casus, item, termijn.onderwerp_id)


def _is_taken_over(casus: Casus, item: Gebeurd, onderwerp_id: UUID | None) -> bool:
    """Tell whether this is the acceptance of an offer that another overdracht than this one was.

    No more than the word of others takes an offer to yet another party away (`overname.ends_by`).
    """
    if item.anker is not Anker.OVERDRACHT_OPGEPAKT or item.onderwerp_id == onderwerp_id or not is_offered(casus, item):
        return False
    return item.volgens is None or not _is_asked(casus, onderwerp_id)


def _is_asked(casus: Casus, onderwerp_id: UUID | None) -> bool:
    """Tell whether this overdracht is an offer."""
    about = (item for item in casus.huishouden if item.onderwerp_id == onderwerp_id)
    return any(item.anker.soort == "overdracht" and is_offered(casus, item) for item in about)


def _concerns(termijn: Termijn, item: Gebeurd) -> bool:
    """About the same thing; or about another kind of thing in this case, once the term has begun."""
    if item.anker.soort == termijn.vanaf.soort:
        return item.onderwerp_id == termijn.onderwerp_id
    return item.op >= termijn.begint_op


def _is_monitored_by_nobody(casus: Casus, afspraken: Afspraken, start: Gebeurd) -> bool:
    """Tell whether, when this happened, the agreements already said that Veilig Thuis does not monitor (FS, MB 6)."""
    return any(
        item.anker is uitsluiting.bij
        and item.op <= start.op
        and (uitsluiting.alleen_bij is None or item.onderwerp_id == start.onderwerp_id)
        and holds(uitsluiting.alleen_bij, casus, item)
        for uitsluiting in afspraken.monitoring_uitsluitingen
        for item in casus.gebeurd
    )


@dataclass(frozen=True, slots=True)
class Beweging:
    """A rule that would move zicht op veiligheid at `at`, if the right party bears it by then."""

    at: datetime
    regel: ZichtRegel
    gebeurd: Gebeurd

    @property
    def name(self) -> str:
        """What tells this movement from every other of its case."""
        return f"zicht:{self.regel.id}:{self.gebeurd.onderwerp_id or '-'}:{self.gebeurd.bron_id or '-'}"


@dataclass(frozen=True, slots=True)
class Wisseling:
    """Zicht op veiligheid going over: from `op` on `partij` bears it, or nobody needs to any more (None)."""

    op: datetime
    regel: ZichtRegel
    gebeurd: Gebeurd
    partij: str | None


def find_bewegingen(casus: Casus, afspraken: Afspraken) -> list[Beweging]:
    """Give every movement that the moments give rise to, past and to come, in order."""
    found = [
        Beweging(regel.moves_at(item.op, afspraken.kalender).astimezone(UTC), regel, item)
        for item in casus.huishouden
        for regel in afspraken.zicht_from(item.anker)
        if holds(regel.alleen_bij, casus, item)
    ]
    standing = [beweging for beweging in found if not _falls_away(beweging, casus)]
    return sorted(standing, key=_order_of)


def _order_of(beweging: Beweging) -> tuple[datetime, int, bool, datetime, str]:
    """In time; at the same moment an act of its own comes after a word of others, which it outweighs."""
    item = beweging.gebeurd
    return beweging.at, _RANK[item.anker], item.volgens is None, item.op, beweging.name


def follow_zicht(casus: Casus, bewegingen: Iterable[Beweging], *, until: datetime | None = None) -> list[Wisseling]:
    """Give the succession of bearers, up to and including `until`; between two of them exactly one party bears it."""
    found: list[Wisseling] = []
    for beweging in bewegingen:
        if until is not None and beweging.at > until:
            break
        before, naar = found[-1] if found else None, beweging.regel.naar
        if beweging.regel.van is not (before and before.regel.naar):
            continue
        if before is not None and _is_of_whom_bears(casus, beweging.gebeurd, before):
            continue
        if beweging.regel.van_woord and (before is None or not rests_on_word(casus, before, beweging.gebeurd)):
            continue
        if before is None or (before.regel.naar is not None and _is_of_bearer(casus, beweging, before)):
            partij = None if naar is None else _partij_of(casus, naar, beweging.gebeurd)
            found.append(Wisseling(beweging.at, beweging.regel, beweging.gebeurd, partij))
    return found


def _is_of_whom_bears(casus: Casus, item: Gebeurd, before: Wisseling) -> bool:
    """Tell whether the party that has it by its overdracht says the same by another door: nothing goes over."""
    return item.anker is Anker.ANDERE_PARTIJ_AANVAARD and did(casus, before.partij, item)


def rests_on_word(casus: Casus, line: Wisseling, act: Gebeurd) -> bool:
    """Tell whether, when a party acted, another bore zicht op veiligheid by no more than what others said of it."""
    said = line.gebeurd
    return said.volgens is not None and not any(
        item.op <= act.op and _confirms(casus, item, line) for item in (*casus.huishouden, act)
    )


def _confirms(casus: Casus, item: Gebeurd, line: Wisseling) -> bool:
    """Tell whether the party of whom others say that it accepted says so itself."""
    if _is_of_whom_bears(casus, item, line):
        return True
    is_own = item.anker is Anker.OVERDRACHT_OPGEPAKT and item.volgens is None
    return is_own and item.onderwerp_id == line.gebeurd.onderwerp_id


def _falls_away(beweging: Beweging, casus: Casus) -> bool:
    """Tell whether what the rule names happened in time, or the overdracht ended: nobody is given that.

    It ends where it came back, and where another party took the case over by an offer: its receiver has it no more, also
    where that party gives the case back later.
    """
    start = beweging.gebeurd
    returns = start.anker.soort == "overdracht" and beweging.regel.naar in ONTVANGERS
    if returns and any(
        start.op <= item.op < beweging.at and _is_taken_over(casus, item, start.onderwerp_id)
        for item in casus.huishouden
    ):
        return True
    return any(
        _comes_before(beweging, item)
        for item in casus.huishouden
        if item.anker in beweging.regel.vervalt_bij or (returns and item.anker in OVERDRACHT_KWAM_TERUG)
    )


def _comes_before(beweging: Beweging, item: Gebeurd) -> bool:
    """Tell whether this came in time and is about the same thing, or about the case since the rule began to count."""
    if item.anker.soort == beweging.gebeurd.anker.soort:
        return item.onderwerp_id == beweging.gebeurd.onderwerp_id and item.op <= beweging.at
    return beweging.gebeurd.op <= item.op <= beweging.at


def _is_of_bearer(casus: Casus, beweging: Beweging, before: Wisseling) -> bool:
    """An overdracht that ends takes zicht away only from who received that very overdracht: another may bear it by now.

    What gives it to somebody else is no such end.
    """
    item = beweging.gebeurd
    bearer = before.regel.naar
    ends = beweging.regel.naar not in ONTVANGERS and item.anker.soort == "overdracht"
    if bearer is None or bearer not in ONTVANGERS or not ends:
        return True
    received_by_its_kind = casus.omstandigheden(item).get("ontvanger", bearer.value) == bearer.value
    return received_by_its_kind and before.partij == _partij_of(casus, bearer, item)


def did(casus: Casus, partij: str | None, item: Gebeurd) -> bool:
    """Tell whether it was done in the name of this party; people say their function first, then (party)."""
    door = item.door.removesuffix(")").rpartition("(")[2]
    return partij in casus.namens(door, item.op)


def _partij_of(casus: Casus, drager: Drager, item: Gebeurd) -> str:
    """Give the party that this bearer is; another party that accepted is that very party."""
    accepted = drager is Drager.KETENPARTNER and item.anker is Anker.ANDERE_PARTIJ_AANVAARD
    return item.door if accepted else casus.partij(drager, item)


@dataclass(frozen=True)
class Termijnverloop(Termijn):
    """One term of a case that is known from beginning to end, with its rule, how it ended and where it then stands.

    From `klaar_op` on nobody needs to act any more: it was met, or it does not matter any more. `geteld_vanaf` is the
    moment from which its time counts.
    """

    regel: TermijnRegel
    geteld_vanaf: datetime
    afloop: Afloop | None
    status: Termijnstatus
    klaar_op: datetime | None


def follow_termijnen(casus: Casus, afspraken: Afspraken) -> list[Termijnverloop]:
    """Give every term that starts, in order of its end, with how it ended."""
    found: list[Termijnverloop] = []
    for regel, item in start_termijnen(casus, afspraken):
        assert item.onderwerp_id is not None, "what is about nothing starts no term"
        identifier = termijn_id(casus.casus_id, regel.id, item.onderwerp_id)
        einde = find_end(regel, item, casus, afspraken.kalender)
        begun = Termijn(identifier, regel.id, item.onderwerp_id, regel.vanaf, regel.tot, item.op, einde)
        ends = _find_ends(begun, casus, afspraken)
        afloop = _weigh(begun, *ends)
        status = find_status(begun, afloop, now=einde)
        klaar_op = min((end.op for end in ends if end is not None), default=None)
        found.append(
            Termijnverloop(
                **vars(begun),
                regel=regel,
                geteld_vanaf=count_from(regel, item, casus, afspraken.kalender),
                afloop=afloop,
                status=status,
                klaar_op=klaar_op,
            )
        )
    return sorted(found, key=lambda termijn: termijn.eindigt_op)

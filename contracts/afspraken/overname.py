"""Whose part in a case ends because another party takes it over: one rule, for every service that keeps overdrachten.

A party that takes a case over has it instead of who had it before (BK 4.4.1: "ik laat niet los voordat een ander
overneemt"; AEF C). What Veilig Thuis handed to several receivers by one besluit they have beside each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Drager
from contracts.afspraken.feiten import Ontvangersoort
from contracts.afspraken.situatie import is_offered
from contracts.afspraken.toepassing import did, rests_on_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from contracts.afspraken.gebeurd import Gebeurd
    from contracts.afspraken.situatie import Casus
    from contracts.afspraken.toepassing import Wisseling

DOORGEZET = "deze melding is naar Veilig Thuis doorgezet; dat bevestigt de overname zelf"
"""Why the meldpunt asks nobody else to take over what goes to Veilig Thuis: what may be HG/KM always does (BK deel II)."""


@dataclass(frozen=True, slots=True)
class Aandeel:
    """What an overdracht gives its receiver: since when, whether as an offer of others, and whether to a lokaal team.

    `op_woord`: no more than others say that its receiver took it up.
    """

    ontvanger: str
    gemaakt_op: datetime
    is_aanbod: bool
    is_lokaal_team: bool
    op_woord: bool = False


def ends_by(mine: Aandeel, taken: Aandeel, *, aanvaard_op: datetime) -> bool:
    """Whether `mine` is over because `taken` was taken up at `aanvaard_op`.

    An offer that is accepted takes the case over as it then is. What Veilig Thuis hands to a ketenpartner does so where
    it was handed over later; a second lokaal team never does, for children of one household can live in two gemeenten.
    An act of its own weighs more than a word of others: that ends no offer, so who was asked can still accept itself.
    """
    if mine.ontvanger == taken.ontvanger or (mine.is_aanbod and taken.op_woord):
        return False
    if taken.is_aanbod:
        return mine.gemaakt_op <= aanvaard_op
    return not taken.is_lokaal_team and mine.gemaakt_op < taken.gemaakt_op


def find_lost_parts(casus: Casus, lines: Sequence[Wisseling], taken: Gebeurd) -> Iterator[tuple[Drager, str, Gebeurd]]:
    """Give who was handed the case, or asked, and has nothing left to do in it because of this acceptance.

    Each with what it is to the case and the begin of its own overdracht. Who bore zicht op veiligheid by then is told of
    that, and who says itself that another accepted knows it.
    """
    if taken.anker is not Anker.OVERDRACHT_OPGEPAKT:
        return
    receiver = casus.partij(_receiver_of(casus, taken), taken)
    known = {receiver, taken.volgens} | {line.partij for line in _around(lines, taken.op)}
    for begin in _begins(casus):
        drager = _receiver_of(casus, begin)
        partij = casus.partij(drager, begin)
        if partij not in known and begin.onderwerp_id != taken.onderwerp_id and _ends(casus, begin, taken):
            known.add(partij)
            yield drager, partij, begin


def find_closed_parts(
    casus: Casus, lines: Sequence[Wisseling], closed: Gebeurd
) -> Iterator[tuple[Drager, str, Gebeurd]]:
    """Give who was handed the case, or asked, and has nothing left to do in it because it is closed; as `find_lost_parts`."""
    if closed.anker is not Anker.CASUS_GESLOTEN:
        return
    known = {line.partij for line in _around(lines, closed.op)}
    for begin in _begins(casus):
        drager = _receiver_of(casus, begin)
        partij = casus.partij(drager, begin)
        stood = begin.op <= closed.op and not _came_back(casus, begin, closed.op)
        knows = partij in known or did(casus, partij, closed)
        if stood and not knows and not _endings(casus, begin, closed.op):
            known.add(partij)
            yield drager, partij, begin


def find_misled(casus: Casus, lines: Sequence[Wisseling], taken: Gebeurd) -> Iterator[tuple[Drager, str, Gebeurd]]:
    """Give who let go on a word, and who gave that word, where another party takes the case over itself; as above.

    The party of whom it was said loses zicht op veiligheid, and is told of that.
    """
    for before, said, line in zip(lines, lines[1:], lines[2:], strict=False):
        if line.gebeurd is not taken or not rests_on_word(casus, said, taken) or said.gebeurd.volgens is None:
            continue
        sayer = Drager(casus.omstandigheden(said.gebeurd).get("aanbieder", Drager.VEILIG_THUIS))
        known: set[str | None] = {line.partij, None}
        for drager, partij in ((before.regel.naar, before.partij), (sayer, said.gebeurd.volgens)):
            if drager is not None and partij is not None and partij not in known:
                known.add(partij)
                yield drager, partij, said.gebeurd


def overtakes_word(casus: Casus, taken: Gebeurd, said: Gebeurd) -> bool:
    """Tell whether others said that one party took it over, and another that was asked then did so itself."""
    if said.volgens is None or taken.volgens is not None or taken.anker is not Anker.OVERDRACHT_OPGEPAKT:
        return False
    return taken.op >= said.op and ends_by(_aandeel(casus, said), _aandeel(casus, taken), aanvaard_op=taken.op)


def says_itself(own: Gebeurd, said: Gebeurd) -> bool:
    """Tell whether the party of whom others said that it took this up did so itself, be it before they say so."""
    is_own = own.anker is Anker.OVERDRACHT_OPGEPAKT and own.volgens is None
    return is_own and said.volgens is not None and own.onderwerp_id == said.onderwerp_id


def find_overtaken(casus: Casus) -> frozenset[tuple[UUID | None, UUID | None]]:
    """Give each overdracht of which others said that it was taken up, with the one by which another party overtook that.

    Both have heard so. Putting a moment right changes nothing of it: else who has nothing left to do is asked again.
    """
    taken_up = [item for item in casus.gebeurd if item.anker is Anker.OVERDRACHT_OPGEPAKT]
    return frozenset(
        (said.onderwerp_id, taken.onderwerp_id)
        for said in taken_up
        for taken in taken_up
        if overtakes_word(casus, taken, said)
    )


def _receiver_of(casus: Casus, item: Gebeurd) -> Drager:
    return Drager(casus.omstandigheden(item).get("ontvanger", Drager.LOKAAL_TEAM))


def _around(lines: Sequence[Wisseling], op: datetime) -> Iterator[Wisseling]:
    """Who bore zicht just before this, and who then."""
    yield from [line for line in lines if line.op < op][-1:]
    yield from [line for line in lines if line.op <= op][-1:]


def _begins(casus: Casus) -> list[Gebeurd]:
    """Where each overdracht began, in order."""
    first: dict[object, Gebeurd] = {}
    for item in casus.gebeurd:
        if item.anker.soort == "overdracht" and item.onderwerp_id is not None:
            known = first.get(item.onderwerp_id)
            first[item.onderwerp_id] = item if known is None or item.op < known.op else known
    return sorted(first.values(), key=lambda item: item.op)


def _ends(casus: Casus, begin: Gebeurd, taken: Gebeurd) -> bool:
    """Whether it stood until this acceptance, and this ends it."""
    if _came_back(casus, begin, taken.op):
        return False
    return min(_endings(casus, begin, taken.op), key=lambda other: other.op, default=None) is taken


def _came_back(casus: Casus, begin: Gebeurd, until: datetime) -> bool:
    return any(item.anker in OVERDRACHT_KWAM_TERUG and item.op <= until for item in _about(casus, begin))


def _endings(casus: Casus, begin: Gebeurd, until: datetime) -> list[Gebeurd]:
    """The acceptances by which it was over."""
    return [
        other
        for other in casus.gebeurd
        if other.anker is Anker.OVERDRACHT_OPGEPAKT
        and other.op <= until
        and ends_by(_aandeel(casus, begin), _aandeel(casus, other), aanvaard_op=other.op)
    ]


def _about(casus: Casus, begin: Gebeurd) -> list[Gebeurd]:
    return [
        item for item in casus.gebeurd if item.anker.soort == "overdracht" and item.onderwerp_id == begin.onderwerp_id
    ]


def _aandeel(casus: Casus, item: Gebeurd) -> Aandeel:
    began = min(
        other.op
        for other in casus.gebeurd
        if other.anker.soort == "overdracht" and other.onderwerp_id == item.onderwerp_id
    )
    drager = _receiver_of(casus, item)
    return Aandeel(
        casus.partij(drager, item),
        began,
        is_aanbod=is_offered(casus, item),
        is_lokaal_team=drager.value == Ontvangersoort.LOKAAL_TEAM.value,
        op_woord=item.volgens is not None,
    )

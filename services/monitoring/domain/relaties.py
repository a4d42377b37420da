"""How each party stands to a case, out of what monitoring heard: whose it is now, and whose it was.

Veilig Thuis of the region and whoever runs the hub are known by who they are; they are added where somebody acts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker
from contracts.rechten import Daad, Relatie, may
from services.monitoring.domain.toestand import Escalatie, Escalatiestatus, Feit, Toezicht
from services.monitoring.domain.zicht import timeline

_ACCEPTED = (Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT)


def relaties_of(toezicht: Toezicht) -> Mapping[str, frozenset[Relatie]]:
    """The relations by the code of the party; whoever is not in it has nothing to do with the case."""
    found: defaultdict[str, set[Relatie]] = defaultdict(set)
    for partij, relatie in _standing(toezicht):
        found[partij].add(relatie)
    return {partij: frozenset(relaties) for partij, relaties in found.items()}


def readers_of(toezicht: Toezicht) -> frozenset[str]:
    """The parties that may read the case now, for the lists that follow the same rule."""
    return frozenset(partij for partij, relaties in relaties_of(toezicht).items() if may(Daad.CASUS_LEZEN, relaties))


def of_escalatie(codes: frozenset[str], relaties: frozenset[Relatie], escalatie: Escalatie) -> frozenset[Relatie]:
    """What is left of the relations to the case for one escalatie: called at this party, or about what it is in for.

    `codes` are those under which the party stands in cases.
    """
    if escalatie.bij in codes or Relatie.VEILIG_THUIS in relaties:
        return relaties
    about = codes & {escalatie.gemeente, escalatie.partij}
    return relaties - {Relatie.GEROEPEN} if about else frozenset()


def _standing(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    yield from _of_overdrachten(toezicht)
    yield from _of_samenwerkingen(toezicht)
    bore = [line.partij for line in timeline(toezicht.zicht) if line.partij is not None]
    for partij in bore:
        yield partij, Relatie.DRAGER if partij == bore[-1] else Relatie.VOORBIJ
    for escalatie in toezicht.escalaties.values():
        closed = escalatie.status is Escalatiestatus.AFGEHANDELD
        yield escalatie.bij, Relatie.VOORBIJ if closed else Relatie.GEROEPEN
    for dienst_id, partij in toezicht.meelezers.items():
        ended = toezicht.first(Anker.DIENST_AFGEROND, dienst_id) or toezicht.first(Anker.CASUS_GESLOTEN, None)
        yield partij, Relatie.INGELICHT if ended is None else Relatie.VOORBIJ
    if toezicht.gemeente is not None and toezicht.signaal is not None:
        yield toezicht.signaal.meldt, Relatie.INFORMEERT
        if toezicht.signaal.afgegeven_op is not None:
            yield toezicht.gemeente, Relatie.AANGESPROKEN
    if toezicht.gemeente is not None and _was_told(toezicht, toezicht.gemeente):
        yield toezicht.gemeente, Relatie.INGELICHT


def _of_overdrachten(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    known = {(feit.anker, feit.onderwerp_id) for feit in toezicht.feiten}
    for beeld in toezicht.overdrachten.values():
        over = beeld.overdracht_id
        if any((anker, over) in known for anker in OVERDRACHT_KWAM_TERUG):
            yield beeld.ontvanger, Relatie.VOORBIJ
        elif beeld.is_gevraagd:
            yield beeld.ontvanger, Relatie.GEVRAAGD
        else:
            accepted = any((anker, over) in known for anker in _ACCEPTED)
            yield beeld.ontvanger, Relatie.ONTVANGER if accepted else Relatie.AANGEBODEN


def _of_samenwerkingen(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    """A team walks along until the dienst ends; what follows is an overdracht like any other (MB 4.2, 4.3)."""
    for beeld in toezicht.samenwerkingen.values():
        asked = toezicht.first(Anker.VBS_GEVRAAGD, beeld.samenwerking_id)
        ended = asked is not None and any(
            feit.anker is Anker.DIENST_AFGEROND and feit.op >= asked.op for feit in toezicht.feiten
        )
        yield beeld.gemeente, Relatie.VOORBIJ if ended else Relatie.SAMENWERKER


def _was_told(toezicht: Toezicht, gemeente: str) -> bool:
    """Whether a huisverbod was imposed, and the gemeente did not let the case go after that (AEF 2.4)."""
    told = [feit.op for feit in toezicht.feiten if feit.anker is Anker.HUISVERBOD_OPGELEGD]
    return bool(told) and all(feit.op < max(told) for feit in toezicht.feiten if _lets_go(toezicht, feit, gemeente))


def _lets_go(toezicht: Toezicht, feit: Feit, gemeente: str) -> bool:
    beeld = None if feit.onderwerp_id is None else toezicht.overdrachten.get(feit.onderwerp_id)
    return feit.anker in OVERDRACHT_KWAM_TERUG and beeld is not None and beeld.ontvanger == gemeente

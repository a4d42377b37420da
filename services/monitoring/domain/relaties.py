"""How each party stands to a case, out of what monitoring heard: whose it is now, and whose it was.

Veilig Thuis of the region and whoever runs the hub are known by who they are; they are added where somebody acts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker, Rol
from contracts.messages.identifiers import derived_id
from contracts.rechten import GEROEPEN_ALS, Aandeel, Daad, Relatie, ends_by, may, standing
from services.monitoring.domain.toestand import (
    Escalatie,
    Escalatiestatus,
    Feit,
    Overdrachtbeeld,
    Samenwerkbeeld,
    Toezicht,
)
from services.monitoring.domain.wie import Wie
from services.monitoring.domain.zicht import timeline
from services.runtime.unit.frozen import replace

Ogenblik = tuple[datetime, int]
"""When a fact happened, and its place among those that were heard: what happens within a moment has its order too."""
_ACCEPTED = (Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT)


def relaties_of(toezicht: Toezicht) -> Mapping[str, frozenset[Relatie]]:
    """The relations by the code of the party; whoever is not in it has nothing to do with the case."""
    found: defaultdict[str, set[Relatie]] = defaultdict(set)
    for partij, relatie in _standing(toezicht):
        found[partij].add(relatie)
    return {partij: frozenset(relaties) for partij, relaties in found.items()}


def relaties_for(toezicht: Toezicht, wie: Wie) -> frozenset[Relatie]:
    """How one party stands to the case, under every code that it has in it; of a person what its roles leave of that."""
    known = relaties_of(toezicht)
    own = frozenset(relatie for code in wie.codes for relatie in known.get(code, ()))
    return standing(own | _by_office(wie), wie.rollen)


def of_overdracht(toezicht: Toezicht, beeld: Overdrachtbeeld, wie: Wie) -> frozenset[Relatie]:
    """The same to one overdracht, as handover has it."""
    is_unanswered = beeld.is_gevraagd and ended_at(toezicht, beeld) is None
    offers = is_unanswered and beeld.aangeboden_door in wie.codes
    own = {_of_receiver(toezicht, beeld)} if beeld.ontvanger in wie.codes else set[Relatie]()
    found = own | ({Relatie.AANBIEDER} if offers else set[Relatie]())
    return standing(found | _by_office(wie), wie.rollen)


def of_samenwerking(toezicht: Toezicht, beeld: Samenwerkbeeld, wie: Wie) -> frozenset[Relatie]:
    """The same to one request to walk along: who joined says also after the dienst what came of it."""
    joined = toezicht.first(Anker.VBS_VERDEELD, beeld.samenwerking_id) is not None
    mine = Relatie.SAMENWERKER if joined or not dienst_ended(toezicht, beeld) else Relatie.VOORBIJ
    own = {mine} if beeld.gemeente in wie.codes else set[Relatie]()
    return standing(own | _by_office(wie), wie.rollen)


def _by_office(wie: Wie) -> frozenset[Relatie]:
    """What a party is by who it is."""
    office = {Relatie.VEILIG_THUIS: wie.is_veilig_thuis, Relatie.BEHEER: wie.is_beheer}
    return frozenset(relatie for relatie, holds in office.items() if holds)


def readers_of(found: Mapping[str, frozenset[Relatie]]) -> frozenset[str]:
    """The parties that may read the case now, for the lists that follow the same rule."""
    return frozenset(partij for partij, relaties in found.items() if may(Daad.CASUS_LEZEN, relaties))


def called_of(found: Mapping[str, frozenset[Relatie]]) -> frozenset[str]:
    """The roles at gemeenten that may read it because they are called, told or addressed, whatever their team has."""
    return frozenset(
        called(partij, rol)
        for partij, relaties in found.items()
        for rol in GEROEPEN_ALS
        if may(Daad.CASUS_LEZEN, relaties, {rol})
    )


def called(partij: str, rol: Rol) -> str:
    """A role at a party, as a row names it."""
    return f"{partij}/{rol.value}"


def of_escalatie(codes: frozenset[str], relaties: frozenset[Relatie], escalatie: Escalatie) -> frozenset[Relatie]:
    """What is left of the relations to the case for one escalatie: called at this party, or about what it is in for.

    `codes` are those under which the party stands in cases.
    """
    calls = {Relatie.GEROEPEN, *GEROEPEN_ALS.values()}
    if escalatie.bij in codes or Relatie.VEILIG_THUIS in relaties:
        return relaties - (calls - _calling(escalatie))
    about = codes & {escalatie.gemeente, escalatie.partij}
    return relaties - calls if about else frozenset()


def _calling(escalatie: Escalatie) -> frozenset[Relatie]:
    """How whom it calls stands to the case."""
    of_gemeente = GEROEPEN_ALS.get(Rol(escalatie.rol))
    return frozenset({Relatie.GEROEPEN} if of_gemeente is None else {Relatie.GEROEPEN, of_gemeente})


def _standing(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    let_go = _let_go(toezicht)
    yield from _of_overdrachten(toezicht)
    yield from _of_samenwerkingen(toezicht)
    bore = [line.partij for line in timeline(toezicht.zicht) if line.partij is not None]
    for partij in bore:
        yield partij, Relatie.DRAGER if partij == bore[-1] else Relatie.VOORBIJ
    for escalatie in toezicht.escalaties.values():
        is_called = _calls(toezicht, escalatie, let_go.get(escalatie.bij))
        for relatie in _calling(escalatie) if is_called else (Relatie.VOORBIJ,):
            yield escalatie.bij, relatie
    for dienst_id, partij in toezicht.meelezers.items():
        yield partij, Relatie.VOORBIJ if _reads_no_more(toezicht, dienst_id, partij) else Relatie.INGELICHT
    if toezicht.gemeente is not None and toezicht.signaal is not None:
        yield toezicht.signaal.meldt, Relatie.INFORMEERT
        if toezicht.signaal.afgegeven_op is not None:
            yield toezicht.gemeente, Relatie.AANGESPROKEN
    if toezicht.gemeente is not None and _was_told(toezicht, let_go.get(toezicht.gemeente)):
        yield toezicht.gemeente, Relatie.INGELICHT


def _of_overdrachten(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    for beeld in toezicht.overdrachten.values():
        yield beeld.ontvanger, _of_receiver(toezicht, beeld)


def _of_receiver(toezicht: Toezicht, beeld: Overdrachtbeeld) -> Relatie:
    """How whoever it went to stands to it."""
    if ended_at(toezicht, beeld) is not None:
        return Relatie.VOORBIJ
    if beeld.is_gevraagd:
        return Relatie.GEVRAAGD
    accepted = any(toezicht.first(anker, beeld.overdracht_id) is not None for anker in _ACCEPTED)
    return Relatie.ONTVANGER if accepted else Relatie.AANGEBODEN


def _of_samenwerkingen(toezicht: Toezicht) -> Iterator[tuple[str, Relatie]]:
    """A team walks along until the dienst ends; what follows is an overdracht like any other (MB 4.2, 4.3)."""
    for beeld in toezicht.samenwerkingen.values():
        yield beeld.gemeente, Relatie.VOORBIJ if dienst_ended(toezicht, beeld) else Relatie.SAMENWERKER


def dienst_ended(toezicht: Toezicht, beeld: Samenwerkbeeld) -> bool:
    """Whether the dienst in which a team was asked to walk along is over."""
    asked = toezicht.first(Anker.VBS_GEVRAAGD, beeld.samenwerking_id)
    return asked is not None and any(
        feit.anker is Anker.DIENST_AFGEROND and feit.op >= asked.op for feit in toezicht.feiten
    )


def ended_at(toezicht: Toezicht, beeld: Overdrachtbeeld) -> Ogenblik | None:
    """When this overdracht was no longer with its receiver: it came back, or another party took the case over."""
    back = (toezicht.first(anker, beeld.overdracht_id) for anker in OVERDRACHT_KWAM_TERUG)
    ends = [feit for feit in back if feit is not None]
    if not beeld.is_gevraagd or beeld.op_bewijs:
        mine = _aandeel(toezicht, beeld)
        ends += [feit for taken, feit in _taken_up(toezicht) if ends_by(mine, taken, aanvaard_op=feit.op)]
    return min(((feit.op, toezicht.feiten.index(feit)) for feit in ends), default=None)


def _taken_up(toezicht: Toezicht) -> Iterator[tuple[Aandeel, Feit]]:
    """Each overdracht that its receiver took up, or did as others say, and that it did."""
    for feit in toezicht.feiten:
        beeld = None if feit.onderwerp_id is None else toezicht.overdrachten.get(feit.onderwerp_id)
        if beeld is not None and feit.anker is Anker.OVERDRACHT_OPGEPAKT:
            yield replace(_aandeel(toezicht, beeld), op_woord=feit.volgens is not None), feit


def stands_by_proof(toezicht: Toezicht, partij: str) -> bool:
    """Whether others say that this party accepted, and it neither said so itself nor contradicted it; nor did another."""
    said = (beeld for beeld in toezicht.overdrachten.values() if beeld.op_bewijs and beeld.ontvanger == partij)
    return any(ended_at(toezicht, beeld) is None for beeld in said)


def _aandeel(toezicht: Toezicht, beeld: Overdrachtbeeld) -> Aandeel:
    """What it gives its receiver; since it was delivered, where nobody heard that it was made."""
    heard = [feit.op for feit in toezicht.feiten if feit.onderwerp_id == beeld.overdracht_id]
    return Aandeel(
        beeld.ontvanger,
        min(heard, default=datetime.max.replace(tzinfo=UTC)),
        is_aanbod=beeld.aangeboden_door is not None,
        is_lokaal_team=beeld.partij is None,
    )


def _let_go(toezicht: Toezicht) -> Mapping[str, Ogenblik]:
    """When each party last lost a part that it had in the case: an overdracht, or zicht op veiligheid."""
    lines = pairwise(timeline(toezicht.zicht))
    ends = [
        *((beeld.ontvanger, ended_at(toezicht, beeld)) for beeld in toezicht.overdrachten.values()),
        *((line.partij, (after.vanaf, -1)) for line, after in lines if line.partij != after.partij),
    ]
    found: dict[str, Ogenblik] = {}
    for partij, ended in ends:
        if partij is not None and ended is not None:
            found[partij] = max(ended, found.get(partij, ended))
    return found


def _calls(toezicht: Toezicht, escalatie: Escalatie, let_go: Ogenblik | None) -> bool:
    """Whether it calls the party now. A call from before it let go of the case is over; a later one is not."""
    if escalatie.status is Escalatiestatus.AFGEHANDELD:
        return False
    if let_go is None or escalatie.rol in GEROEPEN_ALS:
        return True
    begun = (
        place
        for place, feit in enumerate(toezicht.feiten)
        if feit.anker is Anker.MENINGSVERSCHIL_GEMELD
        and derived_id("escalatie", str(feit.onderwerp_id)) == escalatie.id
    )
    return (escalatie.geroepen_op, next(begun, len(toezicht.feiten))) > let_go


def _reads_no_more(toezicht: Toezicht, dienst_id: UUID, partij: str) -> bool:
    """Whether the dienst that it reads along in ended, or another party took the case over meanwhile."""
    if toezicht.first(Anker.DIENST_AFGEROND, dienst_id) or toezicht.first(Anker.CASUS_GESLOTEN, None):
        return True
    begun = toezicht.first(Anker.DIENST_GESTART, dienst_id)
    if begun is None:
        return False
    mine = Aandeel(partij, begun.op, is_aanbod=False, is_lokaal_team=True)
    return any(ends_by(mine, taken, aanvaard_op=feit.op) for taken, feit in _taken_up(toezicht))


def _was_told(toezicht: Toezicht, let_go: Ogenblik | None) -> bool:
    """Whether a huisverbod was imposed, and the gemeente did not let the case go after that (AEF 2.4)."""
    told = [feit.op for feit in toezicht.feiten if feit.anker is Anker.HUISVERBOD_OPGELEGD]
    return bool(told) and (let_go is None or let_go[0] < max(told))

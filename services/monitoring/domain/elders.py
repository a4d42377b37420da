"""Which acts triage and handover take now, as far as monitoring heard of the case: `mogelijkheden` asks here.

The rules mirror what those services decide (`services/triage/domain`, `services/handover/domain`). A test holds both to
each other over whole histories.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Afspraken, Anker
from contracts.afspraken.feiten import Besluit, Overdrachtswijze
from contracts.rechten import Relatie, standing
from services.monitoring.domain.relaties import ended_at, of_overdracht, of_samenwerking, relaties_for
from services.monitoring.domain.sluiten import closure_of
from services.monitoring.domain.toestand import Feit, Overdrachtbeeld, Samenwerkbeeld, Toezicht
from services.monitoring.domain.wie import Wie

VENSTER = "terugkoppeling-venster"
"""The agreement until when a case may be given back."""

Over = tuple[UUID, frozenset[Relatie], str | None]
"""A thing that an act can be done on, the relations to it, and why not now where that is worth saying."""
_DIENST = frozenset({Besluit.DIENST_VOORWAARDEN_VERVOLG, Besluit.DIENST_ONDERZOEK})
_LET_OPEN = frozenset({Besluit.OVERLEG, Besluit.ACUTE_CRISIS})


@dataclass(frozen=True, slots=True)
class Elders:
    """The case as triage and handover know it."""

    toezicht: Toezicht
    afspraken: Afspraken
    casus_id: UUID
    wie: Wie
    now: datetime

    def has(self, anker: Anker, over_id: UUID | None) -> bool:
        return self.toezicht.first(anker, over_id) is not None

    @property
    def veilig_thuis(self) -> frozenset[Relatie]:
        """What counts for a melding: to be the Veilig Thuis of its region."""
        office = {Relatie.VEILIG_THUIS} if self.wie.is_veilig_thuis else set[Relatie]()
        return standing(office, self.wie.rollen)

    @property
    def is_gesloten(self) -> bool:
        """By whoever decided that it is safe; a besluit that nothing follows closes nothing at handover."""
        return closure_of(self.toezicht) is not None

    @property
    def besluit(self) -> Besluit | None:
        """The besluit that stands; None while Veilig Thuis weighs, for the first time or again."""
        standing: Besluit | None = None
        for feit in sorted(self.toezicht.feiten, key=lambda feit: feit.op):
            taken = None if feit.bron_id is None else self.toezicht.besluiten.get(feit.bron_id)
            if feit.anker is Anker.TRIAGEBESLUIT_GENOMEN and taken is not None:
                standing = None if taken.besluit in _LET_OPEN else taken.besluit
            elif feit.anker is Anker.DIENST_AFGEROND:
                standing = Besluit.DIRECTE_OVERDRACHT
            elif feit.anker in OVERDRACHT_KWAM_TERUG and standing not in _DIENST and not self._is_offer(feit):
                standing = None
        return standing

    def _is_offer(self, feit: Feit) -> bool:
        """Of an offer that comes back nothing is weighed again: who made it has it still."""
        beeld = None if feit.onderwerp_id is None else self.toezicht.overdrachten.get(feit.onderwerp_id)
        return beeld is not None and beeld.aangeboden_door is not None

    @property
    def is_besloten(self) -> bool:
        return any(feit.anker is Anker.TRIAGEBESLUIT_GENOMEN for feit in self.toezicht.feiten)

    @property
    def running_dienst(self) -> UUID | None:
        started = (feit.onderwerp_id for feit in self.toezicht.feiten if feit.anker is Anker.DIENST_GESTART)
        return next((item for item in started if not self.has(Anker.DIENST_AFGEROND, item)), None)


Vraag = Callable[[Elders], Iterator[Over]]


def _melding(elders: Elders) -> Iterator[Over]:
    if elders.toezicht.melding_id is not None:
        yield elders.toezicht.melding_id, elders.veilig_thuis, None


def _weigh(elders: Elders) -> Iterator[Over]:
    if elders.besluit is None and not elders.is_gesloten:
        yield from _melding(elders)


def _tell_melder(elders: Elders) -> Iterator[Over]:
    if elders.is_besloten:
        yield from _melding(elders)


def _start_dienst(elders: Elders) -> Iterator[Over]:
    if elders.besluit in _DIENST and elders.running_dienst is None and not elders.is_gesloten:
        yield elders.casus_id, elders.veilig_thuis, None


def _finish_dienst(elders: Elders) -> Iterator[Over]:
    if (dienst_id := elders.running_dienst) is not None and not elders.is_gesloten:
        yield dienst_id, elders.veilig_thuis, None


def _report_gesprek(elders: Elders) -> Iterator[Over]:
    """A conversation that was planned, and of which nobody said yet how it went."""
    if elders.is_gesloten:
        return
    feiten = elders.toezicht.feiten
    planned = {feit.onderwerp_id for feit in feiten if feit.anker is Anker.OVERDRACHTSGESPREK_GEPLAND}
    off = {feit.onderwerp_id for feit in feiten if feit.anker is Anker.OVERDRACHTSGESPREK_VERVALLEN}
    ended = [feit.onderwerp_id for feit in feiten if feit.anker is Anker.DIENST_AFGEROND] if planned - off else []
    for dienst_id in ended:
        if dienst_id is not None and not elders.has(Anker.WARME_OVERDRACHT_GEHOUDEN, dienst_id):
            yield dienst_id, elders.veilig_thuis, None


def _take_over_meldpunt(elders: Elders) -> Iterator[Over]:
    """Veilig Thuis by its own act; the meldpunt asks another. Who was asked answers to the offer itself."""
    if elders.is_gesloten:
        return
    for feit in elders.toezicht.feiten:
        taken = elders.has(Anker.MELDPUNTMELDING_OVERGENOMEN, feit.onderwerp_id)
        if feit.anker is Anker.MELDPUNTMELDING_ONTVANGEN and feit.onderwerp_id is not None and not taken:
            relaties = relaties_for(elders.toezicht, elders.wie)
            meldpunt = {Relatie.MELDPUNT} if Relatie.DRAGER in relaties else set[Relatie]()
            yield feit.onderwerp_id, elders.veilig_thuis | meldpunt, None


TRIAGE: Mapping[str, Vraag] = {
    "feiten-toevoegen": _weigh,
    "triagebesluit-nemen": _weigh,
    "directe-overdracht": _weigh,
    "melder-informeren": _tell_melder,
    "dienst-starten": _start_dienst,
    "dienst-afronden": _finish_dienst,
    "overdrachtsgesprek-vastleggen": _report_gesprek,
    "meldpuntmelding-overnemen": _take_over_meldpunt,
}


def _each(elders: Elders, when: Callable[[Overdrachtbeeld], bool]) -> Iterator[Over]:
    """The overdrachten that are still somewhere and of which this holds."""
    for beeld in elders.toezicht.overdrachten.values():
        relaties = of_overdracht(elders.toezicht, beeld, elders.wie)
        if not _came_back(elders, beeld) and when(beeld):
            yield beeld.overdracht_id, relaties, None


def _came_back(elders: Elders, beeld: Overdrachtbeeld) -> bool:
    return any(elders.has(anker, beeld.overdracht_id) for anker in OVERDRACHT_KWAM_TERUG)


def _is_taken_up(elders: Elders, beeld: Overdrachtbeeld) -> bool:
    """Its receiver did so itself; what others say is no act of it."""
    return elders.has(Anker.OVERDRACHT_OPGEPAKT, beeld.overdracht_id) and not beeld.op_bewijs


def _confirm(elders: Elders) -> Iterator[Over]:
    yield from _each(elders, lambda beeld: not elders.has(Anker.ONTVANGST_BEVESTIGD, beeld.overdracht_id))


def _pick_up(elders: Elders) -> Iterator[Over]:
    if not elders.is_gesloten:
        yield from _each(elders, lambda beeld: not _is_taken_up(elders, beeld))


def _give_back(elders: Elders) -> Iterator[Over]:
    """Within the time that was agreed, and only what was accepted."""
    if elders.is_gesloten:
        return
    for over_id, relaties, _ in _each(elders, lambda beeld: not beeld.is_gevraagd):
        yield over_id, relaties, _why_not_back(elders, elders.toezicht.overdrachten[over_id])


def _why_not_back(elders: Elders, beeld: Overdrachtbeeld) -> str | None:
    venster = next((item for item in elders.afspraken.vensters if item.id == VENSTER), None)
    if venster is None:
        return None
    offered = Overdrachtswijze.OVERGEDRAGEN if beeld.aangeboden_door is None else Overdrachtswijze.AANGEBODEN
    receiver = "lokaal-team" if beeld.partij is None else "ketenpartner"
    situatie = {"soort_overdracht": str(beeld.soort), "ontvanger": receiver, "overdrachtswijze": offered.value}
    if venster.alleen_bij is not None and not venster.alleen_bij.hold_in(situatie):
        return f"teruggeven kan volgens de afspraken alleen bij een directe overdracht ({venster.vindplaats})"
    begins = (Anker.OVERDRACHT_AFGELEVERD, Anker.OVERDRACHT_AANGEMAAKT)
    found = (elders.toezicht.first(anker, beeld.overdracht_id) for anker in begins)
    begin = next((feit.op for feit in found if feit is not None), None)
    if begin is not None and venster.end(begin, elders.afspraken.kalender) <= elders.now:
        return f"de termijn van {venster.duur} is verstreken; een nieuwe melding is nodig ({venster.vindplaats})"
    return None


def _refuse(elders: Elders) -> Iterator[Over]:
    yield from _pick_up(elders)


def _withdraw(elders: Elders) -> Iterator[Over]:
    """As long as its receiver did not take it up itself; what others say that it accepted, only who said so takes back."""
    found = _each(elders, lambda beeld: not _is_taken_up(elders, beeld) and ended_at(elders.toezicht, beeld) is None)
    for over_id, relaties, waarom_niet in found:
        op_woord = elders.toezicht.overdrachten[over_id].op_bewijs
        yield over_id, relaties & {Relatie.AANBIEDER} if op_woord else relaties, waarom_niet


def _offer_again(elders: Elders) -> Iterator[Over]:
    """As long as no other party took the case over, and it was not closed."""
    if elders.is_gesloten:
        return
    yield from _each(elders, lambda beeld: ended_at(elders.toezicht, beeld) is None)


def _draw_up(elders: Elders) -> Iterator[Over]:
    if not elders.is_gesloten:
        yield from _still_there(elders)


def _still_there(elders: Elders) -> Iterator[Over]:
    yield from _each(elders, lambda _: True)


OVERDRACHT: Mapping[str, Vraag] = {
    "ontvangst-bevestigen": _confirm,
    "casus-oppakken": _pick_up,
    "overdracht-weigeren": _refuse,
    "casus-teruggeven": _give_back,
    "betrokkenen-informeren": _still_there,
    "plan-vastleggen": _draw_up,
    "overdracht-opnieuw-aanbieden": _offer_again,
    "overdracht-intrekken": _withdraw,
}


def _ask_samenwerking(elders: Elders) -> Iterator[Over]:
    if elders.running_dienst is not None and elders.afspraken.samenwerkvormen and not elders.is_gesloten:
        yield elders.casus_id, elders.veilig_thuis, None


def _step(elders: Elders, doet: Anker | None, after: Anker | None) -> Iterator[Over]:
    """The samenwerkingen in which this step comes next."""
    if elders.is_gesloten:
        return
    for beeld in elders.toezicht.samenwerkingen.values():
        over = beeld.samenwerking_id
        done = doet is not None and elders.has(doet, over)
        if not done and (elders.has(after, over) if after is not None else not _dropped_out(elders, beeld)):
            yield over, of_samenwerking(elders.toezicht, beeld, elders.wie), None


def _dropped_out(elders: Elders, beeld: Samenwerkbeeld) -> bool:
    """The dienst ended before the team joined."""
    over = beeld.samenwerking_id
    return elders.running_dienst is None and not elders.has(Anker.VBS_VERDEELD, over)


SAMENWERKING: Mapping[str, Vraag] = {
    "samenwerking-vragen": _ask_samenwerking,
    "geen-capaciteit-melden": lambda elders: _step(elders, Anker.VBS_VERDEELD, None),
    "samenwerking-verdelen": lambda elders: _step(elders, Anker.VBS_VERDEELD, None),
    "eerste-contact-vastleggen": lambda elders: _step(elders, Anker.VBS_EERSTE_CONTACT, Anker.VBS_VERDEELD),
    "contact-vastleggen": lambda elders: _step(elders, Anker.VBS_CONTACT_GELEGD, Anker.VBS_EERSTE_CONTACT),
}

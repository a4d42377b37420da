"""Histories of cases, to try the agreements out on: what people do one after the other, and how long they wait.

A history follows the roads that a case can take: nobody takes up what was not handed over. Chosen at random they are
the cases of the G10 property, chosen by turns the ones that `houvast afspraken check` goes through.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from contracts.afspraken.ankers import Anker, Drager
from contracts.afspraken.feiten import (
    Casusurgentie,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Overdrachtswijze,
    SoortOverdracht,
)
from contracts.afspraken.gebeurd import Gebeurd, Woord
from contracts.derived_id import derived_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    Stap = Callable[[], None]

_WACHT = tuple(timedelta(minutes=minutes) for minutes in (20, 3 * 60, 26 * 60, 4 * 1440, 11 * 1440, 40 * 1440))
_VT = Drager.VEILIG_THUIS.value
_MELDING = derived_id("melding")
_ANDERE = "andere-ketenpartner"
_IN_MONITORING = (Anker.MONITORING_HERMELDING, Anker.MONITORING_HERMELDING_SPOED)


class Kiezer(Protocol):
    """Chooses what comes next in a history."""

    def choose(self, aantal: int) -> int:
        """Give a number from 0 up to and not including `aantal`."""
        ...


@dataclass
class Geschiedenis:
    """One case, as the agreements ask about it."""

    casus_id: UUID
    gebeurd: list[Gebeurd] = field(default_factory=list[Gebeurd])
    situatie: dict[str, str] = field(default_factory=dict[str, str])
    soorten: dict[UUID, str] = field(default_factory=dict[UUID, str])
    ontvangers: dict[UUID, str] = field(default_factory=dict[UUID, str])
    aanbieders: dict[UUID, str] = field(default_factory=dict[UUID, str])
    betwiste_woorden: dict[UUID, Woord] = field(default_factory=dict[UUID, Woord])
    anderen: set[UUID] = field(default_factory=set[UUID])
    """What went to another ketenpartner than the first."""

    @property
    def huishouden(self) -> list[Gebeurd]:
        """A case without names stands by itself."""
        return self.gebeurd

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """The circumstances of the case, and of the overdracht or dienst that this is about."""
        found = {**self.situatie}
        if over.anker.soort == "overdracht":
            aanbieder = None if over.onderwerp_id is None else self.aanbieders.get(over.onderwerp_id)
            wijze = Overdrachtswijze.OVERGEDRAGEN if aanbieder is None else Overdrachtswijze.AANGEBODEN
            found |= {"overdrachtswijze": wijze.value, "aanbieder": aanbieder or _VT}
        if over.onderwerp_id is not None and over.anker.soort in {"overdracht", "dienst"}:
            found["ontvanger"] = self.ontvangers.get(over.onderwerp_id, Ontvangersoort.LOKAAL_TEAM)
            if over.onderwerp_id in self.soorten:
                found["soort_overdracht"] = self.soorten[over.onderwerp_id]
        return found

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """In a case without names a party is called after what it bears; another ketenpartner by a name of its own."""
        is_other = drager is Drager.KETENPARTNER and over.onderwerp_id in self.anderen
        return _ANDERE if is_other else drager.value

    def aanbieder(self, over: Gebeurd) -> str:
        """Who offers is called after what it is to the case, like any other."""
        return _VT if over.onderwerp_id is None else self.aanbieders.get(over.onderwerp_id, _VT)

    def namens(self, partij: str, op: datetime) -> tuple[str, ...]:
        """Nobody goes on for another in a case without names."""
        del op
        return (partij,)

    def vertel(self) -> str:
        """The history in words, a line for each thing that happened."""
        omstandigheden = ", ".join(f"{name} {value}" for name, value in self.situatie.items())
        lines = [f"  {item.op:%Y-%m-%d %H:%M} {item.anker.label} ({_by_whom(item)})" for item in self.gebeurd]
        return "\n".join((f"  {omstandigheden or 'zonder bijzonderheden'}", *lines))


def _by_whom(item: Gebeurd) -> str:
    return item.door if item.volgens is None else f"{item.door}, volgens {item.volgens}"


def tell_geschiedenis(kiezer: Kiezer, begint_op: datetime, *, stappen: int) -> Geschiedenis:
    """Give one history of at most so many steps after its beginning."""
    return _Verteller(kiezer, begint_op).tell(stappen)


class _Verteller:
    """Tells one history: what can happen next depends on what happened."""

    def __init__(self, kiezer: Kiezer, begint_op: datetime) -> None:
        self._kiezer = kiezer
        self._op = begint_op
        self._verhaal = Geschiedenis(derived_id("geschiedenis"))
        self._meldpunt: UUID | None = None
        self._overdracht: UUID | None = None
        self._afgeleverd = self._opgepakt = self._is_gemeld = self._gesloten = False
        self._dienst: UUID | None = None
        self._aanbod: UUID | None = None
        self._ander: UUID | None = None
        self._teller = 0

    def tell(self, stappen: int) -> Geschiedenis:
        """Begin, and go on until nothing happens any more."""
        self._pick(self._begin())
        for _ in range(stappen):
            self._op += self._pick_wait()
            if not self._pick(self._possible()) or self._gesloten:
                break
        return self._verhaal

    def _pick(self, mogelijk: Sequence[Stap | None]) -> bool:
        stap = mogelijk[self._kiezer.choose(len(mogelijk))]
        if stap is not None:
            stap()
        return stap is not None

    def _pick_wait(self) -> timedelta:
        return _WACHT[self._kiezer.choose(len(_WACHT))] + timedelta(seconds=1)

    def _begin(self) -> list[Stap | None]:
        meldpunt = [
            partial(self._bij_meldpunt, urgentie, vermoeden)
            for urgentie in MeldpuntUrgentie
            for vermoeden in MeldpuntVermoeden
        ]
        return [*(partial(self._melding, urgentie) for urgentie in Casusurgentie), *meldpunt]

    def _possible(self) -> list[Stap | None]:
        found: list[Stap | None] = [None, self._sluit]
        if self._meldpunt is not None:
            found += [self._overgenomen, self._aanvaard]
        found += self._possible_with_aanbod()
        if self._is_gemeld and self._overdracht is None and self._dienst is None:
            found += [partial(self._direct, soort) for soort in Ontvangersoort]
            found += [self._start_dienst, self._acute_crisis, partial(self._zeg, Anker.CRISISSTAP_GEZET, _VT)]
        if self._dienst is not None:
            found += [partial(self._warm, soort) for soort in Ontvangersoort]
            found += [partial(self._na_dienst, soort) for soort in Ontvangersoort]
        if self._overdracht is not None:
            found += self._possible_with(self._overdracht)
        return found

    def _possible_with_aanbod(self) -> list[Stap]:
        """Who may ask another party to take over asks; who was asked answers, or others say that it did."""
        if self._aanbod is None:
            meldpunt = () if self._meldpunt is None else tuple(Ontvangersoort)
            return [
                *(partial(self._bied_aan, Drager.MELDPUNT, soort) for soort in meldpunt),
                *(
                    [partial(self._bied_aan, Drager.VEILIG_THUIS, Ontvangersoort.KETENPARTNER)]
                    if self._is_gemeld
                    else ()
                ),
                *([partial(self._bied_aan, Drager.LOKAAL_TEAM, Ontvangersoort.KETENPARTNER)] if self._opgepakt else ()),
            ]
        aanbod, wie = self._aanbod, self._verhaal.ontvangers[self._aanbod]
        said = self._said_of(aanbod)
        found: list[Stap] = [
            partial(self._over, Anker.OVERDRACHT_AFGELEVERD, aanbod, "houvast-handover"),
            partial(self._neem_over, aanbod, wie),
            partial(self._weiger_aanbod, aanbod, wie),
        ]
        if said is None:
            found += [partial(self._bewijs, aanbod, wie), partial(self._trek_aanbod_in, aanbod)]
        if said is None and self._ander is None:
            found.append(partial(self._bied_ook_aan, aanbod))
        if self._ander is not None:
            found += [partial(self._ander_neemt_over, self._ander), partial(self._ander_weigert, self._ander)]
        return found

    def _said_of(self, aanbod: UUID) -> Gebeurd | None:
        """That it was accepted, by its receiver or as others say."""
        taken = (item for item in self._verhaal.gebeurd if item.anker is Anker.OVERDRACHT_OPGEPAKT)
        return next((item for item in taken if item.onderwerp_id == aanbod), None)

    def _possible_with(self, overdracht: UUID) -> list[Stap]:
        wie = self._verhaal.ontvangers[overdracht]
        if not self._afgeleverd:
            return [self._lever_af, partial(self._kwam_terug, Anker.OVERDRACHT_INGETROKKEN, _VT)]
        found: list[Stap] = [
            partial(self._over, Anker.ONTVANGST_BEVESTIGD, overdracht, wie),
            partial(self._kwam_terug, Anker.OVERDRACHT_TERUGGEKOPPELD, wie),
            partial(self._wacht, Anker.WACHTLIJST_GEMELD, overdracht, wie),
            partial(self._wacht, Anker.NIET_OP_TE_PAKKEN, overdracht, wie),
            partial(self._zeg, Anker.ZICHT_BEVESTIGD, wie),
            partial(self._zeg, Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT, wie),
            partial(self._zeg, Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT, _VT),
            partial(self._opnieuw_gemeld, None, wie),
            *(partial(self._opnieuw_gemeld, anker, door) for anker in _IN_MONITORING for door in (wie, _VT)),
            self._acute_crisis,
            partial(self._zeg, Anker.HUISVERBOD_OPGELEGD, _VT),
            self._aanvaard,
        ]
        if not self._opgepakt:
            found += [
                partial(self._pak_op, overdracht, wie),
                partial(self._kwam_terug, Anker.OVERDRACHT_GEWEIGERD, wie),
                partial(self._kwam_terug, Anker.OVERDRACHT_INGETROKKEN, _VT),
            ]
        return found

    def _melding(self, urgentie: Casusurgentie) -> None:
        self._is_gemeld = True
        self._verhaal.situatie["urgentie"] = urgentie
        self._over(Anker.MELDING_ONTVANGEN, _MELDING, "houvast-triage")

    def _bij_meldpunt(self, urgentie: MeldpuntUrgentie, vermoeden: MeldpuntVermoeden) -> None:
        """A suspicion always goes to Veilig Thuis as a melding (BK part II)."""
        self._meldpunt = derived_id("meldpuntmelding")
        self._verhaal.situatie |= {"meldpunt_urgentie": urgentie, "meldpunt_vermoeden": vermoeden}
        self._over(Anker.MELDPUNTMELDING_ONTVANGEN, self._meldpunt, Drager.MELDPUNT)
        if vermoeden is MeldpuntVermoeden.HGKM:
            acuut = urgentie is MeldpuntUrgentie.ACUUT
            self._op -= timedelta(seconds=1)  # of the same act
            self._melding(Casusurgentie.CRISIS if acuut else Casusurgentie.REGULIER)

    def _overgenomen(self) -> None:
        assert self._meldpunt is not None, "only what came in there can be taken over"
        self._over(Anker.MELDPUNTMELDING_OVERGENOMEN, self._meldpunt, _VT)
        self._meldpunt, self._is_gemeld = None, True

    def _aanvaard(self) -> None:
        self._zeg(Anker.ANDERE_PARTIJ_AANVAARD, Drager.KETENPARTNER)
        self._meldpunt = None

    def _bied_aan(self, aanbieder: Drager, ontvanger: Ontvangersoort) -> None:
        aanbod = self._aanbod = self._new("aanbod")
        self._verhaal.ontvangers[aanbod], self._verhaal.aanbieders[aanbod] = ontvanger, aanbieder
        self._verhaal.soorten[aanbod] = SoortOverdracht.DIRECT
        self._over(Anker.OVERDRACHT_AANGEMAAKT, aanbod, aanbieder)

    def _bied_ook_aan(self, aanbod: UUID) -> None:
        """Whoever asked one party asks another ketenpartner as well."""
        self._bied_aan(Drager(self._verhaal.aanbieders[aanbod]), Ontvangersoort.KETENPARTNER)
        assert self._aanbod is not None, "it was made just now"
        self._verhaal.anderen.add(self._aanbod)
        self._aanbod, self._ander = aanbod, self._aanbod

    def _ander_neemt_over(self, ander: UUID) -> None:
        """By its own act, also where others say that the first did."""
        first = self._aanbod
        assert first is not None, "the other is asked beside it"
        self._ander = None if self._said_of(first) is not None else first
        self._neem_over(ander, _ANDERE)

    def _ander_weigert(self, ander: UUID) -> None:
        self._over(Anker.OVERDRACHT_GEWEIGERD, ander, _ANDERE)
        self._ander = None

    def _bewijs(self, aanbod: UUID, ontvanger: str) -> None:
        volgens = self._verhaal.aanbieders[aanbod]
        said = Gebeurd(Anker.OVERDRACHT_OPGEPAKT, self._op, ontvanger, aanbod, self._new("bewijs"), volgens=volgens)
        self._verhaal.gebeurd.append(said)

    def _neem_over(self, aanbod: UUID, ontvanger: str) -> None:
        """Who is asked and did not answer is asked no more."""
        if self._ander is not None:
            self._over(Anker.OVERDRACHT_INGETROKKEN, self._ander, ontvanger)
        self._over(Anker.OVERDRACHT_OPGEPAKT, aanbod, ontvanger)
        if self._verhaal.aanbieders[aanbod] == Drager.MELDPUNT.value:
            self._meldpunt = None
        self._aanbod = self._ander = None

    def _weiger_aanbod(self, aanbod: UUID, ontvanger: str) -> None:
        """What others said that it accepted never was, once its receiver contradicts it."""
        said = self._said_of(aanbod)
        self._verhaal.gebeurd = [item for item in self._verhaal.gebeurd if item is not said]
        self._op += timedelta(seconds=1)
        refused = Gebeurd(Anker.OVERDRACHT_GEWEIGERD, self._op, ontvanger, aanbod, betwist=said is not None)
        self._verhaal.gebeurd.append(refused)
        if said is not None:
            self._verhaal.betwiste_woorden[aanbod] = (said.op, refused.op)
        self._aanbod, self._ander = self._ander, None

    def _trek_aanbod_in(self, aanbod: UUID) -> None:
        self._over(Anker.OVERDRACHT_INGETROKKEN, aanbod, self._verhaal.aanbieders[aanbod])
        self._aanbod, self._ander = self._ander, None

    def _besluit(self) -> UUID:
        """Whoever takes a besluit has taken the melding over."""
        if self._meldpunt is not None:
            self._overgenomen()
        besluit = self._new("besluit")
        self._over(Anker.TRIAGEBESLUIT_GENOMEN, _MELDING, "triagist", besluit)
        return besluit

    def _acute_crisis(self) -> None:
        besluit = self._besluit()
        self._over(Anker.ACUTE_CRISIS_VASTGESTELD, _MELDING, "triagist", besluit)

    def _direct(self, ontvanger: Ontvangersoort) -> None:
        self._besluit()
        self._maak(ontvanger, SoortOverdracht.DIRECT)

    def _start_dienst(self) -> None:
        self._besluit()
        self._dienst = self._new("dienst")
        self._over(Anker.DIENST_GESTART, self._dienst, _VT)

    def _warm(self, ontvanger: Ontvangersoort) -> None:
        assert self._dienst is not None, "only a dienst is handed over warm"
        self._verhaal.ontvangers[self._dienst] = ontvanger
        self._over(Anker.WARME_OVERDRACHT_GEHOUDEN, self._dienst, _VT)

    def _na_dienst(self, ontvanger: Ontvangersoort) -> None:
        assert self._dienst is not None, "it comes after a dienst"
        self._over(Anker.DIENST_AFGEROND, self._dienst, _VT)
        self._dienst = None
        self._maak(ontvanger, SoortOverdracht.NA_DIENST)

    def _maak(self, ontvanger: Ontvangersoort, soort: SoortOverdracht) -> None:
        overdracht = self._overdracht = self._new("overdracht")
        self._afgeleverd = self._opgepakt = False
        self._verhaal.ontvangers[overdracht] = ontvanger
        self._verhaal.soorten[overdracht] = soort
        self._over(Anker.OVERDRACHT_AANGEMAAKT, overdracht, _VT)

    def _lever_af(self) -> None:
        self._afgeleverd = True
        self._over(Anker.OVERDRACHT_AFGELEVERD, self._overdracht, "houvast-handover")

    def _pak_op(self, overdracht: UUID, door: str) -> None:
        self._opgepakt = True
        self._over(Anker.OVERDRACHT_OPGEPAKT, overdracht, door)

    def _kwam_terug(self, anker: Anker, door: str) -> None:
        self._over(anker, self._overdracht, door)
        self._overdracht = None

    def _sluit(self) -> None:
        self._gesloten = True
        self._zeg(Anker.CASUS_GESLOTEN, _VT)

    def _zeg(self, anker: Anker, door: str) -> None:
        """Something about the case as a whole."""
        self._verhaal.gebeurd.append(Gebeurd(anker, self._op, door, None, self._new("daad")))

    def _opnieuw_gemeld(self, in_monitoring: Anker | None, door: str) -> None:
        """The household is reported again, while it is monitored or not; what is urgent there may be a crisis."""
        self._zeg(Anker.HUISHOUDEN_OPNIEUW_GEMELD, door)
        if in_monitoring is Anker.MONITORING_HERMELDING_SPOED:
            self._zeg(Anker.HUISHOUDEN_IN_CRISIS, door)
        if in_monitoring is not None:
            self._zeg(in_monitoring, door)

    def _wacht(self, anker: Anker, over: UUID, door: str) -> None:
        """It will take longer, or cannot be done at all."""
        verwacht = self._op + timedelta(days=10) if anker is Anker.WACHTLIJST_GEMELD else None
        self._verhaal.gebeurd.append(Gebeurd(anker, self._op, door, over, self._new("daad"), voor=verwacht))

    def _over(self, anker: Anker, over: UUID | None, door: str, bron: UUID | None = None) -> None:
        self._op += timedelta(seconds=1)
        self._verhaal.gebeurd.append(Gebeurd(anker, self._op, door, over, bron))

    def _new(self, soort: str) -> UUID:
        self._teller += 1
        return derived_id(soort, str(self._teller))

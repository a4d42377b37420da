"""The rule book: every agreement of every layer, and which of them hold for one case."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from contracts.afspraken.feiten import SoortOverdracht
from contracts.afspraken.kalender import Kalender
from contracts.afspraken.model import (
    Aanbod,
    Aanspreekpunt,
    Bericht,
    Brondocument,
    Bronzin,
    ContraIndicatie,
    DocumentVeld,
    Feestdag,
    GelijkgesteldeDagen,
    Herinnering,
    Huishoudregel,
    Initiatief,
    Kop,
    Laag,
    LadderRegel,
    Lidgemeente,
    MonitoringRegel,
    MonitoringUitsluiting,
    Onzekerheid,
    Opschaling,
    Partijrol,
    Regel,
    Samenwerkvorm,
    Signaaldrempel,
    Stagnatiestap,
    StructureelSignaal,
    TermijnRegel,
    Terugkoppelcriterium,
    Uitgangspunt,
    Venster,
    Zichtbericht,
    ZichtRegel,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from contracts.afspraken.ankers import Anker, Berichtsoort, Rol

R = TypeVar("R", bound=Regel)
A = TypeVar("A", TermijnRegel, ZichtRegel)


class GeenAfspraken(LookupError):
    """No agreement is in force for this region, gemeente and day; the message says so in Dutch."""


class OnbekendeRegio(GeenAfspraken):
    """The rule book knows no region of that name."""


class OnbekendeLadder(LookupError):
    """A ladder that these agreements do not have."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its head, its tables in order, for a region its gemeenten, and the binding sentences it lists."""

    kop: Kop
    regels: tuple[tuple[str, Regel], ...]
    gemeenten: tuple[Lidgemeente, ...] = ()
    zinnen: tuple[Bronzin, ...] = ()


class _OfKind(Generic[R]):
    """Every agreement of one kind, as an attribute of the agreements."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind

    def __get__(self, afspraken: Afspraken, owner: type[Afspraken]) -> tuple[R, ...]:
        return afspraken.of_kind(self._kind)


@dataclass(frozen=True)
class Afspraken:
    """The agreements that hold for one case, for as long as the case lives: those of its melding date."""

    regio: str
    regionaam: str
    gemeente: str
    versie: str
    titel: str
    kalender: Kalender
    regels: tuple[Regel, ...]

    termijnen = _OfKind(TermijnRegel)
    """Every term, without the moments of monitoring."""
    ladders = _OfKind(LadderRegel)
    """Every ladder."""
    zicht = _OfKind(ZichtRegel)
    """When zicht op veiligheid goes over."""
    contra_indicaties = _OfKind(ContraIndicatie)
    """What speaks against a directe overdracht."""
    vensters = _OfKind(Venster)
    """How long something may still be done, such as giving a case back."""
    terugkoppelcriteria = _OfKind(Terugkoppelcriterium)
    """On which grounds a lokaal team may give a case back."""
    monitoring = _OfKind(MonitoringRegel)
    """The monitoring after a dienst."""
    monitoring_uitsluitingen = _OfKind(MonitoringUitsluiting)
    """Where Veilig Thuis does not monitor."""
    structurele_signalen = _OfKind(StructureelSignaal)
    """When the gemeente is informed that a party keeps failing the agreements."""
    signaaldrempels = _OfKind(Signaaldrempel)
    """From how many misses on somebody is asked to send that signal."""
    huishoudens = _OfKind(Huishoudregel)
    """From when on two cases are one household."""
    initiatieven = _OfKind(Initiatief)
    """Who takes the initiative for a coercive measure, and when."""
    samenwerkvormen = _OfKind(Samenwerkvorm)
    """What verbindend samenwerken asks, where a region has it."""
    onzekerheden = _OfKind(Onzekerheid)
    """When people are told that it is not known whether a term was met."""
    berichten = _OfKind(Bericht)
    """Who is told at once when something happens."""
    zichtberichten = _OfKind(Zichtbericht)
    """Who is told that it bears zicht op veiligheid, or no longer does."""
    herinneringen = _OfKind(Herinnering)
    """Who is reminded of what it has not done."""
    aanbiedingen = _OfKind(Aanbod)
    """What asks another party to take over."""
    opschalingen = _OfKind(Opschaling)
    """When a ladder is climbed without a term that was missed."""
    partijrollen = _OfKind(Partijrol)
    """Which other parties a case can be handed to or involve."""

    def of_kind(self, kind: type[R]) -> tuple[R, ...]:
        """Give every agreement of one kind, in the order of the files."""
        found = self._by_kind.get(kind)
        if found is None:
            found = self._by_kind[kind] = tuple(regel for regel in self.regels if isinstance(regel, kind))
        return cast("tuple[R, ...]", found)

    def termijnen_from(self, anker: Anker) -> tuple[TermijnRegel, ...]:
        """Give the terms and the moments of monitoring that start at this moment, whatever the circumstances."""
        return self._termijnen_by_anker.get(anker, ())

    def termijnregel(self, regel_id: str) -> TermijnRegel | None:
        """Give the term or moment of monitoring with this id, or None."""
        return self._termijnen_by_id.get(regel_id)

    def zicht_from(self, anker: Anker) -> tuple[ZichtRegel, ...]:
        """Give the rules by which zicht op veiligheid can go over at this moment, whatever the circumstances."""
        return self._zicht_by_anker.get(anker, ())

    @cached_property
    def monitormomenten(self) -> Mapping[str, MonitoringRegel]:
        """The fixed moments of monitoring by their id, each with the rule that it comes from."""
        return {moment.id: regel for regel in self.monitoring for moment in regel.momenten}

    @cached_property
    def monitortermijnen(self) -> frozenset[str]:
        """The ids of every term that there is only where Veilig Thuis monitors."""
        return frozenset(termijn.id for regel in self.monitoring for termijn in regel.to_termijnen())

    @cached_property
    def _by_kind(self) -> dict[type[Regel], tuple[Regel, ...]]:
        return {}

    @cached_property
    def _termijnen_by_id(self) -> dict[str, TermijnRegel]:
        momenten = (moment for regel in self.monitoring for moment in regel.to_termijnen())
        return {termijn.id: termijn for termijn in (*self.termijnen, *momenten)}

    @cached_property
    def _termijnen_by_anker(self) -> dict[Anker, tuple[TermijnRegel, ...]]:
        return _by_anker(self._termijnen_by_id.values())

    @cached_property
    def _zicht_by_anker(self) -> dict[Anker, tuple[ZichtRegel, ...]]:
        return _by_anker(self.zicht)

    def ladder(self, ladder_id: str) -> LadderRegel:
        """Give the ladder of that name. Raises `OnbekendeLadder`."""
        found = next((ladder for ladder in self.ladders if ladder.id == ladder_id), None)
        if found is None:
            raise OnbekendeLadder(f"{self.versie} kent geen ladder {ladder_id!r}")
        return found

    @property
    def uitgangspunt(self) -> Uitgangspunt:
        """The advice where nothing speaks against it."""
        return self.of_kind(Uitgangspunt)[0]

    def document_velden(self, soort: str) -> tuple[DocumentVeld, ...]:
        """Give what the overdrachtsdocument of this kind holds; after a dienst that is the direct one and more."""
        wanted = {SoortOverdracht.DIRECT, SoortOverdracht(soort)}
        return tuple(veld for veld in self.of_kind(DocumentVeld) if veld.soort in wanted)

    @property
    def stagnatiestappen(self) -> tuple[Stagnatiestap, ...]:
        """What to do when help stagnates during monitoring, in order."""
        return tuple(sorted(self.of_kind(Stagnatiestap), key=lambda stap: stap.stap))

    def rol_voor(self, bericht: Berichtsoort) -> Rol:
        """Give the role that is told of this where no ladder is climbed."""
        return self.aanspreekpunt(bericht).rol

    def aanspreekpunt(self, bericht: Berichtsoort) -> Aanspreekpunt:
        """Give the rule that names that role."""
        return _aanspreekpunt(bericht, self.regels)

    def regel(self, regel_id: str) -> Regel | None:
        """Give the agreement with this id, of whatever kind, or None; `houvast legt uit` starts here."""
        return self._by_id.get(regel_id) or self.termijnregel(regel_id)

    @cached_property
    def _by_id(self) -> dict[str, Regel]:
        return {regel.id: regel for regel in reversed(self.regels)}


class RuleBook:
    """Every agreement that was loaded. Immutable; the agreements of a case are worked out once and then kept."""

    def __init__(self, documenten: Iterable[Document], brondocumenten: Iterable[Brondocument]) -> None:
        self.documenten = tuple(documenten)
        self.brondocumenten: Mapping[str, Brondocument] = {bron.id: bron for bron in brondocumenten}
        self.kalender = Kalender(
            (regel for _, regel in self._all_regels() if isinstance(regel, Feestdag)),
            (
                (dag, regel.label)
                for _, regel in self._all_regels()
                if isinstance(regel, GelijkgesteldeDagen)
                for dag in regel.dagen
            ),
        )
        self._boundaries = sorted(self._list_boundaries())
        self._cache: dict[tuple[str, str, int], Afspraken] = {}

    @property
    def regios(self) -> tuple[str, ...]:
        """The regions that have agreements, sorted."""
        return tuple(sorted({doc.kop.regio for doc in self.documenten if doc.kop.regio is not None}))

    def for_case(self, *, regio: str, gemeente: str, on: date) -> Afspraken:
        """Give the agreements for a case reported on day `on` (the date of the melding in Europe/Amsterdam).

        Raises `OnbekendeRegio` or `GeenAfspraken` (a region, a day or a gemeente without agreements), in Dutch.
        """
        key = (regio, gemeente, bisect_right(self._boundaries, on))
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._work_out(regio, gemeente, on)
        return found

    def for_regio(self, *, regio: str, on: date) -> Afspraken:
        """Give the agreements of a region as a whole, without addenda: to read and compare, not for a case.

        Raises as `for_case` does.
        """
        return self._lay(self.regiodocument(regio, on), (), gemeente="", on=on)

    def rol_voor(self, bericht: Berichtsoort, *, regio: str, on: date) -> Rol:
        """Give the role that is told of this in a region; where the region is not known, that of every region."""
        return self.aanspreekpunt(bericht, regio=regio, on=on).rol

    def aanspreekpunt(self, bericht: Berichtsoort, *, regio: str, on: date) -> Aanspreekpunt:
        """Give the rule that names that role."""
        national = [doc for doc in self.documenten if doc.kop.laag is Laag.LANDELIJK]
        regional = [doc for doc in self.documenten if doc.kop.laag is Laag.REGIO and doc.kop.regio == regio]
        return _aanspreekpunt(bericht, overlay((doc for doc in (*national, *regional) if doc.kop.is_valid_on(on)), on))

    def regiodocument(self, regio: str, on: date) -> Document:
        """Give the document of a region that is in force on a day. Raises as `for_case` does."""
        of_regio = [doc for doc in self.documenten if doc.kop.laag is Laag.REGIO and doc.kop.regio == regio]
        if not of_regio:
            raise OnbekendeRegio(
                f"er zijn geen afspraken van een regio {regio!r}; bekend zijn {', '.join(self.regios)}"
            )
        for document in of_regio:
            if document.kop.is_valid_on(on):
                return document
        raise GeenAfspraken(f"de regio {regio} heeft geen afspraken die op {on:%d-%m-%Y} gelden")

    def _work_out(self, regio: str, gemeente: str, on: date) -> Afspraken:
        document = self.regiodocument(regio, on)
        if not any(lid.code == gemeente and lid.is_valid_on(on) for lid in document.gemeenten):
            raise GeenAfspraken(
                f"gemeente {gemeente} doet op {on:%d-%m-%Y} niet mee aan de afspraken: {document.kop.titel}"
            )
        addenda = [
            doc
            for doc in self.documenten
            if doc.kop.laag is Laag.ADDENDUM
            and (doc.kop.regio, doc.kop.gemeente) == (regio, gemeente)
            and doc.kop.is_valid_on(on)
        ]
        return self._lay(document, addenda, gemeente=gemeente, on=on)

    def _lay(self, document: Document, addenda: Iterable[Document], *, gemeente: str, on: date) -> Afspraken:
        landelijk = [doc for doc in self.documenten if doc.kop.laag is Laag.LANDELIJK and doc.kop.is_valid_on(on)]
        layers = (*landelijk, document, *addenda)
        assert document.kop.regio is not None
        return Afspraken(
            regio=document.kop.regio,
            regionaam=document.kop.regionaam or document.kop.regio,
            gemeente=gemeente,
            versie="+".join(doc.kop.id for doc in layers if doc.kop.laag is not Laag.LANDELIJK),
            titel=document.kop.titel,
            kalender=self.kalender,
            regels=overlay(layers, on),
        )

    def _all_regels(self) -> Iterable[tuple[str, Regel]]:
        for document in self.documenten:
            yield from document.regels

    def _list_boundaries(self) -> set[date]:
        dated: list[Regel | Kop | Lidgemeente] = [regel for _, regel in self._all_regels()]
        for document in self.documenten:
            dated += [document.kop, *document.gemeenten]
        days = {day for item in dated for day in (item.geldig_van, item.geldig_tot)}
        return {day for day in days if day is not None}


def _by_anker(regels: Iterable[A]) -> dict[Anker, tuple[A, ...]]:
    found: dict[Anker, tuple[A, ...]] = {}
    for regel in regels:
        found[regel.vanaf] = (*found.get(regel.vanaf, ()), regel)
    return found


def _aanspreekpunt(bericht: Berichtsoort, regels: Iterable[Regel]) -> Aanspreekpunt:
    found = [regel for regel in regels if isinstance(regel, Aanspreekpunt) and regel.bericht is bericht]
    return found[-1]


def overlay(documenten: Iterable[Document], on: date) -> tuple[Regel, ...]:
    """Lay the documents over each other: a later table replaces an earlier one of the same kind and id."""
    found: dict[tuple[str, str], Regel] = {}
    for document in documenten:
        for kind, regel in document.regels:
            if regel.is_valid_on(on):
                found[(kind, regel.id)] = regel
    return tuple(found.values())

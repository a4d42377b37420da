"""What must hold between tables and files: references, validity, layers, and the statutory terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations, product
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Berichtsoort, Drager
from contracts.afspraken.berekening import AMSTERDAM
from contracts.afspraken.duur import Eenheid
from contracts.afspraken.kalender import Kalender
from contracts.afspraken.model import (
    Aanspreekpunt,
    Feestdag,
    GelijkgesteldeDagen,
    Laag,
    LadderRegel,
    MonitoringRegel,
    Regel,
    TermijnRegel,
    Venster,
    VerlengingsRegel,
    ZichtRegel,
)
from contracts.afspraken.rolcontrole import find_wrong_roles
from contracts.toml_plaats import Fout, show_pad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contracts.afspraken.model import Brondocument, Bronzin, Kop, Lidgemeente
    from contracts.toml_plaats import Pad, Plaatsen

_COMPARED_YEARS = 4
_HANDED_OVER = frozenset({Anker.OVERDRACHT_AFGELEVERD, Anker.OVERDRACHT_OPGEPAKT, Anker.ONTVANGST_BEVESTIGD})
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class GelezenRegel:
    """One table as read: its kind, its model and where it stands."""

    soort: str
    regel: Regel
    pad: Pad


@dataclass(frozen=True, slots=True)
class GelezenDocument:
    """One file as read, still with its positions."""

    bestand: str
    plaatsen: Plaatsen
    kop: Kop
    regels: tuple[GelezenRegel, ...]
    gemeenten: tuple[Lidgemeente, ...]
    brondocumenten: tuple[Brondocument, ...]
    zinnen: tuple[tuple[Pad, Bronzin], ...] = ()
    mislukt: frozenset[tuple[str, str]] = frozenset()
    """Kind and id of the tables that did not pass; they are wrong, not missing."""

    def fout(self, pad: Pad, melding: str) -> Fout:
        """Make an error that points at `pad` in this file."""
        return Fout(self.bestand, self.plaatsen.regel(pad), show_pad(pad), melding)


def check_documenten(documenten: Sequence[GelezenDocument], *, is_complete: bool = True) -> list[Fout]:
    """Check everything that one table cannot know by itself; gives every error.

    Where a whole file could not be read (`is_complete` is false) nothing is said about what is missing.
    """
    checks = [_check_names, _check_overlap, _check_validity, _check_extension, _check_delivered, _check_statutory]
    checks += [_check_roles]
    if is_complete:
        checks += [_check_sources, _check_references, _check_gemeenten, _check_one_region, _check_completeness]
    return [fout for check in checks for fout in check(documenten)]


def _check_names(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """An id means one thing in a file, and a document has its id to itself."""
    seen: dict[str, str] = {}
    for document in documenten:
        if (other := seen.setdefault(document.kop.id, document.bestand)) != document.bestand:
            yield document.fout(("afspraak", "id"), f"{document.kop.id!r} is al de naam van {other}")
        kinds: dict[str, str] = {}
        for item in document.regels:
            if (soort := kinds.setdefault(item.regel.id, item.soort)) != item.soort:
                yield document.fout((*item.pad, "id"), f"{item.regel.id!r} is al de naam van een {soort}")


def _check_sources(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    known = {bron.id for document in documenten for bron in document.brondocumenten}
    known |= {name for document in documenten for soort, name in document.mislukt if soort == "brondocument"}
    for document in documenten:
        for item in document.regels:
            if item.regel.bron.document not in known:
                yield document.fout(
                    (*item.pad, "bron", "document"),
                    f"onbekend document {item.regel.bron.document!r}; bekend zijn {', '.join(sorted(known))}",
                )


def _layer(document: GelezenDocument) -> tuple[Laag, str | None, str | None]:
    return document.kop.laag, document.kop.regio, document.kop.gemeente


def _overlaps(one: Regel | Kop, other: Regel | Kop) -> bool:
    return (one.geldig_tot is None or other.geldig_van < one.geldig_tot) and (
        other.geldig_tot is None or one.geldig_van < other.geldig_tot
    )


def _check_overlap(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """Inside one layer nothing is agreed twice for the same day; of documents that overlap that alone is told."""
    for one, other in combinations(documenten, 2):
        if one.kop.laag is not Laag.LANDELIJK and _layer(one) == _layer(other) and _overlaps(one.kop, other.kop):
            yield other.fout(("afspraak", "geldig_van"), f"overlapt in geldigheid met {one.kop.id} ({one.bestand})")
    placed = [(document, item) for document in documenten for item in document.regels]
    groups: dict[object, list[tuple[GelezenDocument, GelezenRegel]]] = {}
    for document, item in placed:
        groups.setdefault((_layer(document), item.soort, item.regel.id), []).append((document, item))
    for group in groups.values():
        for (one_doc, one_item), (other_doc, other_item) in combinations(group, 2):
            told = one_doc is not other_doc and one_doc.kop.laag is not Laag.LANDELIJK
            if not told and _overlaps(one_item.regel, other_item.regel):
                line = one_doc.plaatsen.regel(one_item.pad)
                yield other_doc.fout(
                    (*other_item.pad, "geldig_van"),
                    f"{other_item.soort} {other_item.regel.id!r} overlapt in geldigheid met {one_doc.bestand}:{line}",
                )


def _check_validity(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """A table is in force only while its document is."""
    for document in documenten:
        kop = document.kop
        for item in document.regels:
            regel = item.regel
            if regel.geldig_van < kop.geldig_van:
                yield document.fout((*item.pad, "geldig_van"), f"ligt voor {kop.geldig_van}, het begin van {kop.id}")
            if kop.geldig_tot is not None and (regel.geldig_tot is None or regel.geldig_tot > kop.geldig_tot):
                yield document.fout(
                    (*item.pad, "geldig_tot"), f"moet uiterlijk {kop.geldig_tot} zijn, het einde van {kop.id}"
                )


def _layers_of(document: GelezenDocument, documenten: Sequence[GelezenDocument]) -> list[GelezenDocument]:
    """The documents whose tables are visible from this one, the lowest layer first."""
    visible = [
        doc
        for doc in documenten
        if doc.kop.laag is Laag.LANDELIJK
        or (doc.kop.laag is Laag.REGIO and doc.kop.regio == document.kop.regio and _overlaps(doc.kop, document.kop))
    ]
    return visible if document in visible else [*visible, document]


def _check_references(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """A ladder that is named exists; a national table may count on every region to have it."""
    regios = [doc for doc in documenten if doc.kop.laag is Laag.REGIO]
    for document in documenten:
        viewers = regios if document.kop.laag is Laag.LANDELIJK and regios else [document]
        for item in document.regels:
            for viewer, (pad, name) in product(viewers, _ladders_named_by(item)):
                ladders = {
                    other.regel.id
                    for doc in (*_layers_of(viewer, documenten), document)
                    for other in doc.regels
                    if isinstance(other.regel, LadderRegel)
                }
                ladders |= {name for doc in documenten for soort, name in doc.mislukt if soort == "ladder"}
                if name not in ladders:
                    yield document.fout(pad, f"{viewer.kop.id} kent geen ladder {name!r}")


def _ladders_named_by(item: GelezenRegel) -> Iterator[tuple[Pad, str]]:
    """The ladders that a missed term of this table climbs, each with where it stands."""
    regel = item.regel
    if isinstance(regel, TermijnRegel | MonitoringRegel) and regel.bij_verstrijken is not None:
        yield (*item.pad, "bij_verstrijken"), regel.bij_verstrijken
    if isinstance(regel, MonitoringRegel) and regel.inplannen is not None and regel.inplannen.bij_verstrijken:
        yield (*item.pad, "inplannen", "bij_verstrijken"), regel.inplannen.bij_verstrijken


def _check_extension(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """The Algemene termijnenwet extends no hours and no long terms (art. 4)."""
    limits = [
        (item.regel, limit)
        for document in documenten
        for item in document.regels
        if isinstance(item.regel, VerlengingsRegel)
        for limit in item.regel.hoogstens
    ]
    for document in documenten:
        for item in document.regels:
            regel = item.regel
            duur = regel.duur if isinstance(regel, TermijnRegel | Venster) else None
            duur = regel.na if isinstance(regel, ZichtRegel) else duur
            if duur is None or not getattr(regel, "verlengen", False):
                continue
            if duur.eenheid is Eenheid.UREN:
                yield document.fout(
                    (*item.pad, "verlengen"), "een termijn in uren wordt niet verlengd (ATW, artikel 4)"
                )
            for limit_regel, limit in limits:
                if duur.eenheid is limit.eenheid and duur.aantal > limit.aantal:
                    yield document.fout(
                        (*item.pad, "verlengen"),
                        f"{duur} is langer dan {limit} en wordt niet verlengd: “{limit_regel.bron.citaat}”",
                    )


def _check_gemeenten(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """A region names its gemeenten, each once; an addendum is about one of them."""
    for document in documenten:
        codes = [lid.code for lid in document.gemeenten]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                yield document.fout(("gemeente", index, "code"), f"{code} staat er twee keer in")
        if document.kop.laag is Laag.REGIO and not codes:
            yield document.fout(("afspraak",), "een regio noemt haar gemeenten met [[gemeente]]")
        if document.kop.laag is not Laag.REGIO and codes:
            yield document.fout(("gemeente",), "alleen een regio noemt gemeenten")
        if document.kop.laag is Laag.ADDENDUM and not any(
            lid.code == document.kop.gemeente for doc in _layers_of(document, documenten) for lid in doc.gemeenten
        ):
            yield document.fout(
                ("afspraak", "gemeente"), f"{document.kop.gemeente} hoort niet bij de regio {document.kop.regio}"
            )


def _check_one_region(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """A gemeente belongs to one region at a time."""
    members = [
        (document, index, lid)
        for document in documenten
        if document.kop.laag is Laag.REGIO
        for index, lid in enumerate(document.gemeenten)
    ]
    for (one_doc, _, one), (other_doc, index, other) in combinations(members, 2):
        if one.code == other.code and one_doc.kop.regio != other_doc.kop.regio:
            begins = [day for item in (one_doc.kop, one, other_doc.kop, other) if (day := item.geldig_van) is not None]
            ends = [day for item in (one_doc.kop, one, other_doc.kop, other) if (day := item.geldig_tot) is not None]
            if not ends or max(begins) < min(ends):
                yield other_doc.fout(
                    ("gemeente", index, "code"),
                    f"{other.naam} ({other.code}) hoort vanaf {max(begins)} ook bij de regio {one_doc.kop.regio} "
                    f"({one_doc.bestand}); een gemeente doet niet in twee regio's tegelijk mee",
                )


def _check_completeness(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """Somebody bears zicht op veiligheid from the melding on, and there is an uitgangspunt for the advice.

    And of everything that people are told it is known who they are.
    """
    for document in documenten:
        if document.kop.laag is not Laag.REGIO:
            continue
        visible = [item for doc in _layers_of(document, documenten) for item in doc.regels]
        starts = [
            item
            for item in visible
            if isinstance(item.regel, ZichtRegel)
            and (item.regel.vanaf, item.regel.van, item.regel.na) == (Anker.MELDING_ONTVANGEN, None, None)
        ]
        failed = {soort for doc in documenten for soort, _ in doc.mislukt}
        if "zicht" not in failed:
            yield from _check_way_out(document, [item.regel for item in visible if isinstance(item.regel, ZichtRegel)])
        if not starts and "zicht" not in failed:
            yield document.fout(("afspraak",), "niemand draagt zicht op veiligheid vanaf de melding")
        if not any(item.soort == "uitgangspunt" for item in visible) and "uitgangspunt" not in failed:
            yield document.fout(("afspraak",), "er is geen uitgangspunt voor het triageadvies")
        told = {item.regel.bericht for item in visible if isinstance(item.regel, Aanspreekpunt)}
        for bericht in (item for item in Berichtsoort if item not in told and "aanspreekpunt" not in failed):
            yield document.fout(("afspraak",), f"er is geen aanspreekpunt voor het bericht {bericht.value!r}")


def _check_delivered(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """Zicht op veiligheid goes to nobody by an overdracht that may never have been delivered (BK 4.4.1)."""
    for document in documenten:
        for item in document.regels:
            regel = item.regel
            if not isinstance(regel, ZichtRegel) or regel.naar not in {Drager.LOKAAL_TEAM, Drager.KETENPARTNER}:
                continue
            if regel.vanaf.soort == "overdracht" and regel.vanaf not in _HANDED_OVER:
                melding = f"bij {regel.vanaf.label} staat niet vast dat zij is afgeleverd; zicht gaat dan niet over"
                yield document.fout((*item.pad, "vanaf"), melding)


def _check_way_out(document: GelezenDocument, regels: Sequence[ZichtRegel]) -> Iterator[Fout]:
    """Whoever comes to bear zicht op veiligheid can end it; who got it by an overdracht loses it when that comes back."""
    bearers = {regel.naar for regel in regels if regel.naar is not None}
    receivers = {regel.naar for regel in regels if regel.naar is not None and regel.vanaf in _HANDED_OVER}
    asked = ((Anker.CASUS_GESLOTEN, bearers), *((anker, receivers) for anker in sorted(OVERDRACHT_KWAM_TERUG)))
    for anker, dragers in asked:
        served = {regel.van for regel in regels if regel.vanaf is anker}
        for drager in sorted(dragers - served):
            yield document.fout(
                ("afspraak",), f"zicht op veiligheid komt bij {drager.label}, en blijft daar na {anker.label}"
            )


def _check_roles(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """Nobody is called or told in a role that has no part in a case there."""
    for document in documenten:
        for item in document.regels:
            for pad, melding in find_wrong_roles(item.regel):
                yield document.fout((*item.pad, *pad), melding)


def _check_statutory(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """A layer may tighten a statutory term of a layer beneath it, not loosen it."""
    kalender = _kalender_of(documenten)
    for document in documenten:
        statutory = _statutory_beneath(document, documenten)
        for item in document.regels:
            for law_doc, law in statutory:
                regel = item.regel
                if isinstance(regel, TermijnRegel) and regel.id == law.id and _overlaps(regel, law):
                    if (how := _loosens(regel, law, kalender)) is None:
                        continue
                    field, reason = how
                    yield document.fout(
                        (*item.pad, field),
                        f"verruimt de wettelijke termijn {law.id!r} ({law_doc.bestand}): {reason}. "
                        f"Hier staat “{regel.bron.citaat}” ({regel.bron.document} {regel.bron.paragraaf}); "
                        f"de wettelijke norm is “{law.bron.citaat}” ({law.bron.document} {law.bron.paragraaf})",
                    )


def _statutory_beneath(
    document: GelezenDocument, documenten: Sequence[GelezenDocument]
) -> list[tuple[GelezenDocument, TermijnRegel]]:
    """The statutory terms of the layers beneath this document: the national ones, and for an addendum its region's."""
    order = list(Laag)
    return [
        (doc, item.regel)
        for doc in _layers_of(document, documenten)
        if order.index(doc.kop.laag) < order.index(document.kop.laag)
        for item in doc.regels
        if isinstance(item.regel, TermijnRegel) and item.regel.wettelijk
    ]


def _loosens(regel: TermijnRegel, law: TermijnRegel, kalender: Kalender) -> tuple[str, str] | None:
    """Say which field of `regel` leaves more room than the law, and how; None when none does."""
    if not regel.wettelijk:
        return "wettelijk", "de termijn heet hier niet meer wettelijk"
    if regel.vanaf is not law.vanaf:
        return "vanaf", f"zij begint niet bij {law.vanaf.label}, maar bij {regel.vanaf.label}"
    ends = (
        ("tot", "is ook gehaald", regel.tot, law.tot),
        ("vervalt_bij", "vervalt ook", regel.vervalt_bij, law.vervalt_bij),
    )
    for field, how, mine, theirs in ends:
        if extra := [anker.label for anker in mine if anker not in theirs]:
            return field, f"zij {how} bij {', '.join(extra)}"
    if regel.alleen_bij is not None and regel.alleen_bij != law.alleen_bij:
        return "alleen_bij", "zij geldt hier niet in elk geval"
    if _can_end_later(regel, law, kalender):
        return "duur", f"{regel.duur} kan later eindigen dan {law.duur}"
    return None


def _can_end_later(regel: TermijnRegel, law: TermijnRegel, kalender: Kalender) -> bool:
    """Try every day of some years, since units do not compare by themselves."""
    if (regel.duur, regel.verlengen) == (law.duur, law.verlengen):
        return False
    return any(regel.end(start, kalender) > law.end(start, kalender) for start in _starts(law.geldig_van))


def _starts(first: date) -> Iterator[datetime]:
    for day in range(365 * _COMPARED_YEARS):
        yield datetime.combine(first + timedelta(days=day), _NOON, tzinfo=AMSTERDAM)


def _kalender_of(documenten: Iterable[GelezenDocument]) -> Kalender:
    regels = [item.regel for document in documenten for item in document.regels]
    return Kalender(
        (regel for regel in regels if isinstance(regel, Feestdag)),
        ((dag, regel.label) for regel in regels if isinstance(regel, GelijkgesteldeDagen) for dag in regel.dagen),
    )

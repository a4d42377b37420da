"""The picture of a case: who bore zicht op veiligheid, the terms, the receipts, escalaties and moments on one axis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from contracts.afspraken import AMSTERDAM, Anker, Termijnstatus
from services.monitoring.api.mensen import Mensen
from services.monitoring.api.presentation import show_actor, show_rol
from services.monitoring.domain.vertellen import ASKED
from services.monitoring.ports import rows
from services.runtime.database.connection import Row
from services.runtime.http.look.drawing import Bar, Lane, Look, Mark, Picture, Strip, span_of

Naam = Callable[[str], str]
_OPEN = "#154273"
_QUIET = "#4a5866"
_RED = "#a5211a"
_GREEN = "#1d6b35"
_LOOKS: Mapping[Termijnstatus, tuple[Look, str, str]] = {
    Termijnstatus.LOPEND: (Look.OUTLINED, _OPEN, "loopt"),
    Termijnstatus.GEHAALD: (Look.OUTLINED, _GREEN, "gehaald"),
    Termijnstatus.TE_LAAT_GEHAALD: (Look.HATCHED, _RED, "te laat gehaald"),
    Termijnstatus.VERSTREKEN: (Look.HATCHED, _RED, "verstreken"),
    Termijnstatus.VERVALLEN: (Look.DASHED, _QUIET, "vervallen"),
}
_RECEIPTS: Sequence[tuple[str, str, str, Anker]] = (
    ("aangemaakt_op", "G", "gemaakt", Anker.OVERDRACHT_AANGEMAAKT),
    ("gestagneerd_op", "!", "aflevering stagneert", Anker.AFLEVERING_GESTAGNEERD),
    ("afgeleverd_op", "A", "afgeleverd", Anker.OVERDRACHT_AFGELEVERD),
    ("ontvangen_op", "O", "ontvangst bevestigd", Anker.ONTVANGST_BEVESTIGD),
    ("opgepakt_op", "P", "opgepakt", Anker.OVERDRACHT_OPGEPAKT),
    ("teruggekoppeld_op", "T", "teruggegeven aan Veilig Thuis", Anker.OVERDRACHT_TERUGGEKOPPELD),
    ("geweigerd_op", "W", "geweigerd", Anker.OVERDRACHT_GEWEIGERD),
    ("ingetrokken_op", "I", "ingetrokken", Anker.OVERDRACHT_INGETROKKEN),
)
"""The receipts of an overdracht with the sign in the picture, the words in the table and the fact that each is."""

TEKENS = (
    *((sign, words) for _, sign, words, _ in _RECEIPTS),
    ("M", "monitormoment, uiterlijk"),
    ("✓", "gehaald of gehouden"),
    ("B", "bericht aan mensen"),
)
"""What the signs mean, for the legend."""


def make_beeld(
    casus: rows.Casus,
    zicht: Sequence[rows.Zichtregel],
    journaal: Sequence[Row],
    *,
    now: datetime,
    naam: Naam,
    overdracht: Callable[[rows.Overdracht], str],
    mensen: Mensen | None,
) -> Picture | None:
    """Everything that the read rows of a case say about when, and who did it; None where nothing has happened yet."""
    lanes = [
        Lane("Zicht op veiligheid", [*_zicht(zicht, casus, naam)]),
        Lane("Termijnen", [_termijn(item, mensen) for item in casus.termijnen]),
        Lane("Overdrachten", [*_overdrachten(casus, overdracht, mensen)]),
        Lane("Escalaties", [_escalatie(item, casus, naam, mensen) for item in casus.escalaties]),
        Lane("Monitoring", [_moment(item, mensen) for item in casus.monitormomenten]),
        Lane("Berichten aan mensen", [*_berichten(journaal, naam)]),
    ]
    shown = [lane for lane in lanes if lane.strips]
    moments = list(_moments(shown))
    if not moments:
        return None
    until = casus.gesloten_op or now
    begin, end = span_of([*moments, until])
    title = f"Tijdlijn van casus {casus.referentie}"
    return Picture(title, shown, begin, end, AMSTERDAM, now=now if now <= end else None)


def _moments(lanes: Sequence[Lane]) -> Iterator[datetime]:
    for lane in lanes:
        for strip in lane.strips:
            yield from (mark.at for mark in strip.marks)
            yield from (at for bar in strip.bars for at in (bar.begin, bar.end) if at is not None)


def _zicht(zicht: Sequence[rows.Zichtregel], casus: rows.Casus, naam: Naam) -> Iterator[Strip]:
    """A strip for each party that bore it, in the order in which they came; what was replaced is only in the ledger."""
    stands = [line for line in zicht if not line.vervangen and line.partij is not None]
    for partij, lines in groupby(sorted(stands, key=lambda line: line.partij or ""), key=lambda line: line.partij):
        who = naam(partij or "")
        bars = [
            Bar(line.vanaf, line.geldt_tot or casus.gesloten_op, f"{who} draagt zicht op veiligheid: {line.handeling}")
            for line in lines
        ]
        yield Strip(who, bars)


def _with_door(words: str, feit: str, op: datetime, mensen: Mensen | None, over_id: UUID | None = None) -> str:
    """With who did it, where somebody did."""
    door = None if mensen is None else mensen.door(feit, op, over_id)
    return words if door is None else f"{words}, door {door}"


def _termijn(termijn: rows.Termijn, mensen: Mensen | None) -> Strip:
    look, colour, word = _LOOKS[termijn.status]
    changed = ", na een correctie vervangen" if termijn.vervangen_door else ""
    bar = Bar(termijn.begint_op, termijn.eindigt_op, f"termijn {word}{changed}", look, colour)
    met = termijn.gehaald_op
    by = termijn.gehaald_door or "gehaald"
    marks = [] if met is None else [Mark(met, "✓", _with_door(by.replace("-", " "), by, met, mensen), colour)]
    return Strip(f"{termijn.label}: {word}", [bar], marks)


def _overdrachten(
    casus: rows.Casus, receiver: Callable[[rows.Overdracht], str], mensen: Mensen | None
) -> Iterator[Strip]:
    for item in casus.overdrachten:
        if (strip := _overdracht(item, receiver(item), mensen)) is not None:
            yield strip


def _overdracht(item: rows.Overdracht, aan: str, mensen: Mensen | None) -> Strip | None:
    known = [(getattr(item, field), sign, words, anker) for field, sign, words, anker in _RECEIPTS]
    marks = [
        Mark(at, sign, _with_door(words, anker, at, mensen, item.id))
        for at, sign, words, anker in known
        if at is not None
    ]
    if not marks:
        return None
    first, last = min(mark.at for mark in marks), max(mark.at for mark in marks)
    line = [Bar(first, last, "van gemaakt tot het laatste bericht", Look.LINE, _QUIET)] if last > first else []
    return Strip(f"aan {aan}", line, marks)


def _escalatie(item: rows.Escalatie, casus: rows.Casus, naam: Naam, mensen: Mensen | None) -> Strip:
    label = next(
        (termijn.label for termijn in casus.termijnen if termijn.id == item.termijn_id), "Verschil van inzicht"
    )
    rol = f"trede {item.trede}, {show_rol(item.rol)} van {naam(item.bij)}"
    word = "afgehandeld" if item.afgehandeld_op else item.status.value
    look = (Look.OUTLINED, _QUIET) if item.afgehandeld_op else (Look.FILLED, _RED)
    bar = Bar(item.gestart_op, item.afgehandeld_op, f"escalatie {word}: {rol}", *look)
    by = (None if mensen is None else mensen.oppakker(item.id)) or show_actor(item.opgepakt_door or "", naam)
    taken = [Mark(item.opgepakt_op, "P", f"opgepakt door {by}")] if item.opgepakt_op else []
    return Strip(f"{label}: {word} ({rol})", [bar], taken)


def _moment(item: rows.Monitormoment, mensen: Mensen | None) -> Strip:
    marks = [Mark(item.gepland_op, "M", "uiterlijk dan", _QUIET if item.gehouden_op else _OPEN)]
    if item.gehouden_op is not None:
        held = _with_door("gehouden", Anker.MONITORMOMENT_GEHOUDEN, item.gehouden_op, mensen, item.id)
        marks.append(Mark(item.gehouden_op, "✓", held, _GREEN))
    return Strip(item.label, (), marks)


def _berichten(journaal: Sequence[Row], naam: Naam) -> Iterator[Strip]:
    """A strip for each role at each party that was told something, outside the ladders."""
    told: dict[str, list[Mark]] = {}
    for line in journaal:
        if line["wat"] == ASKED:
            facts = line["feiten"]
            to = f"{show_rol(str(facts['rol']))}, {naam(str(facts['partij']))}"
            told.setdefault(to, []).append(Mark(line["op"], "B", f"bericht gevraagd aan {to}", _OPEN))
    for to, marks in told.items():
        yield Strip(to, (), marks)

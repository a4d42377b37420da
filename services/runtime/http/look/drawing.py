"""Draws what happened when: strips on one axis of time, as an SVG that reads without colour and without a browser script.

Pure: moments in, text out. A picture that spans more than `LINEAR` days gives quiet time less room, so that a crisis of
hours stays readable in a case of years; its caption says so. Nothing overlaps: each strip has a row of its lane to itself
for as long as it and its words last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from html import escape
from itertools import pairwise
from zoneinfo import ZoneInfo

LINEAR = timedelta(days=14)
"""Up to this span every hour is as wide as any other."""
LEAST = timedelta(hours=6)
"""No picture is shorter than this."""
ROW, LANE_TITLE, TOP, BOTTOM, EDGE = 40, 26, 30, 10, 12
_CHARACTER = 6.9
"""How wide a character of a label is at most on average, at 12 pixels."""
_MARK = 9.0
_MANY = 9 * _CHARACTER
"""The room in which it can be read how often a sign stands there."""
_QUIET = 0.45
"""The power of a stretch of time that gives its width where the picture is not linear."""
_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")


class Look(StrEnum):
    """How a bar looks; each differs in form and not only in colour."""

    FILLED = "filled"
    OUTLINED = "outlined"
    DASHED = "dashed"
    HATCHED = "hatched"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts. `says`: the same in words; without `end` it goes on, and is drawn until now."""

    begin: datetime
    end: datetime | None
    says: str
    look: Look = Look.FILLED
    colour: str = "#154273"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one moment: a sign of one or two characters, and the same in words."""

    at: datetime
    sign: str
    says: str
    colour: str = "#1b2430"


@dataclass(frozen=True, slots=True)
class Strip:
    """What stays together on one row, under its label."""

    label: str
    bars: Sequence[Bar] = ()
    marks: Sequence[Mark] = ()

    @property
    def begin(self) -> datetime:
        return min([bar.begin for bar in self.bars] + [mark.at for mark in self.marks])


@dataclass(frozen=True, slots=True)
class Lane:
    """Strips of one kind under a heading."""

    title: str
    strips: Sequence[Strip]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn. `shaded`: stretches with a grey ground. `now`: where that line stands, if it does."""

    title: str
    lanes: Sequence[Lane]
    begin: datetime
    end: datetime
    zone: ZoneInfo
    now: datetime | None = None
    shaded: Sequence[tuple[datetime, datetime]] = ()
    width: int = 1160

    @property
    def is_linear(self) -> bool:
        return self.end - self.begin <= LINEAR

    @property
    def until(self) -> datetime:
        """Where what goes on is drawn to."""
        return self.end if self.now is None else self.now

    def moments(self) -> list[datetime]:
        """Every moment at which something begins, ends or happens, in order."""
        strips = [strip for lane in self.lanes for strip in lane.strips]
        moments = {mark.at for strip in strips for mark in strip.marks}
        moments |= {at for strip in strips for bar in strip.bars for at in (bar.begin, bar.end) if at is not None}
        moments |= {self.begin, self.end} | (set() if self.now is None else {self.now})
        return sorted(at for at in moments if self.begin <= at <= self.end)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table that says the same as the picture."""

    begin: datetime
    end: datetime | None
    lane: str
    label: str
    says: str
    goes_on: bool = False


def as_table(picture: Picture) -> list[Line]:
    """Everything in the picture, in the order of time."""
    found = [
        line
        for lane in picture.lanes
        for strip in lane.strips
        for line in (
            *(Line(bar.begin, bar.end, lane.title, strip.label, bar.says, bar.end is None) for bar in strip.bars),
            *(Line(mark.at, None, lane.title, strip.label, mark.says) for mark in strip.marks),
        )
    ]
    return sorted(found, key=lambda line: line.begin)


class Axis:
    """Where each moment stands, in pixels from the left."""

    def __init__(self, picture: Picture) -> None:
        self._begin, self._end, self._zone = picture.begin, picture.end, picture.zone
        knots = picture.moments()
        power = 1.0 if picture.is_linear else _QUIET
        widths = [((after - before) / timedelta(hours=1)) ** power for before, after in pairwise(knots)]
        scale = (picture.width - 2 * EDGE) / (sum(widths) or 1.0)
        self._knots: list[tuple[datetime, float]] = [(knots[0], float(EDGE))]
        for at, width in zip(knots[1:], widths, strict=True):
            self._knots.append((at, self._knots[-1][1] + width * scale))

    def x(self, moment: datetime) -> float:
        """Moments outside the picture stand at its edge."""
        if moment <= self._knots[0][0]:
            return self._knots[0][1]
        for (before, left), (after, right) in pairwise(self._knots):
            if moment <= after:
                return left + (right - left) * ((moment - before) / (after - before))
        return self._knots[-1][1]

    @property
    def right(self) -> float:
        """Where the axis ends."""
        return self._knots[-1][1]

    def ticks(self) -> list[tuple[float, str]]:
        """Where the axis names a moment: months first, then weeks, days and hours where there is room."""
        taken: list[tuple[float, str]] = []
        for at, text in self._candidates():
            here = self.x(at)
            ends = here + _room(text)
            free = all(ends <= other or other + _room(words) <= here for other, words in taken)
            if free and ends <= self.right + EDGE:
                taken.append((here, text))
        return sorted(taken)

    def _candidates(self) -> Iterator[tuple[datetime, str]]:
        days = [day for day in self._days() if self._begin <= day < self._end]
        yield from ((day, _day_in_words(day, year=True)) for day in days if day.day == 1)
        yield from ((day, _day_in_words(day)) for day in days if day.weekday() == 0)
        yield from ((day, _day_in_words(day)) for day in days)
        short = self._end - self._begin <= LINEAR
        for hour in (12, 6, 18, 3, 9, 15, 21) if short else ():
            yield from (
                (at, f"{at:%H:%M}") for day in self._days() if self._begin <= (at := day.replace(hour=hour)) < self._end
            )

    def _days(self) -> Iterator[datetime]:
        first = self._begin.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for offset in range((self._end - self._begin).days + 3):
            day = first.date() + timedelta(days=offset)
            yield datetime(day.year, day.month, day.day, tzinfo=self._zone)


def _room(words: str) -> float:
    """How much of the axis the words of a tick take, with a space after them."""
    return len(words) * _CHARACTER + 10


def _day_in_words(day: datetime, *, year: bool = False) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


@dataclass(frozen=True, slots=True)
class Placed:
    """A strip and the room that it takes: nothing else of its lane is drawn there."""

    strip: Strip
    left: float
    right: float
    top: float
    label_x: float
    anchor: str


@dataclass(slots=True)
class Drawn:
    """Where everything stands."""

    height: float
    titles: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    placed: list[list[Placed]] = field(default_factory=list[list[Placed]])


def arrange(picture: Picture, axis: Axis) -> Drawn:
    """Give each lane as many rows as it needs, and each strip the first row in which it fits."""
    top = float(TOP)
    drawn = Drawn(top)
    for lane in picture.lanes:
        drawn.titles.append((top + 17, lane.title))
        top += LANE_TITLE
        rows: list[float] = []
        placed: list[Placed] = []
        for strip in sorted(lane.strips, key=lambda strip: strip.begin):
            left, right, label_x, anchor = _extent(strip, axis, picture)
            row = next((index for index, taken in enumerate(rows) if taken + 8 <= left), len(rows))
            rows[row : row + 1] = [right]
            placed.append(Placed(strip, left, right, top + row * ROW, label_x, anchor))
        drawn.placed.append(placed)
        top += len(rows) * ROW + 6
    drawn.height = top + BOTTOM
    return drawn


def _extent(strip: Strip, axis: Axis, picture: Picture) -> tuple[float, float, float, str]:
    """From where to where a strip and its label reach, and where the label stands: inside the picture, always."""
    crowds = place_marks(strip, axis)
    begins = [axis.x(bar.begin) for bar in strip.bars] + [crowd.left - _MARK for crowd in crowds]
    ends = [max(axis.x(bar.end or picture.until), axis.x(bar.begin) + 3) for bar in strip.bars]
    ends += [crowd.right + _MARK for crowd in crowds]
    left, right, words = min(begins), max(ends), len(strip.label) * _CHARACTER
    if left + words <= picture.width:
        return left, max(right, left + words), left, "start"
    if right >= words:
        return min(left, right - words), right, right, "end"
    return 0.0, float(picture.width), 0.0, "start"


@dataclass(slots=True)
class Crowd:
    """The same sign, once or again and again in the room of one: it stands from the first to the last of them."""

    marks: list[Mark]
    left: float
    right: float

    def takes(self, mark: Mark, further: float) -> bool:
        """Whether a mark so many pixels on from its last would cover the same sign."""
        return (mark.sign, mark.colour) == (self.marks[0].sign, self.marks[0].colour) and further < 2 * _MARK

    @property
    def says(self) -> str:
        first, last = self.marks[0], self.marks[-1]
        return first.says if first is last else f"{first.says}, {len(self.marks)} keer"


def place_marks(strip: Strip, axis: Axis) -> list[Crowd]:
    """Marks in order. What would cover the same sign joins it; others move apart, at the right edge to the left."""
    crowds: list[Crowd] = []
    for mark in sorted(strip.marks, key=lambda mark: mark.at):
        x = axis.x(mark.at)
        last = crowds[-1] if crowds else None
        if last is not None and last.takes(mark, x - axis.x(last.marks[-1].at)):
            last.marks.append(mark)
            last.right = max(last.right, x)
            continue
        left = x if last is None else max(x, last.right + 2 * _MARK)
        crowds.append(Crowd([mark], left, left))
    limit = axis.right
    for crowd in reversed(crowds):
        too_far = max(crowd.right - limit, 0.0)
        crowd.left, crowd.right = crowd.left - too_far, crowd.right - too_far
        limit = crowd.left - 2 * _MARK
    return crowds


def draw(picture: Picture, *, name: str = "tijdlijn") -> str:
    """The `<svg>`, with everything that it shows in its `<desc>`. `name`: what its ids begin with."""
    axis = Axis(picture)
    drawn = arrange(picture, axis)
    body = "\n".join(
        [
            *_grounds(picture, axis, drawn.height),
            *_axis(axis, drawn.height),
            *_now(picture, axis, drawn.height),
            *_titles(drawn),
            *(part for lane in drawn.placed for item in lane for part in _strip(item, axis, picture)),
        ]
    )
    spoken = "; ".join(f"{line.label}: {line.says}" for line in as_table(picture))
    wide, high = picture.width, f"{drawn.height:.0f}"
    return f"""<svg viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img"
 aria-labelledby="{name}-titel {name}-tekst" font-family="inherit" font-size="12">
<title id="{name}-titel">{escape(picture.title)}</title>
<desc id="{name}-tekst">{escape(spoken)}</desc>
<defs><pattern id="{name}-arcering" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="#a5211a"/></pattern></defs>
{body.replace("url(#arcering)", f"url(#{name}-arcering)")}
</svg>"""


def _grounds(picture: Picture, axis: Axis, height: float) -> Iterator[str]:
    for begin, end in picture.shaded:
        left, right = axis.x(begin), axis.x(end)
        yield f'<rect x="{left:.1f}" y="{TOP - 6}" width="{right - left:.1f}" height="{height - TOP:.0f}" fill="#eceff1"/>'


def _axis(axis: Axis, height: float) -> Iterator[str]:
    for x, text in axis.ticks():
        yield f'<path d="M{x:.1f} {TOP - 8}V{height - BOTTOM:.0f}" stroke="#cdd5dc" stroke-width="1"/>'
        yield f'<text x="{x + 3:.1f}" y="16" fill="#4a5866">{escape(text)}</text>'


def _titles(drawn: Drawn) -> Iterator[str]:
    for y, title in drawn.titles:
        yield f'<text x="{EDGE}" y="{y:.0f}" fill="#4a5866" font-weight="600">{escape(title)}</text>'


def _now(picture: Picture, axis: Axis, height: float) -> Iterator[str]:
    if picture.now is None or not picture.begin <= picture.now <= picture.end:
        return
    x = axis.x(picture.now)
    side = "end" if x > picture.width - 60 else "start"
    yield f'<path d="M{x:.1f} {TOP - 10}V{height - BOTTOM:.0f}" stroke="#1b2430" stroke-width="2" stroke-dasharray="6 4"/>'
    yield f'<text x="{x:.1f}" y="{height - 1:.0f}" text-anchor="{side}" fill="#1b2430" font-weight="700">nu</text>'


def _strip(item: Placed, axis: Axis, picture: Picture) -> Iterator[str]:
    y = item.top + 12
    yield f'<text x="{item.label_x:.1f}" y="{y:.0f}" text-anchor="{item.anchor}" fill="#1b2430">{escape(item.strip.label)}</text>'
    for bar in item.strip.bars:
        left = axis.x(bar.begin)
        right = axis.x(bar.end or picture.until)
        yield _bar(bar, left, max(right - left, 3.0), y + 5)
    for crowd in place_marks(item.strip, axis):
        yield _crowd(crowd, y + 12)


def _crowd(crowd: Crowd, y: float) -> str:
    first, number = crowd.marks[0], len(crowd.marks)
    x, wide, radius = (crowd.left + crowd.right) / 2, crowd.right - crowd.left, _MARK - 1
    sign = first.sign if number == 1 or wide < _MANY else f"{first.sign} {number} keer"
    return (
        f'<rect x="{crowd.left - radius:.1f}" y="{y - radius:.0f}" width="{wide + 2 * radius:.1f}" height="{2 * radius:.0f}"'
        f' rx="{radius:.0f}" fill="#fff" stroke="{first.colour}" stroke-width="2"/>'
        f'<text x="{x:.1f}" y="{y + 4:.0f}" text-anchor="middle" font-weight="700" font-size="11" fill="{first.colour}">'
        f"{escape(sign)}<title>{escape(crowd.says)}</title></text>"
    )


def _bar(bar: Bar, left: float, width: float, top: float) -> str:
    words = f"<title>{escape(bar.says)}</title>"
    place = f'x="{left:.1f}" y="{top:.0f}" width="{width:.1f}" height="14"'
    match bar.look:
        case Look.FILLED:
            return f'<rect {place} rx="2" fill="{bar.colour}">{words}</rect>'
        case Look.OUTLINED:
            return f'<rect {place} rx="2" fill="#fff" stroke="{bar.colour}" stroke-width="2">{words}</rect>'
        case Look.DASHED:
            stroke = f'stroke="{bar.colour}" stroke-width="1.5" stroke-dasharray="4 3"'
            return f'<rect {place} rx="2" fill="#fff" {stroke}>{words}</rect>'
        case Look.HATCHED:
            return f'<rect {place} rx="2" fill="url(#arcering)" stroke="{bar.colour}" stroke-width="2">{words}</rect>'
        case Look.LINE:
            return (
                f'<path d="M{left:.1f} {top + 7:.0f}h{width:.1f}" stroke="{bar.colour}" stroke-width="2">{words}</path>'
            )


def span_of(moments: Iterable[datetime], *, least: timedelta = LEAST) -> tuple[datetime, datetime]:
    """From the first moment to the last with a little room after it; never shorter than `least`."""
    known = sorted(moments)
    begin, end = known[0], max(known[-1], known[0] + least)
    return begin, end + (end - begin) * 0.04

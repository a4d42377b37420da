"""The picture of what happened when: everything in its place, nothing over anything else, and the same in words."""

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.http.look.drawing import (
    ROW,
    Axis,
    Bar,
    Lane,
    Look,
    Mark,
    Picture,
    Strip,
    arrange,
    as_table,
    draw,
    place_marks,
    span_of,
)

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOURS = st.integers(min_value=0, max_value=24 * 550)


@st.composite
def strips(draw_from: st.DrawFn) -> Strip:
    bars = [
        Bar(
            START + timedelta(hours=begin),
            None if lasts is None else START + timedelta(hours=begin + lasts),
            f"balk {begin}",
        )
        for begin, lasts in draw_from(st.lists(st.tuples(HOURS, st.none() | st.integers(0, 9000)), max_size=3))
    ]
    marks = [Mark(START + timedelta(hours=at), "A", f"teken {at}") for at in draw_from(st.lists(HOURS, max_size=4))]
    label = draw_from(st.text("abc <&\"'é", min_size=1, max_size=60))
    return Strip(label, bars, marks or ([] if bars else [Mark(START, "A", "teken")]))


@st.composite
def pictures(draw_from: st.DrawFn) -> Picture:
    lanes = [Lane(name, draw_from(st.lists(strips(), min_size=1, max_size=7))) for name in ("een", "twee")]
    moments = [at for lane in lanes for strip in lane.strips for at in _moments(strip)]
    now = START + timedelta(hours=draw_from(HOURS))
    begin, end = span_of([*moments, now])
    return Picture("Tijdlijn", lanes, begin, end, AMSTERDAM, now=now)


def _moments(strip: Strip) -> list[datetime]:
    ends = [bar.end for bar in strip.bars if bar.end is not None]
    return [*(mark.at for mark in strip.marks), *(bar.begin for bar in strip.bars), *ends]


@given(pictures())
def test_no_strip_is_drawn_over_another_or_beyond_its_lane(picture: Picture) -> None:
    drawn = arrange(picture, Axis(picture))
    bottoms = [title for title, _ in drawn.titles[1:]] + [drawn.height]
    for lane, (top, _), bottom in zip(drawn.placed, drawn.titles, bottoms, strict=True):
        for item in lane:
            assert item.left >= 0
            assert item.right <= picture.width
            assert top <= item.top
            assert item.top + ROW <= bottom + 6
        for one, other in combinations(lane, 2):
            apart = one.right <= other.left or other.right <= one.left
            assert one.top != other.top or apart


@given(pictures())
def test_time_runs_from_left_to_right(picture: Picture) -> None:
    axis = Axis(picture)
    places = [axis.x(moment) for moment in picture.moments()]
    assert places == sorted(places)
    assert all(0 <= place <= picture.width for place in places)
    ticks = axis.ticks()
    assert all(after - before > 6.9 * len(words) for (before, words), (after, _) in pairwise(ticks)), (
        "words stand apart"
    )


@given(pictures())
def test_everything_is_in_the_table_and_in_the_description(picture: Picture) -> None:
    told = [line.says for line in as_table(picture)]
    drawn = [part.says for lane in picture.lanes for strip in lane.strips for part in (*strip.bars, *strip.marks)]
    assert sorted(told) == sorted(drawn)
    root = ET.fromstring(draw(picture))
    described = root.findtext("{*}desc") or root.findtext("desc") or ""
    assert all(says in described for says in drawn)


@given(strips())
def test_marks_never_cover_each_other(strip: Strip) -> None:
    begin, end = span_of(_moments(strip))
    crowds = place_marks(strip, Axis(Picture("t", [Lane("een", [strip])], begin, end, AMSTERDAM)))
    assert all(after.left - before.right >= 17.9 for before, after in pairwise(crowds))
    assert [mark for crowd in crowds for mark in crowd.marks] == sorted(strip.marks, key=lambda mark: mark.at)


def test_what_repeats_ends_where_it_was_last_said_and_says_how_often() -> None:
    marks = [Mark(START + timedelta(hours=4 * number), "B", "bericht") for number in range(40)]
    picture = Picture("t", [Lane("een", [Strip("s", (), marks)])], START, START + timedelta(days=14), AMSTERDAM)
    (crowd,) = place_marks(picture.lanes[0].strips[0], axis := Axis(picture))
    assert (crowd.left, crowd.right) == (axis.x(marks[0].at), axis.x(marks[-1].at))
    assert crowd.says == "bericht, 40 keer"


def test_a_crisis_of_hours_keeps_its_place_in_a_case_of_years() -> None:
    marks = [Mark(START + timedelta(hours=hours), "A", str(hours)) for hours in (0, 6, 24, 24 * 540)]
    picture = Picture("t", [Lane("een", [Strip("s", (), marks)])], START, START + timedelta(days=545), AMSTERDAM)
    axis = Axis(picture)
    assert axis.x(marks[1].at) - axis.x(marks[0].at) > 15
    assert not picture.is_linear


@pytest.mark.parametrize("look", Look)
def test_each_kind_of_bar_differs_in_form(look: Look) -> None:
    """Readable without colour: fill, outline, dashes, hatching or a line."""
    others = [_form(other) for other in Look if other is not look]
    assert _form(look) not in others


def _form(look: Look) -> str:
    bar = Bar(START, START + timedelta(hours=3), "b", look)
    picture = Picture("t", [Lane("een", [Strip("s", [bar])])], START, START + timedelta(hours=6), AMSTERDAM)
    drawn = next(line for line in draw(picture).splitlines() if "<title>b</title>" in line)
    return re.sub(r"#[0-9a-f]{6}", "", drawn)


def test_the_axis_names_days_in_amsterdam() -> None:
    """Half past eleven at night in London is the next day here."""
    begin = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    picture = Picture(
        "t", [Lane("een", [Strip("s", (), [Mark(begin, "A", "a")])])], begin, begin + timedelta(days=3), AMSTERDAM
    )
    assert "ma 2 mrt" in [text for _, text in Axis(picture).ticks()]

"""Moments in the words of a page."""

from datetime import datetime, timedelta

import pytest

from services.monitoring.api.tijden import end_in_words, how_far, in_words
from tests.unit.monitoring.verhalen import at

NOW = at("03-10 10:20")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at("03-10 10:21"), "1 minuut"),
        (at("03-10 10:00"), "20 minuten"),
        (at("03-10 15:30"), "5 uur"),
        (at("03-12 00:00"), "1 dag"),  # the end of Wednesday, seen on Tuesday
        (at("03-12 09:00"), "2 dagen"),
        (at("03-07 00:00"), "4 dagen"),  # the end of Friday
    ],
)
def test_how_far_off_or_how_late_in_the_days_that_people_count(moment: datetime, words: str) -> None:
    assert how_far(moment, now=NOW) == words


def test_when_in_words_and_midnight_belongs_to_the_day_that_it_ends() -> None:
    assert in_words(at("03-04 17:00"), now=NOW) == "wo 4 maart 17:00"
    assert end_in_words(at("03-05 00:00"), now=NOW) == "wo 4 maart einde dag"
    assert end_in_words(at("03-05 00:00"), now=NOW + timedelta(days=365)) == "wo 4 maart 2026 einde dag"

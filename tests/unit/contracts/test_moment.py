"""A moment and a day are text: a number says neither what it counts nor from when."""

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.messages.documenten import Betrokkene
from contracts.messages.envelope import problems_of
from contracts.messages.moment import Datum, Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
DATUM: TypeAdapter[date] = TypeAdapter(Datum)


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00.000+01:00", "2026-03-02T10:00+01:00", "2026-03-02 09:00:00+00:00"],
)
def test_a_moment_is_read_in_every_form_that_was_ever_sent(text: str) -> None:
    assert MOMENT.validate_json(json.dumps(text)) == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [1772442000, 1772442000.5, "1772442000", "1772442000000", True, "2026-03-02", "", None]
)
def test_a_number_is_no_moment(value: object) -> None:
    for read in (lambda: MOMENT.validate_json(json.dumps(value)), lambda: MOMENT.validate_python(value)):
        with pytest.raises(ValidationError) as refused:
            read()
        assert [problem.message for problem in problems_of(refused.value)] == ["is geen moment (ISO 8601 met tijdzone)"]


def test_a_day_is_read_as_written() -> None:
    assert DATUM.validate_json('"2018-06-09"') == date(2018, 6, 9)
    assert DATUM.validate_python(date(2018, 6, 9)) == date(2018, 6, 9)


@pytest.mark.parametrize(
    "value", [17691, "17691", "1528502400", "2018-06-09T00:00:00Z", "20180609", "2018-02-30", "2018-13-01", True]
)
def test_a_number_a_moment_and_a_day_that_never_was_are_no_day(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Betrokkene.model_validate_json(json.dumps({"naam": "Noor Voorbeeld", "rol": "kind", "geboortedatum": value}))
    (problem,) = problems_of(refused.value)
    assert problem.place == "geboortedatum"
    assert problem.message.startswith("is geen geboortedatum (JJJJ-MM-DD; ")


def test_a_day_of_birth_that_was_taken_before_is_still_read() -> None:
    """What is sealed rests for years; whether a day can be true is asked when it is said."""
    assert Betrokkene.model_validate({"naam": "Oud", "rol": "oudere", "geboortedatum": "1850-01-01"}).geboortedatum

"""Identifiers: ordered by time, the same for the same parts, and checked digit by digit."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.messages.identifiers import (
    Bsn,
    GemeenteCode,
    Oin,
    PartijCode,
    derived_id,
    moment_of,
    passes_bsn_check,
    short_reference,
    uuid7,
)

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RANDOM = st.integers(0, 2**74 - 1)


@given(MOMENTS, RANDOM)
def test_a_uuid7_is_one_and_tells_its_moment_to_the_millisecond(at: datetime, random_bits: int) -> None:
    identifier = uuid7(at, random_bits)
    assert (identifier.version, identifier.variant) == (7, RFC_4122)
    assert abs(moment_of(identifier) - at) < timedelta(milliseconds=2)


@given(MOMENTS, st.integers(2, 10**9), RANDOM, RANDOM)
def test_a_later_uuid7_is_greater_whatever_its_random_part(
    at: datetime,
    later: int,
    random_bits: int,
    other_bits: int,
) -> None:
    first, second = uuid7(at, random_bits), uuid7(at + timedelta(milliseconds=later), other_bits)
    assert first < second
    assert str(first) < str(second)


@given(MOMENTS, st.lists(RANDOM, min_size=2, max_size=50, unique=True))
def test_every_random_bit_of_a_uuid7_counts(at: datetime, bits: list[int]) -> None:
    identifiers = [uuid7(at, random_bits) for random_bits in bits]
    assert len(set(identifiers)) == len(bits)
    assert sorted(identifiers) == [uuid7(at, random_bits) for random_bits in sorted(bits)]


@given(st.lists(st.text(st.characters(exclude_characters="\x1f", codec="utf-8")), min_size=1, max_size=4))
def test_a_derived_id_is_the_same_for_the_same_parts(parts: list[str]) -> None:
    identifier = derived_id(*parts)
    assert identifier == derived_id(*parts)
    assert (identifier.version, identifier.variant) == (8, RFC_4122)


def test_a_derived_id_never_changes() -> None:
    """It is written in databases and on wires: this value holds for ever."""
    assert derived_id("overdracht", "GM0758") == UUID("11660fc0-9979-80f4-99e0-5797adbc8181")


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=4), st.lists(st.text("ab", max_size=3), min_size=1))
def test_a_derived_id_tells_its_parts_apart(parts: list[str], others: list[str]) -> None:
    assert (derived_id(*parts) == derived_id(*others)) == (parts == others)


@given(st.integers(10_000_000, 99_999_999), st.integers(0, 9))
def test_one_wrong_digit_never_passes_the_elfproef(body: int, position_and_change: int) -> None:
    bsn = _completed(body)
    if bsn is None:
        return
    assert passes_bsn_check(bsn)
    position = position_and_change % 9
    changed = str((int(bsn[position]) + 1 + position_and_change // 9) % 10)
    assert not passes_bsn_check(bsn[:position] + changed + bsn[position + 1 :])


@pytest.mark.parametrize(
    "value",
    [
        "",
        "000000000",
        "99999001",
        "9999900190",
        "999990018",
        "99999001a",
        "\u0669\u0669\u0669\u0669\u0669\u0660\u0660\u0661\u0669",
        " 999990019",
        "999990019\n",
    ],
)
def test_what_is_no_bsn_is_refused_without_repeating_it(value: str) -> None:
    assert not passes_bsn_check(value)
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Bsn).validate_python(value)
    assert refused.value.errors(include_input=False)[0]["msg"].endswith(
        "is geen geldig BSN (negen cijfers die aan de elfproef voldoen)",
    )


@pytest.mark.parametrize("value", ["999990019", "999990007", "123456782"])
def test_a_bsn_that_passes_the_elfproef_is_taken(value: str) -> None:
    assert TypeAdapter(Bsn).validate_python(value) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (GemeenteCode, "GM75"),
        (GemeenteCode, "gm0758"),
        (GemeenteCode, "GM0758\n"),
        (GemeenteCode, "GM\u0660\u0667\u0665\u0668"),
        (PartijCode, "Veilig Thuis"),
        (PartijCode, "GM07580"),
        (Oin, "1234"),
        (Oin, "0000009900000000100\u0660"),
    ],
)
def test_a_code_in_another_form_is_refused(kind: object, value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_the_short_reference_is_the_end_of_the_casus_id() -> None:
    assert short_reference(UUID("019cad8f-ac00-7000-8000-0000deadbeef")) == "HV-DEADBEEF"


def _completed(body: int) -> str | None:
    """The number with the last digit that makes it pass, where there is one."""
    total = sum(int(digit) * weight for digit, weight in zip(str(body), range(9, 1, -1), strict=True)) % 11
    return f"{body}{total}" if total < 10 else None

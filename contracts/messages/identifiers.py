"""Identifiers that mean something, each with its form."""

import re
from datetime import UTC, datetime
from typing import Annotated, NewType
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from contracts.derived_id import derived_id as derived_id  # noqa: PLC0414  found here by all who name messages
from contracts.messages.gevraagd import asked

CasusId = NewType("CasusId", UUID)

GemeenteCode = Annotated[str, StringConstraints(pattern=r"^GM[0-9]{4}$")]
"""CBS code of a gemeente, `GM0758`."""

RegioCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
"""Short name of a Veilig Thuis region, `west-brabant`."""

PartijCode = Annotated[str, StringConstraints(pattern=r"^(GM[0-9]{4}|[a-z][a-z0-9-]{1,60})$")]
"""A party in the register: a gemeente by its CBS code, any other by its short name."""

Oin = Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]

_UUID7_RANDOM_BITS = 74


def uuid7(at: datetime, random_bits: int) -> UUID:
    """A UUIDv7 (RFC 9562) for the moment `at`; `random_bits` supplies its 74 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    rand_a = (random_bits >> 62) & 0xFFF
    rand_b = random_bits & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b)


def moment_of(identifier: UUID) -> datetime:
    """The moment, to the millisecond and in UTC, that a UUIDv7 carries."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)


def passes_bsn_check(value: str) -> bool:
    """Whether nine digits pass the 11-test of the burgerservicenummer."""
    if not re.fullmatch(r"[0-9]{9}", value) or value == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=True)) % 11 == 0


def _check_bsn(value: str) -> str:
    if not passes_bsn_check(value):
        raise ValueError("is geen geldig BSN (negen cijfers die aan de elfproef voldoen)")
    return value


Bsn = Annotated[
    str,
    AfterValidator(_check_bsn),
    Field(json_schema_extra=asked(pattern="^[0-9]{9}$", format="bsn", description="Voldoet aan de elfproef.")),
]
"""Nine digits that pass the 11-test."""


def short_reference(casus_id: UUID) -> str:
    """What people write on paper: `HV-` and eight characters of the casusId; says nothing about anyone."""
    return "HV-" + casus_id.hex[-8:].upper()

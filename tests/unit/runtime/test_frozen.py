"""A changed copy of what is frozen."""

import dataclasses
from dataclasses import dataclass

import pytest

from services.runtime.unit.frozen import replace


@dataclass(frozen=True, slots=True)
class Met:
    een: int
    twee: tuple[str, ...] = ()


@dataclass(frozen=True)
class Zonder:
    een: int
    twee: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alleen:
    een: int


@pytest.mark.parametrize("kind", [Met, Zonder])
def test_a_copy_is_what_dataclasses_make_of_it(kind: type[Met | Zonder]) -> None:
    known = kind(1, ("a",))
    for changes in ({}, {"een": 2}, {"twee": ()}, {"een": 3, "twee": ("b",)}):
        assert replace(known, **changes) == dataclasses.replace(known, **changes)  # type: ignore[arg-type]
    assert known == kind(1, ("a",))


def test_one_field_is_enough() -> None:
    assert replace(Alleen(1), een=2) == Alleen(2)


@pytest.mark.parametrize("known", [Met(1), Zonder(1), Alleen(1)])
def test_a_field_that_does_not_exist_is_a_mistake(known: Met | Zonder | Alleen) -> None:
    with pytest.raises(TypeError, match="has no field drie"):
        replace(known, drie=3)


def test_a_copy_is_frozen_too() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(Zonder(1), een=2).een = 3  # type: ignore[misc]

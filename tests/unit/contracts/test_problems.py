"""What pydantic finds wrong, in words a Dutch caller can act on."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from contracts.messages.documenten import Overdrachtsdocument, Persoonsgegevens, Tekst
from contracts.messages.envelope import dutch, problems_of
from contracts.messages.identifiers import Bsn, GemeenteCode


class _Keuze(StrEnum):
    EEN = "een"
    TWEE = "twee"


class _Deel(BaseModel, extra="forbid"):
    aantal: int = 0


CASES: list[tuple[Any, Any, str]] = [
    (str, 1, "moet tekst zijn"),
    (bool, "misschien", "moet true of false zijn"),
    (bool, [], "moet true of false zijn"),
    (int, "drie", "moet een geheel getal zijn"),
    (int, 1.5, "moet een geheel getal zijn"),
    (int, [], "moet een geheel getal zijn"),
    (float, "veel", "moet een getal zijn"),
    (Annotated[float, Field(allow_inf_nan=False)], float("inf"), "moet een eindig getal zijn"),
    (UUID, "abc", "is geen UUID"),
    (UUID, 1, "is geen UUID"),
    (AwareDatetime, "gisteren", "is geen moment (ISO 8601 met tijdzone)"),
    (AwareDatetime, "2026-03-02T09:00:00", "mist de tijdzone (bijvoorbeeld +01:00)"),
    (datetime, [], "is geen moment (ISO 8601 met tijdzone)"),
    (date, "2 maart", "is geen datum (JJJJ-MM-DD)"),
    (date, "2026-03-02T09:00:00", "is geen datum (JJJJ-MM-DD)"),
    (date, [], "is geen datum (JJJJ-MM-DD)"),
    (list[int], "x", "moet een lijst zijn"),
    (tuple[int, ...], "x", "moet een lijst zijn"),
    (dict[str, int], "x", "moet een JSON-object zijn"),
    (_Deel, "x", "moet een JSON-object zijn"),
    (_Deel, {"antal": 1}, "is geen bekend veld"),
    (_Keuze, "drie", "moet zijn: 'een' of 'twee'"),
    (Literal["a", "b"], "c", "moet zijn: 'a' of 'b'"),
    (GemeenteCode, "Breda", "moet voldoen aan het patroon '^GM[0-9]{4}$'"),
    (Bsn, "123", "is geen geldig BSN (negen cijfers die aan de elfproef voldoen)"),
    (Tekst, " ", "is te kort, minimaal 1 teken"),
    (Annotated[str, Field(max_length=2)], "abc", "is te lang, maximaal 2 tekens"),
    (Annotated[tuple[int, ...], Field(min_length=1)], [], "heeft te weinig onderdelen, minimaal 1 onderdeel"),
    (Annotated[tuple[int, ...], Field(max_length=1)], [1, 2], "heeft te veel onderdelen, maximaal 1 onderdeel"),
    (Annotated[list[int], Field(min_length=2)], [], "heeft te weinig onderdelen, minimaal 2 onderdelen"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "heeft te veel onderdelen, maximaal 1 onderdeel"),
    (Annotated[dict[str, int], Field(min_length=1)], {}, "heeft te weinig onderdelen, minimaal 1 onderdeel"),
    (Annotated[int, Field(ge=1)], 0, "is te klein, minimaal 1"),
    (Annotated[int, Field(gt=1)], 0, "is te klein, meer dan 1"),
    (Annotated[int, Field(le=1)], 2, "is te groot, hoogstens 1"),
    (Annotated[int, Field(lt=1)], 2, "is te groot, minder dan 1"),
]

ENGLISH = re.compile(r"\b(should|input|valid|must|than|least|most|after|expected|characters?|items?)\b", re.IGNORECASE)


@pytest.mark.parametrize(("kind", "value", "expected"), CASES, ids=[case[2] + f" {case[1]!r}" for case in CASES])
def test_a_problem_is_told_in_dutch(kind: Any, value: Any, expected: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    messages = [problem.message for problem in problems_of(refused.value)]
    assert messages == [expected]
    assert not ENGLISH.search(messages[0])


def test_a_form_full_of_mistakes_gives_every_place_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        Persoonsgegevens.model_validate(
            {
                "melder": {"naam": "", "wilAnoniemBlijven": "wellicht"},
                "betrokkenen": [{"rol": "buurman", "bsn": "123456789", "adres": {"postcode": "1"}}],
                "omschrijvng": "tikfout",
            },
        )
    assert {problem.place for problem in problems_of(refused.value)} == {
        "melder.naam",
        "melder.wilAnoniemBlijven",
        "betrokkenen.0.naam",
        "betrokkenen.0.rol",
        "betrokkenen.0.bsn",
        "betrokkenen.0.adres.straat",
        "betrokkenen.0.adres.huisnummer",
        "betrokkenen.0.adres.postcode",
        "betrokkenen.0.adres.plaats",
        "omschrijving",
        "omschrijvng",
    }


def test_what_has_no_translation_stays_as_it_is() -> None:
    assert dutch("something_new", "Something new is wrong") == "Something new is wrong"


def test_the_whole_is_named_by_a_dollar() -> None:
    with pytest.raises(ValidationError) as refused:
        Overdrachtsdocument.model_validate("x")
    assert [(problem.place, problem.message) for problem in problems_of(refused.value)] == [
        ("$", "moet een JSON-object zijn"),
    ]

"""A sealed field carries a string that says nothing, and takes nothing that is not sealed."""

import pytest
from pydantic import BaseModel, ValidationError

from contracts.messages.documenten import Melder, Professional
from contracts.messages.envelope import problems_of
from contracts.messages.verzegeld import MAX_JWE_LENGTH, Verzegeld, sealed_type
from tests.builders import SEALED


class _Formulier(BaseModel):
    door: Verzegeld[Professional]
    melder: Verzegeld[Melder] | None = None


def test_it_travels_as_the_jwe_itself() -> None:
    read = _Formulier.model_validate_json(f'{{"door": "{SEALED}"}}')
    assert read.door == Verzegeld(SEALED)
    assert read.model_dump(mode="json", exclude_none=True) == {"door": SEALED}
    assert _Formulier(door=read.door, melder=Verzegeld(SEALED)).melder == Verzegeld(SEALED)


def test_two_seals_are_the_same_when_their_text_is() -> None:
    assert len({Verzegeld[Melder](SEALED), Verzegeld[Melder](SEALED), Verzegeld[Melder](SEALED + "A")}) == 2
    assert Verzegeld[Melder](SEALED) != SEALED


@pytest.mark.parametrize("text", [repr(Verzegeld(SEALED)), str(Verzegeld(SEALED)), f"{[Verzegeld(SEALED)]}"])
def test_printing_shows_nothing(text: str) -> None:
    assert SEALED not in text
    assert "AAAA" not in text


@pytest.mark.parametrize(
    "value",
    [
        "Jan Jansen",
        {"naam": "Jan Jansen"},
        12,
        None,
        "",
        SEALED + "\n",
        SEALED.removeprefix("ey").replace("..", "."),
        SEALED + "A" * MAX_JWE_LENGTH,
    ],
)
def test_what_is_not_sealed_is_refused_once_and_without_its_value(value: object) -> None:
    """Personal data that was sent open must not come back in the refusal."""
    with pytest.raises(ValidationError) as refused:
        _Formulier.model_validate({"door": value})
    problems = problems_of(refused.value)
    assert [problem.place for problem in problems] == ["door"]
    assert "Jansen" not in problems[0].message


def test_the_schema_names_what_is_inside() -> None:
    schema = _Formulier.model_json_schema()["properties"]["door"]
    assert schema["type"] == "string"
    assert schema["maxLength"] == MAX_JWE_LENGTH
    assert schema["description"].endswith("om de JSON van Professional")
    assert sealed_type(_Formulier.model_fields["door"].annotation) is Professional

"""A form and its JSON are two ways to say one thing, for every model that a person fills in."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.formulieren import INDELING, Indeling
from contracts.formulieren.velden import FIELDS
from contracts.rechten import HANDELINGEN, find_handeling
from contracts.register.mensen import PersoonInvoer
from services.runtime.http.forms.coding import AMSTERDAM, Typed, UnreadableForm, decode, encode
from services.runtime.http.forms.people import PROFESSIONAL
from services.runtime.http.forms.shapes import Kind, Shape, shape_of, without
from services.runtime.http.forms.views import Builder, Wording
from services.triage.domain.invoer import MeldingInvoer, TriagebesluitInvoer
from tests.unit.rechten.test_handelingen import models
from tests.unit.triage.road import example

MODELS: Mapping[str, type[BaseModel]] = {
    f"{model.__module__.split('.')[1]}-{model.__name__}": model for model in models().values()
}
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=20)
LINES = st.lists(TEXT, min_size=1, max_size=3).map("\n".join)
MOMENTS = st.datetimes(
    min_value=datetime(1950, 1, 1),  # noqa: DTZ001  hypothesis asks it so
    max_value=datetime(2900, 1, 1),  # noqa: DTZ001  hypothesis asks it so
    timezones=st.sampled_from([AMSTERDAM]),
    allow_imaginary=False,
)
LEAF: Mapping[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: TEXT,
    Kind.LONG_TEXT: LINES,
    Kind.NUMBER: st.integers(min_value=-5, max_value=10**6),
    Kind.MOMENT: MOMENTS.map(lambda moment: moment.isoformat()),
    Kind.YES_NO: st.booleans(),
    Kind.TICK: st.just(value=True),
}


@cache
def bodies(shape: Shape) -> st.SearchStrategy[Any]:
    """Every body of this form, valid or not: what can be said in it."""
    match shape.kind:
        case Kind.GROUP:
            asked = {field.name: bodies(field) for field in shape.inner if field.required}
            free = {field.name: bodies(field) for field in shape.inner if not field.required}
            return st.fixed_dictionaries(asked, optional=free)
        case Kind.ROWS:
            rows = bodies(shape.inner[0]).filter(bool)
            return st.lists(rows, min_size=1, max_size=4)
        case Kind.SEVERAL:
            return st.lists(st.sampled_from(shape.options), min_size=1, max_size=4)
        case Kind.CHOICE:
            return st.sampled_from(shape.options)
        case kind:
            return LEAF[kind]


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
def test_what_is_typed_is_the_body_it_stands_for(name: str, data: st.DataObject) -> None:
    shape = shape_of(MODELS[name])
    body = data.draw(bodies(shape))
    sent = urlencode([*encode(shape, body)]).encode()
    read = decode(shape, Typed.read(sent))
    assert read.body == body
    assert (read.problems, read.unknown) == ([], [])


@pytest.mark.parametrize("name", MODELS)
def test_a_form_asks_every_field_of_its_model_and_only_those(name: str) -> None:
    """By the schema that the API describes the body with."""

    def names(shape: Shape) -> dict[str, Any]:
        below = shape.inner[0] if shape.kind is Kind.ROWS else shape
        return {field.name: names(field) for field in below.inner}

    def described(model: type[BaseModel]) -> set[str]:
        return {field.alias or at for at, field in model.model_fields.items()}

    assert set(names(shape_of(MODELS[name]))) == described(MODELS[name])


@pytest.mark.parametrize("model", [MeldingInvoer, TriagebesluitInvoer], ids=lambda model: model.__name__)
def test_an_example_of_the_documentation_survives_its_form(model: type[BaseModel]) -> None:
    body = example({"MeldingInvoer": "melding", "TriagebesluitInvoer": "triagebesluit"}[model.__name__])
    shape = shape_of(model)
    read = decode(shape, Typed.of([*encode(shape, body)]))
    assert model.model_validate(read.body) == model.model_validate(body)


def test_a_name_that_the_model_does_not_have_is_no_part_of_the_form() -> None:
    """Nobody sets more than what is asked: mass assignment."""
    shape = shape_of(MeldingInvoer)
    sneaky = [("afzender", "GM0758"), ("melder.bsn", "1"), ("betrokkenen.00.naam", "x"), ("betrokkenen.0.rechten", "x")]
    read = decode(shape, Typed.of([("omschrijving", "iets"), *sneaky]))
    assert sorted(read.unknown) == sorted(name for name, _ in sneaky)
    assert read.body["omschrijving"] == "iets"


def test_what_an_act_does_not_ask_cannot_be_typed() -> None:
    shape = without(shape_of(TriagebesluitInvoer), frozenset({"besluit", "overdrachtsdocument.bijlagen"}))
    read = decode(shape, Typed.of([("besluit", "geen-vervolg"), ("overdrachtsdocument.bijlagen.0.id", "1")]))
    assert sorted(read.unknown) == ["besluit", "overdrachtsdocument.bijlagen.0.id"]


def test_empty_rows_are_left_out_and_the_others_close_up() -> None:
    shape = shape_of(MeldingInvoer)
    typed = Typed.of([("betrokkenen.0.naam", " "), ("betrokkenen.3.naam", "Femke"), ("betrokkenen.3.rol", "ouder")])
    assert decode(shape, typed).body["betrokkenen"] == [{"naam": "Femke", "rol": "ouder"}]


def test_a_row_can_be_taken_out() -> None:
    shape = shape_of(MeldingInvoer)
    typed = Typed.of([("betrokkenen.1.naam", "Femke"), ("betrokkenen.10.naam", "Ruben")])
    typed.drop_row("betrokkenen.1")
    assert decode(shape, typed).body["betrokkenen"] == [{"naam": "Ruben"}]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-02T09:00", "2026-03-02T09:00:00+01:00"),
        ("2026-07-02T09:00", "2026-07-02T09:00:00+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"),
        ("morgen", "morgen"),
    ],
)
def test_a_moment_is_typed_as_the_clock_in_amsterdam_shows_it(typed: str, said: str) -> None:
    """The hour that comes twice is the first of the two, unless its zone stands behind it."""
    read = decode(shape_of(MeldingInvoer), Typed.of([("ontvangenOp", typed)]))
    assert read.body["ontvangenOp"] == said
    assert read.problems == []


def test_an_hour_that_did_not_exist_is_told_at_its_field() -> None:
    read = decode(shape_of(MeldingInvoer), Typed.of([("ontvangenOp", "2026-03-29T02:30")]))
    assert [problem.place for problem in read.problems] == ["ontvangenOp"]


def test_a_form_with_more_fields_than_any_form_has_is_not_read() -> None:
    with pytest.raises(UnreadableForm):
        Typed.read(b"&".join(b"a=1" for _ in range(5_000)))


def test_bytes_that_are_no_text_are_not_read() -> None:
    with pytest.raises(UnreadableForm):
        Typed.read(b"omschrijving=%ff%fe")


@pytest.mark.parametrize("name", MODELS)
def test_every_field_has_a_label_in_words(name: str) -> None:
    """No name of a field in the JSON, and no two fields beside each other with one label."""
    builder = Builder(Wording(lambda _: ()), problems={}, more_rows={}, always=frozenset())
    whole = builder.build(shape_of(MODELS[name]), {})
    for view in whole.walk():
        labels = [part.label for part in view.parts]
        assert len(set(labels)) == len(labels), labels
        assert all(label and label[0].isupper() and "_" not in label for label in labels)


def test_every_act_of_the_table_has_a_model() -> None:
    assert set(models()) == {act.pad for act in HANDELINGEN}


def test_the_order_of_an_act_names_fields_that_it_asks() -> None:
    """A name that a model lost would leave its field out of sight."""
    for naam, order in INDELING.items():
        shape = shape_of(models()[find_handeling(naam).pad])
        asked = {field.name for field in shape.inner}
        named = {
            *order.eerst,
            *order.gaat_mee,
            *order.zonder_keuze,
            *(place.partition(".")[0] for place in order.zonder),
        }
        assert named <= asked, naam
        assert {*order.eerst}.isdisjoint(order.zonder), naam


def test_a_person_of_whom_a_label_does_not_say_that_they_act_is_somebody_else() -> None:
    """Who acts is filled in; a new field for a person says in one of these two ways who it is."""
    acts = {
        (act.naam, field.name)
        for act in HANDELINGEN
        for field in shape_of(models()[act.pad]).inner
        if field.model == PROFESSIONAL and field.name not in INDELING.get(act.naam, Indeling()).een_ander
    }
    others = {(naam, name) for naam, order in INDELING.items() for name in order.een_ander}
    assert {name for _, name in acts} == {
        *("door", "medewerker", "afzender", "aanvrager", "genomenDoor", "afgerondDoor", "vastgesteldDoor"),
    }
    assert others == {
        ("casus-oppakken", "medewerker"),
        ("samenwerking-verdelen", "medewerker"),
        ("dienst-starten", "verantwoordelijke"),
    }


def test_the_words_are_of_fields_that_exist() -> None:
    """What no model asks any more needs no words."""

    def names(shape: Shape) -> set[str]:
        below = {name for inner in shape.inner for name in names(inner)}
        return below | {shape.name, f"{shape.owner}.{shape.name}"}

    known = {name for model in (*MODELS.values(), PersoonInvoer) for name in names(shape_of(model))}
    assert set(FIELDS) - known == set()
